"""Queries about registries of projects, and which pods were told of them."""
import datetime
import re
import typing
import uuid as uuids
from collections.abc import Collection
from collections.abc import Mapping

import oslo_db.exception
import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import models
from zun_lite.db import sealing

registries = models.Registry.__table__
links = models.PodRegistry.__table__

FILTERS = ('name', 'domain', 'username', 'project_id', 'user_id')
_UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', re.I)


class RegistryRow(typing.NamedTuple):
    """A registry as stored, without its password."""
    id: int
    uuid: str
    project_id: str
    user_id: str
    name: str | None
    domain: str
    username: str | None


_COLUMNS = [registries.c[name] for name in RegistryRow._fields]


def _sealed(uuid: str, password: str | None) -> str | None:
    return password and sealing.seal(uuid, {'password': password})


def insert(session: orm.Session, *, project_id: str, user_id: str,
           name: str | None, domain: str, username: str | None,
           password: str | None) -> RegistryRow:
    """:raises Unavailable: there is no key to seal the password with."""
    uuid = str(uuids.uuid4())
    values = {'uuid': uuid, 'project_id': project_id, 'user_id': user_id,
              'name': name, 'domain': domain, 'username': username}
    result = session.execute(sa.insert(registries), values | {
        'password': _sealed(uuid, password), 'created_at': engine.now()})
    (found,) = result.inserted_primary_key  # type: ignore[attr-defined]
    return RegistryRow(id=found, **values)   # type: ignore[arg-type]


def resolve(session: orm.Session, project_id: str | None, ident: str, *,
            lock: bool = False) -> RegistryRow:
    """The registry with this UUID, or else the only one with this name.

    `project_id` None looks into all projects.

    :raises NotFound:
    :raises AmbiguousName: several have the name.
    """
    is_uuid = _UUID.fullmatch(ident) is not None
    found = sa.select(*_COLUMNS).where(
        registries.c.uuid == ident.lower() if is_uuid
        else registries.c.name == ident).order_by(registries.c.id).limit(2)
    if project_id is not None:
        found = found.where(registries.c.project_id == project_id)
    # PostgreSQL refuses to look for a NUL.
    rows = [] if '\0' in ident else session.execute(
        found.with_for_update() if lock else found).all()
    if not rows:
        raise exceptions.NotFound('There is no such registry in this project.')
    if len(rows) > 1:
        raise exceptions.AmbiguousName(
            'Several registries have this name; use the UUID.')
    return RegistryRow._make(rows[0])


def list_page(session: orm.Session, project_id: str | None, *,
              filters: Mapping[str, str], limit: int, marker: str | None,
              sort_key: str = 'id', descending: bool = False,
              ) -> list[RegistryRow]:
    """Up to `limit` after the one whose UUID is `marker`, in that order.

    :raises NotFound: there is no such marker (any more).
    """
    if any('\0' in value for value in filters.values()):
        return []
    key, last = registries.c[sort_key], registries.c.id
    found = sa.select(*_COLUMNS).where(
        *(registries.c[name] == value for name, value in filters.items()))
    if project_id is not None:
        found = found.where(registries.c.project_id == project_id)
    if marker is not None:
        after = resolve(session, project_id, marker)
        value = getattr(after, sort_key)
        beyond = key < value if descending else key > value
        tie = last < after.id if descending else last > after.id
        found = found.where(sa.or_(beyond, sa.and_(key == value, tie)))
    order = [key.desc(), last.desc()] if descending else [key, last]
    rows = session.execute(found.order_by(*order).limit(limit))
    return [RegistryRow._make(row) for row in rows]


def update(session: orm.Session, row: RegistryRow,
           given: Mapping[str, str]) -> RegistryRow:
    """Set some of name, domain, username and password.

    :raises Unavailable: there is no key to seal the password with.
    """
    columns: dict[str, typing.Any] = {**given}
    if 'password' in given:
        columns['password'] = _sealed(row.uuid, given['password'])
    session.execute(sa.update(registries).where(registries.c.id == row.id)
                    .values(updated_at=engine.now(), **columns))
    columns.pop('password', None)
    return row._replace(**columns)


def delete(session: orm.Session, row: RegistryRow) -> None:
    """:raises Conflict: containers were told to pull from it."""
    if session.scalar(sa.select(links.c.pod_id).where(
            links.c.registry_id == row.id).limit(1)) is not None:
        raise _in_use()
    try:
        session.execute(sa.delete(registries)
                        .where(registries.c.id == row.id))
    except oslo_db.exception.DBReferenceError:
        raise _in_use() from None


def _in_use() -> exceptions.Conflict:
    return exceptions.Conflict(
        'Containers use this registry; delete them first.')


def link(session: orm.Session, pod_id: int, uuid: str) -> None:
    """Note that a pod was told to pull from it, so that it stays.

    :raises NotFound: it is gone meanwhile.
    """
    found = sa.select(sa.literal(pod_id), registries.c.id).where(
        registries.c.uuid == uuid)
    try:
        made = session.execute(sa.insert(links).from_select(
            ['pod_id', 'registry_id'], found))
        there = bool(made.rowcount)         # type: ignore[attr-defined]
    except oslo_db.exception.DBReferenceError:
        there = False
    if not there:
        raise exceptions.NotFound('The registry was deleted meanwhile.')


class Credentials(typing.NamedTuple):
    """`domain` as it was given. `password` is still sealed."""
    uuid: str
    project_id: str
    domain: str
    username: str | None
    password: str | None
    created_at: datetime.datetime

    def opened(self) -> str:
        """:raises Unavailable: it cannot be decrypted."""
        return '' if self.password is None else sealing.unseal(
            self.uuid, self.password)['password']


def credentials(session: orm.Session, project_ids: Collection[str],
                ) -> list[Credentials]:
    """Those of some projects, oldest first."""
    rows = session.execute(
        sa.select(*(registries.c[name] for name in Credentials._fields))
        .where(registries.c.project_id.in_(project_ids),
               registries.c.username.is_not(None))
        .order_by(registries.c.id))
    return [Credentials._make(row) for row in rows]


def sealed(session: orm.Session, after_id: int,
           limit: int) -> list[tuple[int, str]]:
    """(id, sealed password), to be sealed anew."""
    rows = session.execute(
        sa.select(registries.c.id, registries.c.password)
        .where(registries.c.password.is_not(None),
               registries.c.id > after_id)
        .order_by(registries.c.id).limit(limit).with_for_update())
    return [(row[0], row[1]) for row in rows]


def put_sealed(session: orm.Session, registry_id: int, text: str) -> None:
    session.execute(sa.update(registries)
                    .where(registries.c.id == registry_id)
                    .values(password=text))
