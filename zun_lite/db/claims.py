"""What placed pods set aside on their hosts.

A host's `_claimed` columns always equal the sum over its pods: whatever
binds a pod to a host or removes a bound one does both in one transaction.
Everybody locks pods first, in the order of their ids, then the usages of
projects, and hosts after them.
"""
import collections
import typing
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import hosts as db_hosts
from zun_lite.db import models
from zun_lite.db import pods as db_pods
from zun_lite.db import quotas
from zun_lite.pod import states

hosts = db_hosts.hosts
pods = db_pods.pods


class HostFull(Exception):
    """The host cannot take the pod (any more); roll the transaction back."""


class PodTaken(Exception):
    """The pod has a host, or is not to run (any more)."""


class Placed(typing.Protocol):
    """The columns of a pod that claims are made of; see `PodRow`."""
    @property
    def id(self) -> int: ...
    @property
    def host(self) -> str | None: ...
    @property
    def cpu_millis(self) -> int: ...
    @property
    def memory_bytes(self) -> int: ...


_bind = (
    sa.update(pods)
    .where(pods.c.id == sa.bindparam('pod_id'), pods.c.host.is_(None),
           pods.c.desired.in_(states.TO_PLACE))
    .values(host=sa.bindparam('to_host'), status=sa.bindparam('to_status')))

_cpu: sa.BindParameter[int] = sa.bindparam('cpu')
_memory: sa.BindParameter[int] = sa.bindparam('memory')
_count: sa.BindParameter[int] = sa.bindparam('pod_count')

_take = (
    sa.update(hosts)
    .where(hosts.c.name == sa.bindparam('to_host'),
           hosts.c.state == models.HostState.LIVE,
           ~hosts.c.disabled, ~hosts.c.forced_down,
           hosts.c.engine_error.is_(None),
           # What asks for none of it fits even where it is overdrawn.
           sa.or_(_cpu == 0,
                  hosts.c.cpu_millis_claimed + _cpu <= hosts.c.cpu_millis),
           sa.or_(_memory == 0, hosts.c.memory_bytes_claimed + _memory
                  <= hosts.c.memory_bytes),
           hosts.c.pods_claimed + _count <= hosts.c.max_pods)
    .values(cpu_millis_claimed=hosts.c.cpu_millis_claimed + _cpu,
            memory_bytes_claimed=hosts.c.memory_bytes_claimed + _memory,
            pods_claimed=hosts.c.pods_claimed + _count))


_every = sa.select(hosts.c.id).order_by(hosts.c.name).with_for_update()


def claim(session: orm.Session, pod: Placed, host: str, status: str, *,
          alone: bool = False) -> None:
    """Bind a pod that has no host to one that has room for it.

    `status`: the pod's new status text. Two statements, whose conditions
    the database checks, so of two who want one room only one gets it. Who
    binds to the same host meanwhile waits for the end of the transaction;
    `alone`: whoever binds to any.

    :raises PodTaken: nothing was changed.
    :raises HostFull: the caller must roll back, as by letting it through.
    """
    # connection(): an ORM session would look at the parameters twice.
    bound = session.connection().execute(_bind, {
        'pod_id': pod.id, 'to_host': host, 'to_status': status})
    if not bound.rowcount:
        raise PodTaken
    if alone:
        session.connection().execute(_every).all()
    _claim(session, host, [pod])


def claim_all(session: orm.Session, chosen: Mapping[str, Sequence[Placed]],
              status: str) -> set[int]:
    """`claim` for pods by host; the ids of those that are bound now.

    Pods that have a host by now, or are not to run, are left out. Two
    statements for each host and one more.

    :raises HostFull: one of the hosts; the caller must roll back.
    """
    locked = db_pods.lock(
        session, [pod.id for found in chosen.values() for pod in found],
        [pods.c.id, pods.c.host, pods.c.desired])
    free = {row.id for row in locked
            if row.host is None and row.desired in states.TO_PLACE}
    for host, found in sorted(chosen.items()):
        bound = [pod for pod in found if pod.id in free]
        if bound:
            session.execute(
                sa.update(pods).where(
                    pods.c.id.in_([pod.id for pod in bound]))
                .values(host=host, status=status))
            _claim(session, host, bound)
    return free


