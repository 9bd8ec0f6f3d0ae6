"""The bus of separate processes: oslo.messaging over a broker.

Casts are published by threads of their own from a bounded queue, so a broker
that is away (publishing then blocks and retries) costs a request nothing.
Calls run beside their caller, who waits for its timeout and no longer:
oslo.messaging's own does not cover connecting, which may take for ever.
"""
import logging
import threading
import typing
from collections.abc import Callable
from collections.abc import Mapping
from concurrent import futures

from oslo_service import backend

# Before oslo.messaging is imported: it would choose eventlet for good.
backend.init_backend(backend.BackendType.THREADING)

import oslo_messaging as messaging  # noqa: E402

from zun_lite.conf import CONF  # noqa: E402
from zun_lite.rpc import bus  # noqa: E402
from zun_lite.rpc import hints  # noqa: E402

LOG = logging.getLogger(__name__)

EXCHANGE = 'zun_lite'       # of our own: a shared one may be declared unlike
RETRIES = 1                 # of a send, about a second apart
STOP_GRACE_S = 1


def is_local(conf: typing.Any) -> bool:
    """Whether transport_url is local://."""
    return bool(messaging.TransportURL.parse(conf).transport == 'local')


class _Endpoint:
    """Gives oslo.messaging the endpoint's methods, answering envelopes."""
    target = messaging.Target(version=bus.VERSION)

    def __init__(self, endpoint: object) -> None:
        self._endpoint = endpoint

    def __getattr__(self, method: str) -> Callable[..., dict]:
        if method.startswith('_') or not hasattr(self._endpoint, method):
            raise AttributeError(method)

        def answer(ctx: bus.Context, **args: typing.Any) -> dict:
            return bus.answer(self._endpoint, method, ctx, args)
        return answer


class _OsloServer(bus.Server):
    """Starts in the background: listening waits until a broker is there."""

    def __init__(self, server: typing.Any) -> None:
        self._server = server
        self._starting = threading.Thread(
            target=server.start, name='rpc-listen', daemon=True)
        self._starting.start()

    def stop(self) -> None:
        self._starting.join(STOP_GRACE_S)
        if self._starting.is_alive():
            LOG.warning('no broker was ever reached; not listening')
            return
        self._server.stop()
        self._server.wait()


class _Beside:
    """Runs functions on threads of their own, a limited number at once.

    Not an executor: its threads would keep a process from ending while the
    broker is away.
    """

    def __init__(self, limit: int) -> None:
        self._room = threading.Semaphore(limit)

    def run(self, function: Callable[[], typing.Any],
            timeout_s: float) -> typing.Any:
        """Its result.

        :raises TimeoutError: it has not ended in time, and goes on.
        """
        if not self._room.acquire(timeout=timeout_s):
            raise TimeoutError('too many calls wait for the broker')
        done: futures.Future = futures.Future()

        def run() -> None:
            try:
                done.set_result(function())
            except Exception as exc:
                done.set_exception(exc)
            finally:
                self._room.release()
        threading.Thread(target=run, name='rpc-call', daemon=True).start()
        return done.result(timeout_s)


class OsloBus(bus.Bus):
    """Connects when first used, so it may be made before a fork."""

    def __init__(self, conf: typing.Any) -> None:
        messaging.set_transport_defaults(EXCHANGE)
        self._transport = messaging.get_rpc_transport(conf)
        # Undeliverable at once where nobody ever listened.
        self._client = messaging.get_rpc_client(
            self._transport, messaging.Target(version=bus.VERSION),
            transport_options=messaging.TransportOptions(at_least_once=True))
        self._calls = _Beside(CONF.rpc.call_limit)
        self._hints = hints.Hints(
            'hints to the broker', self._publish,
            workers=CONF.rpc.hint_workers, limit=CONF.rpc.hint_limit)

    def serve(self, topic: str, server: str, endpoint: object) -> bus.Server:
        return _OsloServer(messaging.get_rpc_server(
            self._transport, messaging.Target(topic=topic, server=server),
            [_Endpoint(endpoint)]))

    def call(self, topic: str, server: str | None, method: str, /, *,
             wait_s: float | None = None, **args: typing.Any,
             ) -> typing.Any:
        wait_s = wait_s or CONF.rpc.call_timeout
        client = self._client.prepare(
            topic=topic, server=server, retry=RETRIES, timeout=wait_s)
        ctx = bus.calling_context()
        try:
            envelope = self._calls.run(
                lambda: client.call(ctx, method, **args), wait_s)
        except Exception as exc:
            # oslo's, kombu's, amqp's and socket errors all mean this.
            LOG.warning('%s on %s (%s) was not answered: %s %s', method,
                        topic, server or 'any', type(exc).__name__, exc)
            raise bus.unanswered(topic, server) from None
        return bus.opened(envelope)

    def cast(self, topic: str, server: str | None, method: str, /, *,
             key: str | None = None, **args: typing.Any) -> None:
        self._hints.put((topic, server, method, bus.calling_context(), args),
                        key and (topic, server, method, key))

    def gather(self, topic: str, server: str | None, method: str, /,
               entries: Mapping[str, typing.Any]) -> None:
        self._hints.put((topic, server, method, bus.calling_context(), {}),
                        (topic, server, method), entries)

    def _publish(self, hint: hints.Hint) -> None:
        topic, server, method, ctx, args = hint.payload
        if hint.entries is not None:
            args = {'entries': hint.entries}
        client = self._client.prepare(topic=topic, server=server,
                                      retry=RETRIES)
        try:
            client.cast(ctx, method, **args)
        except Exception as exc:
            LOG.warning('the hint %s on %s (%s) is left to the sweeps: %s %s',
                        method, topic, server or 'any', type(exc).__name__,
                        exc)

    def close(self) -> None:
        self._hints.stop(STOP_GRACE_S)
        # Closing waits for connections that are being opened.
        closing = threading.Thread(target=self._transport.cleanup,
                                   name='rpc-close', daemon=True)
        closing.start()
        closing.join(STOP_GRACE_S)
