"""zun-lite as its users run it: one process, real Docker, curl."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import uuid

import zun_lite
from zun_lite.tests import neighbours
from zun_lite.tests.functional import deployment
from zun_lite.tests.functional import main_job

TREE = pathlib.Path(zun_lite.__file__).parent.parent
CONF = """\
[docker]
sandbox_image = zun-lite/pause:1
[compute]
host = {host}
heartbeat_interval = 1
"""
NO_QUOTA = """\
[quota]
containers = -1
"""


class AllInOne:
    """The service with a state directory of its own.

    `more`: sections of its configuration.
    """

    def __init__(self, driver: str = 'docker', more: str = '') -> None:
        self.host = f'all-in-one-{uuid.uuid4().hex[:8]}'
        self.state = pathlib.Path(tempfile.mkdtemp(prefix='zl-'))
        (self.state / 'zun-lite.conf').write_text(
            CONF.format(host=self.host) + f'driver = {driver}\n' + more)
        self.port = neighbours.free_port()
        self.start()

    def start(self) -> None:
        self.process = neighbours.Process(
            'all_in_one', '--state-dir', str(self.state),
            '--port', str(self.port), log=self.state / 'log')
        neighbours.healthy(self.port, self.process)

    @property
    def openrc(self) -> dict[str, str]:
        text = (self.state / 'openrc').read_text()
        return dict(re.findall(r'export (\w+)=(.*)', text))

    def client(self) -> neighbours.Client:
        env = self.openrc
        return neighbours.Client(
            env['OS_ENDPOINT'], (env['OS_USERNAME'], env['OS_PASSWORD']))

    def close(self) -> None:
        """Remove what pods are left, end the process, forget its state."""
        try:
            if self.process.exit_code is None:
                deployment.remove_all(self.client())
                self.process.stop()
        finally:
            self.process.kill()
            shutil.rmtree(self.state)


class TestAllInOne(main_job.MainJob, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        cls.service = AllInOne()
        cls.addClassCleanup(cls.service.close)
        cls.host = cls.service.host
        cls.client = cls.service.client()

    def test_secrets_are_for_their_owner_only(self):
        for name in ('openrc', 'htpasswd'):
            mode = (self.service.state / name).stat().st_mode
            self.assertEqual(0o600, mode & 0o777, name)
        env = self.service.openrc
        self.assertEqual('http_basic', env['OS_AUTH_TYPE'])
        self.assertEqual(f'http://127.0.0.1:{self.service.port}/v1',
                         env['OS_ENDPOINT'])

    def test_without_credentials_it_is_401(self):
        stranger = neighbours.Client(self.client.endpoint)
        answer = stranger('GET', '/pods', status=401)
        self.assertIn('Basic', answer.headers['WWW-Authenticate'])
        neighbours.Client(self.client.endpoint, ('admin', 'wrong'))(
            'GET', '/pods', status=401)

    def test_it_is_small_and_quiet(self):
        pid = self.service.process.pid
        status = pathlib.Path(f'/proc/{pid}/status').read_text()
        rss_kib = int(re.search(r'VmRSS:\s+(\d+)', status)[1])
        self.assertLess(rss_kib, 150 * 1024)
        ticks = os.sysconf('SC_CLK_TCK')

        def used() -> float:
            stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
            fields = stat.rpartition(')')[2].split()
            return (int(fields[11]) + int(fields[12])) / ticks
        began, busy = time.monotonic(), used()
        time.sleep(5)
        share = (used() - busy) / (time.monotonic() - began)
        # The mark is 1 %; twice that leaves room for a busy machine.
        self.assertLess(share, 0.02)

    def test_a_taken_port_is_refused_with_a_message(self):
        with tempfile.TemporaryDirectory() as state:
            process = neighbours.Process(
                'all_in_one', '--state-dir', state, '--port',
                str(self.service.port), log=pathlib.Path(state, 'log'))
            neighbours.wait_for('its end',
                                lambda: process.exit_code is not None)
            self.assertEqual(1, process.exit_code)
            self.assertIn('something listens there already', process.tail())
            self.assertNotIn('Traceback', process.tail())

    def test_a_second_one_on_the_same_state_is_refused(self):
        log = self.service.state / 'second.log'
        process = neighbours.Process(
            'all_in_one', '--state-dir', str(self.service.state), '--port',
            str(neighbours.free_port()), log=log)
        neighbours.wait_for('its end', lambda: process.exit_code is not None)
        self.assertIn('another zun-lite runs', process.tail())

    def test_a_missing_engine_is_refused_with_a_message(self):
        with tempfile.TemporaryDirectory() as state:
            process = neighbours.Process(
                'all_in_one', '--state-dir', state, '--port',
                str(neighbours.free_port()), log=pathlib.Path(state, 'log'),
                env={'DOCKER_HOST': f'unix://{state}/nothing.sock'})
            neighbours.wait_for('its end',
                                lambda: process.exit_code is not None)
            self.assertEqual(1, process.exit_code)
            self.assertIn('error:', process.tail())
            self.assertIn('nothing.sock', process.tail())
            self.assertNotIn('Traceback', process.tail())


class TestCurl(unittest.TestCase):
    """The README's story, with the demo pod and nothing but curl."""

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        cls.service = AllInOne()
        cls.addClassCleanup(cls.service.close)

    def zun(self, *args: str) -> str:
        env = self.service.openrc
        done = subprocess.run(
            ['curl', '-sS', '--fail-with-body', '-u',
             f'{env["OS_USERNAME"]}:{env["OS_PASSWORD"]}', *args],
            capture_output=True, text=True, timeout=90)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def status(self) -> dict:
        return json.loads(self.zun(self.pods + '/demo'))['status']

    def ready(self) -> bool:
        return any(c['type'] == 'Ready' and c['status'] == 'True'
                   for c in self.status().get('conditions', ()))

    def test_the_story(self):
        self.pods = self.service.openrc['OS_ENDPOINT'] + '/pods'
        demo = self.pods + '/demo'
        self.zun('-H', 'Content-Type: application/yaml', '--data-binary',
                 f'@{TREE}/etc/zun_lite/demo-pod.yaml', self.pods)
        neighbours.wait_for('ready', self.ready)
        neighbours.wait_for('hello', lambda: 'hello from' in self.zun(
            f'{demo}/logs?container=visitor&tail=3'))
        answer = json.loads(self.zun(
            '-H', 'Content-Type: application/json', f'{demo}/exec',
            '-d', '{"container": "web", "command": ["ps"]}'))
        self.assertIn('httpd', answer['stdout'])
        self.zun('-X', 'POST', f'{demo}/stop')
        neighbours.wait_for(
            'stopped', lambda: self.status()['phase'] == 'Stopped')
        self.zun('-X', 'POST', f'{demo}/start')
        neighbours.wait_for('ready again', self.ready)
        self.assertIn('Started', self.zun(f'{demo}/events'))
        self.zun('-X', 'DELETE', demo)
        neighbours.wait_for('nothing left', lambda: not json.loads(
            self.zun(self.pods))['items'])
        self.assertEqual([], neighbours.left_on_engine(self.service.host))


