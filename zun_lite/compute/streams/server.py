"""The agent's port for streams: a thread or three for each that is open."""
import http
import logging
import threading
import typing

import websockets.exceptions
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.http11 import Response
from websockets.sync import server

from zun_lite import exceptions
from zun_lite.compute.streams import serving
from zun_lite.compute.streams.tickets import Ticket
from zun_lite.compute.streams.tickets import Tickets
from zun_lite.conf import CONF
from zun_lite.drivers import base
from zun_lite.streams import quiet
from zun_lite.streams import sockets
from zun_lite.streams import tls
from zun_lite.streams import wire

LOG = logging.getLogger(__name__)

HANDSHAKE_S = 10.0
CLOSE_S = 2.0


class _Open:
    """A stream that is open. `held`: its session, where it has one."""

    def __init__(self, connection: server.ServerConnection,
                 ticket: Ticket) -> None:
        self.connection, self.ticket = connection, ticket
        self.held: serving.Closeable | None = None

    def hold(self, held: serving.Closeable) -> None:
        self.held = held

    def end(self) -> None:
        """Break it off. The connection first: what is closed looks as if it
        had come to its own end, and would be told so."""
        sockets.cut(self.connection.socket)
        if self.held is not None:
            self.held.close()


class StreamServer:
    """Serves what `tickets` were issued for, from `start` until `stop`."""

    def __init__(self, driver: base.PodDriver) -> None:
        self._driver: typing.Any = driver
        self.tickets = Tickets()
        self._open: dict[int, _Open] = {}
        self._lock = threading.Lock()
        self._server: server.Server | None = None
        self.url = ''

    def start(self) -> None:
        """:raises Invalid: the address or the certificate cannot be used."""
        context = tls.for_agent()
        host, port = CONF.compute.stream_host, CONF.compute.stream_port
        try:
            self._server = server.serve(
                self._serve, host, port, ssl=context, compression=None,
                process_request=self._admit, server_header=None,
                open_timeout=HANDSHAKE_S, ping_interval=None,
                close_timeout=CLOSE_S, max_size=wire.MAX_MESSAGE,
                max_queue=4, logger=quiet.logger(
                    'zun_lite.compute.streams.websockets'))
        except OSError as exc:
            raise exceptions.Invalid(
                f'[compute] stream_host, stream_port: cannot listen on '
                f'{host}:{port}: {exc.strerror}') from exc
        self.url = self._url(self._server.socket.getsockname()[1],
                             context is not None)
        if context is None and not host.startswith(('127.', '::1',
                                                    'localhost')):
            LOG.warning('Streams travel unencrypted to %s: set [compute] '
                        'stream_cert_file', self.url)
        threading.Thread(target=self._server.serve_forever, daemon=True,
                         name='streams').start()

    @staticmethod
    def _url(port: int, encrypted: bool) -> str:
        if CONF.compute.stream_url:
            return CONF.compute.stream_url
        host = CONF.compute.stream_host
        if host in ('0.0.0.0', '::'):       # noqa: S104  not to bind to
            host = CONF.compute.host
        shown = f'[{host}]' if ':' in host else host
        return f'{"wss" if encrypted else "ws"}://{shown}:{port}/'

    def stop(self) -> None:
        """End every stream; commands in them are hung up on."""
        if self._server is None:
            return
        for stream in self._streams():
            stream.end()
        self._server.shutdown()

    def resize(self, uuid: str, container: str, session: str | None,
               width: int, height: int) -> bool:
        """Of one session, or of all that are attached to a container.

        False: there is none.
        """
        found = [s.held for s in self._streams()
                 if s.ticket.uuid == uuid and (
                     s.ticket.session == session if session else
                     (s.ticket.kind, s.ticket.container)
                     == ('attach', container))]
        for held in found:
            if isinstance(held, base.Session):
                held.resize(width, height)
        return bool(found)

    def _streams(self) -> list[_Open]:
        with self._lock:
            return list(self._open.values())

    # In the thread of each connection.

    def _admit(self, connection: server.ServerConnection,
               request: Request) -> Response | None:
        """Nobody without a token gets as far as a WebSocket."""
        sockets.keep_alive(connection.socket)
        try:
            if len(self._open) >= CONF.compute.stream_sessions:
                raise exceptions.Unavailable(
                    'The host has too many streams open.')
            sent = request.headers.get('Authorization', '')
            if not sent.startswith(wire.SCHEME):
                raise exceptions.Unauthorized()
            connection.ticket = self.tickets.redeem(  # type: ignore
                sent.removeprefix(wire.SCHEME))
        except exceptions.ZunLiteError as exc:
            return _refusal(exc)
        return None

    def _serve(self, connection: server.ServerConnection) -> None:
        stream = _Open(connection, connection.ticket)  # type: ignore
        with self._lock:
            self._open[id(stream)] = stream
        try:
            self._carry_out(stream)
        except websockets.exceptions.ConnectionClosed:
            LOG.debug('Pod %s: the other end of a stream is gone',
                      stream.ticket.uuid)
        finally:
            with self._lock:
                del self._open[id(stream)]

    def _carry_out(self, stream: _Open) -> None:
        ticket, connection = stream.ticket, stream.connection
        LOG.info('Pod %s: stream %s of %s', ticket.uuid, ticket.kind,
                 ticket.container)
        try:
            serving.KINDS[ticket.kind].serve(connection, self._driver,
                                             ticket, stream.hold)
        except websockets.exceptions.ConnectionClosed:
            raise
        except Exception as exc:
            if not isinstance(exc, exceptions.ZunLiteError):
                LOG.exception('Pod %s: a stream failed', ticket.uuid)
            connection.send(wire.failed(exc))


def _refusal(error: exceptions.ZunLiteError) -> Response:
    status = http.HTTPStatus(error.status)
    body = wire.failed(error).encode()
    return Response(status.value, status.phrase, Headers([
        ('Content-Type', 'application/json'), ('Connection', 'close'),
        ('Content-Length', str(len(body)))]), body)
