"""A work queue keyed by pod: timers, back-off and a lane for slow work.

A key is handled by one worker at a time; added again meanwhile, it is handled
once more afterwards. There are two lanes of daemon threads, started when there
is work and ended when there has been none for a while: a graceful stop may
hold its thread for minutes and must not keep a new pod from starting. Nothing
polls: an idle queue costs no CPU.
"""
import collections
import heapq
import logging
import random
import threading
import time
from collections.abc import Callable

LOG = logging.getLogger(__name__)

IDLE_S = 30.0          # an idle worker thread ends after this
SOONEST_S = 0.01       # no timer is shorter, so that none can spin


class Backoff:
    """Delays for repeated failures: doubling, bounded, a little random."""

    def __init__(self, initial_s: float, max_s: float):
        self._initial_s, self._max_s = initial_s, max_s

    def delay_s(self, failures: int) -> float:
        """Seconds to wait after the `failures`-th failure in a row."""
        doubled = self._initial_s * 2.0 ** min(failures - 1, 30)
        spread = random.uniform(0.9, 1.1)  # noqa: S311
        return min(doubled, self._max_s) * spread


class _Lane:
    """Threads that take keys from `ready`; the queue's lock guards it."""

    def __init__(self, name: str, limit: int, lock: threading.Lock):
        self.name, self.limit = name, limit
        self.ready: collections.deque[str] = collections.deque()
        self.wake = threading.Condition(lock)
        self.threads: set[threading.Thread] = set()
        self.idle = 0


class KeyedQueue:
    """`handle(key)` returns the seconds until it wants to be called again.

    None: only when the key is added. When it raises, the key is handled
    again after a back-off; telling of the error is the handler's business.
    `slow(key)` chooses the lane when a key becomes ready.
    """

    def __init__(self, handle: Callable[[str], float | None],
                 slow: Callable[[str], bool], *, workers: int,
                 slow_workers: int, backoff: Backoff,
                 clock: Callable[[], float] = time.monotonic):
        self._handle, self._slow = handle, slow
        self._backoff, self._clock = backoff, clock
        self._lock = threading.Lock()
        self._lanes = (_Lane('reconcile', workers, self._lock),
                       _Lane('reconcile-slow', slow_workers, self._lock))
        self._ready: set[str] = set()
        self._busy: set[str] = set()
        self._again: dict[str, bool] = {}       # while busy; True: by add
        self._failures: dict[str, int] = {}
        self._due: dict[str, float] = {}        # the timer of each key
        self._heap: list[tuple[float, str]] = []   # with outdated entries
        self._tick = threading.Condition(self._lock)
        self._timer: threading.Thread | None = None
        self._stopped = False

    def add(self, key: str) -> None:
        """Have `key` handled now; a back-off of it is over."""
        with self._lock:
            self._failures.pop(key, None)
            self._push(key, urgent=True)

    def nudge(self, key: str) -> None:
        """Have `key` handled now, unless it is backing off."""
        with self._lock:
            if key not in self._failures:
                self._push(key, urgent=False)

    def add_after(self, key: str, delay_s: float) -> None:
        """Have `key` handled later; replaces an earlier timer of it."""
        with self._lock:
            self._set_timer(key, delay_s)

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Take no more keys and wait for the workers; True: all ended."""
        with self._lock:
            self._stopped = True
            for lane in self._lanes:
                lane.ready.clear()
                lane.wake.notify_all()
            self._tick.notify_all()
            threads = [t for lane in self._lanes for t in lane.threads]
            threads += [self._timer] if self._timer else []
        deadline = time.monotonic() + timeout_s
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(t.is_alive() for t in threads)

    def idle(self) -> bool:
        """Nothing is ready and nobody works; timers do not count."""
        with self._lock:
            return not (self._ready or self._busy)

    # Below, the lock is held.

    def _push(self, key: str, *, urgent: bool) -> None:
        if self._stopped:
            return
        self._due.pop(key, None)
        if key in self._busy:
            self._again[key] = urgent or self._again.get(key, False)
        elif key not in self._ready:
            self._ready.add(key)
            lane = self._lanes[1 if self._slow(key) else 0]
            lane.ready.append(key)
            self._rouse(lane)

    def _rouse(self, lane: _Lane) -> None:
        """An idle thread for each ready key, or a new one within limits."""
        lane.wake.notify()
        if len(lane.ready) > lane.idle and len(lane.threads) < lane.limit:
            thread = threading.Thread(target=self._work, args=(lane,),
                                      name=lane.name, daemon=True)
            lane.threads.add(thread)
            thread.start()

    def _set_timer(self, key: str, delay_s: float) -> None:
        when = self._clock() + max(delay_s, SOONEST_S)
        self._due[key] = when
        if len(self._heap) > 2 * len(self._due) + 64:
            self._heap = [(at, k) for k, at in self._due.items()]
            heapq.heapify(self._heap)
        else:
            heapq.heappush(self._heap, (when, key))
        if self._timer is None and not self._stopped:
            self._timer = threading.Thread(
                target=self._keep_time, name='reconcile-timer', daemon=True)
            self._timer.start()
        if self._heap[0][0] == when:
            self._tick.notify()

    def _fire(self) -> float | None:
        """Push what is due; seconds until the next timer."""
        now = self._clock()
        while self._heap:
            when, key = self._heap[0]
            if self._due.get(key) == when:
                if when > now:
                    return when - now
                self._push(key, urgent=False)
            heapq.heappop(self._heap)
        return None

    def _take(self, lane: _Lane) -> str | None:
        while not lane.ready:
            lane.idle += 1
            roused = not self._stopped and lane.wake.wait(IDLE_S)
            lane.idle -= 1
            if not roused and not lane.ready:
                lane.threads.discard(threading.current_thread())
                return None
        key = lane.ready.popleft()
        self._ready.discard(key)
        self._busy.add(key)
        return key

    def _settle(self, key: str, delay_s: float | None, failed: bool) -> None:
        self._busy.discard(key)
        again = self._again.pop(key, None)
        if again or (again is not None and not failed):
            self._failures.pop(key, None)
            self._push(key, urgent=True)
        elif failed:
            self._failures[key] = self._failures.get(key, 0) + 1
            self._set_timer(key, self._backoff.delay_s(self._failures[key]))
        else:
            self._failures.pop(key, None)
            if delay_s is not None:
                self._set_timer(key, delay_s)

    # Below, it is not.

    def _keep_time(self) -> None:
        with self._lock:
            while not self._stopped:
                self._tick.wait(self._fire())

    def _work(self, lane: _Lane) -> None:
        while True:
            with self._lock:
                key = self._take(lane)
            if key is None:
                return
            delay_s, failed = None, True
            try:
                delay_s, failed = self._handle(key), False
            except Exception:
                LOG.debug('%s is backing off', key, exc_info=True)
            finally:
                with self._lock:
                    self._settle(key, delay_s, failed)
