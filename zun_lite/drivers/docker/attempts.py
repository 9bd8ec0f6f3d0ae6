"""Steps that may fail for the pod's own sake: tried again after a while."""
import time
from collections.abc import Callable

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.images import Images
from zun_lite.drivers.docker.memory import PodMemory
from zun_lite.drivers.docker.network import Networks
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.settings import Settings
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.drivers.docker.waiting import Retry
from zun_lite.drivers.feed import Feed
from zun_lite.pod.spec import Pod

Outcome = Run | NotYet


class Attempts:
    """Each gives the run that there is now, or why there is none."""

    def __init__(self, feed: Feed, settings: Settings, images: Images,
                 networks: Networks):
        self._feed, self._settings = feed, settings
        self._images, self._networks = images, networks

    def make(self, pod: Pod, memory: PodMemory, name: str, reason: str,
             image: str, step: Callable[[], Run]) -> Outcome:
        """Run a step unless it failed just now; a failure is a reason."""
        retry = memory.retries.get(name)
        left = retry.at - time.monotonic() if retry is not None else 0.0
        if left > 0 and name in memory.waiting:
            before = memory.waiting[name]
            return NotYet(before.reason, before.message, left)
        try:
            made = step()
        except docker.errors.ImageNotFound as exc:
            self._images.forget(image)
            return self.failed(pod, memory, name, reason, explain(exc))
        except docker.errors.APIError as exc:
            self._networks.forget(pod)
            return self.failed(pod, memory, name, reason, explain(exc))
        except exceptions.Conflict as exc:
            return self.failed(pod, memory, name, reason, exc.message)
        memory.retries.pop(name, None)
        return made

    def failed(self, pod: Pod, memory: PodMemory, name: str, reason: str,
               message: str) -> NotYet:
        """Note a failure: when it is tried again, and an event."""
        retry = memory.retries.setdefault(name, Retry(
            self._settings.retry_backoff_base,
            self._settings.retry_backoff_cap))
        if retry.at <= time.monotonic():
            retry.failed(time.monotonic())
            self._feed.event(
                pod.uuid, 'Failed' if name else 'FailedCreatePodSandBox',
                f'Error: {message}', name or None, warning=True)
        return NotYet(reason, message, retry.at - time.monotonic())
