"""A stream as the API sees it: blocking, one reader and one writer."""
import contextlib
import typing

import websockets.exceptions
from websockets.sync import client

from zun_lite import exceptions
from zun_lite.streams import quiet
from zun_lite.streams import sockets
from zun_lite.streams import tls
from zun_lite.streams import wire

OPEN_S = 30.0
CLOSE_S = 2.0
_LOG = quiet.logger('zun_lite.streams.client')


class Link:
    """An open stream; `opened` is the agent's first message."""

    def __init__(self, connection: client.ClientConnection) -> None:
        self._connection = connection
        self.opened: wire.Message = {}

    def receive(self, timeout_s: float | None = None) -> bytes:
        """The next data; b'' is the end.

        :raises TimeoutError: nothing has come yet.
        :raises ZunLiteError: what went wrong at the agent.
        :raises Unavailable: the agent is gone.
        """
        try:
            message = self._connection.recv(timeout_s)
        except websockets.exceptions.ConnectionClosed as exc:
            raise exceptions.Unavailable(
                'The stream broke off: its host is gone.') from exc
        if isinstance(message, str):
            wire.parsed(message)
            return b''
        return message

    def begin(self) -> None:
        """Wait for the agent to open it.

        :raises ZunLiteError: why it could not.
        """
        try:
            self.opened = wire.parsed(str(self._connection.recv(OPEN_S)))
        except TimeoutError as exc:
            raise exceptions.TimedOut(
                'The stream was not opened in time.') from exc
        except websockets.exceptions.ConnectionClosed as exc:
            raise exceptions.Unavailable(
                'The host ended the stream at its beginning.') from exc

    def send(self, pieces: typing.Iterable[bytes]) -> None:
        """Send data, say that this was all, and wait for the result.

        :raises ZunLiteError: what went wrong at the agent.
        """
        try:
            for piece in pieces:
                for at in range(0, len(piece), wire.PIECE):
                    self._connection.send(piece[at:at + wire.PIECE])
            self._connection.send(wire.end())
        except websockets.exceptions.ConnectionClosed:
            pass                        # `receive` has the reason
        while self.receive():
            pass

    def close(self) -> None:
        """Give it up, or end it after its end."""
        sockets.cut(self._connection.socket)
        with contextlib.suppress(OSError):
            self._connection.close()


def connect(url: str, token: str) -> Link:
    """Open the stream that `token` is for.

    :raises ZunLiteError: why the agent cannot open it.
    :raises Unavailable: the agent does not answer.
    """
    try:
        connection = client.connect(
            url, ssl=tls.to_agents(url), proxy=None, compression=None,
            additional_headers={'Authorization': wire.SCHEME + token},
            user_agent_header=None, max_size=wire.MAX_MESSAGE, max_queue=4,
            ping_interval=None, open_timeout=OPEN_S, close_timeout=CLOSE_S,
            logger=_LOG)
    except (OSError, TimeoutError,
            websockets.exceptions.WebSocketException) as exc:
        raise exceptions.Unavailable(
            "The stream's host does not answer; try again later.") from exc
    link = Link(connection)
    try:
        sockets.keep_alive(connection.socket)
        link.begin()
    except BaseException:
        link.close()
        raise
    return link
