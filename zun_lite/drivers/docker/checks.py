"""Carrying out one probe: a command, a GET or a connection."""
import contextlib
import dataclasses
import http.client
import io
import socket
import ssl
import time
import typing
import urllib.parse

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers.docker import execs
from zun_lite.drivers.docker.client import Engine
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import ExecAction
from zun_lite.pod.spec import HttpGetAction
from zun_lite.pod.spec import Probe
from zun_lite.pod.spec import Scheme
from zun_lite.pod.spec import TcpSocketAction

_SHOWN = 1024                       # bytes of an answer told in an event
_REDIRECTS = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """A running container as probes see it; `address` is the pod's."""
    uuid: str
    project: str
    run_id: str
    container: Container
    address: str | None
    started_at: float               # seconds since the epoch
    adopted: bool = False           # another agent started it


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """`ok` None: nobody could ask, which says nothing."""
    ok: bool | None
    message: str = ''


def timeout_s(probe: Probe) -> int:
    return probe.timeout_seconds or 1


def carry_out(engine: Engine, probe: Probe, target: Target) -> Outcome:
    """Ask once, within the probe's time limit."""
    limit = timeout_s(probe)
    if probe.exec is not None:
        return _exec(engine, probe.exec, target, limit)
    if probe.http_get is not None:
        return _http_get(probe.http_get, target, limit)
    if probe.tcp_socket is not None:
        return _tcp_socket(probe.tcp_socket, target, limit)
    return Outcome(True)


def _exec(engine: Engine, action: ExecAction, target: Target,
          limit_s: float) -> Outcome:
    try:
        result = execs.run(engine, target.run_id, action.command,
                           timeout_s=limit_s, limit_bytes=_SHOWN)
    except exceptions.TimedOut:
        return Outcome(False, f'command timed out after {limit_s:g}s')
    except (exceptions.ZunLiteError, docker.errors.APIError) as exc:
        return Outcome(None, str(exc))
    said = (result.stdout + result.stderr).decode(errors='replace').strip()
    return Outcome(result.exit_code == 0,
                   said or f'exit code {result.exit_code}')


def port_of(port: int | str, container: Container) -> int:
    """The number of a port that may be given by its name.

    :raises LookupError: no port of the container has that name.
    """
    if isinstance(port, int):
        return port
    for known in container.ports or ():
        if known.name == port:
            return known.container_port
    raise LookupError(f'the container has no port named {port}')


def _place(action: HttpGetAction | TcpSocketAction,
           target: Target) -> tuple[str, int]:
    host = action.host or target.address
    if not host:
        raise LookupError('the pod has no address')
    return host, port_of(action.port, target.container)


def _tcp_socket(action: TcpSocketAction, target: Target,
                limit_s: float) -> Outcome:
    deadline = time.monotonic() + limit_s
    try:
        with _open(*_place(action, target), deadline):
            return Outcome(True)
    except (OSError, LookupError) as exc:
        return Outcome(False, str(exc))


def _http_get(action: HttpGetAction, target: Target,
              limit_s: float) -> Outcome:
    deadline = time.monotonic() + limit_s
    try:
        host, port = _place(action, target)
        scheme = (action.scheme or Scheme.HTTP).value.lower()
        path = action.path or '/'
        url = f'{scheme}://{host}:{port}/{path.removeprefix("/")}'
        for _ in range(_REDIRECTS):
            code, goes_on = _get(action, url, deadline)
            if not goes_on:
                return Outcome(
                    200 <= code < 400,
                    f'HTTP probe failed with statuscode: {code}')
            onward = urllib.parse.urljoin(url, goes_on)
            if urllib.parse.urlsplit(onward).hostname != host:
                return Outcome(True)        # elsewhere: as the kubelet does
            url = onward
        return Outcome(False, f'stopped after {_REDIRECTS} redirects')
    except (OSError, http.client.HTTPException, LookupError,
            ValueError) as exc:
        return Outcome(False, str(exc) or type(exc).__name__)


def _left(deadline: float) -> float:
    """Seconds; more than none, which to sockets is no limit at all.

    :raises TimeoutError: it is over.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError('timed out')
    return left


def _open(host: str, port: int, deadline: float) -> socket.socket:
    """Connected to the first address that answers.

    All of them share the time, which the standard library gives to each.
    """
    failure = OSError(f'{host} has no address')
    for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM):
        line = socket.socket(family, kind, protocol)
        try:
            line.settimeout(_left(deadline))
            line.connect(address)
            line.settimeout(_left(deadline))
            return line
        except OSError as exc:
            line.close()
            failure = exc
    raise failure


class _Incoming(io.RawIOBase):
    """What comes in, until the deadline, however little at a time: the
    limit of a socket is for each piece alone."""

    def __init__(self, line: socket.socket, deadline: float):
        self._line, self._deadline = line, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        """As `http.client` asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: typing.Any) -> int:
        self._line.settimeout(_left(self._deadline))
        return self._line.recv_into(buffer)


def _connect(url: urllib.parse.SplitResult,
             deadline: float) -> http.client.HTTPConnection:
    host = url.hostname or ''
    if url.scheme != 'https':
        connection = http.client.HTTPConnection(host, url.port)
        connection.sock = _open(host, connection.port, deadline)
        return connection
    # As the kubelet: a probe asks whether it answers, not who it is.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, url.port, context=context)
    connection.sock = context.wrap_socket(
        _open(host, connection.port, deadline), server_hostname=host)
    return connection


def _get(action: HttpGetAction, url: str,
         deadline: float) -> tuple[int, str | None]:
    """(status, where it redirects to)."""
    parts = urllib.parse.urlsplit(url)
    headers = [(h.name, h.value) for h in action.http_headers or ()]
    given = {name.lower() for name, _ in headers}
    headers += [(name, value) for name, value in (
        ('User-Agent', 'zun-lite-probe'), ('Accept', '*/*'))
        if name.lower() not in given]
    with contextlib.closing(_connect(parts, deadline)) as connection:
        path = urllib.parse.urlunsplit(
            ('', '', parts.path or '/', parts.query, ''))
        connection.putrequest('GET', path, skip_accept_encoding=True,
                              skip_host='host' in given)
        for name, value in headers:
            connection.putheader(name, value)
        connection.sock.settimeout(_left(deadline))
        connection.endheaders()
        answer = http.client.HTTPResponse(
            _Incoming(connection.sock, deadline),  # type: ignore[arg-type]
            method='GET')
        answer.begin()
        answer.read(_SHOWN)     # has to come in time as well
    redirects = answer.status in (301, 302, 303, 307, 308)
    return (answer.status,
            answer.headers.get('Location') if redirects else None)
