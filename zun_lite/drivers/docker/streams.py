"""The optional groups that take as long as their user likes."""
from collections.abc import Iterator

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.docker import archives
from zun_lite.drivers.docker import execs
from zun_lite.drivers.docker import logs
from zun_lite.drivers.docker import sessions
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.client import refusals
from zun_lite.drivers.docker.connection import Connection
from zun_lite.drivers.docker.reads import Reads


class _Followed(base.Stream):
    """A log in frames, or as it is where the container has a terminal."""

    def __init__(self, connection: Connection, framed: bool) -> None:
        self._connection = connection
        self._pieces = self._raw()
        if framed:
            self._pieces = (data for _, data in execs.frames(self._raw()))

    def _raw(self) -> Iterator[bytes]:
        while piece := self._connection.read():
            yield piece

    def read(self) -> bytes:
        return next(self._pieces, b'')

    def close(self) -> None:
        self._connection.close()


class Streams(Reads, base.Follow, base.Attach, base.ExecInteractive,
              base.Copy):
    """No call here holds anything while it lasts but its connection."""
    _hang_ups: sessions.HangUps

    @refusals()
    def follow_logs(self, uuid: str, container: str, *,
                    tail: int | None = None, since: str | None = None,
                    timestamps: bool = False, follow: bool = True,
                    stream: int | None = None) -> base.Stream:
        run = self._run(uuid, container)
        api = self._engine.api
        try:
            tty = api.inspect_container(run.id)['Config']['Tty']
            answer = api.log_stream(run.id, logs.query(
                tail=tail, since=since, timestamps=timestamps) | {
                    'follow': int(follow),
                    'stdout': int(stream != base.STDERR),
                    'stderr': int(stream != base.STDOUT)})
        except docker.errors.NotFound as exc:
            raise exceptions.ContainerNotFound(explain(exc)) from exc
        return _Followed(Connection(answer), framed=not tty)

    @refusals()
    def attach(self, uuid: str, container: str) -> base.Session:
        run = self._running(uuid, container)
        return sessions.attach(self._engine, run.id)

    @refusals()
    def open_exec(self, uuid: str, container: str, command: tuple[str, ...],
                  *, tty: bool) -> base.Session:
        run = self._running(uuid, container)
        return sessions.execute(self._engine, self._hang_ups, run.id,
                                command, tty)

    @refusals()
    def get_archive(self, uuid: str, container: str,
                    path: str) -> base.Archive:
        run = self._run(uuid, container)
        return archives.get(self._engine, run.id, path)

    @refusals()
    def put_archive(self, uuid: str, container: str, path: str,
                    data: Iterator[bytes]) -> None:
        run = self._run(uuid, container)
        archives.put(self._engine, run.id, path, data)
