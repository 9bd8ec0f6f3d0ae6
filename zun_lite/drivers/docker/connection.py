"""Long answers of the engine, and connections that it hands over whole."""
import contextlib
import socket
import threading
import typing

import requests
import urllib3

from zun_lite import exceptions

CHUNK = 65536
GONE = (urllib3.exceptions.HTTPError, requests.exceptions.RequestException,
        OSError, ValueError)        # ValueError: closed meanwhile


class Connection:
    """An answer whose body goes on for as long as somebody wants.

    Silence is no fault, so there is no time limit. `upgraded`: both sides
    write what they like after the answer's head.
    """

    def __init__(self, answer: requests.Response, *,
                 upgraded: bool = False) -> None:
        self._answer = answer
        # Where http.client reads from: what came along with the head is
        # still in its buffer.
        self._file: typing.Any = answer.raw._fp.fp
        self._socket: socket.socket = self._file.raw._sock
        self._socket.settimeout(None)
        self._read = self._file.read1 if upgraded else answer.raw.read1
        self._closing = threading.Lock()
        self._ended = threading.Event()
        self._reading = threading.Lock()

    def read(self) -> bytes:
        """What has come, as soon as something has; b'' is the end.

        :raises EngineUnavailable: the connection broke.
        """
        with self._reading:
            if self._ended.is_set():
                return b''
            try:
                return self._read(CHUNK)
            except GONE as exc:
                if self._ended.is_set():
                    return b''
                raise _gone(exc) from exc

    def write(self, data: bytes) -> None:
        """Wait until all is taken; nothing once the other side has ended.

        :raises EngineUnavailable: the connection broke.
        """
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return                      # the process is gone; `read` tells
        except OSError as exc:
            if not self._ended.is_set():
                raise _gone(exc) from exc

    def close(self) -> None:
        """A `read` that waits ends; then the connection is given up."""
        with self._closing:
            if self._ended.is_set():
                return
            self._ended.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with self._reading, contextlib.suppress(*GONE):
            self._answer.raw.close()
            self._file.close()
            self._socket.close()


def _gone(exc: BaseException) -> exceptions.EngineUnavailable:
    return exceptions.EngineUnavailable(
        f'The container engine went away: {exc}')
