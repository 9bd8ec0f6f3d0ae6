"""A capsule in Zun's keys, with each member as a container."""
import typing

import pydantic_core

from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.api.v1.views import containers as container_views
from zun_lite.db import engine
from zun_lite.db import pods
from zun_lite.zun import members
from zun_lite.zun import words

Values = dict[str, typing.Any]

MODERN = microversion.Version(1, 32)


class Read(typing.NamedTuple):
    """A row's documents, and its members' UUIDs and states by name."""
    row: pods.PodRow
    spec: Values
    seen: Values
    labels: Values
    uuids: dict[str, str]
    states: dict[str, words.State]
    addresses: Values


def read(row: pods.PodRow) -> Read:
    seen, now = pydantic_core.from_json(row.status), engine.now()
    uuids, own = pydantic_core.from_json(row.container_uuids), members.own(
        seen)
    return Read(
        row, pydantic_core.from_json(row.spec), seen,
        pydantic_core.from_json(row.labels or '{}'), uuids, {
            name: members.state(row, seen, own.get(name, {}), now)
            for name in uuids}, container_views.addresses(row, seen))


def capsule(row: pods.PodRow, version: microversion.Version, base_url: str,
            show: frozenset[str], show_host: bool) -> Values:
    """`show`: which of the containers' keys for administrators."""
    found = read(row)
    main = [c['name'] for c in found.spec['containers']]
    init = [c['name'] for c in found.spec.get('initContainers') or ()]
    status, reason = members.capsule(row, found.seen, found.states.values())
    shown = {
        'uuid': row.uuid, 'status': status, 'status_reason': reason,
        'annotations': pydantic_core.from_json(row.annotations or '{}'),
        'cpu': row.cpu_millis / 1000,
        'memory': str(row.memory_bytes // 2**20),
        'addresses': found.addresses,
        'containers': [_member(found, name, show) for name in main],
        'init_containers': [_member(found, name, show) for name in init],
        'project_id': row.project_id, 'user_id': row.user_id,
        'created_at': container_views.timestamp(row.created_at),
        'updated_at': container_views.timestamp(row.updated_at),
        'links': links.of(base_url, 'capsules', row.uuid)}
    shown |= (_modern(found) if version >= MODERN
              else _before_1_32(found, main, init))
    return shown | ({'host': row.host} if show_host else {})


def _modern(found: Read) -> Values:
    return _meta(found) | {
        'name': found.row.name, 'labels': found.labels,
        'restart_policy': members.policy(found.spec)}


def _meta(found: Read) -> Values:
    """Before 1.32 nothing else; zun-ui reads these in every version."""
    return {'meta_name': found.row.name, 'volumes_info': {},
            'meta_labels': found.labels}


def _before_1_32(found: Read, main: list[str], init: list[str]) -> Values:
    uuids = found.uuids
    return _meta(found) | {
        'restart_policy': members.policy(found.spec)['Name'],
        'capsule_version': '',
        'containers_uuids': [uuids[name] for name in main],
        'init_containers_uuids': [uuids[name] for name in init]}


def member(row: pods.PodRow, name: str, show: frozenset[str],
           base_url: str) -> Values:
    """One member as a container of its own; `name`: in its pod."""
    shown = _member(read(row), name, show)
    return shown | {'links': links.of(base_url, 'containers',
                                      shown['uuid'])}


def _member(found: Read, name: str, show: frozenset[str]) -> Values:
    row, state = found.row, found.states[name]
    asked, init = _asked(found.spec, name)
    hidden = members.hidden(asked) | {'host': row.host}
    return members.document(
        asked, members.policy(found.spec, init=init),
        found.spec.get('hostname') or f'zun-{row.uuid}') | {
        'uuid': found.uuids[name],
        'name': members.title(row.name, name),
        'project_id': row.project_id, 'user_id': row.user_id,
        'status': state.status, 'status_reason': state.status_reason,
        'status_detail': state.status_detail,
        'task_state': state.task_state,
        'addresses': found.addresses,
        'created_at': container_views.timestamp(row.created_at),
        'updated_at': container_views.timestamp(row.updated_at),
        **{key: hidden[key] for key in show}}


def _asked(spec: Values, name: str) -> tuple[Values, bool]:
    """The container of this name, and whether it is an init container."""
    for key in ('containers', 'initContainers'):
        for container in spec.get(key) or ():
            if container['name'] == name:
                return container, key == 'initContainers'
    raise KeyError(name)
