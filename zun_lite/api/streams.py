"""What the API does with streams: passes them on, or tells where they are.

A stream that is passed on keeps a thread of the WSGI server for as long as
it lasts, so their number is bounded; never more than a few pieces of it are
in memory.
"""
import contextlib
import logging
import socket
import threading
import typing
import urllib.parse
from collections.abc import Callable
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.streams import client

LOG = logging.getLogger(__name__)

LOOK_S = 5.0        # how often a silent stream looks whether its reader left

Environ = dict[str, typing.Any]


class Session(typing.NamedTuple):
    """Where a client joins a session, and its name for `resize`."""
    url: str
    session: str


class _Places:
    """How many streams this process passes on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    def take(self) -> None:
        """:raises Unavailable: there are too many."""
        with self._lock:
            if self._taken >= CONF.api.max_streams:
                raise exceptions.Unavailable(
                    'Too many streams are open; try again later.')
            self._taken += 1

    def free(self) -> None:
        with self._lock:
            self._taken -= 1


_places = _Places()


class Flow:
    """The body of an answer, as it comes from a host. Must be closed, as
    WSGI says; only then is its place free."""

    def __init__(self, url: str, token: str,
                 gone: Callable[[], bool]) -> None:
        self._gone = gone
        self._closed = False
        _places.take()
        try:
            self._link = client.connect(url, token)
        except BaseException:
            _places.free()
            raise
        self.opened = self._link.opened

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                piece = self._link.receive(LOOK_S)
            except TimeoutError:
                if self._gone():
                    return
                continue
            if not piece:
                return
            yield piece

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._link.close()
            _places.free()


def reader_gone(environ: Environ) -> Callable[[], bool]:
    """Whether nobody reads the answer any more, as far as the server tells.

    A write would find out, but a silent stream has nothing to write.
    """
    told = environ.get('waitress.client_disconnected')
    if told is not None:
        return told
    sock: socket.socket | None = environ.get('gunicorn.socket')
    if sock is None:
        return lambda: False

    def gone() -> bool:
        try:
            return not sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except (BlockingIOError, ValueError):   # ValueError: TLS
            return False
        except OSError:
            return True
    return gone


class Streams:
    """Streams of pods; `host`, `uuid` and `container` say of which."""

    def __init__(self, compute: typing.Any) -> None:
        self._compute = compute         # rpc.ComputeClient

    def follow(self, environ: Environ, host: str | None, uuid: str,
               container: str, **options: typing.Any) -> Flow:
        """A log as it grows; see drivers' `Follow`."""
        return self._flow(environ, 'follow', host, uuid, container, options)

    def get_archive(self, environ: Environ, host: str | None, uuid: str,
                    container: str, path: str) -> Flow:
        """A tar archive; `opened['info']` is drivers' FileInfo."""
        return self._flow(environ, 'get', host, uuid, container,
                          {'path': path})

    def _flow(self, environ: Environ, kind: str, host: str | None, uuid: str,
              container: str, args: dict[str, typing.Any]) -> Flow:
        found = self._compute.open_stream(host, kind, uuid, container,
                                          **args)
        return Flow(found['url'], found['token'], reader_gone(environ))

    def put_archive(self, host: str | None, uuid: str, container: str,
                    path: str, pieces: Iterator[bytes]) -> None:
        """Unpack a tar archive; see drivers' `Copy`."""
        found = self._compute.open_stream(host, 'put', uuid, container,
                                          path=path)
        _places.take()
        with contextlib.ExitStack() as stack:
            stack.callback(_places.free)
            link = client.connect(found['url'], found['token'])
            stack.callback(link.close)
            link.send(pieces)

    def attach(self, host: str | None, uuid: str, container: str) -> Session:
        """Where to join a container's own process."""
        return self._session('attach', host, uuid, container, {})

    def execute(self, host: str | None, uuid: str, container: str,
                command: list[str], tty: bool) -> Session:
        """Where to converse with a command; it begins when joined."""
        return self._session('exec', host, uuid, container,
                             {'command': command, 'tty': tty})

    def resize(self, host: str | None, uuid: str, container: str, width: int,
               height: int, session: str | None = None) -> None:
        """:raises Conflict: there is no such session."""
        self._compute.resize_stream(host, uuid, container, width=width,
                                    height=height, session=session)

    def _session(self, kind: str, host: str | None, uuid: str, container: str,
                 args: dict[str, typing.Any]) -> Session:
        found = self._compute.open_stream(host, kind, uuid, container,
                                          **args)
        query = urllib.parse.urlencode(
            {'token': f'{uuid}.{found["token"]}', 'uuid': uuid})
        return Session(f'{base_url()}?{query}', found['session'])


def base_url() -> str:
    """Where clients reach the proxy."""
    options = CONF.websocket_proxy
    if options.base_url:
        return options.base_url
    host = f'[{options.host}]' if ':' in options.host else options.host
    return (f'{"wss" if options.cert_file else "ws"}://{host}:'
            f'{options.port}/')
