"""Sessions as Zun's clients have them, over a socket, with their library."""
import unittest

import websocket

from zun_lite.conf import CONF
from zun_lite.tests.functional import stack
from zun_lite.tests.functional import streams_job
from zun_lite.wsproxy import service as wsproxy

SHELL = {'name': 'talk', 'image': 'zun-lite/busybox:1', 'command': ['sh'],
         'interactive': True, 'tty': True}
EXEC = 'execute?command=cat&run=False'
WITH_TERMINAL = f'{EXEC}&interactive=True'
# With which a session is closed that is broken off.
BREAKS = (websocket.STATUS_GOING_AWAY,
          websocket.STATUS_UNEXPECTED_CONDITION)


class WithProxy(stack.Stack):
    """And clients' sessions, on a port of its own."""

    def start(self) -> None:
        super().start()
        CONF.set_override('port', 0, 'websocket_proxy')
        self.proxy = wsproxy.WebSocketProxy(self._bus)
        self.proxy.start()
        CONF.set_override('port', self.proxy.port, 'websocket_proxy')

    def stop_agents(self) -> None:
        while self._agents:
            self._agents.pop().stop()

    def stop(self) -> None:
        self.proxy.stop()
        CONF.clear_override('port', 'websocket_proxy')
        super().stop()


class Sessions(unittest.TestCase):
    """Names of tests are those of the traps that Zun's clients fall into."""

    def setUp(self) -> None:
        self.stack = WithProxy()
        self.stack.start()
        self.addCleanup(self.stack.stop)
        self.api = self.stack.client.with_headers(
            OpenStack_API_Version='container 1.40')
        self.ask('POST', '?run=true', SHELL, status=202)
        stack.wait_for(lambda: self.ask('GET', '/talk').json[
            'status'] == 'Running')

    def ask(self, method, path, body=b'', status=200):
        found = self.api(method, f'/v1/containers{path}', body)
        self.assertEqual(status, found.status, found.body)
        return found

    def open(self, url) -> streams_job.Terminal:
        found = streams_job.Terminal(url)
        self.addCleanup(found.close)
        return found

    def test_trap_11_binary_is_selected(self):
        """The client's library breaks off where nothing is."""
        for url in (self.ask('GET', '/talk/attach').json,
                    self.ask('POST', f'/talk/{EXEC}').json['proxy_url']):
            self.assertEqual('binary', self.open(url).socket.subprotocol)

    def test_trap_21_frames_end_between_characters(self):
        """Clients decode each frame by itself."""
        session = self.open(self.ask('POST', f'/talk/{EXEC}').json[
            'proxy_url'])
        for half in (b'\xe2\x82', b'\xac', b'\xf0\x9f', b'\x98\x80\n'):
            session.say(half)
        told = ''
        while '😀' not in told:
            told += session.socket.recv_data()[1].decode()
        self.assertTrue(told.startswith('€😀'), told)

    def test_trap_22_a_size_right_after_opening(self):
        """200 while it is open, 400 before and after: clients go on then."""
        found = self.ask('POST', f'/talk/{WITH_TERMINAL}').json
        resize = f'/talk/execute_resize?w=80&h=24&exec_id={found["exec_id"]}'
        self.ask('POST', resize, status=400)
        session = self.open(found['proxy_url'])
        self.ask('POST', resize)
        session.say(b'\x04')
        self.assertEqual(websocket.STATUS_NORMAL, session.code())
        self.ask('POST', resize, status=400)

    def test_trap_22_a_size_of_the_container(self):
        resize = '/talk/resize?w=80&h=24'
        self.ask('POST', resize, status=400)
        session = self.open(self.ask('GET', '/talk/attach').json)
        self.ask('POST', resize)
        session.say(b'printf x%s y\r')
        session.read(b'xy')

    def test_they_end_with_the_container(self):
        attached = self.open(self.ask('GET', '/talk/attach').json)
        begun = self.open(self.ask(
            'POST', f'/talk/{WITH_TERMINAL}').json['proxy_url'])
        self.ask('POST', '/talk/stop?timeout=0', status=202)
        self.assertEqual(websocket.STATUS_NORMAL, attached.code())
        self.assertEqual(websocket.STATUS_NORMAL, begun.code())

    def test_they_end_with_the_proxy(self):
        found = self.ask('POST', f'/talk/{WITH_TERMINAL}').json
        session = self.open(found['proxy_url'])
        self.stack.proxy.stop()
        self.assertIn(session.code(), BREAKS)
        resize = f'/talk/execute_resize?w=80&h=24&exec_id={found["exec_id"]}'
        stack.wait_for(lambda: self.api(
            'POST', f'/v1/containers{resize}').status == 400)

    def test_they_end_with_the_agent(self):
        session = self.open(self.ask('GET', '/talk/attach').json)
        self.stack.stop_agents()
        self.assertEqual(websocket.STATUS_UNEXPECTED_CONDITION,
                         session.code())
