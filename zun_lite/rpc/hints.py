"""A bounded queue of hints: putting one never waits and never fails."""
import collections
import logging
import threading
import time
import typing
from collections.abc import Callable

LOG = logging.getLogger(__name__)

COMPLAINT_INTERVAL_S = 30


class Hint(typing.NamedTuple):
    """`key`: while a hint of that key waits, another one adds nothing."""
    payload: typing.Any
    key: typing.Hashable = None


class Hints:
    """Passes hints on from its own threads, dropping what is too much.

    The threads are started by the first hint, so that a queue may be made
    before a fork.
    """

    def __init__(self, name: str, pass_on: Callable[[typing.Any], object], *,
                 workers: int, limit: int) -> None:
        self._name = name
        self._pass_on = pass_on
        self._limit = limit
        self._workers = workers
        self._waiting: collections.deque[Hint] = collections.deque()
        self._keys: set[typing.Hashable] = set()
        self._threads: list[threading.Thread] = []
        self._stopped = False
        self._complained_at = float('-inf')
        self._change = threading.Condition()

    def put(self, payload: typing.Any, key: typing.Hashable = None) -> None:
        """Queue a hint, unless one of the same key waits already."""
        with self._change:
            if self._stopped or (key is not None and key in self._keys):
                return
            if len(self._waiting) >= self._limit:
                self._complain()
                return
            self._waiting.append(Hint(payload, key))
            self._keys.add(key)
            if len(self._threads) < self._workers:
                self._start_thread()
            self._change.notify()

    def _start_thread(self) -> None:
        thread = threading.Thread(
            target=self._run, daemon=True,
            name=f'{self._name}-{len(self._threads)}')
        self._threads.append(thread)
        thread.start()

    def _complain(self) -> None:
        if time.monotonic() - self._complained_at > COMPLAINT_INTERVAL_S:
            self._complained_at = time.monotonic()
            LOG.warning('%s: %d hints wait; new ones are dropped and left '
                        'to the sweeps', self._name, len(self._waiting))

    def _take(self) -> Hint | None:
        with self._change:
            while not self._waiting and not self._stopped:
                self._change.wait()
            if self._stopped:
                return None
            hint = self._waiting.popleft()
            # Before it is passed on: what changes from now on needs another.
            self._keys.discard(hint.key)
            return hint

    def _run(self) -> None:
        while (hint := self._take()) is not None:
            try:
                self._pass_on(hint.payload)
            except Exception:
                LOG.exception('%s: a hint was lost', self._name)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Drop what waits; wait for what is being passed on."""
        with self._change:
            self._stopped = True
            self._waiting.clear()
            self._change.notify_all()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