def _claim(session: orm.Session, host: str, bound: Sequence[Placed]) -> None:
    taken = session.connection().execute(_take, {
        'to_host': host, 'pod_count': len(bound),
        'cpu': sum(pod.cpu_millis for pod in bound),
        'memory': sum(pod.memory_bytes for pod in bound)})
    if not taken.rowcount:
        raise HostFull


def resize(session: orm.Session, host: str, cpu_millis: int,
           memory_bytes: int, *, checked: bool = True) -> None:
    """Claim so much more (or less) for a pod that the caller has locked.

    :raises Conflict: there is no room; only where `checked`.
    """
    change = sa.update(hosts).where(hosts.c.name == host).values(
        cpu_millis_claimed=hosts.c.cpu_millis_claimed + cpu_millis,
        memory_bytes_claimed=hosts.c.memory_bytes_claimed + memory_bytes)
    if checked and cpu_millis > 0:
        change = change.where(hosts.c.cpu_millis_claimed + cpu_millis
                              <= hosts.c.cpu_millis)
    if checked and memory_bytes > 0:
        change = change.where(hosts.c.memory_bytes_claimed + memory_bytes
                              <= hosts.c.memory_bytes)
    if not session.connection().execute(change).rowcount:
        raise exceptions.Conflict('The host has no room for that.')


def release(session: orm.Session, *gone: Placed) -> None:
    """Give back what pods claimed; remove their rows in this transaction.

    Pods without a host have nothing to give. One statement a host.
    """
    amounts: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0, 0])
    for pod in gone:
        if pod.host is not None:
            amount = amounts[pod.host]
            amount[0] += pod.cpu_millis
            amount[1] += pod.memory_bytes
            amount[2] += 1
    for host, (cpu, memory, count) in sorted(amounts.items()):
        session.execute(
            sa.update(hosts).where(hosts.c.name == host).values(
                cpu_millis_claimed=hosts.c.cpu_millis_claimed - cpu,
                memory_bytes_claimed=hosts.c.memory_bytes_claimed - memory,
                pods_claimed=hosts.c.pods_claimed - count))


def remove(session: orm.Session, gone: Iterable[Placed]) -> None:
    """Remove pods, which the caller has locked, and what they claimed of
    hosts and of their project's quota."""
    gone = list(gone)
    if gone:
        quotas.release(session, [pod.id for pod in gone])
        session.execute(
            sa.delete(pods).where(pods.c.id.in_([pod.id for pod in gone])))
        release(session, *gone)


class Difference(typing.NamedTuple):
    """Claims of a host as (cpu_millis, memory_bytes, pods)."""
    host: str
    recorded: tuple[int, int, int]
    actual: tuple[int, int, int]


def differences(session: orm.Session) -> list[Difference]:
    """Hosts whose claims are not the sum over their pods: there are none.

    One statement, so that it sees one moment.
    """
    def total(column: sa.ColumnElement) -> sa.ColumnElement:
        return sa.func.coalesce(sa.func.sum(column), 0)
    found = (
        sa.select(hosts.c.name, hosts.c.cpu_millis_claimed,
                  hosts.c.memory_bytes_claimed, hosts.c.pods_claimed,
                  total(pods.c.cpu_millis), total(pods.c.memory_bytes),
                  sa.func.count(pods.c.id))
        .select_from(hosts.outerjoin(pods, pods.c.host == hosts.c.name))
        .group_by(hosts.c.id, hosts.c.name, hosts.c.cpu_millis_claimed,
                  hosts.c.memory_bytes_claimed, hosts.c.pods_claimed))
    rows = [Difference._make((row[0], tuple(row[1:4]),
                              tuple(int(n) for n in row[4:])))
            for row in session.execute(found)]
    return [row for row in rows if row.recorded != row.actual]
