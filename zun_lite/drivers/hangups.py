"""Ending what closed sessions have left running.

Engines cannot end a command, and it may go on without its terminal. It is
found by a mark in its environment, which its children inherit. Looking
through a container's processes costs the same for fifty sessions as for one,
so those that close within a moment are hung up on together.
"""
import secrets
import threading
import typing
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable

MOMENT_S = 0.2        # in which most commands end because their input did
CLOSE_S = 2.0

# HUP as from a terminal, KILL for what ignores that.
_SCRIPT = '''
for s in HUP CONT KILL; do
    [ $s = KILL ] && sleep 1
    for e in $(grep -ls "$@" /proc/[0-9]*/environ); do
        p=${e#/proc/} && kill -$s "${p%/environ}"
    done
done
'''

T = typing.TypeVar('T')


def mark() -> str:
    """NAME=value for a session's environment, like no other."""
    return f'ZUN_LITE_SESSION={secrets.token_hex(8)}'


def command(marks: Iterable[str]) -> tuple[str, ...]:
    """To be run in the container, where there is a shell and grep."""
    return ('sh', '-c', _SCRIPT, 'hang-up',
            *(word for one in marks for word in ('-e', one)))


class HangUps(typing.Generic[T]):
    """`end(left)` ends what is left of some sessions in one container."""

    def __init__(self, end: Callable[[list[T]], None]) -> None:
        self._end = end
        self._lock = threading.Lock()
        self._left: dict[Hashable, list[T]] = {}   # where a thread is at work
        self._threads: set[threading.Thread] = set()
        self._closing = threading.Event()

    def add(self, container: Hashable, left: T) -> None:
        """Look soon, in the background, what a session has left."""
        with self._lock:
            if container in self._left:
                self._left[container].append(left)
                return
            self._left[container] = [left]
            thread = threading.Thread(
                target=self._run, args=[container], daemon=True,
                name='hang-up')
            self._threads.add(thread)
            thread.start()

    def _run(self, container: Hashable) -> None:
        while True:
            self._closing.wait(MOMENT_S)
            with self._lock:
                left = self._left.pop(container)
                if not left:
                    self._threads.discard(threading.current_thread())
                    return
                self._left[container] = []
            self._end(left)

    def close(self) -> None:
        """Begin at once what waits, and wait a little for it."""
        self._closing.set()
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(CLOSE_S)
