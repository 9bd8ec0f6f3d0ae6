"""Queries about the images that hosts are to hold."""
import datetime
import typing
import uuid as uuids

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import hosts as db_hosts
from zun_lite.db import models
from zun_lite.pod.states import ImageState

images = models.Image.__table__

SORT_KEYS = ('id', 'uuid', 'repo', 'tag', 'host', 'project_id')
WAITING = (ImageState.PULLING, ImageState.COMMITTING, ImageState.DELETING)


class ImageRow(typing.NamedTuple):
    """An image of a host as stored."""
    id: int
    uuid: str
    project_id: str
    user_id: str
    host: str
    repo: str
    tag: str
    state: ImageState
    reason: str | None
    generation: int
    image_id: str | None
    size: int | None
    created_at: datetime.datetime
    updated_at: datetime.datetime

    @property
    def name(self) -> str:
        """repository:tag, or repository@digest."""
        return f'{self.repo}{"@" if ":" in self.tag else ":"}{self.tag}'


_COLUMNS = [images.c[name] for name in ImageRow._fields]


def get(session: orm.Session, uuid: str, *, lock: bool = False) -> ImageRow:
    """:raises ImageNotFound:"""
    asked = sa.select(*_COLUMNS).where(images.c.uuid == uuid)
    # PostgreSQL refuses to look for a NUL.
    row = (session.execute(asked.with_for_update() if lock else asked).first()
           if '\0' not in uuid else None)
    if row is None:
        raise exceptions.ImageNotFound()
    return ImageRow._make(row)


def find(session: orm.Session, host: str, repo: str,
         tag: str) -> ImageRow | None:
    """The image of that name on a host, locked."""
    row = session.execute(sa.select(*_COLUMNS).where(
        images.c.host == host, images.c.repo == repo, images.c.tag == tag,
    ).with_for_update()).first()
    return None if row is None else ImageRow._make(row)


def insert(session: orm.Session, **columns: typing.Any) -> ImageRow:
    now = engine.now()
    values = {'uuid': str(uuids.uuid4()), 'reason': None, 'generation': 1,
              'image_id': None, 'size': None, 'created_at': now,
              'updated_at': now, **columns}
    result = session.execute(sa.insert(images), values)
    (found,) = result.inserted_primary_key  # type: ignore[attr-defined]
    return ImageRow(id=found, **values)


def ask(session: orm.Session, row: ImageRow, state: ImageState) -> ImageRow:
    """Want something else of it."""
    changes: dict[str, typing.Any] = {
        'state': state, 'reason': None, 'generation': row.generation + 1,
        'updated_at': engine.now()}
    session.execute(sa.update(images).where(images.c.id == row.id)
                    .values(**changes))
    return row._replace(**changes)


def finish(session: orm.Session, host: str, uuid: str, generation: int, *,
           state: ImageState | None, image_id: str | None = None,
           size: int | None = None, reason: str | None = None) -> bool:
    """Write down what came of it; `state` None: the host has it no more.

    What was asked for since counts more. False: that was so.
    """
    ours = sa.and_(images.c.host == host, images.c.uuid == uuid,
                   images.c.generation == generation)
    if state is None:
        return _hit(session.execute(sa.delete(images).where(ours)))
    changes: dict[str, typing.Any] = {
        'state': state, 'reason': reason, 'updated_at': engine.now()}
    if image_id is not None:
        changes |= {'image_id': image_id, 'size': size}
    return _hit(session.execute(
        sa.update(images).where(ours).values(**changes)))


def _hit(result: sa.Result[typing.Any]) -> bool:
    return bool(result.rowcount)    # type: ignore[attr-defined]


def waiting(session: orm.Session, before: datetime.datetime, after_id: int,
            limit: int) -> list[ImageRow]:
    """What live hosts have not answered to since `before`, by id."""
    hosts = db_hosts.hosts
    rows = session.execute(
        sa.select(*_COLUMNS).join(hosts, hosts.c.name == images.c.host)
        .where(images.c.state.in_(WAITING), images.c.id > after_id,
               images.c.updated_at <= before,
               hosts.c.state == models.HostState.LIVE)
        .order_by(images.c.id).limit(limit))
    return [ImageRow._make(row) for row in rows]


def list_page(session: orm.Session, *, limit: int, marker: str | None,
              sort_key: str = 'id', descending: bool = False,
              ) -> list[ImageRow]:
    """Up to `limit` after the one whose UUID is `marker`, in that order.

    :raises NotFound: no such marker (any more).
    """
    key, last = images.c[sort_key], images.c.id
    asked = sa.select(*_COLUMNS)
    if marker is not None:
        after = _marker(session, marker)
        value = getattr(after, sort_key)
        beyond = key < value if descending else key > value
        tie = last < after.id if descending else last > after.id
        asked = asked.where(sa.or_(beyond, sa.and_(key == value, tie)))
    order = [key.desc(), last.desc()] if descending else [key, last]
    rows = session.execute(asked.order_by(*order).limit(limit))
    return [ImageRow._make(row) for row in rows]


def _marker(session: orm.Session, marker: str) -> ImageRow:
    try:
        return get(session, marker)
    except exceptions.ImageNotFound:
        raise exceptions.NotFound('There is no image of this marker '
                                  '(any more).') from None
