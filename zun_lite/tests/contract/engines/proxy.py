"""A socket in front of an engine, which a test can cut."""
import abc
import contextlib
import pathlib
import select
import socket
import ssl
import tempfile
import threading
import time

# A request that changes something; a client sends its head in one piece.
CHANGES = (b'POST ', b'DELETE ', b'PUT ', b'PATCH ')
_STALLED_S = 30.0


class Proxy(abc.ABC):
    """Passes connections on to an engine until it is cut.

    `allow`: how many changing requests still reach the engine; the answer to
    the last of them does not come back, as then everything is cut.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self.allow: int | None = None
        self.restore()

    @abc.abstractmethod
    def _listen(self) -> socket.socket:
        """Where clients come, always the same place."""

    @abc.abstractmethod
    def _connect(self) -> socket.socket:
        """A new connection to the engine."""

    @property
    def is_cut(self) -> bool:
        return self._listener is None

    def restore(self) -> None:
        with self._lock:
            if self._listener is not None:
                return
            self._listener = self._listen()
            threading.Thread(target=self._accept, args=(self._listener,),
                             daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            if self._listener is not None:
                self._close(self._listener)
                self._listener = None
            for connection in self._open:
                self._close(connection)
            self._open.clear()

    def close(self) -> None:
        self.cut()

    @staticmethod
    def _close(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(listener, client),
                             daemon=True).start()

    def _serve(self, listener: socket.socket, client: socket.socket) -> None:
        try:
            engine = self._connect()
        except OSError:
            self._close(client)
            return
        with self._lock:
            if self._listener is listener:
                self._open |= {client, engine}
        if engine in self._open:
            # Closed while it is read: OSError or ValueError.
            with contextlib.suppress(OSError, ValueError):
                self._relay(client, engine)
        for one in (client, engine):
            self._close(one)
        with self._lock:
            self._open -= {client, engine}

    def _relay(self, client: socket.socket, engine: socket.socket) -> None:
        """Both directions, by one thread: TLS must not be read and written
        at once."""
        reading, last = {client, engine}, False
        while engine in reading:
            for source in _readable(reading):
                data = _received(source)
                if data is None:
                    continue
                sink = engine if source is client else client
                if not data:
                    reading.discard(source)
                    _end(sink)
                elif source is client:
                    last |= data.startswith(CHANGES) and self._counted()
                    _send(sink, data)
                elif last:
                    time.sleep(0.05)        # the engine ends its work
                    self.cut()
                    return
                else:
                    _send(sink, data)

    def _counted(self) -> bool:
        """Count a change; whether it is the last to be let through."""
        with self._lock:
            if self.allow is None:
                return False
            self.allow -= 1
            return self.allow <= 0


def _readable(reading: set[socket.socket]) -> list[socket.socket]:
    held = [one for one in reading
            if isinstance(one, ssl.SSLSocket) and one.pending()]
    return held or select.select(list(reading), [], [])[0]


def _received(source: socket.socket) -> bytes | None:
    """What came; b'': the end; None: a part of TLS' own talk."""
    source.settimeout(0)
    try:
        return source.recv(65536)
    except (ssl.SSLWantReadError, BlockingIOError):
        return None


def _send(sink: socket.socket, data: bytes) -> None:
    sink.settimeout(_STALLED_S)
    sink.sendall(data)


def _end(sink: socket.socket) -> None:
    if not isinstance(sink, ssl.SSLSocket):
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class UnixProxy(Proxy):
    """In front of a Unix socket; clients use `path`."""

    def __init__(self, target: str):
        self._target = target
        self._folder = tempfile.TemporaryDirectory(prefix='zun-lite-')
        self.path = str(pathlib.Path(self._folder.name) / 'engine.sock')
        super().__init__()

    def _listen(self) -> socket.socket:
        pathlib.Path(self.path).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(64)
        return listener

    def _connect(self) -> socket.socket:
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(self._target)
        return engine

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            pathlib.Path(self.path).unlink(missing_ok=True)
        super().cut()

    def close(self) -> None:
        super().close()
        self._folder.cleanup()


class TlsProxy(Proxy):
    """Speaks plain TCP to clients, on `port`, and TLS to the engine."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext):
        self._target, self._context = (host, port), context
        self.port = 0
        super().__init__()

    def _listen(self) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('127.0.0.1', self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        return listener

    def _connect(self) -> socket.socket:
        return self._context.wrap_socket(
            socket.create_connection(self._target, _STALLED_S),
            server_hostname=self._target[0])
