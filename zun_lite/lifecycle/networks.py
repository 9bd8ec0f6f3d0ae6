"""What requests do to the networks of projects, and who is on them."""
import ipaddress
import random
from collections.abc import Iterable
from collections.abc import Sequence

import oslo_db.exception
from sqlalchemy import orm

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.context import RequestContext
from zun_lite.db import networks
from zun_lite.exceptions import FieldError
from zun_lite.pod.networks import Joined
from zun_lite.zun import networks as zun_networks
from zun_lite.zun.networks import Net

Subnet = ipaddress.IPv4Network
_TRIES = 3              # others may take the same subnet meanwhile


def create(ctx: RequestContext, name: str,
           cidr: str | None = None) -> networks.NetworkRow:
    """A network of the caller's project.

    `cidr`: its subnet, in [networks] pool; None: any that is free.

    :raises Invalid: `cidr` is none, or not in the pool.
    :raises Conflict: the name or the subnet is taken, or the pool used up.
    :raises Forbidden: the project has as many as it may.
    """
    asked = _subnet(cidr) if cidr is not None else None
    for _ in range(_TRIES):
        try:
            return _insert(ctx, name, asked)
        except oslo_db.exception.DBDuplicateEntry as exc:
            if not any('cidr' in column for column in exc.columns):
                raise exceptions.Conflict(
                    'The project has a network of this name.') from None
    raise _overlap()


def delete(ctx: RequestContext, ident: str) -> None:
    """Remove a network that nobody is on.

    :raises NetworkNotFound:
    :raises Conflict: containers are on it.
    """
    try:
        _delete(ctx, ident)
    except oslo_db.exception.DBReferenceError:
        raise _used() from None


def resolve(session: orm.Session, project_id: str,
            asked: Iterable[Net]) -> list[Joined]:
    """The networks that were named, which must be the project's.

    :raises Invalid: with the path of each that cannot be joined.
    """
    found: list[Joined] = []
    faults: list[FieldError] = []
    for net in asked:
        joined = _resolve(session, project_id, net)
        if isinstance(joined, Joined) and joined.network in {
                other.network for other in found}:
            joined = FieldError(net.path, 'is joined already')
        if isinstance(joined, FieldError):
            faults.append(joined)
        else:
            found.append(joined)
    if faults:
        raise exceptions.Invalid('The networks cannot be joined.',
                                 fields=faults)
    return found


def join(session: orm.Session, pod_id: int,
         joined: Sequence[Joined]) -> None:
    """Note that a pod is on these networks, in the same transaction.

    :raises Invalid: another request was faster.
    """
    try:
        networks.join(session, pod_id, [
            networks.Place(networks.get(session, None, one.network).id,
                           one.address)
            for one in joined if one.cidr is not None])
    except (exceptions.NetworkNotFound, oslo_db.exception.DBReferenceError,
            oslo_db.exception.DBDuplicateEntry):
        raise exceptions.Invalid(
            'A network was deleted or its address taken meanwhile; ask '
            'again.') from None


def _resolve(session: orm.Session, project_id: str,
             net: Net) -> Joined | FieldError:
    joined = zun_networks.own(project_id)
    if net.network not in (None, joined.network):
        try:
            row = networks.get(session, project_id, net.network or '')
        except exceptions.NetworkNotFound:
            return FieldError(net.path, zun_networks.UNKNOWN)
        if net.address and networks.is_taken(session, row.id, net.address):
            return FieldError(net.address_path, 'is in use')
        joined = Joined(network=row.uuid, cidr=row.cidr, address=net.address)
    fault = net.address and zun_networks.address_fault(net.address,
                                                       joined.cidr)
    return FieldError(net.address_path, fault) if fault else joined


def _subnet(cidr: str) -> Subnet:
    pool = ipaddress.IPv4Network(CONF.networks.pool)
    try:
        found = ipaddress.IPv4Network(cidr)
    except ValueError as exc:
        raise exceptions.Invalid(fields=[FieldError(
            'cidr', f'must be an IPv4 subnet such as {pool}: {exc}',
            )]) from None
    if not found.subnet_of(pool) or found.prefixlen > 29:  # noqa: PLR2004
        raise exceptions.Invalid(fields=[FieldError(
            'cidr', f'must be a part of {pool}, and no smaller than a /29')])
    return found


def _free(taken: Sequence[Subnet]) -> Subnet:
    """A random one: hosts that several services share see no two alike."""
    pool = ipaddress.IPv4Network(CONF.networks.pool)
    prefix = max(CONF.networks.prefix, pool.prefixlen)
    count, size = 2 ** (prefix - pool.prefixlen), 2 ** (32 - prefix)
    start = random.randrange(count)                          # noqa: S311
    for index in range(count):
        first = pool.network_address + (start + index) % count * size
        found = ipaddress.IPv4Network((first, prefix))
        if not any(found.overlaps(other) for other in taken):
            return found
    raise exceptions.Conflict('The pool [networks] pool is used up.')


def _overlap() -> exceptions.Conflict:
    return exceptions.Conflict(
        'The subnet overlaps another network; leave `cidr` out to get one '
        'that is free.')


def _used() -> exceptions.Conflict:
    return exceptions.Conflict(
        'Containers are on this network; detach or delete them first.')


@db.retry
def _insert(ctx: RequestContext, name: str,
            asked: Subnet | None) -> networks.NetworkRow:
    project = ctx.project_id or ''
    with db.writer() as session:
        if networks.count(session, project) >= CONF.networks.max_per_project:
            raise exceptions.Forbidden(
                'The project may have at most '
                f'{CONF.networks.max_per_project} networks.')
        taken = networks.subnets(session)
        if asked is not None and any(asked.overlaps(o) for o in taken):
            raise _overlap()
        return networks.insert(
            session, uuid=networks.new_uuid(), project_id=project,
            user_id=ctx.user_id or '', name=name,
            cidr=str(asked or _free(taken)))


@db.retry
def _delete(ctx: RequestContext, ident: str) -> None:
    with db.writer() as session:
        row = networks.get(session, ctx.project_filter, ident, lock=True)
        if networks.is_used(session, row):
            raise _used()
        networks.delete(session, row)
