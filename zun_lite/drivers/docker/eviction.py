"""Volumes on disk that outgrow their sizeLimit.

The engine cannot limit a directory, so what the volumes hold is measured now
and then, as the kubelet does, and a pod that exceeds a limit is evicted.
"""
import logging
import threading
from collections.abc import Callable

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers.docker import volumes
from zun_lite.drivers.docker.client import Engine
from zun_lite.pod.spec import Pod

LOG = logging.getLogger(__name__)


def over_limit(pods: list[Pod], sizes: dict[str, int]) -> dict[str, str]:
    """Pods to evict and the volume that is too large. `sizes`: by name."""
    found = {}
    for pod in pods:
        for name, limit in volumes.limits(pod).items():
            if sum(sizes.get(volumes.name(pod, name, part), 0)
                   for part in volumes.parts(pod, name)) > limit:
                found[pod.uuid] = name
    return found


class Evictor:
    """Measures while some pod has a limit; `evict(uuid, volume)` is told."""

    def __init__(self, engine: Engine, pods: Callable[[], list[Pod]],
                 evict: Callable[[str, str], None], interval_s: float):
        self._engine, self._pods, self._evict = engine, pods, evict
        self._interval_s = interval_s
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def notice(self, pod: Pod) -> None:
        """A pod is there: begin to measure if it has limits."""
        if self._thread is None and volumes.limits(pod):
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._run, name='docker-evictor', daemon=True)
                    self._thread.start()

    def close(self) -> None:
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(self._interval_s):
            limited = [pod for pod in self._pods() if volumes.limits(pod)]
            if not limited:
                continue
            try:
                self._measure(limited)
            except (exceptions.EngineUnavailable,
                    docker.errors.APIError) as exc:
                LOG.warning('The volumes cannot be measured: %s', exc)

    def _measure(self, limited: list[Pod]) -> None:
        sizes = {v['Name']: (v.get('UsageData') or {}).get('Size', 0)
                 for v in self._engine.api.df().get('Volumes') or ()}
        for uuid, volume in over_limit(limited, sizes).items():
            self._evict(uuid, volume)
