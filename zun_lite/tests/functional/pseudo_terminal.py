"""A command at a terminal, as a user sits before it."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

WAIT_S = 60.0


class PseudoTerminal:
    """`seen` is what it has shown and nobody has read."""

    def __init__(self, command: list[str], env: dict[str, str],
                 rows: int = 24, columns: int = 80) -> None:
        self.seen = b''
        self._pid, self._fd = pty.fork()
        if not self._pid:
            os.execve(command[0], command, os.environ | env)  # noqa: S606
        self.resize(rows, columns)

    def resize(self, rows: int, columns: int) -> None:
        """The kernel tells the command, as when a window changes."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ,
                    struct.pack('HHHH', rows, columns, 0, 0))

    def say(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def read(self, text: str) -> str:
        """Wait until it shows `text`; what came before that."""
        wanted, end = text.encode(), time.monotonic() + WAIT_S
        while wanted not in self.seen:
            if not self._more(end):
                raise AssertionError(f'no {wanted!r} in {self.seen!r}')
        before, _, self.seen = self.seen.partition(wanted)
        return before.decode()

    def status(self) -> int:
        """With which it exits, once it has."""
        end = time.monotonic() + WAIT_S
        while self._more(end):
            pass
        done, status = os.waitpid(self._pid, os.WNOHANG)
        for _ in range(50):
            if done:
                break
            time.sleep(0.1)
            done, status = os.waitpid(self._pid, os.WNOHANG)
        if not done:
            raise AssertionError(f'does not end: {self.seen!r}')
        self._pid = 0
        return os.waitstatus_to_exitcode(status)

    def _more(self, end: float) -> bool:
        """False: it has closed its terminal, or shows nothing for long."""
        if not select.select([self._fd], [], [],
                             max(0.0, end - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def close(self) -> None:
        """End it, should it still run."""
        if self._fd >= 0:
            os.close(self._fd)
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._pid, self._fd = 0, -1
