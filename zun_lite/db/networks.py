"""Queries about the networks of projects, and the pods on them."""
import datetime
import ipaddress
import typing
import uuid as uuids
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import models

networks = models.Network.__table__
pod_networks = models.PodNetwork.__table__


class NetworkRow(typing.NamedTuple):
    """A network as stored."""
    id: int
    uuid: str
    project_id: str
    user_id: str
    name: str
    cidr: str
    created_at: datetime.datetime


_COLUMNS = [networks.c[name] for name in NetworkRow._fields]


def get(session: orm.Session, project_id: str | None, ident: str, *,
        lock: bool = False) -> NetworkRow:
    """The network with this UUID, or else of this name.

    `project_id` None: of any project, by its UUID.

    :raises NetworkNotFound:
    """
    asked = sa.select(*_COLUMNS).where(networks.c.uuid == ident)
    if project_id is not None:
        asked = sa.select(*_COLUMNS).where(
            networks.c.project_id == project_id,
            sa.or_(networks.c.uuid == ident, networks.c.name == ident))
    # PostgreSQL refuses to look for a NUL.
    rows = (session.execute(asked.with_for_update() if lock else asked).all()
            if '\0' not in ident else [])
    if not rows:
        raise exceptions.NetworkNotFound()
    exact = [row for row in rows if row.uuid == ident]
    return NetworkRow._make((exact or rows)[0])


def list_page(session: orm.Session, project_id: str | None, *, limit: int,
              marker: str | None) -> list[NetworkRow]:
    """Up to `limit` after the one whose UUID is `marker`.

    :raises NetworkNotFound: no such marker (any more).
    """
    asked = sa.select(*_COLUMNS)
    if project_id is not None:
        asked = asked.where(networks.c.project_id == project_id)
    if marker is not None:
        asked = asked.where(
            networks.c.id > get(session, project_id, marker).id)
    rows = session.execute(asked.order_by(networks.c.id).limit(limit))
    return [NetworkRow._make(row) for row in rows]


def insert(session: orm.Session, **columns: typing.Any) -> NetworkRow:
    values = {'created_at': engine.now(), **columns}
    result = session.execute(sa.insert(networks), values)
    (found,) = result.inserted_primary_key  # type: ignore[attr-defined]
    return NetworkRow(id=found, **values)


def new_uuid() -> str:
    return str(uuids.uuid4())


def delete(session: orm.Session, row: NetworkRow) -> None:
    session.execute(sa.delete(networks).where(networks.c.id == row.id))


def count(session: orm.Session, project_id: str) -> int:
    """How many a project has."""
    return session.execute(
        sa.select(sa.func.count()).select_from(networks)
        .where(networks.c.project_id == project_id)).scalar_one()


def subnets(session: orm.Session) -> list[ipaddress.IPv4Network]:
    """Those of every project's networks."""
    return [ipaddress.IPv4Network(cidr) for cidr in session.execute(
        sa.select(networks.c.cidr)).scalars()]


# Pods on them

class Place(typing.NamedTuple):
    network_id: int
    address: str | None


def join(session: orm.Session, pod_id: int, places: Sequence[Place]) -> None:
    """Note that a pod is on these networks."""
    if places:
        session.execute(sa.insert(pod_networks), [
            {'pod_id': pod_id, **place._asdict()} for place in places])


def leave(session: orm.Session, pod_id: int, network: str) -> None:
    """Note that a pod is on the network of that UUID no more."""
    found = sa.select(networks.c.id).where(networks.c.uuid == network)
    session.execute(sa.delete(pod_networks).where(
        pod_networks.c.pod_id == pod_id,
        pod_networks.c.network_id == found.scalar_subquery()))


def is_used(session: orm.Session, row: NetworkRow) -> bool:
    """Whether any pod is on it."""
    return session.execute(sa.select(pod_networks.c.pod_id).where(
        pod_networks.c.network_id == row.id).limit(1)).first() is not None


def is_taken(session: orm.Session, network_id: int, address: str) -> bool:
    """Whether a pod has the address for its own there."""
    return session.execute(sa.select(pod_networks.c.pod_id).where(
        pod_networks.c.network_id == network_id,
        pod_networks.c.address == address)).first() is not None
