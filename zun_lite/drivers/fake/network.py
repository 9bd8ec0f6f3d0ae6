"""Simulated networks: who listens on which port, and who reaches whom."""
import itertools
from collections.abc import Callable

Answer = Callable[[str], tuple[int, bytes]]     # path -> status and body


class PodNetwork:
    """What the containers of one pod share: an address and its ports."""

    def __init__(self, project: 'ProjectNetwork', address: str):
        self.project, self.address = project, address
        self.hosts: dict[str, str] = {'localhost': '127.0.0.1'}
        self.listeners: dict[int, Answer] = {}

    def listen(self, port: int, answer: Answer) -> bool:
        """False: the port is taken."""
        return self.listeners.setdefault(port, answer) is answer

    def reach(self, host: str, port: int) -> Answer | None:
        """What answers there, as seen from this pod; None: nothing."""
        host = self.hosts.get(host, host)
        if host.startswith('127.'):
            return self.listeners.get(port)
        other = self.project.pods.get(host)
        return other.listeners.get(port) if other else None


class ProjectNetwork:
    """One bridge; what is not on it cannot be reached."""

    def __init__(self, number: int):
        self._number = number
        self._addresses = itertools.count(2)
        self.pods: dict[str, PodNetwork] = {}

    def join(self) -> PodNetwork:
        count = next(self._addresses)
        address = f'10.{self._number % 256}.{count // 256}.{count % 256}'
        self.pods[address] = PodNetwork(self, address)
        return self.pods[address]

    def leave(self, pod: PodNetwork) -> None:
        self.pods.pop(pod.address, None)


class Networks:
    """The project networks of an engine; one exists while it has pods."""

    def __init__(self) -> None:
        self._numbers = itertools.count(64)
        self.projects: dict[str, ProjectNetwork] = {}

    def join(self, project_id: str) -> PodNetwork:
        if project_id not in self.projects:
            self.projects[project_id] = ProjectNetwork(next(self._numbers))
        return self.projects[project_id].join()

    def leave(self, project_id: str, pod: PodNetwork) -> None:
        project = self.projects[project_id]
        project.leave(pod)
        if not project.pods:
            del self.projects[project_id]
