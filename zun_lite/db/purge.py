"""Removal of what is old: finished actions, and events."""
import datetime
from collections.abc import Iterator

import sqlalchemy as sa

from zun_lite.db import engine
from zun_lite.db import models

# Rows in one transaction: short locks, whatever has piled up.
BATCH = 1000

actions = models.Action.__table__
events = models.Event.__table__
pods = models.Pod.__table__


def purge(before: datetime.datetime) -> dict[str, int]:
    """Delete what ended before a time (naive UTC): {table: rows}.

    An action that never ended goes when its pod is gone. Events go by when
    they were last seen.
    """
    return {table.name: sum(_batches(table, condition))
            for table, condition in _old(before)}


def _old(before: datetime.datetime,
         ) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    pod = sa.select(pods.c.id).where(pods.c.uuid == actions.c.pod_uuid)
    yield actions, sa.or_(
        actions.c.finished_at < before,
        sa.and_(actions.c.finished_at.is_(None),
                actions.c.started_at < before, ~pod.exists()))
    yield events, events.c.last_at < before


def _batches(table: sa.Table,
             condition: sa.ColumnElement[bool]) -> Iterator[int]:
    while removed := _batch(table, condition):
        yield removed
        if removed < BATCH:
            return


@engine.retry
def _batch(table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    # MariaDB cannot delete from a table that a subquery limits.
    with engine.writer() as session:
        ids = session.scalars(sa.select(table.c.id).where(condition)
                              .limit(BATCH)).all()
        if ids:
            session.execute(sa.delete(table).where(table.c.id.in_(ids)))
        return len(ids)
