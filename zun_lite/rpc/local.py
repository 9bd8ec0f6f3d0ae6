"""The bus of an all-in-one: every part lives in this process."""
import json
import logging
import threading
import typing
from collections.abc import Mapping
from concurrent import futures

from zun_lite.conf import CONF
from zun_lite.rpc import bus
from zun_lite.rpc import hints

LOG = logging.getLogger(__name__)


class _Message(typing.NamedTuple):
    method: str
    ctx: bus.Context
    args: str                          # JSON: nothing is shared by reference


class _LocalServer(bus.Server):
    """One endpoint with its own threads, so that no other slows it down."""

    def __init__(self, owner: 'LocalBus', topic: str, server: str,
                 endpoint: object) -> None:
        self.topic = topic
        self.server = server
        self._owner = owner
        self._endpoint = endpoint
        self._calls = futures.ThreadPoolExecutor(
            CONF.rpc.workers, thread_name_prefix=f'call-{server}')
        self.hints = hints.Hints(
            f'hints to {server}', self._pass_on,
            workers=CONF.rpc.hint_workers, limit=CONF.rpc.hint_limit)

    def answer(self, message: _Message) -> str:
        return json.dumps(bus.answer(
            self._endpoint, message.method, message.ctx,
            json.loads(message.args)))

    def _pass_on(self, hint: hints.Hint) -> None:
        message = hint.payload
        if hint.entries is not None:
            message = message._replace(
                args=json.dumps({'entries': hint.entries}))
        self.answer(message)

    def submit(self, message: _Message) -> 'futures.Future[str]':
        return self._calls.submit(self.answer, message)

    def stop(self) -> None:
        self._owner.forget(self)
        self.hints.stop()
        self._calls.shutdown(wait=True, cancel_futures=True)


class LocalBus(bus.Bus):
    """Calls and hints run on threads of the served endpoint."""

    def __init__(self) -> None:
        self._servers: list[_LocalServer] = []
        self._lock = threading.Lock()

    def serve(self, topic: str, server: str, endpoint: object) -> bus.Server:
        served = _LocalServer(self, topic, server, endpoint)
        with self._lock:
            self._servers.append(served)
        return served

    def forget(self, served: _LocalServer) -> None:
        """Send nothing more to `served`."""
        with self._lock:
            if served in self._servers:
                self._servers.remove(served)

    def _find(self, topic: str, server: str | None) -> _LocalServer | None:
        """The server meant; of several the one not used for longest."""
        with self._lock:
            for served in self._servers:
                if served.topic == topic and server in (None, served.server):
                    self._servers.remove(served)
                    self._servers.append(served)
                    return served
        return None

    def call(self, topic: str, server: str | None, method: str, /, *,
             wait_s: float | None = None, **args: typing.Any,
             ) -> typing.Any:
        message = _Message(method, bus.calling_context(), json.dumps(args))
        served = self._find(topic, server)
        if served is None:
            raise bus.unanswered(topic, server)
        try:
            answered = served.submit(message)
            text = answered.result(wait_s or CONF.rpc.call_timeout)
        except (futures.TimeoutError, futures.CancelledError, RuntimeError):
            # RuntimeError: the server was stopped between find and submit.
            raise bus.unanswered(topic, server) from None
        return bus.opened(json.loads(text))

    def cast(self, topic: str, server: str | None, method: str, /, *,
             key: str | None = None, **args: typing.Any) -> None:
        self._hint(topic, server, _Message(
            method, bus.calling_context(), json.dumps(args)),
            key and (method, key))

    def gather(self, topic: str, server: str | None, method: str, /,
               entries: Mapping[str, typing.Any]) -> None:
        self._hint(topic, server, _Message(
            method, bus.calling_context(), ''), method, entries)

    def _hint(self, topic: str, server: str | None, message: _Message,
              key: typing.Hashable,
              entries: Mapping[str, typing.Any] | None = None) -> None:
        served = self._find(topic, server)
        if served is None:
            LOG.debug('nobody is there to hear %s on %s', message.method,
                      topic)
            return
        served.hints.put(message, key, entries)

    def close(self) -> None:
        for served in list(self._servers):
            served.stop()
