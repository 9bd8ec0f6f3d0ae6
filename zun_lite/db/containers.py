"""Queries about containers: pods that were made as one."""
import functools
import json
import typing
from collections.abc import Callable
from collections.abc import Mapping

import sqlalchemy as sa

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import models
from zun_lite.db import pods as db_pods
from zun_lite.db import shapes

pods = db_pods.pods

SORT_KEYS = ('id', 'uuid', 'name', 'project_id', 'user_id', 'created_at')
FILTERS = ('name', 'project_id', 'user_id', 'host')
_SCANNED = 500


def list_page(session: engine.Reading, project_id: str | None, *,
              shape: type[shapes.Listed], origin: models.Origin,
              filters: Mapping[str, str],
              passes: Callable[[shapes.Listed], bool] | None, limit: int,
              marker: str | None, sort_key: str = 'id',
              descending: bool = False) -> list[shapes.Listed]:
    """Up to `limit` after the one whose UUID is `marker`, in that order.

    `shape`: the columns to read. `filters`: on columns. `passes`: on what
    only a look at a row tells; then there is a statement for each `_SCANNED`
    rows, else there is one.

    :raises NotFound: no such marker (any more).
    """
    after = _marker(session, project_id, origin, marker, sort_key)
    found: list[shapes.Listed] = []
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


def _marker(session: engine.Reading, project_id: str | None,
            origin: models.Origin, marker: str | None,
            sort_key: str) -> tuple[typing.Any, int] | None:
    if marker is None:
        return None
    row = db_pods.get_row(session, marker, project_id=project_id,
                          origin=origin)
    return getattr(row, sort_key), row.id


@functools.cache
def _page(read: tuple[str, ...], scoped: bool, origin: models.Origin,
          filters: tuple[str, ...], sort_key: str, descending: bool,
          after: bool) -> sa.Select:
    key, last = pods.c[sort_key], pods.c.id
    found = db_pods.select(read).where(pods.c.origin == origin)
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
