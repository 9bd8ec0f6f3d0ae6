"""Conversations through the API server: frames that begin with a channel.

The protocol is v4.channel.k8s.io, which every server speaks; it cannot say
that input has ended.
"""
import contextlib
import json
import socket
import threading
import time
import typing

import websocket
from kubernetes.stream import ws_client

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.kubernetes.client import away

_PIECE = 32768
NOT_STARTED = 126
_BROKEN = (websocket.WebSocketException, OSError, ValueError)


class Session(base.Session):
    """`message`: how the server says that it ended, once it has;
    `started`: whether there was a process at all."""

    def __init__(self, connection: websocket.WebSocket, tty: bool, *,
                 tells_code: bool = True) -> None:
        self.tty = tty
        self.message = ''
        self.started = True
        self._connection = connection
        self._tells_code = tells_code
        self._code: int | None = None
        self._ended = self._closed = False
        self._closing = threading.Lock()

    def read(self, deadline: float | None = None) -> base.Output | None:
        """As promised; by a moment of the monotonic clock, if one is given.

        :raises TimedOut: nothing has come by then.
        """
        while not self._ended:
            channel, data = self._receive(deadline)
            if channel in (base.STDOUT, base.STDERR) and data:
                return base.Output(channel, data)
            if channel == ws_client.ERROR_CHANNEL and data:
                self._ended = True
                return self._end(json.loads(data))
        return None

    def _receive(self, deadline: float | None) -> tuple[int, bytes]:
        try:
            if deadline is not None:
                self._connection.settimeout(_left(deadline))
            opcode, data = self._connection.recv_data()
        except websocket.WebSocketTimeoutException as exc:
            raise exceptions.TimedOut(
                'The command did not end in time.') from exc
        except _BROKEN as exc:
            self._ended = True
            if self._closed or isinstance(
                    exc, websocket.WebSocketConnectionClosedException):
                return -1, b''
            raise away(exc) from exc
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self._ended = True
            return -1, b''
        return (data[0], bytes(data[1:])) if data else (-1, b'')

    def _end(self, told: dict[str, typing.Any]) -> base.Output | None:
        """The exit code, or why there is none."""
        self.message = told.get('message', '')
        if told.get('status') == 'Success':
            self._code = 0 if self._tells_code else None
            return None
        for cause in (told.get('details') or {}).get('causes', ()):
            if cause.get('reason') == 'ExitCode':
                self._code = int(cause['message'])
                return None
        if not self._tells_code:
            return None
        self._code, self.started = NOT_STARTED, False
        return base.Output(base.STDERR, self.message.encode() + b'\n')

    def write(self, data: bytes) -> None:
        for at in range(0, len(data), _PIECE):
            self._send(ws_client.STDIN_CHANNEL, data[at:at + _PIECE])

    def _send(self, channel: int, data: bytes) -> None:
        if self._closed or self._ended:
            return
        # An error here is found by `read` as well, with what came before.
        with contextlib.suppress(*_BROKEN):
            self._connection.send_binary(bytes([channel]) + data)

    def resize(self, width: int, height: int) -> None:
        if self.tty:
            self._send(ws_client.RESIZE_CHANNEL, json.dumps(
                {'Width': width, 'Height': height}).encode())

    def exit_code(self) -> int | None:
        return self._code

    def close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
        with contextlib.suppress(*_BROKEN):
            self._connection.send_close()
        plain = self._connection.sock
        if plain is not None:
            with contextlib.suppress(*_BROKEN):
                plain.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(*_BROKEN):
            self._connection.shutdown()


def _left(deadline: float) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise websocket.WebSocketTimeoutException
    return left_s


def outcome(session: Session) -> exceptions.ZunLiteError:
    """What it means that a session ended without an exit code."""
    return exceptions.Unavailable(
        session.message or 'The session ended before the command did.')
