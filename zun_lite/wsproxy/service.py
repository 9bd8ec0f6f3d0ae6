"""The proxy as something that is started and stopped."""
import asyncio
import concurrent.futures
import http
import json
import logging
import socket
import threading
import typing

from websockets.asyncio import server
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.http11 import Response
from websockets.typing import Subprotocol

from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.conf import CONF
from zun_lite.streams import tls
from zun_lite.streams import wire
from zun_lite.wsproxy import bridge
from zun_lite.wsproxy import joining
from zun_lite.wsproxy import origins

LOG = logging.getLogger(__name__)

# The one that Zun's clients need to be answered with.
BINARY = Subprotocol('binary')
HANDSHAKE_S = 45.0
PING_S = 30.0          # so that no proxy between takes silence for the end
ASKING = 8             # tokens looked up at a time
STOP_S = 5.0


class WebSocketProxy:
    """Serves from `start` until `stop`. `port` is what it listens on."""

    def __init__(self, bus: rpc.Bus) -> None:
        self._compute = rpc.ComputeClient(bus)
        self._asking = concurrent.futures.ThreadPoolExecutor(
            ASKING, thread_name_prefix='wsproxy-ask')
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True,
                                        name='wsproxy')
        self._bound: socket.socket | None = None
        self._agents: dict[server.ServerConnection, typing.Any] = {}
        self.port = 0
        self.ended = threading.Event()

    def start(self) -> None:
        """:raises Invalid: it cannot listen there, or the certificate
        cannot be used."""
        options = CONF.websocket_proxy
        self._context = tls.server('[websocket_proxy]', options.cert_file,
                                   options.key_file)
        family = socket.AF_INET6 if ':' in options.host else socket.AF_INET
        self._bound = socket.socket(family)
        self._bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._bound.bind((options.host, options.port))
            self._bound.listen(128)
        except OSError as exc:
            raise exceptions.Invalid(
                f'[websocket_proxy] cannot listen on {options.host}:'
                f'{options.port}: {exc.strerror}') from exc
        self.port = self._bound.getsockname()[1]
        self._thread.start()
        LOG.info('Sessions are served on %s:%d', options.host, self.port)

    def stop(self) -> None:
        """End every session."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(STOP_S)
        self._asking.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except Exception:
            LOG.exception('The WebSocket proxy cannot go on')
        finally:
            self.ended.set()
            self._loop.close()

    async def _serve(self) -> None:
        async with server.serve(
                self._carry, sock=self._bound, ssl=self._context,
                process_request=self._admit, subprotocols=[BINARY],
                select_subprotocol=_subprotocol, compression=None,
                server_header=None, open_timeout=HANDSHAKE_S,
                ping_interval=PING_S, ping_timeout=None,
                close_timeout=bridge.CLOSE_S, max_size=wire.MAX_MESSAGE,
                max_queue=1, write_limit=bridge.BUFFER,
                logger=bridge.WEBSOCKETS_LOG):
            await self._stopping.wait()
            for agent in self._agents.values():
                agent.transport.abort()

    async def _admit(self, who: server.ServerConnection,
                     request: Request) -> Response | None:
        """Join the agent first: who is let in has a session."""
        try:
            self._check(request)
            place = await self._loop.run_in_executor(
                self._asking, joining.find, self._compute, request.path)
            agent = await bridge.join(place)
        except exceptions.ZunLiteError as exc:
            LOG.info('A session is refused: %s', exc)
            return _refusal(exc)
        except Exception:
            LOG.exception('A session could not be joined')
            return _refusal(exceptions.ZunLiteError())
        self._agents[who] = agent
        asyncio.ensure_future(self._forget(who))
        LOG.info('Pod %s: a session begins', place.uuid)
        return None

    def _check(self, request: Request) -> None:
        if len(self._agents) >= CONF.websocket_proxy.sessions:
            raise exceptions.Unavailable('Too many sessions are open.')
        options = CONF.websocket_proxy
        if not origins.allowed(
                request.headers.get('Origin'),
                request.headers.get('Host', ''), options.base_url or (
                    'wss:' if self._context else 'ws:'),
                options.allowed_origins):
            raise exceptions.Forbidden(
                'Pages of this origin may not open sessions.')

    async def _forget(self, who: server.ServerConnection) -> None:
        """A client that went before it was let in leaves no agent behind."""
        await who.wait_closed()
        agent = self._agents.pop(who, None)
        if agent is not None:
            agent.transport.abort()

    async def _carry(self, who: server.ServerConnection) -> None:
        await bridge.carry(who, self._agents[who])


def _subprotocol(_: server.ServerConnection,
                 offered: typing.Sequence[Subprotocol],
                 ) -> Subprotocol | None:
    return BINARY if BINARY in offered else None


def _refusal(error: exceptions.ZunLiteError) -> Response:
    status = http.HTTPStatus(error.status)
    detail = error.message if error.status != 500 else error.default
    body = json.dumps({'errors': [{
        'code': error.code, 'status': error.status, 'title': detail,
        'detail': detail, 'links': [], 'fields': []}]}).encode()
    return Response(status.value, status.phrase, Headers([
        ('Content-Type', 'application/json'), ('Connection', 'close'),
        ('Content-Length', str(len(body)))]), body)
