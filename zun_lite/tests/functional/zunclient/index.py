"""A searchable index of images on loopback.

Engines search by the first version of the registry's API, which Debian's
registry, of the second, no longer has.
"""
import http.server
import json
import threading
import typing
import urllib.parse

FOUND = {'name': 'library/busybox', 'description': 'a small one',
         'star_count': 1, 'is_official': True, 'is_automated': False}


class _Handler(http.server.BaseHTTPRequestHandler):

    def do_GET(self) -> None:
        asked = urllib.parse.urlsplit(self.path)
        term = urllib.parse.parse_qs(asked.query).get('q', [''])[0]
        results = [FOUND] if term and term in FOUND['name'] else []
        body = json.dumps(True if asked.path == '/v1/_ping' else {
            'query': term, 'num_results': len(results),
            'results': results}).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.send_header('X-Docker-Registry-Standalone', 'true')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: typing.Any) -> None:
        """Nothing: it is no news."""


class Index:
    """Answers while it is entered; `address`: host:port."""

    def __init__(self) -> None:
        self._server = http.server.ThreadingHTTPServer(
            ('127.0.0.1', 0), _Handler)
        self.address = f'127.0.0.1:{self._server.server_port}'

    def __enter__(self) -> typing.Self:
        threading.Thread(target=self._server.serve_forever).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
