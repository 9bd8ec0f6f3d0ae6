"""The agent's streams over its port, with the simulated engine."""
import io
import tarfile
import threading
import time
import unittest

from oslo_config import fixture

from zun_lite import exceptions
from zun_lite.compute.streams import endpoint
from zun_lite.compute.streams import server
from zun_lite.compute.streams import tickets
from zun_lite.conf import CONF
from zun_lite.drivers import fake
from zun_lite.streams import client
from zun_lite.tests.contract import documents
from zun_lite.tests.unit.compute.stub import wait_for

CTX = {'request_id': 'req-1'}


class Endpoint(endpoint.StreamEndpoint):
    def __init__(self, driver, streams):
        self._driver, self._streams = driver, streams


class StreamsCase(unittest.TestCase):
    def setUp(self):
        self.config = fixture.Config(CONF)
        self.config.setUp()
        self.addCleanup(self.config.cleanUp)
        self.driver = fake.FakeDriver(fake.Engine(), host='one')
        self.addCleanup(self.driver.close)
        self.pod = documents.pod('p', {'containers': [
            {'name': 'main', 'image': 'busybox', 'command': ['sh', '-c', (
                'i=0; while sleep 0.1; do i=$((i + 1)); echo $i; done')]},
            {'name': 'shell', 'image': 'busybox', 'stdin': True,
             'tty': True, 'command': ['sh']}]})
        wait_for(self.running)
        self.server = server.StreamServer(self.driver)
        self.server.start()
        self.addCleanup(self.server.stop)
        self.endpoint = Endpoint(self.driver, self.server)

    def running(self):
        return self.driver.ensure_pod(self.pod).status.phase == 'Running'

    def ask(self, kind, container='main', **args):
        return self.endpoint.open_stream(CTX, kind, self.pod.uuid, container,
                                         args)

    def open(self, kind, container='main', **args):
        found = self.ask(kind, container, **args)
        link = client.connect(found['url'], found['token'])
        self.addCleanup(link.close)
        return link

    def read(self, link, text):
        found = b''
        while text not in found:
            piece = link.receive(10)
            self.assertTrue(piece, found)
            found += piece
        return found


class TestTickets(unittest.TestCase):
    def setUp(self):
        self.tickets = tickets.Tickets()
        self.ticket = tickets.Ticket('attach', 'u', 'main', {})
        self.addCleanup(setattr, tickets, 'WAITING', tickets.WAITING)

    def test_once(self):
        token = self.tickets.issue(self.ticket)
        self.tickets.find(token, 'u')
        self.assertIs(self.ticket, self.tickets.redeem(token))
        with self.assertRaises(exceptions.Unauthorized):
            self.tickets.redeem(token)
        with self.assertRaises(exceptions.Unauthorized):
            self.tickets.find(token, 'u')

    def test_of_another_pod(self):
        token = self.tickets.issue(self.ticket)
        with self.assertRaises(exceptions.Unauthorized):
            self.tickets.find(token, 'v')

    def test_soon(self):
        config = fixture.Config(CONF)
        config.setUp()
        self.addCleanup(config.cleanUp)
        config.config(group='compute', stream_token_ttl=1)
        token = self.tickets.issue(self.ticket)
        time.sleep(1.1)
        with self.assertRaises(exceptions.Unauthorized):
            self.tickets.redeem(token)

    def test_not_too_many(self):
        tickets.WAITING = 2
        for _ in range(2):
            self.tickets.issue(self.ticket)
        with self.assertRaises(exceptions.Unavailable):
            self.tickets.issue(self.ticket)

    def test_tokens_are_not_kept(self):
        token = self.tickets.issue(self.ticket)
        self.assertNotIn(token, repr(self.tickets.__dict__))


