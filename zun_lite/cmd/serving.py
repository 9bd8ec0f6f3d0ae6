"""waitress, with the API's own errors and limits for each request."""
import copy
import socket
import typing

import waitress.server
from oslo_context import context as oslo_context
from waitress import channel
from waitress import parser
from waitress import task

from zun_lite import exceptions
from zun_lite.api import errors
from zun_lite.api import front
from zun_lite.api import response
from zun_lite.conf import CONF

CREDENTIALS = ('AUTHORIZATION', 'X_AUTH_TOKEN')


def _known(error: typing.Any) -> exceptions.ZunLiteError:
    """What waitress found wrong with a request, as an error of ours."""
    if error.code == exceptions.TooLarge.status:
        return exceptions.TooLarge()
    if error.code == exceptions.ZunLiteError.status:
        return exceptions.ZunLiteError()
    # What it has not implemented (501) is a transfer coding.
    status = error.code if error.code < 500 else exceptions.Invalid.status
    return errors.HttpError(status, error.body)


class _ErrorTask(task.ErrorTask):
    """Answers what never reaches the application."""

    def execute(self) -> None:
        request_id = oslo_context.generate_request_id()
        status, headers, body = errors.render(
            _known(self.request.error), request_id)
        self.status = response.STATUS[status]
        self.response_headers += [*headers, (front.REQUEST_ID, request_id)]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def create(app: front.Front, bound: socket.socket) -> typing.Any:
    """A server of `app` on a socket that listens.

    A body is kept in a file until it is complete, before anybody has looked
    who sends it. Only where archives go, and to who shows credentials of
    some kind, is it larger than other bodies may be.
    """
    class Parser(parser.HTTPRequestParser):
        adj: typing.Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if app.streamed(self.command, self.path) and any(
                    name in self.headers for name in CREDENTIALS):
                self.adj = copy.copy(self.adj)
                # waitress refuses what is as large as its limit.
                self.adj.max_request_body_size = (
                    CONF.api.max_archive_bytes + 1)

    class Channel(channel.HTTPChannel):
        parser_class = Parser
        error_task_class = _ErrorTask

    made = waitress.server.create_server(
        app, sockets=[bound],
        threads=CONF.api.threads + CONF.api.max_streams,
        ident='zun-lite', clear_untrusted_proxy_headers=False,
        # The API refuses what is too large, and says so better.
        max_request_body_size=16 * CONF.api.max_body_bytes,
        # Streams wait for their readers, and notice when those leave.
        outbuf_high_watermark=2**20, channel_request_lookahead=1)
    made.channel_class = Channel
    return made
