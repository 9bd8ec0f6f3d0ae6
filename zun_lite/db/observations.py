"""Storing what agents saw: in bulk, and only what is news.

Of two observations of a pod the one with the higher (epoch, sequence) is the
newer; epochs are the agent's registrations, sequences rise within one. Only
the host that a pod is bound to has a say.
"""
import collections
import json
import typing
from collections.abc import Iterable
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite.db import actions as db_actions
from zun_lite.db import claims
from zun_lite.db import engine
from zun_lite.db import events as db_events
from zun_lite.db import hosts as db_hosts
from zun_lite.db import models
from zun_lite.db import pods as db_pods
from zun_lite.pod import states
from zun_lite.pod import status as pod_status

pods = db_pods.pods
actions = db_actions.actions

UNSETTLED_PHASES = (states.Phase.PENDING, states.Phase.RUNNING,
                    states.Phase.PAUSED)


class Observation(typing.NamedTuple):
    """What an agent says of one pod.

    `generation`: the desired one that it acted on. `gone`: nothing of the
    pod is left on the engine.
    """
    uuid: str
    generation: int
    sequence: int
    gone: bool
    status: pod_status.PodStatus | None


class Intake(typing.NamedTuple):
    """`unknown`: pods not wanted on the host. `removed`: how many went.

    `leaving`: containers that are removed now that they have ended.
    """
    unknown: list[str]
    removed: int
    leaving: list[str]


class _Row(typing.NamedTuple):
    id: int
    uuid: str
    project_id: str
    host: str | None
    desired: states.Desired
    generation: int
    phase: states.Phase
    observed_generation: int
    status_epoch: int
    status_sequence: int
    cpu_millis: int
    memory_bytes: int


_COLUMNS = [pods.c[name] for name in _Row._fields]


class _News(typing.NamedTuple):
    """A row, and the observation that is newer than it."""
    row: _Row
    seen: Observation

    @property
    def observed_generation(self) -> int:
        """Never back, and never beyond what was asked for."""
        return min(max(self.row.observed_generation, self.seen.generation),
                   self.row.generation)

    @property
    def removes(self) -> bool:
        return (self.seen.gone and self.row.desired is states.Desired.ABSENT
                and self.seen.generation >= self.row.generation)

    @property
    def settled(self) -> bool:
        """A pod that leaves is looked after until it is gone."""
        return (self.observed_generation == self.row.generation
                and self.row.desired is not states.Desired.ABSENT)


def store(session: orm.Session, host: str, epoch: int,
          seen: Iterable[Observation],
          told: Sequence[tuple[str, pod_status.PodEvent]] = (),
          ) -> Intake:
    """Take in statuses and events (pod's UUID, event) from a host's agent.

    A constant number of statements. What is older than the record is passed
    over; it has been taken in before.

    :raises HostNotFound: the host never registered, or was removed.
    :raises StaleEpoch: a newer agent has registered.
    """
    db_hosts.check_epoch(session, host, epoch)
    newest: dict[str, Observation] = {}
    for one in sorted(seen, key=lambda one: one.sequence):
        newest[one.uuid] = one
    rows = _lock(session, {*newest, *(uuid for uuid, _event in told)})
    mine = {row.uuid: row for row in rows if row.host == host}
    news = [_News(row, newest[row.uuid]) for row in mine.values()
            if row.uuid in newest and _newer(row, newest[row.uuid], epoch)]
    leaving = [one for one in news if one.removes]
    _update(session, epoch, [one for one in news if not one.removes
                             and one.seen.status is not None])
    db_events.record_all(session, [
        (uuid, mine[uuid].project_id, event) for uuid, event in told
        if uuid in mine])
    _end_actions(session, news)
    claims.remove(session, [one.row for one in leaving])
    unknown = [uuid for uuid, one in newest.items()
               if uuid not in mine and not one.gone]
    return Intake(unknown, len(leaving), _leave(session, news))


_OVER = (states.Phase.STOPPED, *states.TERMINAL)
_AUTO_REMOVE = '"auto_remove":true'      # in Zun's document


def _leave(session: orm.Session, news: Iterable[_News]) -> list[str]:
    """Have those removed that were to go once they have ended."""
    ended = [one.row.id for one in news
             if one.seen.status is not None and not one.removes
             and one.seen.status.phase in _OVER
             and one.observed_generation == one.row.generation
             and one.row.desired is not states.Desired.ABSENT]
    if not ended:
        return []
    found = session.execute(
        sa.select(pods.c.id, pods.c.uuid).where(
            pods.c.id.in_(ended), pods.c.document.contains(_AUTO_REMOVE))
    ).all()
    if found:
        session.execute(
            sa.update(pods).where(pods.c.id.in_([row.id for row in found]))
            .values(desired=states.Desired.ABSENT, settled=False,
                    generation=pods.c.generation + 1,
                    deleted_at=engine.now()))
    return [row.uuid for row in found]


def _lock(session: orm.Session, uuids: Iterable[str]) -> list[_Row]:
    ids = session.scalars(
        sa.select(pods.c.id).where(pods.c.uuid.in_(list(uuids)))).all()
    found = db_pods.lock(session, ids, _COLUMNS)
    return [_Row._make(row) for row in found]


def _newer(row: _Row, seen: Observation, epoch: int) -> bool:
    return (epoch, seen.sequence) > (row.status_epoch, row.status_sequence)


def text(status: pod_status.PodStatus) -> str:
    """A status as it is stored and served."""
    return json.dumps(status.to_dict(), separators=(',', ':'))


def by_id(values: dict[int, typing.Any],
           of_type: sa.types.TypeEngine) -> sa.ColumnElement:
    """`values` by the id of the row, so that one statement updates many."""
    return sa.case({key: sa.literal(value, of_type)
                    for key, value in values.items()}, value=pods.c.id)


