"""A container in Zun's keys: the stored text, and what changes.

What the owner asked for is stored as it is shown, so it is joined into the
answer as it is; only the rest of a row is read and written.
"""
import datetime
import json
import typing
from collections.abc import Sequence

import pydantic_core

from zun_lite.api import links
from zun_lite.api.v1.views.joined import extended
from zun_lite.db import engine
from zun_lite.db import shapes
from zun_lite.zun import networks
from zun_lite.zun import words

Values = dict[str, typing.Any]

ADMIN_KEYS = ('host', 'image_pull_policy', 'privileged', 'runtime')


def timestamp(at: datetime.datetime | None) -> str | None:
    """2026-01-05 09:12:44.120000, as Zun writes naive UTC."""
    return None if at is None else str(at)


def addresses(row: shapes.Container, seen: Values) -> Values:
    """By network; empty as long as there is none."""
    if row.phase.value not in ('Running', 'Paused'):
        return {}
    own = networks.default(row.project_id)
    told = seen.get('addresses')
    if told is None:
        told = [{'ip': seen['podIP']}] if seen.get('podIP') else []
    return {network: [{
        'addr': ip, 'version': 6 if ':' in ip else 4,
        'port': networks.port(row.uuid, network, row.project_id),
        'subnet_id': network, 'preserve_on_delete': False}]
        for network, ip in ((one.get('network') or own, one['ip'])
                            for one in told)}


def text(row: shapes.Container, show: frozenset[str], now: datetime.datetime,
         base_url: str | None = None) -> str:
    """As JSON. `show`: which of `ADMIN_KEYS`; `now`: naive UTC.

    `base_url`: for links, else none.
    """
    seen = pydantic_core.from_json(row.status)
    extras = pydantic_core.from_json(row.extras or '{}')
    state = words.state(row, seen, extras.get('plain') or {}, now)
    shown = {
        'uuid': row.uuid, 'name': row.name, 'project_id': row.project_id,
        'user_id': row.user_id, 'status': state.status,
        'status_reason': state.status_reason,
        'status_detail': state.status_detail,
        'task_state': state.task_state, 'addresses': addresses(row, seen),
        # As which its pod is known to the engine, if nothing was given.
        'hostname': extras.get('hostname') or f'zun-{row.uuid}',
        'created_at': timestamp(row.created_at),
        'updated_at': timestamp(row.updated_at)}
    for key in show:
        shown[key] = row.host if key == 'host' else extras.get(key)
    if base_url is not None:
        shown['links'] = links.of(base_url, 'containers', row.uuid)
    return extended(row.document or '{}',
                    pydantic_core.to_json(shown)[1:-1].decode())


def values(row: shapes.Container) -> Values:
    """What everyone sees of it, to be compared."""
    found: Values = pydantic_core.from_json(
        text(row, frozenset(), engine.now()))
    return found


def document(row: shapes.Container, show: frozenset[str],
             base_url: str) -> bytes:
    """One container."""
    return text(row, show, engine.now(), base_url).encode()


def page(rows: Sequence[shapes.Container], show: frozenset[str],
         next_url: str | None) -> bytes:
    """`next_url` None: it is the last page."""
    now = engine.now()
    items = ','.join([text(row, show, now) for row in rows])
    return (f'{{"containers":[{items}],'
            f'"next":{json.dumps(next_url)}}}').encode()
