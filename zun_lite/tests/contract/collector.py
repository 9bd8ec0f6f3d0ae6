"""Takes what the reconciler reports, and lets a test wait for it."""
import collections
import threading
import time
import typing
from collections.abc import Callable

from zun_lite.pod import spec
from zun_lite.pod.status import ObservedPod
from zun_lite.pod.status import PodEvent
from zun_lite.pod.status import PodStatus

Predicate = Callable[[PodStatus], object]


class Seen(typing.NamedTuple):
    generation: int             # the desired one that was acted on
    status: PodStatus


# Told of the generation before, as nothing was done yet.
_ERRORS = frozenset({'EngineUnavailable', 'DriverError'})


def _about(seen: Seen, pod: spec.Pod) -> bool:
    return (seen.generation >= pod.generation
            or seen.status.reason in _ERRORS)


class Collector:
    """A reporter that forgets nothing."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.statuses: dict[str, list[Seen]] = collections.defaultdict(list)
        self.events: dict[str, list[PodEvent]] = (
            collections.defaultdict(list))
        self.gone_pods: dict[str, int] = {}

    # What the reconciler calls.

    def status(self, pod: spec.Pod, observed: ObservedPod) -> None:
        with self._changed:
            self.statuses[pod.uuid].append(
                Seen(pod.generation, observed.status))
            self._changed.notify_all()

    def event(self, uuid: str, event: PodEvent) -> None:
        with self._changed:
            self.events[uuid].append(event)
            self._changed.notify_all()

    def gone(self, pod: spec.Pod) -> None:
        with self._changed:
            self.gone_pods[pod.uuid] = pod.generation
            self._changed.notify_all()

    # What tests call.

    def latest(self, uuid: str) -> PodStatus:
        with self._changed:
            seen = self.statuses[uuid]
            return seen[-1].status if seen else PodStatus()

    def history(self, uuid: str) -> list[PodStatus]:
        with self._changed:
            return [seen.status for seen in self.statuses[uuid]]

    def wait_status(self, pod: spec.Pod, predicate: Predicate,
                    timeout_s: float) -> PodStatus | None:
        """The first status from now on, the present one included, that
        was seen for this generation of `pod` and fits; None: none came."""
        end = time.monotonic() + timeout_s
        with self._changed:
            at = max(0, len(self.statuses[pod.uuid]) - 1)
            while True:
                for seen in self.statuses[pod.uuid][at:]:
                    at += 1
                    if _about(seen, pod) and predicate(seen.status):
                        return seen.status
                if not self._changed.wait_for(
                        lambda at=at: len(self.statuses[pod.uuid]) > at,
                        end - time.monotonic()):
                    return None

    def wait_event(self, uuid: str,
                   predicate: Callable[[PodEvent], object],
                   timeout_s: float) -> PodEvent | None:
        def found() -> PodEvent | None:
            return next((e for e in self.events[uuid] if predicate(e)), None)
        with self._changed:
            return self._changed.wait_for(found, timeout_s)

    def wait_gone(self, pod: spec.Pod, timeout_s: float) -> bool:
        with self._changed:
            return bool(self._changed.wait_for(
                lambda: self.gone_pods.get(pod.uuid, 0) >= pod.generation,
                timeout_s))
