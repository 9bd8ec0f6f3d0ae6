"""What is done in each kind of stream, once it is open."""
import contextlib
import dataclasses
import threading
import typing
from collections.abc import Callable
from collections.abc import Iterator

import websockets.exceptions
from websockets.sync.server import ServerConnection

from zun_lite import exceptions
from zun_lite.compute.streams import gathering
from zun_lite.compute.streams.tickets import Ticket
from zun_lite.drivers import base
from zun_lite.streams import wire


class Closeable(typing.Protocol):
    def close(self) -> None: ...


# Where a stream puts what must be closed when its connection goes.
Hold = Callable[[Closeable], None]


def _until_gone(connection: ServerConnection, what: Closeable) -> None:
    """Close `what` when the other side goes; it has nothing to say."""
    def watch() -> None:
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            while True:
                connection.recv()
        what.close()
    threading.Thread(target=watch, daemon=True, name='stream-gone').start()


def _pour(connection: ServerConnection,
          stream: typing.Iterable[bytes]) -> None:
    for piece in stream:
        for at in range(0, len(piece), wire.PIECE):
            connection.send(piece[at:at + wire.PIECE])
    connection.send(wire.end())


def follow(connection: ServerConnection, driver: base.Follow,
           ticket: Ticket, hold: Hold) -> None:
    with driver.follow_logs(ticket.uuid, ticket.container,
                            **ticket.args) as stream:
        hold(stream)
        connection.send(wire.opened())
        _until_gone(connection, stream)
        with gathering.Gathered(stream, wire.PIECE) as pieces:
            _pour(connection, pieces)


def get(connection: ServerConnection, driver: base.Copy,
        ticket: Ticket, hold: Hold) -> None:
    with driver.get_archive(ticket.uuid, ticket.container,
                            **ticket.args) as archive:
        hold(archive)
        connection.send(wire.opened(info=dataclasses.asdict(archive.info)))
        _until_gone(connection, archive)
        _pour(connection, archive)


def _pieces(connection: ServerConnection) -> Iterator[bytes]:
    """What is uploaded, until the end is told.

    :raises Invalid: the sender went away first.
    """
    while True:
        try:
            message = connection.recv()
        except websockets.exceptions.ConnectionClosed as exc:
            raise exceptions.Invalid('The upload broke off.') from exc
        if isinstance(message, str):
            wire.parsed(message)
            return
        yield message


def put(connection: ServerConnection, driver: base.Copy,
        ticket: Ticket, hold: Hold) -> None:
    connection.send(wire.opened())
    driver.put_archive(ticket.uuid, ticket.container,
                       data=_pieces(connection), **ticket.args)
    connection.send(wire.end())


def converse(connection: ServerConnection, session: base.Session) -> None:
    """Both ways until one side ends."""
    connection.send(wire.opened(tty=session.tty))
    writer = threading.Thread(
        target=_listen, args=(connection, session), daemon=True,
        name='stream-input')
    writer.start()
    while (piece := session.read()) is not None:
        where = bytes([piece.stream])
        for at in range(0, len(piece.data), wire.SESSION_PIECE):
            connection.send(where + piece.data[at:at + wire.SESSION_PIECE])
    connection.send(wire.end(session.exit_code()))


def _listen(connection: ServerConnection, session: base.Session) -> None:
    try:
        for message in connection:
            if isinstance(message, bytes):
                session.write(message)
    except (websockets.exceptions.ConnectionClosed,
            exceptions.ZunLiteError):
        pass                            # `read` finds the same
    finally:
        session.close()


def attach(connection: ServerConnection, driver: base.Attach,
           ticket: Ticket, hold: Hold) -> None:
    with driver.attach(ticket.uuid, ticket.container) as session:
        hold(session)
        converse(connection, session)


def execute(connection: ServerConnection, driver: base.ExecInteractive,
            ticket: Ticket, hold: Hold) -> None:
    with driver.open_exec(
            ticket.uuid, ticket.container, tuple(ticket.args['command']),
            tty=ticket.args['tty']) as session:
        hold(session)
        converse(connection, session)


class Kind(typing.NamedTuple):
    """A kind of stream: what the driver needs for it, and what is done."""
    group: type
    serve: Callable[..., None]


KINDS = {'follow': Kind(base.Follow, follow), 'get': Kind(base.Copy, get),
         'put': Kind(base.Copy, put), 'attach': Kind(base.Attach, attach),
         'exec': Kind(base.ExecInteractive, execute)}
