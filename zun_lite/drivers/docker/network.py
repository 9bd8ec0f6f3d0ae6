"""Bridge networks: one a project, and those that projects make.

Projects cannot reach each other, nor what is on different networks of one.

The engine keeps bridges apart and lets containers on one bridge talk. Each
network gets a subnet of the configured pool, as the engine's own pools are
used up by some thirty networks. The bridge's name is fixed: the engine would
make two networks of one name when asked twice at once, but never two with
one bridge. A network that a project made has the same subnet everywhere.

Keys tell networks apart: a project's own by the project, the others by what
engines call them.
"""
import collections
import contextlib
import ipaddress
import pathlib
import threading
import typing
from collections.abc import Iterator

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.settings import Settings
from zun_lite.pod import networks
from zun_lite.pod.networks import Joined
from zun_lite.pod.spec import Pod

Subnet = ipaddress.IPv4Network

_TRIES = 50
_BRIDGE = 'com.docker.network.bridge'
_ROUTES = pathlib.Path('/proc/net/route')       # of Linux: IPv4's


def candidates(pool: str, prefix: int, taken: list[Subnet],
               start: int) -> Iterator[Subnet]:
    """Free subnets of the pool, beginning at number `start`, all around."""
    whole = ipaddress.IPv4Network(pool)
    count = 2 ** max(0, prefix - whole.prefixlen)
    size = 2 ** (32 - prefix)
    for index in range(count):
        first = whole.network_address + (start + index) % count * size
        subnet = ipaddress.IPv4Network((first, prefix))
        if not any(subnet.overlaps(other) for other in taken):
            yield subnet


def routed(routes: str, pool: str, besides: str) -> Iterator[Subnet]:
    """What of the pool this machine has routes to, in the words of
    /proc/net/route, but by the interface `besides`.

    A bridge that an engine left behind is one, whatever else is on the
    machine another: with two routes a pod's address may lead to neither.
    Wider routes, as a VPN's to 10.0.0.0/8, give way to a bridge's own.
    """
    whole = ipaddress.IPv4Network(pool)
    for line in routes.splitlines()[1:]:
        interface, destination, *_, mask = line.split()[:8]
        address, bits = (int.from_bytes(bytes.fromhex(word), 'little')
                         for word in (destination, mask))
        found = ipaddress.IPv4Network((address, bits.bit_count()))
        if interface != besides and found != whole and found.subnet_of(whole):
            yield found


def _subnets(network: dict[str, typing.Any]) -> Iterator[Subnet]:
    for config in network['IPAM'].get('Config') or ():
        try:
            yield ipaddress.IPv4Network(config['Subnet'])
        except (KeyError, ValueError):
            continue                        # IPv6, or none at all


class Place(typing.NamedTuple):
    """A network by name, and the address to have there; None: any."""
    name: str
    address: str | None = None


def keys(pod: Pod) -> dict[str, Joined | None]:
    """What a pod is to be on, in order; None: its project's own."""
    asked = pod.plain.networks if pod.plain is not None else None
    if asked is None:
        return {pod.project_id: None}
    return {pod.project_id if one.cidr is None
            else networks.engine_name(one.network):
            one if one.cidr else None for one in asked}


def marks(pod: Pod) -> dict[str, str]:
    """Labels of an object that leads to a pod which names its networks."""
    if pod.plain is None or pod.plain.networks is None:
        return {}
    return {labels.NETWORKS: ','.join(keys(pod))}


