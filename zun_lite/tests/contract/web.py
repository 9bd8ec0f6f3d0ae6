"""A web server of the test's own, for probes that name a host.

Engines probe from their machine, which is the suite's.
"""
import contextlib
import datetime
import functools
import http.server
import pathlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = '127.0.0.1'


class Web(http.server.ThreadingHTTPServer):
    """`healthy` decides between 200 and 503; `asked` has what came:
    (path, headers)."""

    def __init__(self, *, tls: bool) -> None:
        self.healthy = True
        self.asked: list[tuple[str, dict[str, str]]] = []
        super().__init__((HOST, 0), _Handler)
        if tls:
            self.socket = _context().wrap_socket(self.socket,
                                                 server_side=True)
        self.port = self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A probe that was given up is no news."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.send_response(200 if self.server.healthy else 503)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Not on the test's output."""


@contextlib.contextmanager
def serving(*, tls: bool = False) -> Iterator[Web]:
    with Web(tls=tls) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Port:
    """A port that can be open, for connections that are not answered."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((HOST, 0))
        self.number = self._socket.getsockname()[1]

    def open(self) -> None:
        self._socket.listen(64)

    def close(self) -> None:
        self._socket.close()


@functools.cache
def _context() -> ssl.SSLContext:
    """With a certificate that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).not_valid_before(now - day)
            .not_valid_after(now + day)
            .serial_number(x509.random_serial_number())
            .sign(key, hashes.SHA256()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'server.pem'
        path.write_bytes(key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())
            + made.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path)
    return context
