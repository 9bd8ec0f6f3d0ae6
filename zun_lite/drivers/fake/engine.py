"""The simulated engine: what would survive a restart of the agent."""
import queue
import time
from collections.abc import Callable

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.fake import faults
from zun_lite.drivers.fake import images
from zun_lite.drivers.fake import loop
from zun_lite.drivers.fake import network
from zun_lite.drivers.fake import sandbox
from zun_lite.pod import status
from zun_lite.pod.supplies import Login


class Engine:
    """Drivers come and go; pods stay. Guarded by `loop.lock`."""

    def __init__(self, *, cpu_millis: int = 64_000,
                 memory_bytes: int = 256 * 2**30):
        self.cpu_millis, self.memory_bytes = cpu_millis, memory_bytes
        self.loop = loop.Loop()
        self.images = images.Store()
        self.networks = network.Networks()
        self.faults = faults.Faults()
        self.pods: dict[str, sandbox.Sandbox] = {}
        self.watchers: list[queue.SimpleQueue[base.Observation | None]] = []
        self._pulls: dict[tuple[str, Login | None],
                          list[Callable[[str | None], None]]] = {}

    def answer(self) -> None:
        """What every verb begins with.

        :raises EngineUnavailable: the engine is away.
        """
        if self.faults.call_s:
            time.sleep(self.faults.call_s)
        if self.faults.away:
            raise exceptions.EngineUnavailable(
                'The simulated engine is away.')

    def away(self, value: bool) -> None:
        """Let the engine go, or come back."""
        with self.loop.lock:
            self.faults.away = value
            if not value:
                self.tell(base.Relist())

    def tell(self, observation: base.Observation) -> None:
        if not self.faults.away:
            for watcher in self.watchers:
                watcher.put(observation)

    def event(self, uuid: str, reason: str, message: str,
              container: str | None = None, *, warning: bool = False) -> None:
        now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        self.tell(base.Happened(uuid, status.PodEvent(
            type='Warning' if warning else 'Normal', reason=reason,
            message=message, container=container, at=now)))

    def pull(self, name: str, done: Callable[[str | None], None],
             login: Login | None = None) -> None:
        """Begin a pull; `done` gets an error's text, or None. Pulls of the
        same image with the same login that overlap are one."""
        waiting = self._pulls.setdefault((name, login), [])
        waiting.append(done)
        if len(waiting) == 1:
            self.loop.after(self.faults.pull_s,
                            lambda: self._pulled(name, login))

    def _pulled(self, name: str, login: Login | None) -> None:
        error = self.faults.pull.get(name)
        image = self.images.find_remote(name)
        if error is None and self.images.logins.get(name, login) != login:
            error = f'Head "https://{name}": no basic auth credentials'
        elif error is None and image is None:
            error = f'manifest for {name} not found: manifest unknown'
        elif error is None and image is not None:
            self.images.local[name] = image
        for done in self._pulls.pop((name, login)):
            done(error)