class Networks:
    """Makes and removes the networks of one agent's pods."""

    def __init__(self, engine: Engine, settings: Settings, host: str):
        self._engine, self._settings, self._host = engine, settings, host
        self._known: set[str] = set()
        self._making = threading.Lock()
        self._turn = threading.Condition()
        self._users: collections.Counter[str] = collections.Counter()
        self._removing: set[str] = set()

    @contextlib.contextmanager
    def joined(self, pod: Pod) -> Iterator[list[Place]]:
        """All that a pod is to be on; as `held`."""
        with contextlib.ExitStack() as stack:
            yield [Place(
                stack.enter_context(self.held(pod.project_id, joined)),
                joined.address if joined else None)
                for joined in keys(pod).values()]

    @contextlib.contextmanager
    def held(self, project: str, joined: Joined | None = None,
             ) -> Iterator[str]:
        """The project's network, made if need be; not removed meanwhile.

        `joined`: one that the project made.

        :raises docker.errors.APIError: it cannot be made.
        :raises Conflict: the pool is used up, or the subnet is taken.
        """
        key = project if joined is None else networks.engine_name(
            joined.network)
        with self._turn:
            self._turn.wait_for(lambda: key not in self._removing)
            self._users[key] += 1
        try:
            yield self._ensure(key, project, joined)
        finally:
            with self._turn:
                self._users[key] -= 1

    def release(self, key: str) -> None:
        """Remove the network unless a pod runs on it or is being made.

        The engine itself refuses where something is connected.
        """
        with self._turn:
            # Another removal may be refused because of what has just gone.
            self._turn.wait_for(lambda: key not in self._removing)
            if self._users[key]:
                return
            del self._users[key]
            self._removing.add(key)
        try:
            self._known.discard(key)
            self._engine.api.remove_network(self._name(key))
        except docker.errors.APIError as exc:
            if exc.status_code not in (403, 404, 409):
                raise
        finally:
            with self._turn:
                self._removing.discard(key)
                self._turn.notify_all()

    def forget(self, pod: Pod) -> None:
        """Somebody may have removed one of its networks behind our back."""
        self._known.difference_update(keys(pod))

    def there(self) -> set[str]:
        """The keys of the networks on the engine."""
        found = self._engine.api.networks(filters=labels.owned(self._host))
        return {n['Labels'].get(labels.NETWORK)
                or n['Labels'].get(labels.PROJECT, '') for n in found}

    def _name(self, key: str) -> str:
        return (key if networks.network_of(key)
                else names.network(self._host, key))

    def _ensure(self, key: str, project: str, joined: Joined | None) -> str:
        name = self._name(key)
        if key in self._known:
            return name
        with self._making:
            if key not in self._known and not self._exists(name):
                self._make(project, name, joined)
            self._known.add(key)
        return name

    def _exists(self, name: str) -> bool:
        return any(network['Name'] == name for network
                   in self._engine.api.networks(names=[name]))

    def _make(self, project: str, name: str, joined: Joined | None) -> None:
        refusal = 'the pool [docker]project_network_pool is used up'
        marked, bridge = {}, names.bridge(self._host, project)
        if joined is not None:
            marked = {labels.NETWORK: name}
            bridge = names.bridge_of(joined.network)
        for subnet in self._candidates(name, bridge, joined):
            try:
                self._engine.api.create_network(
                    name, driver='bridge', check_duplicate=True,
                    ipam={'Driver': 'default',
                          'Config': [{'Subnet': str(subnet)}]},
                    labels={labels.HOST: self._host,
                            labels.PROJECT: project, **marked},
                    options={
                        f'{_BRIDGE}.name': bridge,
                        f'{_BRIDGE}.enable_icc': 'true'})
                return
            except docker.errors.APIError as exc:
                if self._exists(name):
                    return                  # somebody else was first
                refusal = explain(exc)
                if 'overlap' not in refusal:
                    raise
        raise exceptions.Conflict(
            f'The network cannot be made: {refusal}.')

    def _candidates(self, name: str, bridge: str,
                    joined: Joined | None) -> Iterator[Subnet]:
        if joined is not None:
            yield ipaddress.IPv4Network(joined.cidr)
            return
        taken = [subnet for network in self._engine.api.networks()
                 for subnet in _subnets(network)]
        pool = self._settings.project_network_pool
        with contextlib.suppress(OSError):      # no Linux
            taken += routed(_ROUTES.read_text(), pool, bridge)
        found = candidates(
            pool, self._settings.project_network_prefix, taken,
            int(name.rpartition('-')[2], 16))
        for _, subnet in zip(range(_TRIES), found, strict=False):
            yield subnet
