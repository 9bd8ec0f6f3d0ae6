"""Commands inside containers, with a time limit and a size limit."""
import dataclasses
import time
from collections.abc import Iterator
from collections.abc import Sequence

import docker.errors
import requests
import urllib3

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain

_CHUNK = 65536
_HEADER = 8                     # stream number, 3 zeros, length (4, big end)
_STDERR = 2
_GONE = (urllib3.exceptions.HTTPError, requests.exceptions.RequestException,
         OSError)


@dataclasses.dataclass(slots=True)
class Output:
    """Both streams, each up to `limit` bytes; the rest is counted out."""
    limit: int
    stdout: bytearray = dataclasses.field(default_factory=bytearray)
    stderr: bytearray = dataclasses.field(default_factory=bytearray)
    truncated: bool = False

    def add(self, stream: int, data: bytes) -> None:
        kept = self.stderr if stream == _STDERR else self.stdout
        room = self.limit - len(kept)
        kept += data[:max(0, room)]
        self.truncated = self.truncated or len(data) > room


def frames(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """(stream, data) of a multiplexed body, however it was cut up.

    Data is passed on as it comes, so that a frame needs no memory.
    """
    head, stream, left = bytearray(), 0, 0
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            if left:
                yield stream, bytes(view[:left])
                view, left = view[left:], max(0, left - len(view))
                continue
            need = _HEADER - len(head)
            head += view[:need]
            view = view[need:]
            if len(head) == _HEADER:
                stream, left = head[0], int.from_bytes(head[4:])
                head.clear()


def _chunks(answer: requests.Response, deadline: float) -> Iterator[bytes]:
    """The body as it arrives.

    :raises TimedOut: nothing comes any more, or it goes on for too long.
    """
    try:
        while chunk := answer.raw.read1(_CHUNK):
            yield chunk
            if time.monotonic() >= deadline:
                raise exceptions.TimedOut('The command did not end in time.')
    except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as exc:
        raise exceptions.TimedOut(
            'The command did not end in time.') from exc
    except _GONE as exc:
        raise exceptions.EngineUnavailable(
            f'The container engine went away during a command: {exc}',
        ) from exc


def run(engine: Engine, container_id: str, command: Sequence[str], *,
        timeout_s: float, limit_bytes: int = 2**20) -> base.ExecResult:
    """Run a command and wait for its end.

    The engine has no way to end a command: one that is too late goes on
    unheard.

    :raises Conflict: the container does not run.
    :raises ContainerNotFound: it is gone.
    :raises TimedOut:
    """
    deadline = time.monotonic() + timeout_s
    output = Output(limit_bytes)
    try:
        prepared = engine.api.exec_create(container_id, list(command))['Id']
        answer = engine.api.exec_stream(prepared, timeout_s)
        try:
            for stream, data in frames(_chunks(answer, deadline)):
                output.add(stream, data)
        finally:
            answer.close()
        code = engine.api.exec_inspect(prepared)['ExitCode']
    except docker.errors.NotFound as exc:
        raise exceptions.ContainerNotFound(explain(exc)) from exc
    except docker.errors.APIError as exc:
        if exc.status_code == requests.codes.conflict:
            raise exceptions.Conflict(
                'The container does not run.') from exc
        return base.ExecResult(126, b'', explain(exc).encode())
    return base.ExecResult(
        -1 if code is None else code, bytes(output.stdout),
        bytes(output.stderr), output.truncated)
