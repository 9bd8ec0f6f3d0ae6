"""The fake driver: the whole contract over the simulated engine."""
import queue
import typing
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.fake import containers
from zun_lite.drivers.fake import engine as engines
from zun_lite.drivers.fake import holding
from zun_lite.drivers.fake import joining
from zun_lite.drivers.fake import member
from zun_lite.drivers.fake import reading
from zun_lite.drivers.fake import sandbox
from zun_lite.drivers.fake import streaming
from zun_lite.pod import features
from zun_lite.pod import spec
from zun_lite.pod import status

# Of probes: what only a network, or a real server, could tell.
_NOT_SIMULATED = ('httpGet.host', 'httpGet.httpHeaders',
                  'httpGet.scheme=HTTPS', 'tcpSocket.host')


class Pods(reading.Reading, base.PodDriver):
    """The core verbs. `engine` outlives the driver, as a real one does;
    `back_off` shortens what the kubelet would wait. Optional groups are
    declared by a subclass, so that tests can have a driver that lacks some.
    """
    name: typing.ClassVar[str] = 'fake'
    fields: typing.ClassVar[frozenset[str]] = frozenset(
        name for name in features.fields(
            *features.FIRST, features.OWN_FIELDS, features.SIDECARS,
            features.AFFINITY, features.CONFIGS, features.OWN_FILES,
            features.PROJECTED, features.MESSAGES, features.DNS,
            features.SUB_PATH, features.POD_SECURITY)
        if not name.endswith(_NOT_SIMULATED))

    def __init__(self, engine: engines.Engine | None = None, *,
                 back_off: member.BackOff | None = None, host: str = ''):
        self.host = host
        self.engine = engine or engines.Engine()
        self.back_off = back_off or member.BackOff()
        self._seen: queue.SimpleQueue[base.Observation | None] = (
            queue.SimpleQueue())
        self.engine.watchers.append(self._seen)

    def ensure_pod(self, pod: spec.Pod) -> status.ObservedPod:
        return self._bring(pod, held=False)

    def _bring(self, pod: spec.Pod, *, held: bool) -> status.ObservedPod:
        self.engine.answer()
        with self.engine.loop.lock:
            found = self.engine.pods.get(pod.uuid)
            if found is not None and _goes_on(found, pod):
                found.go_on(pod)
            kept = found.volumes if found is not None and pod.plain else {}
            if found is not None and found.pod.generation != pod.generation:
                self._remove(found, pod.spec.grace_period_s)
                found = None
            if found is None:
                found = sandbox.Sandbox(self.engine, pod, self.back_off,
                                        self.host)
                found.volumes.update(kept)
                self.engine.pods[pod.uuid] = found
            found.pod = pod       # what it refers to may be new
            found.held = held
            found.advance()
            return found.observed()

    def stop_pod(self, pod: spec.Pod) -> status.ObservedPod | None:
        self.engine.answer()
        with self.engine.loop.lock:
            found = self.engine.pods.get(pod.uuid)
            if found is None:
                return None
            if not found.stopped:
                found.end(pod.spec.grace_period_s)
            return found.observed()

    def delete_pod(self, uuid: str, *, grace_period_s: int) -> None:
        self.engine.answer()
        with self.engine.loop.lock:
            found = self.engine.pods.get(uuid)
            if found is not None:
                self._remove(found, grace_period_s)

    def _remove(self, found: sandbox.Sandbox, grace_period_s: int) -> None:
        if not found.stopped:
            found.end(grace_period_s)
        self.engine.pods.pop(found.pod.uuid, None)

    def pod_status(self, uuid: str) -> status.ObservedPod:
        self.engine.answer()
        with self.engine.loop.lock:
            return self._pod(uuid).observed()

    def _pod(self, uuid: str) -> sandbox.Sandbox:
        found = self.engine.pods.get(uuid)
        if found is None:
            raise exceptions.PodNotFound('The engine has no such pod.')
        return found

    def list_pods(self) -> list[status.ObservedPod]:
        self.engine.answer()
        with self.engine.loop.lock:
            return [p.observed() for p in self.engine.pods.values()
                    if p.host == self.host]

    def watch(self) -> Iterator[base.Observation]:
        while (observation := self._seen.get()) is not None:
            yield observation

    def inventory(self) -> base.Inventory:
        self.engine.answer()
        return base.Inventory(
            cpu_millis=self.engine.cpu_millis,
            memory_bytes=self.engine.memory_bytes, engine='Fake 1.0',
            architecture='x86_64', os_type='linux', os='Fake',
            kernel_version='6.1.0-fake')

    def close(self) -> None:
        if self._seen in self.engine.watchers:
            self.engine.watchers.remove(self._seen)
        self._seen.put(None)


def _goes_on(found: sandbox.Sandbox, pod: spec.Pod) -> bool:
    """Whether a newer generation is no reason to make it anew."""
    return (pod.plain is not None
            and found.pod.generation >= pod.plain.made)


class FakeDriver(streaming.Streaming, Pods, containers.Containers,
                 holding.Holding, joining.Joining, base.SplitLogs, base.Top,
                 base.Stats):
    """Every verb, every field."""
