"""Simulated time: every simulated process is a generator, run by one thread.

A process yields the moment (`time.monotonic`) until which it has nothing to
do, or None to sleep until woken; it must expect to be woken early. All state
of the simulated engine is guarded by `Loop.lock`, which is held while a
process runs a step.
"""
import collections
import dataclasses
import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Generator

LOG = logging.getLogger(__name__)

Steps = Generator[float | None, None, int]

SIGNALS = {'HUP': 1, 'INT': 2, 'QUIT': 3, 'KILL': 9, 'USR1': 10, 'USR2': 12,
           'TERM': 15}


class Killed(BaseException):
    """Thrown into a process that ends at once; finally clauses run."""


@dataclasses.dataclass(eq=False)
class Process:
    """One running program.

    `immune`: the kernel drops signals without a handler for the first
    process of a PID namespace. `exit_code` is None while it runs.
    """
    steps: Steps
    pid: int
    title: str = ''
    immune: bool = False
    parent: 'Process | None' = None
    on_exit: Callable[['Process'], None] | None = None
    exit_code: int | None = None
    traps: dict[str, str] = dataclasses.field(default_factory=dict)
    pending: collections.deque[str] = dataclasses.field(
        default_factory=collections.deque)
    ticket: int = 0
    frozen: bool = False


class Loop:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self._due: list[tuple[float, int, Process]] = []
        self._tickets = itertools.count(1)
        self._pids = itertools.count(100)
        self._thread: threading.Thread | None = None

    def spawn(self, steps: Steps, title: str = '', *, immune: bool = False,
              parent: Process | None = None,
              on_exit: Callable[[Process], None] | None = None) -> Process:
        """Begin a process; its first step runs soon, in the loop's thread."""
        with self.lock:
            process = Process(steps, next(self._pids), title, immune=immune,
                              parent=parent, on_exit=on_exit)
            self.wake(process)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name='fake-engine', daemon=True)
                self._thread.start()
            return process

    def after(self, delay_s: float, action: Callable[[], None]) -> Process:
        """Run `action` once, `delay_s` from now."""
        def wait() -> Steps:
            end = time.monotonic() + delay_s
            while time.monotonic() < end:
                yield end
            action()
            return 0
        return self.spawn(wait(), 'timer')

    def wake(self, process: Process, at: float = 0.0) -> None:
        process.ticket = next(self._tickets)
        heapq.heappush(self._due, (at, process.ticket, process))
        self.changed.notify_all()

    def signal(self, process: Process, name: str) -> None:
        """Deliver a signal as the kernel would."""
        if process.exit_code is not None:
            return
        if name != 'KILL' and name in process.traps:
            process.pending.append(name)
            self.wake(process)
        elif name == 'KILL' or not process.immune:
            self.kill(process, 128 + SIGNALS.get(name, 0))

    def freeze(self, process: Process, frozen: bool) -> None:
        """Let it take no step, or let it go on."""
        if process.frozen and not frozen:
            self.wake(process)
        process.frozen = frozen

    def kill(self, process: Process, exit_code: int) -> None:
        if process.exit_code is not None:
            return
        try:
            process.steps.throw(Killed())
        except (Killed, StopIteration):
            pass
        except ValueError:      # it runs now, in this very step
            pass
        self._ended(process, exit_code)

    def _ended(self, process: Process, exit_code: int) -> None:
        process.exit_code = exit_code
        if process.parent is not None:
            self.wake(process.parent)
        if process.on_exit is not None:
            process.on_exit(process)
        self.changed.notify_all()

    def _run(self) -> None:
        with self.lock:
            while True:
                self._step(self._next())

    def _next(self) -> Process:
        """Wait for the next process that is due."""
        while True:
            if not self._due:
                self.changed.wait()
                continue
            at, ticket, process = self._due[0]
            if ticket != process.ticket or process.exit_code is not None:
                heapq.heappop(self._due)
                continue
            if process.frozen:
                heapq.heappop(self._due)
                continue
            wait_s = at - time.monotonic()
            if wait_s <= 0:
                heapq.heappop(self._due)
                return process
            self.changed.wait(wait_s)

    def _step(self, process: Process) -> None:
        try:
            at = next(process.steps)
        except StopIteration as end:
            if process.exit_code is None:
                self._ended(process, end.value)
        except Killed:          # by itself, in this very step
            pass
        except Exception:
            LOG.exception('Simulated process %s failed', process.title)
            self._ended(process, 255)
        else:
            if process.exit_code is None and at is not None:
                process.ticket = next(self._tickets)
                heapq.heappush(self._due, (at, process.ticket, process))
