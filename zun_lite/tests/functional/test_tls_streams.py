"""Streams and sessions with TLS, between all who take part in them."""
import base64
import io
import pathlib
import tarfile
import tempfile

import websocket

from zun_lite.conf import CONF
from zun_lite.tests import certificates
from zun_lite.tests.functional import streams_job
from zun_lite.tests.functional import test_container_sessions


class Tls(test_container_sessions.Sessions):
    """The agent's port wants to know who comes; the proxy's is for all."""
    options = {
        ('compute', 'stream_cert_file'): 'agent',
        ('compute', 'stream_client_ca_file'): 'authority',
        ('api', 'stream_ca_file'): 'authority',
        ('api', 'stream_cert_file'): 'api',
        ('websocket_proxy', 'cert_file'): 'proxy'}

    def setUp(self) -> None:
        directory = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory()))
        self.authority = certificates.Authority(directory)
        for (group, option), name in self.options.items():
            self.set(group, option, name)
        super().setUp()

    def set(self, group: str, option: str, name: str) -> None:
        path = (self.authority.file if name == 'authority'
                else self.authority.certify(name))
        CONF.set_override(option, str(path), group)
        self.addCleanup(CONF.clear_override, option, group)

    def open(self, url: str) -> streams_job.Terminal:
        found = streams_job.Terminal(url, sslopt={
            'ca_certs': str(self.authority.file)})
        self.addCleanup(found.close)
        return found

    def session(self) -> str:
        found = self.ask('POST', f'/talk/{test_container_sessions.EXEC}').json
        self.assertTrue(found['proxy_url'].startswith('wss://'))
        return found['proxy_url']

    def test_many_bytes_both_ways(self):
        session, block = self.open(self.session()), bytes(range(256)) * 256
        for _ in range(16):
            session.say(block)
        while len(session.seen) < 16 * len(block):
            session.seen += session.socket.recv_data()[1]
        self.assertEqual(16 * block, session.seen)

    def test_archives(self):
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode='w') as tar:
            info = tarfile.TarInfo('note')
            info.size = 4
            tar.addfile(info, io.BytesIO(b'kept'))
        self.ask('POST', '/talk/put_archive?path=/tmp', {
            'data': base64.b64encode(made.getvalue()).decode()})
        found = self.ask('GET', '/talk/get_archive?path=/tmp/note').json
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(
                found['data']))) as tar:
            self.assertEqual(b'kept', tar.extractfile('note').read())

    def refused(self) -> None:
        """Neither the proxy nor the API gets through to the agent."""
        with self.assertRaises(
                websocket.WebSocketBadStatusException) as raised:
            self.open(self.session())
        self.assertEqual(503, raised.exception.status_code)
        self.ask('GET', '/talk/get_archive?path=/etc', status=503)

    def test_an_agent_of_another_authority(self):
        elsewhere = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory()))
        CONF.set_override('stream_ca_file', str(
            certificates.Authority(elsewhere).file), 'api')
        self.refused()

    def test_nobody_without_a_certificate(self):
        CONF.set_override('stream_cert_file', None, 'api')
        self.refused()

    def test_a_client_that_does_not_know_the_authority(self):
        with self.assertRaises(OSError):
            streams_job.Terminal(self.session())

