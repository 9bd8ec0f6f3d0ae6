"""Containers as Zun's users and operators find them on a Docker Engine."""
import base64
import contextlib
import typing
import unittest
import uuid

import docker.errors

from zun_lite.tests import neighbours
from zun_lite.tests.functional import container_table
from zun_lite.tests.functional import test_all_in_one

VERSION = {'OpenStack-API-Version': 'container 1.40'}
POLICY = '"container:create:privileged": "rule:context_is_admin"\n'


class AllInOne(test_all_in_one.AllInOne):
    """One whose administrators may make privileged containers."""

    def start(self) -> None:
        policy = self.state / 'policy.yaml'
        if not policy.exists():
            policy.write_text(POLICY)
            with (self.state / 'zun-lite.conf').open('a') as conf:
                conf.write(f'[oslo_policy]\npolicy_file = {policy}\n')
        super().start()

    def zun(self) -> neighbours.Client:
        env = self.openrc
        return neighbours.Client(
            env['OS_ENDPOINT'], (env['OS_USERNAME'], env['OS_PASSWORD']),
            VERSION)


class Case(container_table.Containers, unittest.TestCase):
    image = neighbours.IMAGE
    service: typing.ClassVar[AllInOne]

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        cls.service = AllInOne()
        cls.addClassCleanup(cls.service.close)
        cls.client = cls.service.zun()

    def ask(self, method, path, body=None):
        answer = self.client(method, path, json=body)
        return answer.status_code, answer.json() if answer.content else None

    def act(self, ident: str, action: str, **body: typing.Any) -> None:
        code, answer = self.ask('POST', f'/containers/{ident}/{action}',
                                body)
        self.assertLess(code, 300, answer)

    def inspect(self, ident: str) -> dict[str, typing.Any]:
        with neighbours.engine() as engine:
            return engine.api.inspect_container(f'zun-{ident}')

    def run_in(self, ident: str, command: str) -> str:
        code, found = self.ask('POST', f'/containers/{ident}/execute',
                               {'command': command})
        self.assertEqual((200, 0), (code, found['exit_code']), found)
        return found['output']


def forget_image(name: str) -> None:
    with neighbours.engine() as engine, contextlib.suppress(
            docker.errors.ImageNotFound):
        engine.api.remove_image(name, force=True)


