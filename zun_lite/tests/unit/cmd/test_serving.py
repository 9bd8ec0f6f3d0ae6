import http.client
import json
import socket
import threading
import unittest

from oslo_config import fixture

from zun_lite.api import front
from zun_lite.cmd import serving
from zun_lite.conf import CONF

KEY = 'X-Auth-Token: t\r\n'
MIB = 2**20


def count(environ, start):
    """An application that tells how much it was sent."""
    size = len(environ['wsgi.input'].read())
    start('200 OK', [('Content-Length', str(len(str(size))))])
    return [str(size).encode()]


class Serving(unittest.TestCase):

    def setUp(self):
        config = fixture.Config(CONF)
        config.setUp()
        self.addCleanup(config.cleanUp)
        config.config(group='api', max_body_bytes=64 * 1024,
                      max_archive_bytes=3 * MIB)
        bound = socket.create_server(('127.0.0.1', 0))
        self.address = bound.getsockname()
        server = serving.create(front.Front(
            count, lambda method, path: path == '/archive'), bound)
        self.addCleanup(server.task_dispatcher.shutdown)
        thread = threading.Thread(target=server.run)
        thread.start()
        self.addCleanup(thread.join)
        # By the thread that waits for what is closed.
        self.addCleanup(server.trigger.pull_trigger, server.close)

    def ask(self, head, *pieces):
        """(status, body)"""
        with socket.create_connection(self.address, 10) as sock:
            try:
                sock.sendall(head.encode() + b'\r\n')
                for piece in pieces:
                    sock.sendall(piece)
            except OSError:             # refused meanwhile: has answered
                pass
            answer = http.client.HTTPResponse(sock)
            answer.begin()
            body = answer.read()
        self.assertRegex(answer.headers['X-Openstack-Request-Id'], '^req-')
        return answer.status, body

    def refused(self, status, code, *asked):
        found, body = self.ask(*asked)
        error = json.loads(body)['errors'][0]
        self.assertEqual((status, status, code),
                         (found, error['status'], error['code']), error)

    def sized(self, path, size, more=''):
        return f'PUT {path} HTTP/1.1\r\nContent-Length: {size}\r\n{more}'

    def test_errors_of_the_server_are_the_apis(self):
        self.refused(400, 'zun_lite.request', 'GET / HTTP/1.1\r\nbad\r\n')
        self.refused(
            400, 'zun_lite.request',
            'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n', b'what\r\n')
        self.refused(400, 'zun_lite.request',
                     'PUT / HTTP/1.1\r\nTransfer-Encoding: magic\r\n')

    def test_a_body_that_is_too_large(self):
        too_large = 413, 'zun_lite.request.too_large'
        self.refused(*too_large, self.sized('/', 2 * MIB))
        chunk = b'10000\r\n' + bytes(0x10000) + b'\r\n'
        self.refused(
            *too_large, 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n',
            chunk * 17)

    def test_archives_may_be_larger_for_who_has_credentials(self):
        found = self.ask(self.sized('/archive', 2 * MIB, KEY),
                         bytes(2 * MIB))
        self.assertEqual((200, str(2 * MIB).encode()), found)
        too_large = 413, 'zun_lite.request.too_large'
        self.refused(*too_large, self.sized('/archive', 2 * MIB))
        self.refused(*too_large, self.sized('/archive', 4 * MIB, KEY))
        self.refused(*too_large, self.sized('/', 2 * MIB, KEY))
