"""A bus over unix sockets in one directory: processes without a broker."""
import json
import os
import socket
import threading
import typing

from zun_lite.rpc import bus


def _send(connection: socket.socket, value: typing.Any) -> None:
    connection.sendall(json.dumps(value).encode() + b'\n')


def _receive(connection: socket.socket) -> typing.Any:
    with connection.makefile('rb') as lines:
        line = lines.readline()
    if not line.endswith(b'\n'):
        raise ConnectionError('the other side is gone')
    return json.loads(line)


class SocketServer(bus.Server):
    def __init__(self, path: str, endpoint: object):
        self._path, self._endpoint = path, endpoint
        if os.path.exists(path):
            os.unlink(path)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(path)
        self._socket.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,),
                             daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                method, ctx, args = _receive(connection)
                _send(connection,
                      bus.answer(self._endpoint, method, ctx, args))
            except OSError:
                pass                    # the caller was killed

    def stop(self) -> None:
        self._socket.close()
        if os.path.exists(self._path):
            os.unlink(self._path)


class SocketBus(bus.Bus):
    def __init__(self, directory: str):
        self._directory = directory
        self._servers: list[SocketServer] = []

    def _path(self, topic: str, server: str | None) -> str:
        name = topic if topic == bus.CONDUCTOR_TOPIC else f'{topic}.{server}'
        return os.path.join(self._directory, name)

    def call(self, topic, server, method, /, *, wait_s=None, **args):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(wait_s or 5.0)
            try:
                connection.connect(self._path(topic, server))
                _send(connection, (method, bus.calling_context(), args))
                envelope = _receive(connection)
            except OSError:
                raise bus.unanswered(topic, server) from None
        return bus.opened(envelope)

    def cast(self, topic, server, method, /, *, key=None, **args):
        try:
            self.call(topic, server, method, **args)
        except Exception:
            pass                        # a hint may be lost

    def gather(self, topic, server, method, /, entries):
        self.cast(topic, server, method, entries=entries)

    def serve(self, topic, server, endpoint):
        served = SocketServer(self._path(topic, server), endpoint)
        self._servers.append(served)
        return served

    def close(self) -> None:
        for served in self._servers:
            served.stop()
