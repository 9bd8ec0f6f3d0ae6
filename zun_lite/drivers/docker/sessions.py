"""Conversations with processes: attach and interactive commands."""
import contextlib
from collections.abc import Iterator
from collections.abc import Sequence

import docker.errors
import requests

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers import hangups
from zun_lite.drivers.docker import execs
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.connection import Connection

NOT_STARTED = 126


class _Session(base.Session):
    """Over one connection, in frames unless there is a terminal."""

    def __init__(self, engine: Engine, tty: bool) -> None:
        self.tty = tty
        self._engine = engine
        self._connection: Connection
        self._frames = execs.frames(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        while piece := self._connection.read():
            yield piece

    def read(self) -> base.Output | None:
        if self.tty:
            data = self._connection.read()
            return base.Output(base.STDOUT, data) if data else None
        for stream, data in self._frames:
            return base.Output(stream, data)
        return None

    def write(self, data: bytes) -> None:
        self._connection.write(data)

    def resize(self, width: int, height: int) -> None:
        if self.tty:
            # A refusal: it has ended, which `read` tells.
            with contextlib.suppress(docker.errors.APIError):
                self._resize(width, height)

    def _resize(self, width: int, height: int) -> None:
        raise NotImplementedError


class Attached(_Session):
    """A container's own process."""

    def __init__(self, engine: Engine, container_id: str) -> None:
        config = engine.api.inspect_container(container_id)['Config']
        super().__init__(engine, config['Tty'])
        self._id = container_id
        self._connection = Connection(
            engine.api.attach_stream(container_id, config['OpenStdin']),
            upgraded=True)
        self._stdin = config['OpenStdin']

    def write(self, data: bytes) -> None:
        if self._stdin:
            super().write(data)

    def _resize(self, width: int, height: int) -> None:
        self._engine.api.resize(self._id, height, width)

    def exit_code(self) -> int | None:
        try:
            state = self._engine.api.inspect_container(self._id)['State']
        except docker.errors.NotFound:
            return None
        return None if state['Running'] else state['ExitCode']

    def close(self) -> None:
        self._connection.close()


class Executed(_Session):
    """A command. It is hung up on when its session is closed."""

    def __init__(self, engine: Engine, ended: 'HangUps', container_id: str,
                 command: Sequence[str], tty: bool) -> None:
        super().__init__(engine, tty)
        self._ended = ended
        self.container = container_id
        self.mark = hangups.mark()
        self._id: str = engine.api.exec_create(
            container_id, list(command), stdin=True, tty=tty,
            environment=[self.mark])['Id']
        self._connection = Connection(
            engine.api.exec_session(self._id, tty), upgraded=True)
        self._closed = False

    def _resize(self, width: int, height: int) -> None:
        self._engine.api.exec_resize(self._id, height, width)

    def _inspect(self) -> tuple[bool, int | None]:
        found = self._engine.api.exec_inspect(self._id)
        return found['Running'], found['ExitCode']

    def exit_code(self) -> int | None:
        try:
            running, code = self._inspect()
        except docker.errors.NotFound:      # its container is gone
            return None
        return None if running else code

    def close(self) -> None:
        self._connection.close()
        if not self._closed:
            self._closed = True
            self._ended.add(self.container, self)

    def runs(self) -> bool:
        return self._inspect()[0]


HangUps = hangups.HangUps[Executed]


def hang_ups(engine: Engine) -> HangUps:
    """For the commands of one engine."""
    def end(left: list[Executed]) -> None:
        with contextlib.suppress(docker.errors.APIError,
                                 exceptions.EngineUnavailable):
            marks = [one.mark for one in left if one.runs()]
            if marks:
                prepared = engine.api.exec_create(
                    left[0].container, hangups.command(marks))['Id']
                engine.api.exec_start(prepared, detach=True)
    return HangUps(end)


class NotStarted(base.Session):
    """A command that could not be started, and why."""

    def __init__(self, why: str) -> None:
        self.tty = False
        self._left = [base.Output(base.STDERR, why.encode() + b'\n')]

    def read(self) -> base.Output | None:
        return self._left.pop() if self._left else None

    def write(self, data: bytes) -> None:
        """Nobody is there to read it."""

    def resize(self, width: int, height: int) -> None:
        """There is no terminal."""

    def exit_code(self) -> int | None:
        return NOT_STARTED

    def close(self) -> None:
        """Nothing is open."""


def attach(engine: Engine, container_id: str) -> base.Session:
    """:raises Conflict: the container does not run."""
    try:
        return Attached(engine, container_id)
    except docker.errors.APIError as exc:
        raise _refused(exc) or exc from exc


def execute(engine: Engine, ended: HangUps, container_id: str,
            command: Sequence[str], tty: bool) -> base.Session:
    """:raises Conflict: the container does not run."""
    try:
        return Executed(engine, ended, container_id, command, tty)
    except docker.errors.APIError as exc:
        refused = _refused(exc)
        if refused is not None:
            raise refused from exc
        return NotStarted(explain(exc))


def _refused(exc: docker.errors.APIError) -> exceptions.ZunLiteError | None:
    if isinstance(exc, docker.errors.NotFound):
        return exceptions.ContainerNotFound(explain(exc))
    if exc.status_code == requests.codes.conflict:
        return exceptions.Conflict('The container does not run.')
    return None
