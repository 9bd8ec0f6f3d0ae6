"""Rows to test with."""
import json
import typing
import uuid

from sqlalchemy import orm

from zun_lite import db
from zun_lite.db import claims
from zun_lite.db import hosts
from zun_lite.db import pods
from zun_lite.pod import capabilities

INVENTORY = {'cpu_millis': 4000, 'memory_bytes': 2**33}
CAPABILITIES = capabilities.ALL | {'action:logs'}
SPEC = {'containers': [{'name': 'web', 'image': 'nginx:1.27'}]}


def pod(session: orm.Session, **columns: typing.Any) -> pods.PodRow:
    """Insert a pod; what is not given is that of a new one."""
    return pods.insert(session, **{
        'uuid': str(uuid.uuid4()), 'project_id': 'alpha', 'user_id': 'ann',
        'name': 'web', 'spec': json.dumps(SPEC), 'container_uuids': '{}',
        'desired': 'running', 'generation': 1, 'phase': 'Pending',
        'status': '{"phase":"Pending"}', 'cpu_millis': 100,
        'memory_bytes': 2**26, 'created_at': db.now(), **columns})


def labels(row: pods.PodRow) -> dict[str, str]:
    return json.loads(row.labels or '{}')


def host(session: orm.Session, name: str = 'h1', *,
         labels: dict[str, str] | None = None,
         **more: typing.Any) -> int:
    """Register a host with 4 cores, 8 GiB and room for 10 pods; its epoch."""
    inventory = INVENTORY | {'labels': labels or {}} | {
        key: more.pop(key) for key in INVENTORY.keys() & more.keys()}
    return hosts.register(session, **{
        'name': name, 'driver': 'docker', 'max_pods': 10,
        'inventory': inventory, 'capabilities': CAPABILITIES, **more})


def placed(session: orm.Session, on: str,
           **columns: typing.Any) -> pods.PodRow:
    """A pod on a host, claims and all."""
    row = pod(session, **columns)
    claims.claim(session, row, on, row.status)
    return row._replace(host=on)
