"""Files in and out of containers, as tar archives that are never held."""
import base64
import json
import posixpath
import stat
from collections.abc import Iterator

import docker.errors
import requests

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.connection import Connection

_HEADER = 'X-Docker-Container-Path-Stat'
_TAKE = 256 * 1024
# Bits of Go's FileMode, and what they are in st_mode.
_KINDS = ((1 << 31, stat.S_IFDIR), (1 << 27, stat.S_IFLNK),
          (1 << 25, stat.S_IFIFO), (1 << 24, stat.S_IFSOCK),
          (1 << 21, stat.S_IFCHR), (1 << 26, stat.S_IFBLK))
_BITS = ((1 << 23, stat.S_ISUID), (1 << 22, stat.S_ISGID),
         (1 << 20, stat.S_ISVTX))


def st_mode(go_mode: int) -> int:
    """Go's os.FileMode as POSIX's st_mode."""
    kind = next((posix for bit, posix in _KINDS if go_mode & bit),
                stat.S_IFREG)
    return kind | (go_mode & 0o777) | sum(
        posix for bit, posix in _BITS if go_mode & bit)


def _info(answer: requests.Response) -> base.FileInfo:
    told = json.loads(base64.b64decode(answer.headers[_HEADER]))
    return base.FileInfo(told['name'], told['size'], st_mode(told['mode']),
                         told['mtime'], told.get('linkTarget') or '')


class Archive(base.Archive):
    def __init__(self, answer: requests.Response) -> None:
        self.info = _info(answer)
        self._connection = Connection(answer)

    def read(self) -> bytes:
        return self._connection.read()

    def close(self) -> None:
        self._connection.close()


def get(engine: Engine, container_id: str, path: str) -> Archive:
    """:raises NotFound: nothing is there."""
    try:
        return Archive(engine.api.archive(
            'GET', container_id, posixpath.normpath(path)))
    except docker.errors.APIError as exc:
        raise _refused(exc, path) from exc


def is_directory(engine: Engine, container_id: str, path: str) -> bool:
    """Links are followed.

    :raises docker.errors.NotFound: nothing is there.
    """
    found = _info(engine.api.archive('HEAD', container_id, path + '/'))
    return stat.S_ISDIR(found.mode)


def put(engine: Engine, container_id: str, path: str,
        data: Iterator[bytes]) -> None:
    """:raises NotFound: nothing is there.

    :raises Invalid: it is no directory, or `data` no archive.
    :raises Conflict: it cannot be written to.
    """
    try:
        # Before anything is sent: an engine that refuses early breaks the
        # connection, and with it its reason.
        if not is_directory(engine, container_id, path):
            raise no_directory(path)
        sent = _Sent(data)
        try:
            engine.api.put_archive_stream(container_id, path, iter(sent))
        except exceptions.EngineUnavailable:
            if sent.failure is not None:
                raise sent.failure from None
            raise
    except docker.errors.APIError as exc:
        raise _refused(exc, path) from exc


class _Sent:
    """What is sent, in pieces of a bearable size. The HTTP library takes
    the failure of its source for one of the connection."""

    def __init__(self, data: Iterator[bytes]) -> None:
        self._data = data
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._data:
                for at in range(0, len(piece), _TAKE):
                    yield piece[at:at + _TAKE]
        except Exception as exc:
            self.failure = exc
            raise


def no_directory(path: str) -> exceptions.Invalid:
    return exceptions.Invalid(fields=[exceptions.FieldError(
        'path', f'{path} is not a directory')])


def _refused(exc: docker.errors.APIError, path: str,
             ) -> exceptions.ZunLiteError:
    """The engine answers most of these with 500 and a sentence."""
    text = explain(exc)
    if exc.status_code == requests.codes.not_found:
        if 'No such container' in text:
            return exceptions.ContainerNotFound(text)
        return exceptions.NotFound(f'Nothing is at {path}.')
    method = '' if exc.response is None else exc.response.request.method
    if 'not a directory' in text or method == 'HEAD':
        return no_directory(path)
    # Of what is taken out it is said when the container goes meanwhile.
    if 'processing tar file' in text and method == 'PUT':
        return exceptions.Invalid(f'The archive cannot be unpacked: {text}')
    return exceptions.Conflict(text)
