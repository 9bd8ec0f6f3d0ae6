"""Queries about hosts: registration, heartbeats, pages and summaries."""
import datetime
import functools
import json
import threading
import time
import typing
import uuid
from collections.abc import Iterable
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import models
from zun_lite.pod import host as pod_host

hosts = models.Host.__table__

LIVE_CACHE_S = 1.0


class HostRow(typing.NamedTuple):
    """A host as stored. Documents are JSON text, times naive UTC."""
    id: int
    uuid: str
    name: str
    driver: str
    state: models.HostState
    epoch: int
    heartbeat_at: datetime.datetime
    engine_error: str | None
    cpu_millis: int
    memory_bytes: int
    max_pods: int
    cpu_millis_claimed: int
    memory_bytes_claimed: int
    pods_claimed: int
    labels: str
    inventory: str
    capabilities: str
    created_at: datetime.datetime
    disabled: bool
    disabled_reason: str | None
    forced_down: bool
    report_count: int

    @property
    def up(self) -> bool:
        return self.state is models.HostState.LIVE and not self.forced_down


_COLUMNS = [hosts.c[name] for name in HostRow._fields]

_SUMMARY = sa.select(
    hosts.c.name, hosts.c.driver, hosts.c.cpu_millis, hosts.c.memory_bytes,
    hosts.c.max_pods, hosts.c.cpu_millis_claimed,
    hosts.c.memory_bytes_claimed, hosts.c.pods_claimed, hosts.c.labels,
    hosts.c.capabilities, hosts.c.state, hosts.c.engine_error,
    hosts.c.inventory, hosts.c.disabled, hosts.c.forced_down,
).order_by(hosts.c.id)


class Inventory(typing.NamedTuple):
    """The columns that an agent's inventory fills."""
    cpu_millis: int
    memory_bytes: int
    labels: str
    inventory: str

    @classmethod
    def of(cls, found: Mapping[str, typing.Any]) -> 'Inventory':
        return cls(found['cpu_millis'], found['memory_bytes'],
                   json.dumps(found.get('labels') or {}), json.dumps(found))


def _capabilities(names: Iterable[str]) -> str:
    # Sorted, so that hosts of one driver share one parsed set.
    return json.dumps(sorted(names))


def register(session: orm.Session, *, name: str, driver: str,
             inventory: Mapping[str, typing.Any], max_pods: int,
             capabilities: Iterable[str]) -> int:
    """Begin a new epoch of a host, known or not; the epoch.

    :raises DBDuplicateEntry: another registration was first; try again.
    """
    values = {
        'driver': driver, 'state': models.HostState.LIVE,
        'heartbeat_at': engine.now(), 'engine_error': None,
        'max_pods': max_pods, 'capabilities': _capabilities(capabilities),
        **Inventory.of(inventory)._asdict()}
    changed = session.execute(
        sa.update(hosts).where(hosts.c.name == name)
        .values(epoch=hosts.c.epoch + 1, **values))
    if changed.rowcount:                    # type: ignore[attr-defined]
        return session.execute(
            sa.select(hosts.c.epoch).where(hosts.c.name == name)).scalar_one()
    session.execute(sa.insert(hosts), {
        'uuid': str(uuid.uuid4()), 'name': name, 'epoch': 1,
        'cpu_millis_claimed': 0, 'memory_bytes_claimed': 0,
        'pods_claimed': 0, 'created_at': engine.now(), **values})
    return 1


def check_epoch(session: orm.Session, name: str, epoch: int, *,
                lock: bool = False) -> models.HostState:
    """The state of a host whose agent is of this epoch.

    :raises HostNotFound: it never registered, or was removed.
    :raises StaleEpoch: a newer agent has registered.
    """
    found = sa.select(hosts.c.epoch, hosts.c.state).where(
        hosts.c.name == name)
    row = session.execute(found.with_for_update() if lock else found).first()
    if row is None:
        raise exceptions.HostNotFound(
            f'The host {name} is not registered (any more).')
    if row.epoch != epoch:
        raise exceptions.StaleEpoch()
    return row.state


class Beat(typing.NamedTuple):
    """`returned`: it had been silent. `changed`: it may take other pods."""
    returned: bool
    changed: bool


def heartbeat(session: orm.Session, name: str, epoch: int, *,
              inventory: Mapping[str, typing.Any] | None,
              capabilities: Iterable[str],
              engine_error: str | None) -> Beat:
    """Note that a host's agent lives; without an inventory keep the last.

    :raises HostNotFound: as `check_epoch`.
    :raises StaleEpoch: as `check_epoch`.
    """
    check_epoch(session, name, epoch, lock=True)
    before = get(session, name)
    values: dict[str, typing.Any] = {
        'engine_error': engine_error,
        'capabilities': _capabilities(capabilities)}
    if inventory is not None:
        values |= Inventory.of(inventory)._asdict()
    changed = {key: value for key, value in values.items()
               if value != getattr(before, key)}
    session.execute(
        sa.update(hosts).where(hosts.c.id == before.id)
        .values(state=models.HostState.LIVE, heartbeat_at=engine.now(),
                report_count=hosts.c.report_count + 1, **changed))
    returned = before.state is models.HostState.SILENT
    return Beat(returned, returned or bool(changed))


