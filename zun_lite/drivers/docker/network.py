"""One bridge network a project, so that projects cannot reach each other.

The engine keeps bridges apart and lets containers on one bridge talk. Each
network gets a subnet of the configured pool, as the engine's own pools are
used up by some thirty networks. The bridge's name is fixed: the engine would
make two networks of one name when asked twice at once, but never two with
one bridge.
"""
import collections
import contextlib
import ipaddress
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

Subnet = ipaddress.IPv4Network

_TRIES = 50
_BRIDGE = 'com.docker.network.bridge'


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


def _subnets(network: dict[str, typing.Any]) -> Iterator[Subnet]:
    for config in network['IPAM'].get('Config') or ():
        try:
            yield ipaddress.IPv4Network(config['Subnet'])
        except (KeyError, ValueError):
            continue                        # IPv6, or none at all


class Networks:
    """Makes and removes the networks of one agent's projects."""

    def __init__(self, engine: Engine, settings: Settings, host: str):
        self._engine, self._settings, self._host = engine, settings, host
        self._known: set[str] = set()
        self._making = threading.Lock()
        self._turn = threading.Condition()
        self._users: collections.Counter[str] = collections.Counter()
        self._removing: set[str] = set()

    @contextlib.contextmanager
    def held(self, project: str) -> Iterator[str]:
        """The project's network, made if need be; not removed meanwhile.

        :raises docker.errors.APIError: it cannot be made.
        :raises Conflict: the pool is used up.
        """
        with self._turn:
            self._turn.wait_for(lambda: project not in self._removing)
            self._users[project] += 1
        try:
            yield self._ensure(project)
        finally:
            with self._turn:
                self._users[project] -= 1

    def release(self, project: str) -> None:
        """Remove the network unless a pod runs on it or is being made.

        The engine itself refuses where something is connected.
        """
        with self._turn:
            if self._users[project] or project in self._removing:
                return
            del self._users[project]
            self._removing.add(project)
        try:
            self._known.discard(project)
            self._engine.api.remove_network(names.network(
                self._host, project))
        except docker.errors.APIError as exc:
            if exc.status_code not in (403, 404, 409):
                raise
        finally:
            with self._turn:
                self._removing.discard(project)
                self._turn.notify_all()

    def forget(self, project: str) -> None:
        """Somebody removed it behind our back."""
        self._known.discard(project)

    def projects(self) -> set[str]:
        """Whose networks are there."""
        found = self._engine.api.networks(filters=labels.owned(self._host))
        return {n['Labels'].get(labels.PROJECT, '') for n in found}

    def _ensure(self, project: str) -> str:
        name = names.network(self._host, project)
        if project in self._known:
            return name
        with self._making:
            if project not in self._known and not self._exists(name):
                self._make(project, name)
            self._known.add(project)
        return name

    def _exists(self, name: str) -> bool:
        return any(network['Name'] == name for network
                   in self._engine.api.networks(names=[name]))

    def _make(self, project: str, name: str) -> None:
        refusal = 'the pool [docker]project_network_pool is used up'
        for subnet in self._candidates(name):
            try:
                self._engine.api.create_network(
                    name, driver='bridge', check_duplicate=True,
                    ipam={'Driver': 'default',
                          'Config': [{'Subnet': str(subnet)}]},
                    labels={labels.HOST: self._host,
                            labels.PROJECT: project},
                    options={
                        f'{_BRIDGE}.name': names.bridge(self._host, project),
                        f'{_BRIDGE}.enable_icc': 'true'})
                return
            except docker.errors.APIError as exc:
                if self._exists(name):
                    return                  # somebody else was first
                refusal = explain(exc)
                if 'overlap' not in refusal:
                    raise
        raise exceptions.Conflict(
            f"The project's network cannot be made: {refusal}.")

    def _candidates(self, name: str) -> Iterator[Subnet]:
        taken = [subnet for network in self._engine.api.networks()
                 for subnet in _subnets(network)]
        found = candidates(
            self._settings.project_network_pool,
            self._settings.project_network_prefix, taken,
            int(name.rpartition('-')[2], 16))
        for _, subnet in zip(range(_TRIES), found, strict=False):
            yield subnet
