"""What may be asked about streams over RPC."""
import typing

from zun_lite import exceptions
from zun_lite.compute.streams import serving
from zun_lite.compute.streams import tickets
from zun_lite.compute.streams.server import StreamServer
from zun_lite.conf import CONF
from zun_lite.drivers import base

Plain = dict[str, typing.Any]


class StreamEndpoint:
    """A part of the agent's endpoint."""
    _driver: base.PodDriver
    _streams: StreamServer

    def open_stream(self, ctx: Plain, kind: str, uuid: str, container: str,
                    args: Plain) -> Plain:
        """{'url', 'token', 'session', 'ttl'}; the token opens it once."""
        found = serving.KINDS.get(kind)
        if found is None or not isinstance(self._driver, found.group):
            raise exceptions.NotSupported(
                f'The driver {self._driver.name} does not support '
                f'streams of kind {kind}.')
        ticket = tickets.Ticket(kind, uuid, container, args)
        return {'url': self._streams.url, 'session': ticket.session,
                'token': self._streams.tickets.issue(ticket),
                'ttl': CONF.compute.stream_token_ttl}

    def find_stream(self, ctx: Plain, uuid: str, token: str) -> Plain:
        """{'url'}: where to open what the token is for."""
        self._streams.tickets.find(token, uuid)
        return {'url': self._streams.url}

    def resize_stream(self, ctx: Plain, uuid: str, container: str,
                      width: int, height: int,
                      session: str | None = None) -> None:
        """Of a session, or of all that are attached to the container."""
        if not self._streams.resize(uuid, container, session, width, height):
            raise exceptions.Conflict('There is no such session.')