class TestRestart(unittest.TestCase):
    """Pods outlive the service; it adopts them when it is back."""

    def setUp(self):
        neighbours.docker_host()
        self.service = AllInOne()
        self.addCleanup(self.service.close)

    def containers(self) -> set[tuple[str, str]]:
        with neighbours.engine() as engine:
            return {(c.id, c.attrs['State']['StartedAt'])
                    for c in neighbours.containers(
                        engine, f'zun-lite/host={self.service.host}')}

    def test_stop_and_start_of_the_service(self):
        client = self.service.client()
        pod = client.create(main_job.manifest('kept'))
        client.wait_ready(pod)
        before, password = self.containers(), self.service.openrc
        self.assertEqual(0, self.service.process.stop())
        self.assertEqual(before, self.containers())
        self.service.start()
        self.assertEqual(password, self.service.openrc)
        client.wait_ready(pod)
        self.assertEqual(before, self.containers())

    def test_an_empty_database_and_the_old_one_again(self):
        """Pods are not removed because nobody remembers them."""
        client = self.service.client()
        pod = client.create(main_job.manifest('remembered'))
        client.wait_ready(pod)
        before, kept = self.containers(), self.service.state / 'kept'
        self.assertEqual(0, self.service.process.stop())
        kept.mkdir()
        for part in self.service.state.glob('zun-lite.db*'):
            part.rename(kept / part.name)
        self.service.start()
        self.assertEqual([], client.get('/pods')['items'])
        client.wait_ready(client.create(main_job.manifest('new')))
        neighbours.wait_for('it is told', lambda: (
            f'made under the name of this host: pods {pod}'
            in (self.service.state / 'log').read_text()))
        self.assertLess(before, self.containers())
        deployment.remove_all(client)
        self.assertEqual(0, self.service.process.stop())
        for part in kept.iterdir():
            part.rename(self.service.state / part.name)
        self.service.start()
        client.wait_ready(pod)
        self.assertEqual(before, self.containers())

    def test_kill_and_start_of_the_service(self):
        client = self.service.client()
        pod = client.create(main_job.manifest('killed'))
        self.service.process.kill()
        self.service.start()
        client.wait_ready(pod)
        self.assertEqual(3, len(self.containers()))

