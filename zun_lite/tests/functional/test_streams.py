"""Streams on real Docker: all in one process, and in four."""
import time
import unittest

import requests

from zun_lite.tests import neighbours
from zun_lite.tests.functional import deployment
from zun_lite.tests.functional import streams_job
from zun_lite.tests.functional import test_all_in_one
from zun_lite.tests.functional.streams_job import MIB
from zun_lite.tests.functional.streams_job import ZUN

CONF = '[DEFAULT]\ndebug = true\n[docker]\nlog_max_size = 1g\n'
LINE = 1023 * 'x'


class Chatty(test_all_in_one.AllInOne):
    """Logs all that it can, and keeps large logs of containers."""

    def start(self) -> None:
        file = self.state / 'zun-lite.conf'
        file.write_text(CONF + file.read_text())
        super().start()


class TestInOneProcess(streams_job.StreamsJob, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        cls.service = Chatty()
        cls.addClassCleanup(cls.service.close)
        cls.client = cls.service.client()
        cls.pids = {'all-in-one': cls.service.process.pid}
        cls.make_pod()

    def all_logs(self) -> str:
        return (self.service.state / 'log').read_text(errors='replace')

    def test_a_large_log_in_little_memory(self):
        pod = self.client.create({
            'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'log'},
            'spec': {'restartPolicy': 'Never', 'containers': [{
                'name': 'main', 'image': neighbours.IMAGE, 'command': [
                    'sh', '-c', f'yes {LINE} | head -n {200 * 1024}']}]}})
        self.addCleanup(self.client.wait_gone, pod)
        self.addCleanup(self.client, 'DELETE', f'/pods/{pod}')
        neighbours.wait_for('its end', lambda: self.client(
            'GET', f'/pods/{pod}').json()['status']['phase'] == 'Succeeded')
        with self.little_memory():
            answer = self.client('GET', f'/pods/{pod}/logs?follow=true',
                                 status=200, stream=True)
            size = sum(len(piece) for piece in answer.iter_content(MIB))
        self.assertEqual(200 * MIB, size)

    def test_a_large_log_of_a_container(self):
        """As Zun has it: one JSON string."""
        made = self.client(
            'POST', '/containers?run=true', status=202, headers=ZUN, json={
                'image': neighbours.IMAGE, 'cpu': 0.1, 'command': [
                    'sh', '-c', f'yes {LINE} | head -n {200 * 1024}']})
        url = f'/containers/{made.json()["uuid"]}'
        self.addCleanup(self.remove_container, url)
        neighbours.wait_for('its end', lambda: self.client(
            'GET', url, headers=ZUN).json()['status'] == 'Stopped')
        with self.little_memory():
            answer = self.client('GET', f'{url}/logs?stdout=True&stderr='
                                 'True&tail=all', status=200, headers=ZUN,
                                 stream=True)
            size = sum(len(piece) for piece in answer.iter_content(MIB))
        self.assertEqual('application/json', answer.headers['Content-Type'])
        # Each newline is two characters, and there are the quotes.
        self.assertEqual(200 * MIB + 200 * 1024 + 2, size)

    @staticmethod
    def events(ident, began):
        """Of the engine, about a container since then."""
        with neighbours.engine() as engine:
            return [told['Action'] for told in engine.api.events(
                since=int(began), until=int(time.time()) + 1, decode=True,
                filters={'container': f'zun-{ident}', 'event': [
                    'pause', 'commit', 'unpause']})]

    def test_a_large_commit_in_little_memory(self):
        """Nor does the request wait for it, and nothing changes while it is
        made."""
        ident = self.make_container()
        url = f'/containers/{ident}'
        json_type = {'Content-Type': 'application/json'}
        self.client('POST', f'{url}/put_archive?path=/tmp', status=200,
                    headers=ZUN | json_type, data=streams_job.in_json(
                        streams_job.large_archive(200)))
        began = time.time()
        with self.little_memory():
            begin = time.monotonic()
            answer = self.client(
                'POST', f'{url}/commit?repository=large', status=202,
                headers=ZUN)
            answered_s = time.monotonic() - begin
            asked = answer.headers['X-Openstack-Request-Id']
            neighbours.wait_for('its end', lambda: self.client(
                'GET', f'{url}/container_actions/{asked}', headers=ZUN,
                ).json()['finish_time'])
        made_s = time.monotonic() - begin
        print(f'an image of 200 MiB: 202 in {answered_s:.2f} s, made in '
              f'{made_s:.1f} s')
        self.assertLess(answered_s, 2)
        self.assertEqual(['pause', 'commit', 'unpause'],
                         self.events(ident, began))
        image = f'/images/{answer.json()["uuid"]}'
        shown = self.client('GET', image, headers={
            'OpenStack-API-Version': 'container latest'}).json()
        self.assertEqual(('present', None),
                         (shown['status'], shown['status_reason']))
        self.client('DELETE', image, status=200)


class TestInFourProcesses(streams_job.StreamsJob, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        neighbours.need('ZUN_LITE_TEST_RABBIT_URL')
        cls.service = deployment.Deployment('Sqlite')
        cls.client = cls.service.client()
        cls.addClassCleanup(cls.service.close, cls.client)
        cls.service.start()
        cls.service.start('wsproxy')
        neighbours.wait_for('the host is live', lambda: (
            cls.service.host_is_live(cls.client)))
        cls.pids = {name: process.pid for name, process
                    in cls.service.processes.items()
                    if name not in ('api', 'conductor')}
        workers = cls.service.workers()
        cls.pids |= {f'api {n}': pid for n, pid in enumerate(workers)}
        cls.make_pod()

    def setUp(self):
        if 'wsproxy' not in self.service.processes:
            self.service.start('wsproxy')

    def all_logs(self) -> str:
        return ''.join(
            process.log.read_text(errors='replace')
            for process in self.service.processes.values())

    def test_the_proxy_is_killed(self):
        session = self.open(self.exec('sleep', '3631', tty=True))
        neighbours.wait_for('it runs', lambda: '3631' in self.processes())
        follower = self.follow('container=main&tail=0').iter_lines()
        self.service.processes.pop('wsproxy').kill()
        self.assertIsNone(session.code())
        neighbours.wait_for('its command ends',
                            lambda: '3631' not in self.processes())
        self.assertIn(b'tick', next(follower))
        self.service.start('wsproxy')
        neighbours.wait_for('a new session', self._works)

    def _works(self) -> bool:
        try:
            session = self.open(self.exec('cat'))
        except (OSError, AssertionError):
            return False        # the agent may have just been held for silent
        session.say(b'on\n')
        session.read(b'on\n')
        return True

    def test_the_agent_is_killed(self):
        session = self.open(self.exec('cat'))
        follower = self.follow('container=main&tail=0')
        lines = follower.iter_lines()
        next(lines)
        self.service.processes['compute'].kill()
        self.assertEqual(1011, session.code())
        with self.assertRaises(requests.exceptions.ChunkedEncodingError):
            for _ in lines:
                pass
        self.client('POST', f'/pods/{self.pod}/attach', status=503,
                    json={'container': 'shell'})
        self.service.start('compute')
        neighbours.wait_for('the agent serves', lambda: self.client(
            'POST', f'/pods/{self.pod}/attach', json={
                'container': 'shell'}).status_code == 201)
        neighbours.wait_for('a new session', self._works)

    def test_the_agent_is_stopped(self):
        session = self.open(self.exec('sleep', '3632', tty=True))
        neighbours.wait_for('it runs', lambda: '3632' in self.processes())
        self.assertEqual(0, self.service.processes['compute'].stop())
        self.assertEqual(1011, session.code())
        self.service.start('compute')
        neighbours.wait_for('the agent serves', lambda: self.client(
            'GET', f'/pods/{self.pod}/top?container=main').status_code
            == 200)
        neighbours.wait_for('its command has ended',
                            lambda: '3632' not in self.processes())

    def test_the_api_is_stopped(self):
        """Sessions do not need it; what it passes on ends with it."""
        session = self.open(self.exec('cat'))
        self.assertEqual(0, self.service.processes['api'].stop(90))
        session.say(b'still on\n')
        session.read(b'still on\n')
        self.service.start('api')


class TestOnKubernetes(streams_job.StreamsJob, unittest.TestCase):
    """The same of a cluster: a pod's streams go through its kubelet."""

    @classmethod
    def setUpClass(cls):
        neighbours.need('KUBECONFIG')
        cls.service = Chatty('kubernetes')
        cls.addClassCleanup(cls.service.close)
        cls.client = cls.service.client()
        cls.pids = {'all-in-one': cls.service.process.pid}
        cls.make_pod()

    def all_logs(self) -> str:
        return (self.service.state / 'log').read_text(errors='replace')
