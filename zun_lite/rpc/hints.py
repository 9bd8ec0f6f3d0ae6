"""A bounded queue of hints: putting one never waits and never fails."""
import logging
import threading
import time
import typing
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sized

LOG = logging.getLogger(__name__)

COMPLAINT_INTERVAL_S = 30

# Between two hints that gather entries: a flood of creates costs each part of
# the service as many messages as there are such pauses in it. A hint that
# comes alone does not wait; the more entries the last one had, the longer
# does the next one.
GATHERING_S = 0.025
LONGEST_GATHERING_S = 0.1


class Hint(typing.NamedTuple):
    """`entries`: what it is to say beside the payload, if it gathers any."""
    payload: typing.Any
    entries: dict[str, typing.Any] | None = None


class Hints:
    """Passes hints on from its own threads, dropping what is too much.

    The threads are started by the first hint, so that a queue may be made
    before a fork.
    """

    def __init__(self, name: str, pass_on: Callable[[Hint], object], *,
                 workers: int, limit: int) -> None:
        self._name = name
        self._pass_on = pass_on
        self._limit = limit
        self._workers = workers
        # By key, in the order of their coming.
        self._waiting: dict[typing.Hashable, Hint] = {}
        self._not_before: dict[typing.Hashable, float] = {}
        self._threads: list[threading.Thread] = []
        self._stopped = False
        self._complained_at = float('-inf')
        self._change = threading.Condition()

    def put(self, payload: typing.Any, key: typing.Hashable = None,
            entries: Mapping[str, typing.Any] | None = None) -> None:
        """Queue a hint, unless one of the same key waits already.

        The one that waits takes in the `entries`.
        """
        with self._change:
            if self._stopped:
                return
            present = self._waiting.get(key)
            if present is None:
                self._add(object() if key is None else key, Hint(
                    payload, None if entries is None else dict(entries)))
            elif present.entries is not None and self._has_room(
                    present.entries):
                present.entries.update(entries or {})

    def _add(self, key: typing.Hashable, hint: Hint) -> None:
        if not self._has_room(self._waiting):
            return
        self._waiting[key] = hint
        if len(self._threads) < self._workers:
            self._start_thread()
        self._change.notify()

    def _start_thread(self) -> None:
        thread = threading.Thread(
            target=self._run, daemon=True,
            name=f'{self._name}-{len(self._threads)}')
        self._threads.append(thread)
        thread.start()

    def _has_room(self, held: Sized) -> bool:
        if len(held) < self._limit:
            return True
        if time.monotonic() - self._complained_at > COMPLAINT_INTERVAL_S:
            self._complained_at = time.monotonic()
            LOG.warning('%s: %d hints wait; new ones are dropped and left '
                        'to the sweeps', self._name, len(held))
        return False

    def _take(self) -> Hint | None:
        with self._change:
            while not self._stopped:
                key, wait_s = self._next()
                if key is None:
                    self._change.wait(wait_s)
                    continue
                # Before it is passed on: what changes from now on needs
                # another.
                hint = self._waiting.pop(key)
                if hint.entries is not None:
                    self._not_before[key] = time.monotonic() + min(
                        LONGEST_GATHERING_S,
                        GATHERING_S * len(hint.entries))
                return hint
            return None

    def _next(self) -> tuple[typing.Hashable, float | None]:
        """Whose turn it is, or how many seconds until it is somebody's."""
        now, soonest = time.monotonic(), None
        for key in self._waiting:
            wait_s = self._not_before.get(key, now) - now
            if wait_s <= 0:
                return key, None
            soonest = min(wait_s, soonest or wait_s)
        return None, soonest

    def _run(self) -> None:
        while (hint := self._take()) is not None:
            try:
                self._pass_on(hint)
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
