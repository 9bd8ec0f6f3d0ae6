"""Standard input that somebody types, and who listens to the output."""
import typing
from collections.abc import Callable

from zun_lite.drivers import base
from zun_lite.drivers.fake.loop import Loop
from zun_lite.drivers.fake.loop import Process

Listener = Callable[[int, bytes], None]

INTERRUPT, END = 3, 4                   # ^C, ^D


def cooked(data: bytes) -> bytes:
    """What a terminal makes of a program's output."""
    return data.replace(b'\n', b'\r\n')


class Input:
    """Bytes that arrive while a process runs. Guarded by the loop's lock."""

    def __init__(self, loop: Loop, *, tty: bool = False) -> None:
        self.tty = tty
        self.width, self.height = 0, 0
        self.closed = False
        self.reader: Process | None = None
        self._loop = loop
        self._data = bytearray()

    def put(self, data: bytes) -> None:
        self._data += data
        self._wake()

    def close(self) -> None:
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        if self.reader is not None and self.reader.exit_code is None:
            self._loop.wake(self.reader)

    def take(self) -> bytes:
        """All that has come."""
        data = bytes(self._data)
        self._data.clear()
        return data

    def line(self) -> bytes | None:
        """The next line; None: it has not come (all of it) yet."""
        end = self._data.find(b'\n') + 1
        if not end and not self.closed:
            return None
        end = end or len(self._data)
        line = bytes(self._data[:end])
        del self._data[:end]
        return line


class Session(base.Session):
    """Any of these may share a process: `ended` tells whether it goes on."""

    def __init__(self, loop: Loop, stdin: Input | None, tty: bool, *,
                 ended: Callable[[], int | None],
                 let_go: Callable[['Session'], None],
                 interrupt: Callable[[], None] = lambda: None) -> None:
        self.tty = tty
        self._loop, self._stdin = loop, stdin
        self._ended, self._let_go = ended, let_go
        self._interrupt = interrupt
        self._told: list[base.Output] = []
        self._closed = False

    def hear(self, stream: int, data: bytes) -> None:
        if self.tty:
            stream = base.STDOUT
        if data and not self._closed:
            self._told.append(base.Output(stream, data))
            self._loop.changed.notify_all()

    def read(self) -> base.Output | None:
        with self._loop.lock:
            self._loop.changed.wait_for(
                lambda: self._told or self._closed
                or self._ended() is not None)
            return self._told.pop(0) if self._told else None

    def write(self, data: bytes) -> None:
        with self._loop.lock:
            if self._stdin is None or self._closed:
                return
            if self.tty:
                data = self._typed(data.replace(b'\r', b'\n'))
            self._stdin.put(data)

    def _typed(self, data: bytes) -> bytes:
        """What a terminal passes on; it echoes that."""
        stdin = typing.cast(Input, self._stdin)
        if INTERRUPT in data:
            self._interrupt()
        if END in data:
            stdin.close()
        data = bytes(b for b in data if b not in (INTERRUPT, END))
        self.hear(base.STDOUT, cooked(data))
        return data

    def resize(self, width: int, height: int) -> None:
        with self._loop.lock:
            if self._stdin is not None and self.tty:
                self._stdin.width, self._stdin.height = width, height

    def exit_code(self) -> int | None:
        with self._loop.lock:
            return self._ended()

    def close(self) -> None:
        with self._loop.lock:
            if not self._closed:
                self._closed = True
                self._told.clear()
                self._let_go(self)
                self._loop.changed.notify_all()
