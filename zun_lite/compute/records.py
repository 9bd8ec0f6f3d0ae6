"""What the agent holds in memory: each pod as desired and as last seen."""
import collections
import dataclasses
import itertools
import threading
from collections.abc import Iterable

from zun_lite.pod import spec
from zun_lite.pod import status
from zun_lite.pod.states import Phase

REMEMBERED = 10_000     # pods that are gone, kept against late messages


@dataclasses.dataclass(slots=True)
class Record:
    """`handed` orders hand-overs; `shown` is what was last reported, for
    generation `acted`; `engine` what the driver last returned."""
    pod: spec.Pod
    handed: int
    request_id: str | None = None
    engine: status.ObservedPod | None = None
    shown: status.PodStatus | None = None
    acted: int = 0

    @property
    def last_phase(self) -> Phase | None:
        """Last seen in the present generation; None: nothing yet."""
        if self.shown is not None and self.acted == self.pod.generation:
            return self.shown.phase
        return self.pod.last_phase


class Records:
    """Newest desired state of every pod; older hand-overs are ignored.

    A pod that is gone is remembered by generation only, so that a late
    message of its past cannot bring it back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}
        self._gone: collections.OrderedDict[str, int] = (
            collections.OrderedDict())
        self._ticket = itertools.count(1)

    def get(self, uuid: str) -> Record | None:
        return self._records.get(uuid)

    def all(self) -> list[Record]:
        with self._lock:
            return list(self._records.values())

    def ticket(self) -> int:
        """A number between the hand-overs before and those after."""
        with self._lock:
            return next(self._ticket)

    def put(self, pod: spec.Pod, request_id: str | None = None) -> bool:
        """Hold `pod`; False: it is older than what is held or gone."""
        with self._lock:
            if pod.generation <= self._gone.get(pod.uuid, 0) \
                    and pod.desired != 'absent':
                return False
            held = self._records.get(pod.uuid)
            if held is None:
                self._records[pod.uuid] = Record(
                    pod, next(self._ticket), request_id)
                return True
            held.handed = next(self._ticket)
            if pod.generation < held.pod.generation:
                return False
            held.pod = pod
            held.request_id = request_id or held.request_id
            return True

    def observe(self, record: Record, pod: spec.Pod,
                engine: status.ObservedPod | None,
                shown: status.PodStatus | None) -> None:
        """Keep what was seen after acting on `pod`."""
        with self._lock:
            record.engine, record.shown = engine, shown
            record.acted = pod.generation

    def drop(self, record: Record, pod: spec.Pod) -> bool:
        """Forget a pod that is gone; False: a newer desire has come."""
        with self._lock:
            if record.pod.generation > pod.generation:
                return False
            self._records.pop(pod.uuid, None)
            self._gone[pod.uuid] = pod.generation
            while len(self._gone) > REMEMBERED:
                self._gone.popitem(last=False)
            return True

    def is_gone(self, uuid: str) -> bool:
        """Whether it was removed by this agent, as its owner asked."""
        return uuid in self._gone

    def abandon(self, record: Record) -> bool:
        """Let go of a pod that no record wants; it may come back."""
        with self._lock:
            held = self._records.get(record.pod.uuid)
            if held is record:
                del self._records[record.pod.uuid]
            return held is record

    def unwanted(self, wanted: Iterable[str], before: int) -> list[Record]:
        """Held pods that are not `wanted` and were handed over `before`."""
        wanted = frozenset(wanted)
        with self._lock:
            return [r for uuid, r in self._records.items()
                    if uuid not in wanted and r.handed < before]