class TestTable(container_table.TableCase, Case):
    """Zun's table, with the real engine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(forget_image, 'default/table:latest')


class TestOnTheEngine(Case):
    def test_trap_17_everything_that_was_asked_for(self):
        """The engine's container, field by field."""
        labels = {'tier': 'web', 'org.example/x': ''}
        ident = self.container(
            'Created', cpu=0.5, memory=256, labels=labels, hostname='web-1',
            entrypoint=['sh', '-c'], command=['sleep 3600'], workdir='/tmp',
            environment={'MODE': 'prod $HOME'}, interactive=True, tty=True,
            privileged=True, runtime='runc', image_pull_policy='never',
            exposed_ports={'80': {}, '53/udp': {}},
            restart_policy={'Name': 'on-failure', 'MaximumRetryCount': '3'},
            healthcheck={'cmd': 'true', 'interval': 5, 'retries': 2,
                         'timeout': 3})
        found = self.inspect(ident)
        config, host = found['Config'], found['HostConfig']
        self.assertEqual(f'/zun-{ident}', found['Name'])
        self.assertEqual('created', found['State']['Status'])
        self.assertEqual(labels, config['Labels'])
        self.assertEqual((int(1024 * 0.5), 256 * 1048576),
                         (host['CpuShares'], host['Memory']))
        self.assertEqual(('web-1', '/tmp', True, True), (
            config['Hostname'], config['WorkingDir'], config['Tty'],
            config['OpenStdin']))
        self.assertIn('MODE=prod $HOME', config['Env'])
        self.assertEqual((['sh', '-c'], ['sleep 3600']),
                         (config['Entrypoint'], config['Cmd']))
        self.assertEqual({'80/tcp': {}, '53/udp': {}},
                         config['ExposedPorts'])
        self.assertEqual(
            {'Test': ['CMD-SHELL', 'true'], 'Interval': 5 * 10**9,
             'Timeout': 3 * 10**9, 'Retries': 2}, config['Healthcheck'])
        self.assertEqual((True, 'runc', False), (
            host['Privileged'], host['Runtime'], host['AutoRemove']))
        self.assertEqual({'Name': 'on-failure', 'MaximumRetryCount': 3},
                         host['RestartPolicy'])

    def test_no_trace_after_its_end(self):
        ident = self.container('Running', mounts=[
            {'size': '1', 'source': '', 'destination': '/data'}])
        self.run_in(ident, 'touch /data/x')
        self.assertIn('/data', [m['Destination'] for m
                                in self.inspect(ident)['Mounts']])
        self.remove(ident)
        self.assertEqual([], neighbours.left_on_engine(self.service.host))
        with neighbours.engine() as engine:
            self.assertNotIn(f'zun-{ident}', [
                c.name for c in neighbours.containers(engine, ended=True)])

    def test_stop_and_start_and_reboot(self):
        """It is the same container, and keeps its files."""
        ident = self.container('Running')
        before = self.inspect(ident)
        self.run_in(ident, 'touch /kept')
        self.act(ident, 'stop', timeout=0)
        self.wait(ident, 'Stopped')
        self.assertEqual('exited', self.inspect(ident)['State']['Status'])
        self.act(ident, 'start')
        self.wait(ident, 'Running')
        self.run_in(ident, 'test -e /kept')
        middle = self.inspect(ident)
        self.act(ident, 'reboot', timeout=0)
        self.wait(ident, 'Running')
        after = self.inspect(ident)
        self.assertEqual({before['Id']}, {middle['Id'], after['Id']})
        self.assertNotEqual(middle['State']['Pid'], after['State']['Pid'])
        self.run_in(ident, 'test -e /kept')

    def test_rebuild(self):
        ident = self.container('Running', mounts=[
            {'size': 1, 'destination': '/data'}])
        before = self.inspect(ident)['Id']
        self.run_in(ident, 'touch /own /data/kept')
        self.act(ident, 'rebuild')
        self.wait(ident, 'Running')
        self.assertNotEqual(before, self.inspect(ident)['Id'])
        self.run_in(ident, 'sh -c "test ! -e /own && test -e /data/kept"')

    def test_injected_files(self):
        """mounts of type bind: the content is at the destination."""
        content = b'line\n\x00\xff'
        ident = self.container('Running', mounts=[
            {'type': 'bind', 'destination': '/etc/app/config',
             'source': base64.b64encode(content).decode()},
            {'type': 'bind', 'destination': '/etc/motd',
             'source': base64.b64encode(b'hello\n').decode()}])
        self.assertEqual('hello\n', self.run_in(ident, 'cat /etc/motd'))
        self.assertEqual(
            base64.b64encode(content).decode(),
            self.run_in(ident, 'base64 /etc/app/config').strip())
        self.assertEqual('drwxr-xr-x', self.run_in(
            ident, 'ls -ld /etc').split()[0])

    def test_other_amounts(self):
        ident = self.container('Running', cpu=1, memory=64)
        pid = self.inspect(ident)['State']['Pid']
        code, shown = self.ask('PATCH', f'/containers/{ident}',
                               {'cpu': 0.2, 'memory': '200'})
        self.assertEqual((200, 0.2, '200'),
                         (code, shown['cpu'], shown['memory']))
        after = self.inspect(ident)
        self.assertEqual(
            (int(0.2 * 1024), 200 * 1048576, pid),
            (after['HostConfig']['CpuShares'],
             after['HostConfig']['Memory'], after['State']['Pid']))
        stats = self.ask('GET', f'/containers/{ident}/stats')[1]
        self.assertEqual(200, stats['MEM LIMIT(MiB)'])

    def test_a_signal(self):
        ident = self.container('Running', command=[
            'sh', '-c', 'trap "echo told" USR1; while :; do sleep 0.1; done'])
        self.act(ident, 'kill', signal='USR1')
        neighbours.wait_for('its word', lambda: 'told' in self.ask(
            'GET', f'/containers/{ident}/logs')[1])
        self.assertEqual('Running', self.status(ident)[0])

    def test_kill_during_a_patient_stop(self):
        ident = self.container('Running', command=[
            'sh', '-c', 'trap "" TERM; while true; do sleep 1; done'])
        self.ask('POST', f'/containers/{ident}/stop?timeout=600')
        neighbours.wait_for('the stop', lambda: self.status(ident) != (
            'Running', None))
        code, answer = self.ask('POST', f'/containers/{ident}/kill')
        self.assertEqual(202, code, answer)
        self.wait(ident, 'Stopped')

    def test_restarts_are_counted(self):
        code, made = self.ask('POST', '/containers?run=true', {
            'image': self.image, 'command': ['sh', '-c', 'echo ran; exit 3'],
            'restart_policy': {'Name': 'on-failure',
                               'MaximumRetryCount': 2}})
        self.assertEqual(202, code, made)
        self.addCleanup(self.remove, made['uuid'])
        self.wait(made['uuid'], 'Stopped')
        self.assertEqual('ran\n' * 3, self.ask(
            'GET', f'/containers/{made["uuid"]}/logs')[1].replace('\r', ''))
        detail = self.ask('GET', f'/containers/{made["uuid"]}')[1][
            'status_detail']
        self.assertIn('Exited(3)', detail)

    def test_one_that_goes_by_itself(self):
        code, made = self.ask('POST', '/containers?run=true', {
            'image': self.image, 'command': ['true'], 'auto_remove': True})
        self.assertEqual(202, code, made)
        neighbours.wait_for('its end', lambda: self.status(
            made['uuid'])[0] == container_table.ABSENT)

    def test_what_cannot_be_made(self):
        """Error, with the engine's reason."""
        for asked, reason in (
                ({'command': ['/no/such/program']}, 'no such file'),
                ({'runtime': 'none-such'}, 'none-such'),
                ({'image': container_table.NO_IMAGE}, 'cannot be reached')):
            with self.subTest(reason):
                code, made = self.ask('POST', '/containers?run=true', {
                    'image': self.image, 'cpu': 0.1} | asked)
                self.assertEqual(202, code, made)
                self.addCleanup(self.remove, made['uuid'])
                neighbours.wait_for(
                    'the reason', lambda made=made, reason=reason: reason in (
                        self.ask('GET', f'/containers/{made["uuid"]}')[1][
                            'status_reason'] or ''))
                self.assertEqual('Error', self.status(made['uuid'])[0])

    def test_an_image_of_it(self):
        ident = self.container('Running')
        self.run_in(ident, 'sh -c "echo mine > /own"')
        name = f'kept-{uuid.uuid4().hex[:8]}'
        made = self.commit(ident, name)
        self.assertTrue(made['image'].endswith(f'/{name}:one'), made)
        with neighbours.engine() as engine:
            first = engine.images.get(made['image'])
            self.commit(ident, name)
            self.assertNotEqual(first, engine.images.get(made['image']))
            with self.assertRaises(docker.errors.ImageNotFound):
                engine.images.get(first.id)     # nobody could find it
        other = self.container('Running', image=made['image'])
        self.assertEqual('mine\n', self.run_in(other, 'cat /own'))
        self.remove(other)
        shown = self.ask('GET', f'/images/{made["uuid"]}')[1]
        self.assertEqual('one', shown['tag'])

    def commit(self, ident, name):
        """The answer, once the image is made."""
        made = self.begin_commit(ident, name)
        neighbours.wait_for('the image', lambda: self.newest_action(
            ident)['finish_time'])
        return made

    def begin_commit(self, ident, name):
        code, made = self.ask('POST', f'/containers/{ident}/commit',
                              {'repository': name, 'tag': 'one'})
        self.assertEqual(202, code, made)
        self.addCleanup(forget_image, made['image'])
        return made

    def newest_action(self, ident):
        return self.ask('GET', f'/containers/{ident}/container_actions')[1][
            'containerActions'][0]

    def test_the_service_is_killed_while_an_image_is_made(self):
        """It is made all the same, and the container goes on."""
        ident = self.container('Running')
        digest = self.run_in(ident, 'sh -c "head -c 100m /dev/urandom '
                             '>/large; md5sum /large"')
        before = self.inspect(ident)['State']
        made = self.begin_commit(ident, f'kept-{uuid.uuid4().hex[:8]}')
        neighbours.wait_for('the engine makes it', lambda: self.inspect(
            ident)['State']['Paused'])
        self.service.process.kill()
        self.service.start()
        told = neighbours.wait_for('its end', lambda: (
            action := self.newest_action(ident))['finish_time'] and action)
        self.assertEqual(('commit', None),
                         (told['action'], told['message']))
        self.wait(ident, 'Running')
        after = self.inspect(ident)['State']
        self.assertEqual((False, before['StartedAt']),
                         (after['Paused'], after['StartedAt']))
        other = self.container('Running', image=made['image'])
        self.assertEqual(digest, self.run_in(other, 'md5sum /large'))
        self.remove(other)

    def test_the_service_is_killed_and_comes_back(self):
        ident = self.container('Running')
        stopped = self.container('Stopped')
        before = self.inspect(ident)['State']
        self.service.process.kill()
        self.service.start()
        self.wait(ident, 'Running')
        self.wait(stopped, 'Stopped')
        self.assertEqual(before['StartedAt'],
                         self.inspect(ident)['State']['StartedAt'])
        self.act(stopped, 'start')
        self.wait(stopped, 'Running')
