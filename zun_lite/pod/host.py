"""A host as placement and validation see it: plain values, no row."""
import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class NodeLabels:
    """Labels of the machines of an engine that has several and chooses
    among them itself: those that all of them have, and each different set
    of others that some have."""
    common: Mapping[str, str] = dataclasses.field(default_factory=dict)
    sets: tuple[Mapping[str, str], ...] = ()

    def satisfy(self, selector: Mapping[str, str]) -> bool:
        """Whether one of the machines has all of it."""
        rest = {key: value for key, value in selector.items()
                if self.common.get(key) != value}
        return any(rest.items() <= one.items() for one in self.sets)

    def values(self, key: str) -> frozenset[str]:
        """What the machines that have this label have for it."""
        return frozenset(one[key] for one in (self.common, *self.sets)
                         if key in one)


@dataclasses.dataclass(frozen=True, slots=True)
class HostSummary:
    """What a host has to give, and how much of that is set aside.

    `live`: its agent was heard from lately, and nobody forced it down.
    `disabled`: an administrator wants no new pods there. `engine_error`: why
    its engine cannot take pods now; None: it can.
    """
    name: str
    driver: str
    cpu_millis: int
    memory_bytes: int
    max_pods: int
    cpu_millis_claimed: int = 0
    memory_bytes_claimed: int = 0
    pods_claimed: int = 0
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    capabilities: frozenset[str] = frozenset()
    nodes: NodeLabels | None = None     # None: the host is one machine
    live: bool = True
    disabled: bool = False
    engine_error: str | None = None

    @property
    def takes_pods(self) -> bool:
        return self.live and not self.disabled

    @property
    def cpu_millis_free(self) -> int:
        """Negative where the host shrank below what is claimed."""
        return self.cpu_millis - self.cpu_millis_claimed

    @property
    def memory_bytes_free(self) -> int:
        return self.memory_bytes - self.memory_bytes_claimed

    @property
    def pods_free(self) -> int:
        return self.max_pods - self.pods_claimed

    def claimed(self, cpu_millis: int, memory_bytes: int) -> 'HostSummary':
        """The host with one more pod on it."""
        return dataclasses.replace(
            self, cpu_millis_claimed=self.cpu_millis_claimed + cpu_millis,
            memory_bytes_claimed=self.memory_bytes_claimed + memory_bytes,
            pods_claimed=self.pods_claimed + 1)
