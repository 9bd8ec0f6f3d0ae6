"""Joining containers to networks, and taking them off."""
import typing

from sqlalchemy import orm

from zun_lite import db
from zun_lite import exceptions
from zun_lite.context import RequestContext
from zun_lite.db import containers as db_containers
from zun_lite.db import networks as db_networks
from zun_lite.db import pods
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import containers
from zun_lite.lifecycle import networks
from zun_lite.lifecycle import transitions
from zun_lite.pod.networks import Joined
from zun_lite.pod.states import Action
from zun_lite.pod.states import Desired
from zun_lite.pod.states import TERMINAL
from zun_lite.zun import networks as zun_networks
from zun_lite.zun.networks import Net

NETWORK, ADDRESS = 'network', 'fixed_ip'


def joined(row: pods.PodRow) -> list[Joined]:
    """The networks that a container is to be on."""
    told = db_containers.plain(row).get('networks')
    if told is None:
        return [zun_networks.own(row.project_id)]
    return [Joined.model_validate(one) for one in told]


@db.retry
def attach(ctx: RequestContext, ident: str, network: str | None,
           address: str | None) -> pods.PodRow:
    """Join a container to a network of its project; None: to its own.

    :raises Invalid: there is none, it is joined, or the address is no good.
    :raises NotSupported: the driver cannot.
    """
    with db.writer() as session:
        row = _find(session, ctx, ident, Action.NETWORK_ATTACH)
        (new,) = networks.resolve(session, row.project_id, [
            Net(network, address, NETWORK, ADDRESS)])
        before = joined(row)
        if any(one.network == new.network for one in before):
            raise exceptions.Invalid(fields=[FieldError(
                NETWORK, 'is joined already')])
        networks.join(session, row.id, [new])
        return _write(session, ctx, row, Action.NETWORK_ATTACH,
                      [*before, new])


@db.retry
def detach(ctx: RequestContext, ident: str, *, network: str | None,
           port: str | None) -> pods.PodRow:
    """Take a container off a network.

    :raises NetworkNotFound: the project has no such network.
    :raises Invalid: the container is not on it.
    :raises NotSupported: the driver cannot.
    """
    with db.writer() as session:
        row = _find(session, ctx, ident, Action.NETWORK_DETACH)
        before = joined(row)
        old = (_network(session, row, network) if network is not None
               else _at(row, before, port or ''))
        after = [one for one in before if one.network != old]
        if len(after) == len(before):
            raise exceptions.Invalid(fields=[FieldError(
                NETWORK, 'the container is not on it')])
        db_networks.leave(session, row.id, old)
        return _write(session, ctx, row, Action.NETWORK_DETACH, after)


def _find(session: orm.Session, ctx: RequestContext, ident: str,
          action: Action) -> pods.PodRow:
    row = containers.find(session, ctx, ident, action.value, lock=True)
    transitions.refuse_leaving(row)
    containers.check_driver(session, row, Action.NETWORKS)
    return row


def _network(session: orm.Session, row: pods.PodRow, ident: str) -> str:
    own = zun_networks.default(row.project_id)
    if ident == own:
        return own
    return db_networks.get(session, row.project_id, ident).uuid


def _at(row: pods.PodRow, before: typing.Sequence[Joined],
        port: str) -> str:
    for one in before:
        if port == zun_networks.port(row.uuid, one.network, row.project_id):
            return one.network
    raise exceptions.Invalid(fields=[FieldError(
        'port', 'is no place of this container on a network')])


def _write(session: orm.Session, ctx: RequestContext, row: pods.PodRow,
           action: Action, after: typing.Sequence[Joined]) -> pods.PodRow:
    changed = 'joined' if action is Action.NETWORK_ATTACH else 'left'
    # One that has ended is not to run again for it.
    desired = Desired.STOPPED if row.phase in TERMINAL else row.desired
    return containers.advance(session, ctx, row, action, desired, {
        changed: row.generation + 1,
        'networks': [one.model_dump(exclude_none=True) for one in after]})