def get(session: orm.Session, ident: str) -> HostRow:
    """The host with this name or UUID.

    :raises HostNotFound:
    """
    rows = session.execute(sa.select(*_COLUMNS).where(
        sa.or_(hosts.c.name == ident, hosts.c.uuid == ident))).all()
    if not rows:
        raise exceptions.HostNotFound()
    named = [row for row in rows if row.name == ident]
    return HostRow._make((named or rows)[0])


SORT_KEYS = ('id', 'uuid', 'name')


def list_page(session: orm.Session, limit: int | None = 100,
              marker: str | None = None, *, sort_key: str = 'id',
              descending: bool = False) -> list[HostRow]:
    """Up to `limit` hosts after the one whose UUID or name is `marker`.

    `sort_key`: one of `SORT_KEYS`; by id is the order in which they first
    registered.
    :raises HostNotFound: there is no host `marker` (any more).
    """
    key = hosts.c[sort_key]
    found = sa.select(*_COLUMNS).order_by(
        key.desc() if descending else key).limit(limit)
    if marker is not None:
        try:
            last = getattr(get(session, marker), sort_key)
            found = found.where(key < last if descending else key > last)
        except exceptions.HostNotFound:
            raise exceptions.HostNotFound(
                'There is no host of this marker (any more).') from None
    return [HostRow._make(row) for row in session.execute(found)]


@functools.lru_cache(maxsize=1024)
def _labels(text: str) -> Mapping[str, str]:
    return json.loads(text)


@functools.lru_cache(maxsize=1024)
def _nodes(inventory: str) -> pod_host.NodeLabels | None:
    found = json.loads(inventory).get('nodes')
    return found and pod_host.NodeLabels(found['common'],
                                         tuple(found['sets']))


@functools.lru_cache(maxsize=64)
def _names(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def summaries(session: orm.Session) -> list[pod_host.HostSummary]:
    """Every host as it is now, silent ones included."""
    return [pod_host.HostSummary(
        *row[:8], labels=_labels(row.labels),
        capabilities=_names(row.capabilities), engine_error=row.engine_error,
        live=row.state is models.HostState.LIVE and not row.forced_down,
        disabled=row.disabled, nodes=_nodes(row.inventory))
        for row in session.execute(_SUMMARY)]


class _LiveCache:
    """The last answer of `live`, for a moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = float('-inf')
        self._found: list[pod_host.HostSummary] = []

    def get(self, session: orm.Session) -> list[pod_host.HostSummary]:
        with self._lock:
            if time.monotonic() - self._read_at >= LIVE_CACHE_S:
                self._found = [s for s in summaries(session) if s.live]
                self._read_at = time.monotonic()
            return self._found

    def clear(self) -> None:
        with self._lock:
            self._read_at = float('-inf')


_live = _LiveCache()


def live(session: orm.Session) -> list[pod_host.HostSummary]:
    """The live hosts, as they were at most `LIVE_CACHE_S` ago.

    For checks of capabilities; placement reads `summaries`.
    """
    return _live.get(session)


def forget_live() -> None:
    """Let the next `live` ask the database: another one is used now."""
    _live.clear()


def _quiet(before: datetime.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(hosts.c.state == models.HostState.LIVE,
                   hosts.c.heartbeat_at < before)


def quiet(session: orm.Session, before: datetime.datetime) -> list[str]:
    """Names of the live hosts that were not heard from since `before`."""
    return list(session.execute(
        sa.select(hosts.c.name).where(_quiet(before))
        .order_by(hosts.c.id)).scalars())


def silence(session: orm.Session, before: datetime.datetime) -> list[str]:
    """Mark the quiet hosts as silent; the names of those that now are."""
    return [name for name in quiet(session, before) if session.execute(
        sa.update(hosts).where(hosts.c.name == name, _quiet(before))
        .values(state=models.HostState.SILENT)
    ).rowcount]                             # type: ignore[attr-defined]


def in_state(session: orm.Session, state: models.HostState) -> list[str]:
    """Names of the hosts in a state."""
    return list(session.execute(
        sa.select(hosts.c.name).where(hosts.c.state == state)
        .order_by(hosts.c.id)).scalars())


def lock_state(session: orm.Session, name: str) -> models.HostState | None:
    """A host's state, which stays until the transaction ends."""
    return session.execute(
        sa.select(hosts.c.state).where(hosts.c.name == name)
        .with_for_update()).scalar_one_or_none()


def remove(session: orm.Session, name: str) -> None:
    """Forget a host that is silent or was forced down, and has no pods.

    :raises HostNotFound: there is none of that name.
    :raises Conflict: it is live, or pods are bound to it.
    """
    if lock_state(session, name) is None:
        raise exceptions.HostNotFound(f'There is no host {name}.')
    found = get(session, name)
    if found.up:
        raise exceptions.Conflict(
            f'Host {name} is live; stop its compute agent first, or force it '
            'down.')
    if found.pods_claimed:
        raise exceptions.Conflict(
            f'Pods are bound to host {name}; delete them first, by force '
            'where the host is gone for good.')
    session.execute(sa.delete(models.Image.__table__).where(
        models.Image.__table__.c.host == name))
    session.execute(sa.delete(hosts).where(hosts.c.name == name))
