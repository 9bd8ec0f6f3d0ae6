"""Queries about events: what happened to a pod, repetitions counted."""
import collections
import datetime
import typing
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite.db import models
from zun_lite.pod import status

# The newest kinds of event that are kept of one pod.
KEPT = 100
MESSAGE_LENGTH = 1024

events = models.Event.__table__

# Pod, type, reason, container, message: what makes two events the same.
_Kind = tuple[str, str, str, str | None, str]


class _Stored(typing.NamedTuple):
    id: int
    last_at: datetime.datetime


class EventRow(typing.NamedTuple):
    """An event as stored. Times are naive UTC."""
    id: int
    pod_uuid: str
    project_id: str
    type: str
    reason: str
    container: str | None
    message: str
    count: int    # type: ignore[assignment]  # hides tuple's method
    first_at: datetime.datetime
    last_at: datetime.datetime


_COLUMNS = [events.c[name] for name in EventRow._fields]


def _kind(uuid: str, event: status.PodEvent) -> _Kind:
    return (uuid, event.type, event.reason[:64],
            event.container and event.container[:63],
            event.message[:MESSAGE_LENGTH])


def _time(text: str) -> datetime.datetime:
    at = datetime.datetime.fromisoformat(text)
    return at.astimezone(datetime.UTC).replace(tzinfo=None)


def record_all(session: orm.Session,
               found: Sequence[tuple[str, str, status.PodEvent]]) -> None:
    """Add events as (pod's UUID, its project, event), four statements at most.

    What was said before is only counted; the oldest kinds beyond `KEPT` of
    a pod are dropped. The caller holds the pods' rows, so that two of these
    for one pod do not interleave.

    :raises ValueError: an event's time is not RFC 3339.
    """
    if not found:
        return
    projects = {uuid: project_id for uuid, project_id, _event in found}
    told: dict[_Kind, list[datetime.datetime]] = {}
    for uuid, _project_id, event in found:
        told.setdefault(_kind(uuid, event), []).append(_time(event.at))
    known = _known(session, projects)
    _count(session, {known[kind]: times for kind, times in told.items()
                     if kind in known})
    new = [_columns(kind, times) | {'project_id': projects[kind[0]]}
           for kind, times in told.items() if kind not in known]
    if new:
        session.execute(sa.insert(events), new)
        _forget_excess(session, [*known, *map(_kind_of, new)])


def _known(session: orm.Session,
           uuids: Collection[str]) -> dict[_Kind, _Stored]:
    """What is stored of these pods, oldest first."""
    rows = session.execute(
        sa.select(events.c.pod_uuid, events.c.type, events.c.reason,
                  events.c.container, events.c.message, events.c.id,
                  events.c.last_at)
        .where(events.c.pod_uuid.in_(uuids)).order_by(events.c.id))
    return {tuple(row[:5]): _Stored(row[5], row[6]) for row in rows}


def _count(session: orm.Session,
           again: Mapping[_Stored, list[datetime.datetime]]) -> None:
    if not again:
        return
    more = {stored.id: sa.literal(len(times))
            for stored, times in again.items()}
    last = {stored.id: sa.literal(max(stored.last_at, *times))
            for stored, times in again.items()}
    session.execute(
        sa.update(events).where(events.c.id.in_(list(more))).values(
            count=events.c['count'] + sa.case(more, value=events.c.id),
            last_at=sa.case(last, value=events.c.id)))


def _forget_excess(session: orm.Session, kinds: Sequence[_Kind]) -> None:
    """Drop the oldest of each pod that has more than `KEPT` kinds."""
    counts = collections.Counter(kind[0] for kind in kinds)
    full = [uuid for uuid, count in counts.items() if count > KEPT]
    if not full:
        return
    rank = sa.func.row_number().over(
        partition_by=events.c.pod_uuid, order_by=events.c.id.desc())
    ranked = sa.select(events.c.id, rank.label('rank')).where(
        events.c.pod_uuid.in_(full)).subquery()
    # Once more around: MySQL may not delete from what it selects from.
    old = sa.select(ranked.c.id).where(ranked.c.rank > KEPT).subquery()
    session.execute(sa.delete(events).where(
        events.c.id.in_(sa.select(old.c.id))))


def _columns(kind: _Kind,
             times: list[datetime.datetime]) -> dict[str, typing.Any]:
    return {'pod_uuid': kind[0], 'type': kind[1], 'reason': kind[2],
            'container': kind[3], 'message': kind[4], 'count': len(times),
            'first_at': min(times), 'last_at': max(times)}


def _kind_of(columns: Mapping[str, typing.Any]) -> _Kind:
    return (columns['pod_uuid'], columns['type'], columns['reason'],
            columns['container'], columns['message'])


def list_page(session: orm.Session, project_id: str | None, pod_uuid: str, *,
              limit: int = 100, marker: int | None = None) -> list[EventRow]:
    """Up to `limit` events of a pod, newest first, older than `marker`.

    `marker` is an event's id. `project_id` None looks into all projects.
    """
    found = sa.select(*_COLUMNS).where(events.c.pod_uuid == pod_uuid)
    if project_id is not None:
        found = found.where(events.c.project_id == project_id)
    if marker is not None:
        found = found.where(events.c.id < marker)
    rows = session.execute(found.order_by(events.c.id.desc()).limit(limit))
    return [EventRow._make(row) for row in rows]
