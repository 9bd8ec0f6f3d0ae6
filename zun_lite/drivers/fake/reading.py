"""Reads of what runs: logs, exec, top, stats."""
import calendar
import re
import time
import typing

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.fake import engine as engines
from zun_lite.drivers.fake import files
from zun_lite.drivers.fake import instance
from zun_lite.drivers.fake import member
from zun_lite.drivers.fake import sandbox
from zun_lite.drivers.fake import shell


def seconds(text: str) -> float:
    """The POSIX time of an RFC 3339 text."""
    found = re.fullmatch(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?'
                         r'(Z|[-+]\d\d:\d\d)', text)
    if found is None:
        raise exceptions.Invalid(f'{text!r} is not an RFC 3339 time.')
    at: float = calendar.timegm(time.strptime(found[1], '%Y-%m-%dT%H:%M:%S'))
    if found[3] != 'Z':
        sign = -1 if found[3][0] == '-' else 1
        at -= sign * (int(found[3][1:3]) * 3600 + int(found[3][4:]) * 60)
    return at + float(found[2] or 0)


class Buffer:
    """Keeps the first `limit` bytes that are written."""

    def __init__(self, limit: int):
        self.data, self.limit, self.truncated = bytearray(), limit, False

    def write(self, data: bytes) -> None:
        room = self.limit - len(self.data)
        self.data += data[:max(0, room)]
        self.truncated = self.truncated or len(data) > room


class Reading:
    engine: engines.Engine

    def _pod(self, uuid: str) -> sandbox.Sandbox:
        raise NotImplementedError

    def _member(self, uuid: str, name: str) -> member.Member:
        for found in self._pod(uuid).members:
            if found.container.name == name:
                return found
        raise exceptions.ContainerNotFound(
            f'The pod has no container {name}.')

    def _running(self, uuid: str, name: str) -> instance.Instance:
        found = self._member(uuid, name)
        if found.run is None or not found.run.alive:
            raise exceptions.Conflict(f'Container {name} does not run.')
        return found.run

    def _made(self, uuid: str, name: str) -> instance.Instance:
        found = self._member(uuid, name).run
        if found is None:
            raise exceptions.ContainerNotFound(
                f'Container {name} has not been started yet.')
        return found

    def _files(self, uuid: str, name: str) -> files.View:
        """Also of a plain container that has not been started yet."""
        found, root = self._member(uuid, name), self._pod(uuid).root
        if found.run is None and root is not None:
            return files.View([files.Mount('/', root)])
        return self._made(uuid, name).view

    def logs(self, uuid: str, container: str, *, tail: int | None = None,
             since: str | None = None, timestamps: bool = False,
             previous: bool = False, limit_bytes: int = 2**20) -> bytes:
        return self._log(uuid, container, (base.STDOUT, base.STDERR),
                         tail=tail, since=since, timestamps=timestamps,
                         previous=previous, limit_bytes=limit_bytes)

    def logs_of(self, uuid: str, container: str, stream: int, *,
                tail: int | None = None, since: str | None = None,
                timestamps: bool = False,
                limit_bytes: int = 2**20) -> bytes:
        return self._log(uuid, container, (stream,), tail=tail, since=since,
                         timestamps=timestamps, previous=False,
                         limit_bytes=limit_bytes)

    def _log(self, uuid: str, container: str, streams: tuple[int, ...], *,
             tail: int | None, since: str | None, timestamps: bool,
             previous: bool, limit_bytes: int) -> bytes:
        self.engine.answer()
        with self.engine.loop.lock:
            found = self._member(uuid, container)
            run = found.previous if previous else found.run
            if run is None:
                raise exceptions.ContainerNotFound(
                    f'Container {container} has no '
                    f'{"previous run" if previous else "run yet"}.')
            lines = [(line.at, bytes(line.text)) for line in run.log.lines
                     if line.stream in streams]
        if since is not None:
            begin = seconds(since)
            lines = [(at, line) for at, line in lines if at >= begin]
        if tail is not None:
            lines = lines[len(lines) - min(tail, len(lines)):]
        text = b''.join(stamp(at) + line if timestamps else line
                        for at, line in lines)
        return text[-limit_bytes:] if limit_bytes else b''

    def exec(self, uuid: str, container: str, command: tuple[str, ...], *,
             timeout_s: float, limit_bytes: int = 2**20) -> base.ExecResult:
        self.engine.answer()
        loop = self.engine.loop
        out, err = Buffer(limit_bytes), Buffer(limit_bytes)
        with loop.lock:
            run = self._running(uuid, container)
            process = run.launch(command, shell.Streams(
                b'', out.write, err.write))
            end = time.monotonic() + timeout_s
            while process.exit_code is None:
                left = end - time.monotonic()
                if left <= 0:
                    loop.kill(process, 137)
                    raise exceptions.TimedOut(
                        f'The command did not end within {timeout_s:g} s.')
                loop.changed.wait(left)
            return base.ExecResult(process.exit_code, bytes(out.data),
                                   bytes(err.data),
                                   out.truncated or err.truncated)

    def top(self, uuid: str, container: str) -> dict[str, typing.Any]:
        self.engine.answer()
        with self.engine.loop.lock:
            run = self._running(uuid, container)
            return {'titles': ['PID', 'USER', 'TIME', 'CMD'],
                    'processes': [
                        [str(p.pid), str(run.uid), '00:00:00', p.title]
                        for p in run.running if p.exit_code is None]}

    def stats(self, uuid: str) -> list[dict[str, typing.Any]]:
        self.engine.answer()
        with self.engine.loop.lock:
            return [{
                'name': m.container.name, 'cpu_millis': 1,
                'memory_bytes': 2**20,
                'memory_limit_bytes': m.container.limits.memory_bytes,
                'rx_bytes': 0, 'tx_bytes': 0, 'read_bytes': 0,
                'write_bytes': 0,
                'pids': sum(p.exit_code is None for p in m.run.running)}
                for m in self._pod(uuid).members if m.run and m.alive]


def stamp(at: float | None = None) -> bytes:
    """The beginning of a line of log; now, where no time is given."""
    at = time.time() if at is None else at
    whole = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(at))
    return f'{whole}.{int(at % 1 * 10**9):09d}Z '.encode()
