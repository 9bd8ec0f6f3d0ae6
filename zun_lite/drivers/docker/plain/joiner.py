"""Joining a plain container to its networks while it goes on."""
import docker.errors
import requests

from zun_lite import exceptions
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.network import Networks
from zun_lite.drivers.docker.network import Place
from zun_lite.pod import networks
from zun_lite.pod.spec import Pod

_REFUSALS = (requests.codes.bad_request, requests.codes.forbidden,
             requests.codes.conflict)


class Joiner:
    def __init__(self, engine: Engine, networks_: Networks):
        self._engine, self._networks = engine, networks_

    def join(self, pod: Pod, container_id: str) -> None:
        """Onto exactly the networks that it is to be on.

        :raises Conflict: an address or a subnet is taken.
        """
        with self._networks.joined(pod) as places:
            wanted = {place.name: place for place in places}
            there = self._there(container_id)
            for name in there.keys() - wanted.keys():
                self._disconnect(container_id, name)
            for name, place in wanted.items():
                if name in there and self._is_old(name, there[name]):
                    self._disconnect(container_id, name)
                    del there[name]
                if name not in there:
                    self._connect(container_id, place)
        for name in there.keys() - wanted.keys():
            self._networks.release(
                name if networks.network_of(name) else pod.project_id)

    def _there(self, container_id: str) -> dict[str, str]:
        """Ids of the networks it is on, by name."""
        body = self._engine.api.inspect_container(container_id)
        found = body['NetworkSettings'].get('Networks') or {}
        return {name: network['NetworkID']
                for name, network in found.items()}

    def _is_old(self, name: str, network_id: str) -> bool:
        """Whether the network was made anew since the container was on it;
        '': it has not been started there yet."""
        return bool(network_id) and network_id != str(
            self._engine.api.inspect_network(name)['Id'])

    def _disconnect(self, container_id: str, name: str) -> None:
        try:
            self._engine.api.disconnect_container_from_network(
                container_id, name, force=True)
        except docker.errors.NotFound:
            return                      # it, or the network, is gone
        except docker.errors.APIError as exc:
            if 'is not connected' not in explain(exc):
                raise

    def _connect(self, container_id: str, place: Place) -> None:
        try:
            self._engine.api.connect_container_to_network(
                container_id, place.name, ipv4_address=place.address)
        except docker.errors.APIError as exc:
            if exc.status_code not in _REFUSALS:
                raise
            raise exceptions.Conflict(
                f'A network cannot be joined: {explain(exc)}') from exc
