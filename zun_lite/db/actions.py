"""Queries about actions: who did what to a pod, and how it ended."""
import datetime
import typing

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite.db import engine
from zun_lite.db import models
from zun_lite.pod.states import Action

SUCCESS = 'success'
ERROR = 'error'
SUPERSEDED = 'superseded'

actions = models.Action.__table__

# An image that is made of a container is of no generation: see `commits`.
GENERATIONAL = actions.c.action != Action.COMMIT.value


class ActionRow(typing.NamedTuple):
    """An action as stored. Times are naive UTC; `result` None: it goes on."""
    id: int
    pod_uuid: str
    project_id: str
    user_id: str
    request_id: str
    action: str
    generation: int
    started_at: datetime.datetime
    finished_at: datetime.datetime | None
    result: str | None
    message: str | None


_COLUMNS = [actions.c[name] for name in ActionRow._fields]


def insert(session: orm.Session, *, pod_uuid: str, project_id: str,
           user_id: str, request_id: str, action: str, generation: int,
           result: str | None = None, message: str | None = None,
           started_at: datetime.datetime | None = None) -> None:
    """Record an action; with a `result` it is over already.

    `started_at`: naive UTC; by default now.
    """
    at = engine.now()
    session.execute(sa.insert(actions), {
        'pod_uuid': pod_uuid, 'project_id': project_id, 'user_id': user_id,
        'request_id': request_id, 'action': action, 'generation': generation,
        'started_at': started_at or at,
        'finished_at': at if result else None,
        'result': result, 'message': message})


def finish(session: orm.Session, pod_uuid: str, *, up_to_generation: int,
           result: str = SUCCESS, message: str | None = None) -> int:
    """End a pod's open actions, up to a generation; how many there were."""
    # Locked by nothing but ids, as in `pods.lock`: every create of a pod
    # adds to the open actions.
    ids = session.scalars(
        sa.select(actions.c.id)
        .where(actions.c.pod_uuid == pod_uuid, actions.c.finished_at.is_(None),
               GENERATIONAL, actions.c.generation <= up_to_generation)).all()
    if ids:
        session.execute(
            sa.update(actions).where(actions.c.id.in_(ids)).values(
                finished_at=engine.now(), result=result, message=message))
    return len(ids)


def list_page(session: orm.Session, project_id: str | None, pod_uuid: str, *,
              limit: int = 100, marker: int | None = None) -> list[ActionRow]:
    """Up to `limit` actions on a pod, newest first, older than `marker`.

    `marker` is an action's id. Actions outlive their pod, so an unknown UUID
    has none. `project_id` None looks into all projects.
    """
    found = sa.select(*_COLUMNS).where(actions.c.pod_uuid == pod_uuid)
    if project_id is not None:
        found = found.where(actions.c.project_id == project_id)
    if marker is not None:
        found = found.where(actions.c.id < marker)
    rows = session.execute(found.order_by(actions.c.id.desc()).limit(limit))
    return [ActionRow._make(row) for row in rows]
