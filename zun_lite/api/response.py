"""Answers made of bytes that are ready, with no more work than needed."""
import http
import json
import typing

import webob

STATUS = {s.value: f'{s.value} {s.phrase}' for s in http.HTTPStatus}
JSON = 'application/json'

Headers = list[tuple[str, str]]


class Response(webob.Response):
    """A response that is filled in one go.

    webob's setters for single headers parse and check; here the list of
    headers is set as a whole.
    """

    def __init__(self) -> None:
        super().__init__(headerlist=[])

    def fill(self, body: bytes, status: int, headers: Headers) -> typing.Self:
        """Become this answer; Content-Length is added."""
        self.status = STATUS[status]
        # First: setting it takes Content-Length away.
        self.app_iter: typing.Iterable[bytes] = [body]
        self.headerlist = [*headers, ('Content-Length', str(len(body)))]
        return self

    def document(self, body: bytes, status: int = 200,
                 location: str | None = None) -> typing.Self:
        """Answer with JSON text."""
        headers = [('Content-Type', JSON)]
        if location is not None:
            headers.append(('Location', location))
        return self.fill(body, status, headers)

    def values(self, content: typing.Any, status: int = 200) -> typing.Self:
        """Answer with plain values as JSON."""
        return self.document(json.dumps(content).encode(), status)

    def plain(self, body: bytes) -> typing.Self:
        """Answer with text that a container wrote."""
        return self.fill(body, 200, [
            ('Content-Type', 'text/plain; charset=utf-8'),
            # It is nobody's script or page.
            ('X-Content-Type-Options', 'nosniff')])

    def stream(self, pieces: typing.Iterable[bytes],
               headers: Headers) -> typing.Self:
        """Answer with what comes, as it comes; `pieces` is closed then."""
        self.status = STATUS[200]
        self.app_iter = pieces
        # Proxies are not to gather it first.
        self.headerlist = [*headers, ('Cache-Control', 'no-store'),
                           ('X-Accel-Buffering', 'no')]
        return self

    def nothing(self, headers: Headers) -> typing.Self:
        """Answer without a body."""
        self.status = STATUS[204]
        self.app_iter = []
        self.headerlist = headers
        return self
