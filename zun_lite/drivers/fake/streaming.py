"""Streams of what runs: followed logs, sessions, archives."""
import typing
from collections.abc import Iterator

from zun_lite.drivers import base
from zun_lite.drivers.fake import instance
from zun_lite.drivers.fake import reading
from zun_lite.drivers.fake import shell
from zun_lite.drivers.fake import tars
from zun_lite.drivers.fake import terminal
from zun_lite.drivers.fake.loop import Process


class Followed(base.Stream):
    """What was written, then what is; `stamp` begins each line."""

    def __init__(self, run: instance.Instance, begin: bytes,
                 stamp: typing.Callable[[], bytes], follow: bool,
                 streams: tuple[int, ...]) -> None:
        self._run, self._stamp = run, stamp
        self._follow, self._streams = follow, streams
        self._told = bytearray(begin)
        self._in_line = bool(run.log.lines) and not (
            run.log.lines[-1].text.endswith(b'\n'))
        self._closed = False
        run.listeners.append(self._hear)

    def _hear(self, stream: int, data: bytes) -> None:
        if not self._follow or stream not in self._streams:
            return
        for line in data.splitlines(keepends=True):
            self._told += line if self._in_line else self._stamp() + line
            self._in_line = not line.endswith(b'\n')

    def read(self) -> bytes:
        with self._run.loop.lock:
            self._run.loop.changed.wait_for(
                lambda: self._told or self._closed or not self._follow
                or not self._run.alive)
            found = bytes(self._told)
            self._told.clear()
            return b'' if self._closed else found

    def close(self) -> None:
        with self._run.loop.lock:
            self._closed = True
            if self._hear in self._run.listeners:
                self._run.listeners.remove(self._hear)
            self._run.loop.changed.notify_all()


class Streaming(reading.Reading, base.Follow, base.Attach,
                base.ExecInteractive, base.Copy):

    def follow_logs(self, uuid: str, container: str, *,
                    tail: int | None = None, since: str | None = None,
                    timestamps: bool = False, follow: bool = True,
                    stream: int | None = None) -> base.Stream:
        streams = (base.STDOUT, base.STDERR) if stream is None else (stream,)
        with self.engine.loop.lock:
            begin = self._log(uuid, container, streams, tail=tail,
                              since=since, timestamps=timestamps,
                              previous=False, limit_bytes=2**30)
            run = self._member(uuid, container).run
            assert run is not None      # noqa: S101  _log has checked
            return Followed(run, begin,
                            reading.stamp if timestamps else bytes,
                            follow, streams)

    def attach(self, uuid: str, container: str) -> base.Session:
        self.engine.answer()
        with self.engine.loop.lock:
            run = self._running(uuid, container)

            def let_go(session: terminal.Session) -> None:
                run.listeners.remove(session.hear)
            session = terminal.Session(
                self.engine.loop, run.stdin, run.terminal,
                ended=lambda: run.exit_code, let_go=let_go)
            run.listeners.append(session.hear)
            return session

    def open_exec(self, uuid: str, container: str, command: tuple[str, ...],
                  *, tty: bool) -> base.Session:
        self.engine.answer()
        loop = self.engine.loop
        with loop.lock:
            run = self._running(uuid, container)
            stdin = terminal.Input(loop, tty=tty)
            shown = terminal.cooked if tty else bytes
            found: list[Process] = []

            def let_go(session: terminal.Session) -> None:
                stdin.close()
                loop.signal(found[0], 'HUP')
            session = terminal.Session(
                loop, stdin, tty, ended=lambda: found[0].exit_code,
                let_go=let_go,
                interrupt=lambda: loop.signal(found[0], 'INT'))
            found.append(run.launch(command, shell.Streams(
                b'', lambda data: session.hear(base.STDOUT, shown(data)),
                lambda data: session.hear(base.STDERR, shown(data)), stdin)))
            stdin.reader = found[0]
            return session

    def get_archive(self, uuid: str, container: str,
                    path: str) -> base.Archive:
        self.engine.answer()
        with self.engine.loop.lock:
            return tars.get(self._files(uuid, container), path)

    def put_archive(self, uuid: str, container: str, path: str,
                    data: Iterator[bytes]) -> None:
        self.engine.answer()
        with self.engine.loop.lock:
            view = self._files(uuid, container)
        tars.put(view, path, data)
