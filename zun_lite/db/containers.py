"""Queries about containers: pods that were made as one."""
import datetime
import functools
import json
import typing
from collections.abc import Callable
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import models
from zun_lite.db import pods as db_pods
from zun_lite.pod import states

pods = db_pods.pods


class Shown(typing.NamedTuple):
    """What is shown of a container that was made as one; see `PodRow`.

    Each column costs a read as much as many bytes in one do.
    """
    id: int
    uuid: str
    project_id: str
    user_id: str
    name: str
    document: str | None
    extras: str | None
    desired: states.Desired
    generation: int
    phase: states.Phase
    status: str
    observed_generation: int
    host: str | None
    created_at: datetime.datetime
    updated_at: datetime.datetime | None


Row = db_pods.PodRow | Shown
Shape = typing.TypeVar('Shape', db_pods.PodRow, Shown)

SORT_KEYS = ('id', 'uuid', 'name', 'project_id', 'user_id', 'created_at')
FILTERS = ('name', 'project_id', 'user_id', 'host')
_SCANNED = 500


def list_page(session: orm.Session, project_id: str | None, *,
              shape: type[Shape], origin: models.Origin,
              filters: Mapping[str, str],
              passes: Callable[[Shape], bool] | None, limit: int,
              marker: str | None, sort_key: str = 'id',
              descending: bool = False) -> list[Shape]:
    """Up to `limit` after the one whose UUID is `marker`, in that order.

    `shape`: the columns to read. `filters`: on columns. `passes`: on what
    only a look at a row tells; then there is a statement for each `_SCANNED`
    rows, else there is one.

    :raises NotFound: no such marker (any more).
    """
    after = _marker(session, project_id, origin, marker, sort_key)
    found: list[Shape] = []
    while True:
        rows = session.execute(
            _page(shape._fields, project_id is not None, origin,
                  tuple(sorted(filters)), sort_key, descending,
                  after is not None),
            {'project_id': project_id, **filters,
             'after_value': after and after[0], 'after_id': after and
             after[1], 'rows': _SCANNED if passes else limit}).all()
        page = [shape._make(row) for row in rows]
        found += page if passes is None else filter(passes, page)
        if passes is None or len(found) >= limit or len(page) < _SCANNED:
            return found[:limit]
        after = getattr(page[-1], sort_key), page[-1].id


def _marker(session: orm.Session, project_id: str | None,
            origin: models.Origin, marker: str | None,
            sort_key: str) -> tuple[typing.Any, int] | None:
    if marker is None:
        return None
    row = db_pods.get_row(session, marker, project_id=project_id,
                          origin=origin)
    return getattr(row, sort_key), row.id


@functools.cache
def _page(columns: tuple[str, ...], scoped: bool, origin: models.Origin,
          filters: tuple[str, ...], sort_key: str, descending: bool,
          after: bool) -> sa.Select:
    key, last = pods.c[sort_key], pods.c.id
    found = sa.select(*[pods.c[name] for name in columns]).where(
        pods.c.origin == origin)
    if scoped:
        found = found.where(pods.c.project_id == sa.bindparam('project_id'))
    for name in filters:
        found = found.where(pods.c[name] == sa.bindparam(name))
    if after:
        value = sa.bindparam('after_value', type_=key.type)
        end = sa.bindparam('after_id', type_=last.type)
        beyond = key < value if descending else key > value
        tie = last < end if descending else last > end
        found = found.where(sa.or_(beyond, sa.and_(key == value, tie)))
    order = [key.desc(), last.desc()] if descending else [key, last]
    return found.order_by(*order).limit(sa.bindparam('rows'))


def plain(row: db_pods.PodRow) -> dict[str, typing.Any]:
    """The row's `Plain`, as JSON values."""
    return json.loads(row.extras or '{}').get('plain') or {}


def check_sort_key(name: str | None) -> str:
    """:raises Invalid: rows cannot be sorted by this."""
    if name is not None and name not in SORT_KEYS:
        raise exceptions.Invalid(fields=[exceptions.FieldError(
            'sort_key', f'must be one of {", ".join(SORT_KEYS)}')])
    return name or 'id'
