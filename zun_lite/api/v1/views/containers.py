"""A container in Zun's keys: the stored text, and what changes."""
import datetime
import json
import typing

from zun_lite.api import links
from zun_lite.db import containers
from zun_lite.db import engine
from zun_lite.db import pods
from zun_lite.zun import networks
from zun_lite.zun import words

Values = dict[str, typing.Any]

ADMIN_KEYS = ('host', 'image_pull_policy', 'privileged', 'runtime')


def timestamp(at: datetime.datetime | None) -> str | None:
    """2026-01-05 09:12:44.120000, as Zun writes naive UTC."""
    return None if at is None else str(at)


def addresses(row: pods.PodRow, seen: Values) -> Values:
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


def _changing(row: pods.PodRow, seen: Values) -> Values:
    state = words.state(row, seen, containers.plain(row), engine.now())
    return {
        'uuid': row.uuid, 'name': row.name, 'project_id': row.project_id,
        'user_id': row.user_id, 'status': state.status,
        'status_reason': state.status_reason,
        'status_detail': state.status_detail,
        'task_state': state.task_state, 'addresses': addresses(row, seen),
        'created_at': timestamp(row.created_at),
        'updated_at': timestamp(row.updated_at)}


def container(row: pods.PodRow, show: frozenset[str],
              base_url: str | None = None) -> Values:
    """`show`: which of `ADMIN_KEYS`; `base_url`: for links, else none."""
    seen = json.loads(row.status)
    extras = json.loads(row.extras or '{}')
    found = _changing(row, seen) | json.loads(row.document or '{}')
    # As which its pod is known to the engine, if nothing was given.
    found['hostname'] = extras.get('hostname') or f'zun-{row.uuid}'
    found |= {key: row.host if key == 'host' else extras.get(key)
              for key in show}
    if base_url is not None:
        found['links'] = links.of(base_url, 'containers', row.uuid)
    return found