class TestStreams(StreamsCase):
    def test_follow(self):
        link = self.open('follow', tail=1)
        self.read(link, b'\n')
        self.read(link, b'\n')

    def test_follow_to_the_end(self):
        link = self.open('follow')
        self.driver.stop_pod(self.pod)
        while link.receive(10):
            pass

    def test_a_follower_that_leaves(self):
        link = self.open('follow', container='shell')
        self.assertEqual(1, len(self.server._streams()))
        link.close()
        wait_for(lambda: not self.server._streams())

    def test_archives(self):
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode='w') as tar:
            info = tarfile.TarInfo('file')
            info.size = 3 * 2**20
            tar.addfile(info, io.BytesIO(bytes(info.size)))
        self.open('put', path='/tmp').send([made.getvalue()])
        link = self.open('get', path='/tmp/file')
        self.assertEqual(info.size, link.opened['info']['size'])
        data = b''.join(iter(link.receive, b''))
        with tarfile.open(fileobj=io.BytesIO(data), mode='r:') as tar:
            self.assertEqual(['file'], tar.getnames())

    def test_what_the_driver_raises(self):
        for kind, args, error in (
                ('get', {'path': '/none'}, exceptions.NotFound),
                ('follow', {'container': 'x'}, exceptions.ContainerNotFound),
                ('attach', {'container': 'x'},
                 exceptions.ContainerNotFound)):
            with self.subTest(kind), self.assertRaises(error):
                self.open(kind, **args)
        with self.assertRaises(exceptions.Invalid):
            self.open('put', path='/tmp').send([b'no archive' * 300_000])
        with self.assertRaises(exceptions.NotFound):
            self.open('put', path='/none').send([b'x'] * 10)

    def test_an_unforeseen_failure_is_not_told(self):
        self.driver.get_archive = lambda *args, **more: 1 / 0
        with self.assertLogs('zun_lite', 'ERROR'), \
                self.assertRaises(exceptions.ZunLiteError) as raised:
            self.open('get', path='/')
        self.assertEqual(500, raised.exception.status)
        self.assertNotIn('division', raised.exception.message)

    def test_a_session(self):
        link = self.open('exec', command=['sh'], tty=False)
        self.assertFalse(link.opened['tty'])
        link._connection.send(b'echo on 1; echo on 2 >&2\n')
        self.read(link, b'\x01on 1\n')
        self.read(link, b'\x02on 2\n')
        link._connection.send(b'exit 3\n')
        self.assertEqual(b'', link.receive(10))

    def test_a_session_that_is_left_ends_its_command(self):
        link = self.open('exec', command=['sleep', '3600'], tty=True)

        def left():
            found = self.driver.top(self.pod.uuid, 'main')['processes']
            return any('3600' in str(row) for row in found)
        self.assertTrue(left())
        link.close()
        wait_for(lambda: not left())

    def test_resize(self):
        found = self.ask('attach', 'shell')
        link = client.connect(found['url'], found['token'])
        self.addCleanup(link.close)
        self.endpoint.resize_stream(CTX, self.pod.uuid, '', 99, 33,
                                    found['session'])
        link._connection.send(b'stty size\n')
        self.read(link, b'33 99')
        self.endpoint.resize_stream(CTX, self.pod.uuid, 'shell', 98, 32)
        link._connection.send(b'stty size\n')
        self.read(link, b'32 98')
        with self.assertRaises(exceptions.Conflict):
            self.endpoint.resize_stream(CTX, self.pod.uuid, 'main', 9, 9)

    def test_a_token_opens_once(self):
        found = self.ask('follow')
        self.addCleanup(client.connect(found['url'], found['token']).close)
        for token in (found['token'], 'guessed', ''):
            with self.assertRaises(exceptions.Unavailable):
                client.connect(found['url'], token)

    def test_where_it_is(self):
        found = self.ask('attach', 'shell')
        self.assertEqual({'url': found['url']}, self.endpoint.find_stream(
            CTX, self.pod.uuid, found['token']))

    def test_not_too_many(self):
        self.config.config(group='compute', stream_sessions=1)
        self.open('follow')
        with self.assertRaises(exceptions.Unavailable):
            self.open('follow')

    def test_a_kind_that_is_not_there(self):
        with self.assertRaises(exceptions.NotSupported):
            self.ask('teleport')

    def test_the_end_of_the_agent(self):
        links = [self.open('follow', container='shell') for _ in range(3)]
        begin = time.monotonic()
        self.server.stop()
        self.assertLess(time.monotonic() - begin, 5)
        for link in links:
            with self.assertRaises(exceptions.Unavailable):
                link.receive(5)
        self.assertEqual([], [t.name for t in threading.enumerate()
                              if t.name == 'stream-input'])

    def test_a_port_that_is_taken(self):
        port = self.server._server.socket.getsockname()[1]
        self.config.config(group='compute', stream_port=port)
        with self.assertRaisesRegex(exceptions.Invalid, 'stream_port'):
            server.StreamServer(self.driver).start()
