"""A socket between an agent and its engine that can be cut and mended."""
import contextlib
import os
import socket
import threading
import urllib.parse


class EngineProxy:
    """Passes bytes from `path`, a unix socket, to the engine of `url`."""

    def __init__(self, path: str, url: str):
        self.url = f'unix://{path}'
        self._path, self._engine = path, urllib.parse.urlparse(url)
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, args=(self._listener,),
                         daemon=True).start()

    def cut(self) -> None:
        """As when the engine is killed: nobody listens, all streams end."""
        if self._listener is not None:
            os.unlink(self._path)
            self._listener.close()
            self._listener = None
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            if self._listener is not listener:
                near.close()
                return
            far = self._connect()
            self._open |= {near, far}
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=pair,
                                 daemon=True).start()

    def _connect(self) -> socket.socket:
        if self._engine.scheme == 'unix':
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._engine.path)
            return far
        return socket.create_connection(
            (self._engine.hostname, self._engine.port))

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(2**16):
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._open -= {source, target}