def _update(session: orm.Session, epoch: int,
            news: Sequence[_News]) -> None:
    if not news:
        return
    statuses = {one.row.id: one.seen.status for one in news
                if one.seen.status is not None}
    generations = {one.row.id: one.observed_generation for one in news}
    session.execute(
        sa.update(pods).where(pods.c.id.in_(list(statuses))).values(
            status_epoch=epoch,
            status_sequence=by_id(
                {one.row.id: one.seen.sequence for one in news},
                pods.c.status_sequence.type),
            phase=by_id({key: found.phase for key, found
                          in statuses.items()}, pods.c.phase.type),
            status=by_id({key: text(found) for key, found
                           in statuses.items()}, sa.Text()),
            observed_generation=by_id(generations, sa.Integer()),
            settled=pods.c.id.in_(
                [one.row.id for one in news if one.settled])))


_HELD = (states.Desired.RUNNING, states.Desired.CREATED,
         states.Desired.PAUSED)


class _End(typing.NamedTuple):
    """How the actions on a pod, up to a generation, ended."""
    generation: int
    result: str
    message: str | None = None


def _end(news: _News) -> _End | None:
    """None: what was asked for goes on, or was ended before."""
    row, seen = news
    if news.removes:
        return _End(row.generation, db_actions.SUCCESS)
    if seen.status is None or seen.generation < row.generation or (
            seen.status.phase is row.phase
            and row.observed_generation == row.generation):
        return None
    match row.desired, seen.status.phase:
        case states.Desired.RUNNING, (states.Phase.RUNNING
                                      | states.Phase.SUCCEEDED):
            return _End(row.generation, db_actions.SUCCESS)
        case ((states.Desired.CREATED, states.Phase.CREATED)
              | (states.Desired.PAUSED, states.Phase.PAUSED)):
            return _End(row.generation, db_actions.SUCCESS)
        case _, states.Phase.FAILED if row.desired in _HELD:
            words = (seen.status.reason, seen.status.message)
            return _End(row.generation, db_actions.ERROR,
                        ': '.join(word for word in words if word) or None)
        case states.Desired.STOPPED, (states.Phase.STOPPED
                                      | states.Phase.SUCCEEDED
                                      | states.Phase.FAILED):
            return _End(row.generation, db_actions.SUCCESS)
    return None


def _end_actions(session: orm.Session, news: Iterable[_News]) -> None:
    """Finish the records of what was asked for and is so now."""
    ends = {one.row.uuid: end for one in news if (end := _end(one))}
    if not ends:
        return
    still_open = session.execute(
        sa.select(actions.c.id, actions.c.pod_uuid, actions.c.generation)
        .where(actions.c.pod_uuid.in_(list(ends)),
               actions.c.finished_at.is_(None),
               db_actions.GENERATIONAL)).all()
    results: dict[str, dict[int, str | None]] = collections.defaultdict(dict)
    for action in still_open:
        end = ends[action.pod_uuid]
        if action.generation < end.generation:
            results[db_actions.SUPERSEDED][action.id] = None
        elif action.generation == end.generation:
            results[end.result][action.id] = end.message
    for result, messages in results.items():
        _finish(session, result, messages)


def _finish(session: orm.Session, result: str,
            messages: dict[int, str | None]) -> None:
    told = {key: sa.literal(message) for key, message in messages.items()
            if message is not None}
    session.execute(
        sa.update(actions).where(actions.c.id.in_(list(messages))).values(
            finished_at=engine.now(), result=result,
            **({'message': sa.case(told, value=actions.c.id)}
               if told else {})))


def _doubtful(host: str, limit: int) -> sa.Select:
    return (sa.select(pods.c.id, pods.c.status)
            .where(pods.c.host == host, pods.c.phase.in_(UNSETTLED_PHASES))
            .order_by(pods.c.id).limit(limit))


def any_to_doubt(session: orm.Session, host: str) -> bool:
    """Whether `make_unknown` would find anything to do."""
    return session.execute(_doubtful(host, 1)).first() is not None


def make_unknown(session: orm.Session, host: str, limit: int,
                 message: str) -> int:
    """Make up to `limit` pods of a silent host Unknown; how many it were.

    What has ended stays as it ended. Should the host have returned, nothing
    changes: its lock makes its return wait for us or us see it.
    """
    found = session.execute(
        _doubtful(host, limit).with_for_update()).all()
    if not found or (db_hosts.lock_state(session, host)
                     is not models.HostState.SILENT):
        return 0
    session.execute(
        sa.update(pods).where(pods.c.id.in_([row.id for row in found]))
        .values(phase=states.Phase.UNKNOWN, status=by_id(
            {row.id: _unknown(row.status, message) for row in found},
            sa.Text())))
    return len(found)


def _unknown(before: str, message: str) -> str:
    seen = pod_status.PodStatus.model_validate_json(before)
    doubtful = tuple(
        c.model_copy(update={'status': 'Unknown',
                             'reason': pod_status.HOST_SILENT})
        if c.type in ('Ready', 'ContainersReady') else c
        for c in seen.conditions)
    return text(seen.model_copy(update={
        'phase': states.Phase.UNKNOWN, 'reason': pod_status.HOST_SILENT,
        'message': message, 'conditions': doubtful}))


def any_unknown(session: orm.Session, host: str) -> bool:
    """Whether a pod of this host still shows that it had been silent."""
    return session.execute(
        sa.select(pods.c.id).where(
            pods.c.host == host, pods.c.phase == states.Phase.UNKNOWN,
            pods.c.status.contains(pod_status.HOST_SILENT))
        .limit(1)).first() is not None
