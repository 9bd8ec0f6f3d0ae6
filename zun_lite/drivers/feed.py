"""What the driver tells its watcher, in order, without repeating itself."""
import collections
import datetime
import threading
from collections.abc import Iterator

from zun_lite.drivers import base
from zun_lite.pod import status

_MOST = 10_000          # beyond this the oldest are dropped and relisted


class Feed:
    """Observations from many threads to one reader.

    A change that is already waiting to be read is not queued again.
    """

    def __init__(self) -> None:
        self._waiting: collections.deque[base.Observation] = (
            collections.deque())
        self._changed: set[str] = set()
        self._news = threading.Condition()
        self._closed = False

    def changed(self, uuid: str) -> None:
        with self._news:
            if uuid not in self._changed:
                self._changed.add(uuid)
                self._put(base.Changed(uuid))

    def relist(self) -> None:
        with self._news:
            self._put(base.Relist())

    def event(self, uuid: str, reason: str, message: str,
              container: str | None = None, *, warning: bool = False) -> None:
        """An event that happened now."""
        self.tell(uuid, status.PodEvent(
            type='Warning' if warning else 'Normal', reason=reason,
            message=message, container=container,
            at=datetime.datetime.now(datetime.UTC).strftime(
                '%Y-%m-%dT%H:%M:%SZ')))

    def tell(self, uuid: str, event: status.PodEvent) -> None:
        """An event that an engine told of."""
        with self._news:
            self._put(base.Happened(uuid, event))

    def _put(self, observation: base.Observation) -> None:
        if len(self._waiting) >= _MOST:
            self._waiting.clear()
            self._changed.clear()
            observation = base.Relist()
        self._waiting.append(observation)
        self._news.notify()

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()

    def read(self) -> Iterator[base.Observation]:
        """Observations until `close`, waiting for each."""
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                observation = self._waiting.popleft()
                if isinstance(observation, base.Changed):
                    self._changed.discard(observation.uuid)
            yield observation
