"""Which pods of a project are placed where, for pods that look around.

A pod with required podAntiAffinity keeps others away that ask for nothing
themselves, so every placement has to know of such pods. They are marked by a
row among the labels, whose index finds them at once; its key is no label's,
as those have no blanks.
"""
import typing
from collections.abc import Collection
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite.db import pods as db_pods
from zun_lite.pod import states

pods = db_pods.pods
marks = db_pods.pod_labels


class Row(typing.NamedTuple):
    """`spec` is told only of pods that keep others away."""
    project_id: str
    host: str
    labels: str | None
    spec: str | None


def _mark(project_id: str) -> str:
    return f'keeps away in {project_id}'


def mark(session: orm.Session, pod_id: int, project_id: str) -> None:
    """Note that a pod keeps others away; the mark goes with the pod."""
    session.execute(sa.insert(marks), {
        'pod_id': pod_id, 'key': _mark(project_id), 'value': ''})


def of(session: orm.Session, projects: Collection[str],
       whole: Collection[str] = (), besides: int = 0) -> list[Row]:
    """The placed pods of these projects that keep others away, and of those
    in `whole` all, but the one with the id `besides`.

    At most two statements.
    """
    found = _read(session, sorted(whole), besides, marked_only=False)
    return found + _read(session, sorted({*projects} - {*whole}), besides,
                         marked_only=True)


def _read(session: orm.Session, projects: Sequence[str], besides: int, *,
          marked_only: bool) -> list[Row]:
    if not projects:
        return []
    marked = sa.and_(marks.c.pod_id == pods.c.id,
                     marks.c.key.in_([_mark(p) for p in projects]))
    rows = session.execute(
        sa.select(pods.c.project_id, pods.c.host, pods.c.labels,
                  sa.case((marks.c.key.is_not(None), pods.c.spec)))
        .select_from(pods.join(marks, marked, isouter=not marked_only))
        .where(pods.c.project_id.in_(projects), pods.c.host.is_not(None),
               pods.c.id != besides, pods.c.desired.in_(states.TO_PLACE),
               pods.c.phase.not_in(states.TERMINAL)))
    return [Row._make(row) for row in rows]
