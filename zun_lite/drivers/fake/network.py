"""Simulated networks: who listens on which port, and who reaches whom."""
import ipaddress
import itertools
from collections.abc import Callable
from collections.abc import Mapping

from zun_lite import exceptions
from zun_lite.pod import spec
from zun_lite.pod.networks import Joined

Answer = Callable[[str], tuple[int, bytes]]     # path -> status and body


def wanted(pod: spec.Pod) -> Mapping[str, Joined | None]:
    """What a pod is to be on, by key; None: the project's own."""
    asked = pod.plain.networks if pod.plain is not None else None
    if asked is None:
        return {pod.project_id: None}
    return {pod.project_id if one.cidr is None else one.network:
            None if one.cidr is None else one for one in asked}


class PodNetwork:
    """What the containers of one pod share: addresses and their ports."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[Bridge, str]] = {}
        self.hosts: dict[str, str] = {'localhost': '127.0.0.1'}
        self.listeners: dict[int, Answer] = {}

    @property
    def address(self) -> str:
        """The first; '' where it is on no network."""
        return next((address for _, address in self.places.values()), '')

    def listen(self, port: int, answer: Answer) -> bool:
        """False: the port is taken."""
        return self.listeners.setdefault(port, answer) is answer

    def reach(self, host: str, port: int) -> Answer | None:
        """What answers there, as seen from this pod; None: nothing."""
        host = self.hosts.get(host, host)
        if host.startswith('127.'):
            return self.listeners.get(port)
        for bridge, _ in self.places.values():
            other = bridge.pods.get(host)
            if other is not None:
                return other.listeners.get(port)
        return None


class Bridge:
    """What is not on it cannot be reached. `project`: whose it is."""

    def __init__(self, project: str, subnet: ipaddress.IPv4Network):
        self.project = project
        # The first address is the gateway's.
        self._addresses = itertools.islice(subnet.hosts(), 1, None)
        self.pods: dict[str, PodNetwork] = {}

    def join(self, pod: PodNetwork, address: str | None) -> str:
        chosen = address or next(
            found for found in map(str, self._addresses)
            if found not in self.pods)
        self.pods[chosen] = pod
        return chosen


class Networks:
    """The bridges of an engine; one exists while it has pods. By project,
    or by the id of a network that a project made."""

    def __init__(self) -> None:
        self._numbers = itertools.count(64)
        self.bridges: dict[str, Bridge] = {}

    def settle(self, pod: PodNetwork, project: str,
               asked: Mapping[str, Joined | None]) -> None:
        """Bring a pod onto exactly these.

        :raises Conflict: another has the address.
        """
        new = {key: joined for key, joined in asked.items()
               if key not in pod.places}
        for key, joined in new.items():
            if joined and joined.address and key in self.bridges and (
                    joined.address in self.bridges[key].pods):
                raise exceptions.Conflict('Address already in use')
        for key in [key for key in pod.places if key not in asked]:
            self._leave(key, pod)
        for key, joined in new.items():
            bridge = self._bridge(key, project, joined)
            pod.places[key] = bridge, bridge.join(
                pod, joined.address if joined else None)

    def _bridge(self, key: str, project: str,
                joined: Joined | None) -> Bridge:
        if key not in self.bridges:
            cidr = (joined.cidr if joined and joined.cidr else
                    f'10.{next(self._numbers) % 256}.0.0/16')
            self.bridges[key] = Bridge(
                project, ipaddress.IPv4Network(cidr))
        return self.bridges[key]

    def _leave(self, key: str, pod: PodNetwork) -> None:
        bridge, address = pod.places.pop(key)
        bridge.pods.pop(address, None)
        if not bridge.pods:
            del self.bridges[key]
