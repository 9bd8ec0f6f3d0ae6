"""What one driver object remembers of its pods; all of it can be lost."""
import collections
import contextlib
import dataclasses
import threading
from collections.abc import Iterator

from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.drivers.docker.waiting import Retry
from zun_lite.pod.spec import Pod
from zun_lite.pod.status import Condition


@dataclasses.dataclass(slots=True)
class PodMemory:
    """`waiting`, `retries`: by container's name, '' is the sandbox.

    `started`: ids of containers that this driver started. `unhooked`: of
    those whose postStart is still to begin. `unhealthy`: of those that were
    ended because of a probe. `backed_off`: of those whose
    back-off was told as an event. `messages`: what ended containers left,
    by id. `left`: networks that it was on, as what led to them is removed.
    """
    pod: Pod | None = None
    waiting: dict[str, NotYet] = dataclasses.field(default_factory=dict)
    retries: dict[str, Retry] = dataclasses.field(default_factory=dict)
    started: set[str] = dataclasses.field(default_factory=set)
    unhooked: set[str] = dataclasses.field(default_factory=set)
    unhealthy: set[str] = dataclasses.field(default_factory=set)
    backed_off: set[str] = dataclasses.field(default_factory=set)
    conditions: tuple[Condition, ...] = ()
    messages: dict[str, str] = dataclasses.field(default_factory=dict)
    supplied: tuple[str, str] = ('', '')    # sandbox's id, digest of files
    evicted: str | None = None      # the volume that outgrew its limit
    refused: int = 0    # generation in which a plain one could not be started
    left: set[str] = dataclasses.field(default_factory=set)

    def turn_to(self, pod: Pod) -> bool:
        """Take in what is asked now; whether it is another generation."""
        new = self.pod is None or self.pod.generation != pod.generation
        self.pod = pod
        if new:
            self.evicted = None
            self.settle()
        return new

    def settle(self) -> None:
        """What kept the pod waiting is of no more interest."""
        self.retries.clear()
        self.waiting.clear()

    def keep(self, run_ids: set[str]) -> None:
        """Forget containers that are no more."""
        self.started &= run_ids
        self.unhooked &= run_ids
        self.unhealthy &= run_ids
        self.backed_off &= run_ids
        self.messages = {i: text for i, text in self.messages.items()
                         if i in run_ids}


class Memory:
    """By pod. Each entry is used by one thread at a time, as its pod is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pods: dict[str, PodMemory] = {}
        self._committed: collections.Counter[str] = collections.Counter()

    @contextlib.contextmanager
    def committing(self, uuid: str) -> Iterator[None]:
        """Meanwhile an image is made of it, for which the engine freezes
        it. For any thread."""
        with self._lock:
            self._committed[uuid] += 1
        try:
            yield
        finally:
            with self._lock:
                self._committed[uuid] -= 1
                self._committed += collections.Counter()    # no zeros

    def committed(self) -> frozenset[str]:
        with self._lock:
            return frozenset(self._committed)

    def of(self, uuid: str) -> PodMemory:
        with self._lock:
            return self._pods.setdefault(uuid, PodMemory())

    def forget(self, uuid: str) -> None:
        with self._lock:
            self._pods.pop(uuid, None)

    def pods(self) -> list[Pod]:
        """The pods whose documents are known here."""
        with self._lock:
            return [m.pod for m in self._pods.values() if m.pod is not None]
