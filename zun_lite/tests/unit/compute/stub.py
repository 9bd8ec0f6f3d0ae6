"""A driver small enough to see through, and a reporter that collects."""
import collections
import queue
import threading
import time
from collections.abc import Callable

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.pod import spec
from zun_lite.pod.states import Phase
from zun_lite.pod.status import ContainerState
from zun_lite.pod.status import ContainerStatus
from zun_lite.pod.status import ObservedPod
from zun_lite.pod.status import PodEvent
from zun_lite.pod.status import PodStatus
from zun_lite.pod.status import Running
from zun_lite.pod.status import Terminated

RUNS = ContainerState(running=Running(started_at='2026-01-31T12:00:00Z'))
ENDED = ContainerState(terminated=Terminated(exit_code=1, reason='Error'))


def pod(uuid: str = 'p1', generation: int = 1, desired: str = 'running', *,
        policy: str | None = None, grace: int | None = None,
        last_phase: str | None = None) -> spec.Pod:
    document = {'containers': [{'name': 'main', 'image': 'busybox:local'}]}
    if policy:
        document['restartPolicy'] = policy
    if grace is not None:
        document['terminationGracePeriodSeconds'] = grace
    return spec.Pod.model_validate(
        {'uuid': uuid, 'projectId': 'project', 'generation': generation,
         'desired': desired, 'metadata': {'name': uuid}, 'spec': document,
         'containerUuids': {'main': f'{uuid}-main'},
         **({'lastPhase': last_phase} if last_phase else {})}, strict=False)


def wait_for(condition: Callable[[], object], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError('it did not come true in time')
        time.sleep(0.002)


class StubDriver(base.PodDriver):
    """Pods are (generation, phase). `gate`: verbs wait for it to be set.

    `ended`: pods whose container has ended, until `ensure_pod`.
    """
    name = 'stub'
    fields = frozenset()

    def __init__(self) -> None:
        self.pods: dict[str, tuple[int, Phase]] = {}
        self.deployments: dict[str, str | None] = {}
        self.ended: set[str] = set()
        self.calls: list[tuple[str, str, int]] = []
        self.overlaps = 0
        self.error: Exception | None = None
        self.recheck_after_s: float | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.stop_takes = threading.Event()
        self.stop_takes.set()
        self.closed = False
        self._busy: collections.Counter[str] = collections.Counter()
        self._observations: queue.Queue[base.Observation | None] = (
            queue.Queue())

    def say(self, observation: base.Observation) -> None:
        self._observations.put(observation)

    def counts(self, verb: str) -> int:
        return sum(c[0] == verb for c in self.calls)

    def ensure_pod(self, pod: spec.Pod) -> ObservedPod:
        with self._call('ensure', pod.uuid, pod.generation):
            self.gate.wait(10)
            self.deployments[pod.uuid] = pod.deployment
            self.ended.discard(pod.uuid)
            self.pods.setdefault(pod.uuid, (pod.generation, Phase.RUNNING))
            if self.pods[pod.uuid][0] != pod.generation:
                self.pods[pod.uuid] = (pod.generation, Phase.RUNNING)
            return self._seen(pod.uuid)

    def stop_pod(self, pod: spec.Pod) -> ObservedPod | None:
        with self._call('stop', pod.uuid, pod.generation):
            self.stop_takes.wait(10)
            if pod.uuid not in self.pods:
                return None
            generation, _ = self.pods[pod.uuid]
            self.pods[pod.uuid] = (generation, Phase.STOPPED)
            return self._seen(pod.uuid)

    def delete_pod(self, uuid: str, *, grace_period_s: int) -> None:
        with self._call('delete', uuid, grace_period_s):
            self.stop_takes.wait(10)
            self.pods.pop(uuid, None)

    def pod_status(self, uuid: str) -> ObservedPod:
        with self._call('look', uuid, 0):
            if uuid not in self.pods:
                raise exceptions.PodNotFound
            return self._seen(uuid)

    def list_pods(self) -> list[ObservedPod]:
        self.calls.append(('list', '', 0))
        if self.error:
            raise self.error
        return [self._seen(uuid) for uuid in list(self.pods)]

    def watch(self):
        while (seen := self._observations.get()) is not None:
            if isinstance(seen, str):
                raise ValueError(seen)
            yield seen

    def inventory(self) -> base.Inventory:
        if self.error:
            raise self.error
        return base.Inventory(cpu_millis=2000, memory_bytes=2**30,
                              engine='stub 1')

    def close(self) -> None:
        self.closed = True
        self._observations.put(None)

    def _seen(self, uuid: str) -> ObservedPod:
        generation, phase = self.pods[uuid]
        return ObservedPod(
            uuid=uuid, project_id='project', generation=generation,
            status=PodStatus(phase=phase, container_statuses=(
                ContainerStatus(name='main', image='i', state=ENDED
                                if uuid in self.ended else RUNS),)),
            recheck_after_s=self.recheck_after_s,
            deployment=self.deployments.get(uuid))

    def _call(self, verb: str, uuid: str, number: int) -> '_Call':
        self.calls.append((verb, uuid, number))
        return _Call(self, uuid)


class _Call:
    def __init__(self, driver: StubDriver, uuid: str):
        self.driver, self.uuid = driver, uuid

    def __enter__(self) -> None:
        self.driver._busy[self.uuid] += 1
        self.driver.overlaps += self.driver._busy[self.uuid] > 1
        if self.driver.error:
            self.driver._busy[self.uuid] -= 1
            raise self.driver.error

    def __exit__(self, *error: object) -> None:
        self.driver._busy[self.uuid] -= 1


class Collected:
    """The reporter: everything it was told, and the newest of each pod."""

    def __init__(self) -> None:
        self.all: list[tuple[spec.Pod, ObservedPod]] = []
        self.newest: dict[str, ObservedPod] = {}
        self.events: list[tuple[str, PodEvent]] = []
        self.left: list[spec.Pod] = []

    def status(self, pod: spec.Pod, observed: ObservedPod) -> None:
        self.all.append((pod, observed))
        self.newest[pod.uuid] = observed

    def event(self, uuid: str, event: PodEvent) -> None:
        self.events.append((uuid, event))

    def gone(self, pod: spec.Pod) -> None:
        self.left.append(pod)

    def phase(self, uuid: str = 'p1') -> tuple[int, Phase] | None:
        seen = self.newest.get(uuid)
        return seen and (seen.generation, seen.status.phase)
