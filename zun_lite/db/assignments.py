"""Queries of the conductor: which pods wait, and what each host should have.

What can be long (documents) is read only for pods that are acted on; pages
go by key, so that memory does not grow with the number of pods.
"""
import datetime
import json
import typing
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite.db import events
from zun_lite.db import models
from zun_lite.db import observations
from zun_lite.db import pods as db_pods
from zun_lite.pod import states
from zun_lite.pod import status

pods = db_pods.pods
hosts = models.Host.__table__

_COLUMNS = [pods.c[name] for name in db_pods.PodRow._fields]


class Waiting(typing.NamedTuple):
    """A pod that is not placed, or whose host has not confirmed it.

    `changed_at`: the last request. `host_live`: whether its host is.
    `explained`: its owner has been told why it is not placed.
    """
    id: int
    uuid: str
    host: str | None
    desired: states.Desired
    cpu_millis: int
    memory_bytes: int
    changed_at: datetime.datetime
    host_live: bool
    explained: bool


_waiting = (
    sa.select(pods.c.id, pods.c.uuid, pods.c.host, pods.c.desired,
              pods.c.cpu_millis, pods.c.memory_bytes,
              sa.func.coalesce(pods.c.updated_at, pods.c.created_at,
                               type_=models.DateTime),
              sa.func.coalesce(hosts.c.state == models.HostState.LIVE,
                               sa.false()),
              pods.c.status.contains(status.UNSCHEDULABLE))
    .select_from(pods.outerjoin(hosts, hosts.c.name == pods.c.host))
    .where(pods.c.settled.is_(sa.false()), pods.c.id > sa.bindparam('after'))
    .order_by(pods.c.id).limit(sa.bindparam('rows', type_=sa.Integer())))


def waiting(session: orm.Session, after_id: int, limit: int) -> list[Waiting]:
    """Up to `limit` unsettled pods with an id above `after_id`."""
    rows = session.execute(_waiting, {'after': after_id, 'rows': limit})
    return [Waiting._make([*row[:-2], *map(bool, row[-2:])]) for row in rows]


def explain(session: orm.Session, reasons: Mapping[int, str],
            at: str) -> None:
    """Tell owners why their pods (by id) wait, where they still do.

    Where somebody has told just that, nothing is told. `at`: RFC 3339. A
    bounded number of statements.
    """
    rows = db_pods.lock(session, reasons, [
        pods.c.id, pods.c.uuid, pods.c.project_id, pods.c.status,
        pods.c.host, pods.c.desired])
    found = [row for row in rows
             if row.host is None and row.desired in states.TO_PLACE
             and json.loads(row.status).get('message') != reasons[row.id]]
    if not found:
        return
    texts = {row.id: _unplaced(reasons[row.id], at) for row in found}
    session.execute(
        sa.update(pods).where(pods.c.id.in_(list(texts)))
        .values(status=observations.by_id(texts, sa.Text())))
    events.record_all(session, [
        (row.uuid, row.project_id, status.PodEvent(
            type='Warning', reason='FailedScheduling', at=at,
            message=reasons[row.id])) for row in found])


def _unplaced(reason: str, at: str) -> str:
    return observations.text(status.PodStatus(
        reason=status.UNSCHEDULABLE, message=reason,
        conditions=(status.Condition(
            type='PodScheduled', status='False', message=reason,
            last_transition_time=at, reason=status.UNSCHEDULABLE),)))


def by_ids(session: orm.Session, ids: Sequence[int]) -> list[db_pods.PodRow]:
    """The pods that (still) exist, in the order of their ids."""
    return _found(session, pods.c.id.in_(ids))


def by_uuids(session: orm.Session,
             uuids: Collection[str]) -> list[db_pods.PodRow]:
    """The pods that (still) exist, in the order of their ids."""
    return _found(session, pods.c.uuid.in_(uuids))


def _found(session: orm.Session,
           wanted: sa.ColumnElement[bool]) -> list[db_pods.PodRow]:
    rows = session.execute(sa.select(*_COLUMNS).where(wanted)
                           .order_by(pods.c.id))
    return [db_pods.PodRow._make(row) for row in rows]


def of_host(session: orm.Session, host: str, after_id: int,
            limit: int) -> list[db_pods.PodRow]:
    """Up to `limit` pods that a host should have, or should remove."""
    rows = session.execute(
        sa.select(*_COLUMNS)
        .where(pods.c.host == host, pods.c.id > after_id)
        .order_by(pods.c.id).limit(limit))
    return [db_pods.PodRow._make(row) for row in rows]


def on_wire(row: db_pods.PodRow) -> dict[str, typing.Any]:
    """The pod as `spec.Pod` in JSON values, without parsing it as one."""
    plain = json.loads(row.extras).get('plain') if row.extras else None
    # What Zun calls a name need not be a DNS name.
    metadata: dict[str, typing.Any] = {
        'name': row.name if row.origin is models.Origin.POD
        else f'zun-{row.uuid}'}
    for name, text in (('labels', row.labels),
                       ('annotations', row.annotations)):
        if text:
            metadata[name] = json.loads(text)
    pod = {'uuid': row.uuid, 'projectId': row.project_id,
           'generation': row.generation, 'desired': row.desired.value,
           'metadata': metadata, 'spec': json.loads(row.spec),
           'containerUuids': json.loads(row.container_uuids)}
    if plain is not None:
        pod['plain'] = plain
    if row.observed_generation == row.generation:
        pod['lastPhase'] = _last_phase(row).value
    return pod


def _last_phase(row: db_pods.PodRow) -> states.Phase:
    """A pod of which no container was made before its host fell silent has
    not run. Where none is told of, nobody knows: an agent that cannot reach
    its engine tells the phase alone.
    """
    if row.phase is states.Phase.UNKNOWN:
        told = json.loads(row.status).get('containerStatuses')
        if told and not any(one.get('containerID') for one in told):
            return states.Phase.PENDING
    return row.phase
