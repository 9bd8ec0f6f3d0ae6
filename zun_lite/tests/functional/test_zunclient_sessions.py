"""Zun's own command line at a terminal, and the Horizon panel's console."""
import pathlib
import subprocess
import tempfile
import unittest

import websocket

from zun_lite.tests import neighbours
from zun_lite.tests.functional import pseudo_terminal
from zun_lite.tests.functional import streams_job
from zun_lite.tests.functional import test_all_in_one

DASHBOARD = 'dashboard.example'
ZUN = {'OpenStack-API-Version': 'container 1.40'}


class WithDashboard(test_all_in_one.AllInOne):
    """Lets the pages of a dashboard open sessions."""

    def start(self) -> None:
        with (self.state / 'zun-lite.conf').open('a') as file:
            file.write(f'[websocket_proxy]\nallowed_origins = {DASHBOARD}\n')
        super().start()


class TestZunClient(unittest.TestCase):
    """A shell with a terminal is shared by the tests."""
    driver, engine = 'docker', 'DOCKER_HOST'

    @classmethod
    def setUpClass(cls):
        neighbours.need(cls.engine)
        cls.command = neighbours.need('ZUN_LITE_TEST_ZUNCLIENT')
        cls.service = WithDashboard(cls.driver)
        cls.addClassCleanup(cls.service.close)
        cls.client = cls.service.client()
        cls.client('POST', '/containers?run=true', headers=ZUN, status=202,
                   json={'name': 'talk', 'image': neighbours.IMAGE,
                         'command': ['sh'], 'interactive': True, 'tty': True,
                         'cpu': 0.1})
        neighbours.wait_for('it runs', lambda: cls.show()[
            'status'] == 'Running')

    @classmethod
    def show(cls, name='talk'):
        return cls.client('GET', f'/containers/{name}', headers=ZUN,
                          status=200).json()

    @classmethod
    def tearDownClass(cls):
        for name in ('talk', 'made'):
            cls.client('DELETE', f'/containers/{name}?stop=true',
                       headers=ZUN)
            neighbours.wait_for('it is gone', lambda n=name: cls.client(
                'GET', f'/containers/{n}', headers=ZUN).status_code == 404)

    def zun(self, *arguments, rows=24, columns=80):
        found = pseudo_terminal.PseudoTerminal(
            [self.command, 'appcontainer', *arguments], self.service.openrc,
            rows, columns)
        self.addCleanup(found.close)
        return found

    def run_zun(self, *arguments, version='1.40'):
        return subprocess.run(
            [self.command, '--os-container-api-version', version,
             'appcontainer', *arguments], env=self.service.openrc,
            capture_output=True, text=True, timeout=90)

    def converse(self, terminal):
        """Size, a character of several bytes, a new size."""
        terminal.read('press Enter')
        terminal.say('\r')
        terminal.read('# ')
        self.assertEqual('33 77', self.size(terminal))
        terminal.say('printf "\\303\\251\\n"\r')
        terminal.read('\r\né\r\n')
        terminal.resize(44, 99)
        neighbours.wait_for(
            'the new size', lambda: self.size(terminal) == '44 99')

    @staticmethod
    def size(terminal):
        terminal.say('stty size\r')
        terminal.read('stty size\r\n')
        return terminal.read('\r\n')

    def test_exec_interactive(self):
        terminal = self.zun('exec', '--interactive', 'talk', 'sh', rows=33,
                            columns=77)
        self.converse(terminal)
        terminal.say('exit\r')
        self.assertEqual(0, terminal.status())

    def test_attach(self):
        terminal = self.zun('attach', 'talk', rows=33, columns=77)
        self.converse(terminal)
        terminal.close()
        self.assertEqual('Running', self.show()['status'])

    def test_run_interactive(self):
        terminal = self.zun('run', '--interactive', '--name', 'made',
                            '--cpu', '0.1', neighbours.IMAGE, 'sh')
        terminal.read('press Enter')
        terminal.say('\r')
        terminal.read('# ')
        terminal.say('exit\r')
        self.assertEqual(0, terminal.status())

    def test_cp(self):
        for version in ('1.40', '1.24'):
            with tempfile.TemporaryDirectory() as here, self.subTest(version):
                note = pathlib.Path(here, f'note-{version}')
                note.write_bytes(b'kept \xe2\x82\xac\n')
                back = pathlib.Path(here, 'back')
                back.mkdir()
                for source, target in ((note, 'talk:/tmp'),
                                       (f'talk:/tmp/{note.name}', back)):
                    done = self.run_zun('cp', str(source), str(target),
                                        version=version)
                    self.assertEqual(0, done.returncode, done.stderr)
                self.assertEqual(note.read_bytes(),
                                 (back / note.name).read_bytes())

    def test_cp_of_nothing(self):
        done = self.run_zun('cp', 'talk:/none', '/tmp')
        self.assertIn('Nothing is at /none', done.stderr)

    def console(self, origin):
        """As the page begins it: a carriage return, once it is open."""
        url = self.client('GET', '/containers/talk/attach', headers=ZUN,
                          status=200).json()
        found = streams_job.Terminal(url, origin=origin)
        self.addCleanup(found.close)
        self.assertEqual('binary', found.socket.subprotocol)
        found.say(b'\r')
        found.read(b'# ')
        return found

    def test_the_console_of_the_dashboard(self):
        console = self.console(f'http://{DASHBOARD}')
        self.client('POST', '/containers/talk/resize?w=55&h=22', headers=ZUN,
                    status=200)
        console.say(b'stty size\r')
        console.read(b'22 55\r\n')

    def test_the_console_of_a_stranger(self):
        with self.assertRaises(
                websocket.WebSocketBadStatusException) as raised:
            self.console('http://evil.example')
        self.assertEqual(403, raised.exception.status_code)


class TestOnKubernetes(TestZunClient):
    """The same of a cluster."""
    driver, engine = 'kubernetes', 'KUBECONFIG'
