"""The calls of zun-ui 18's pages, and what the pages read of the answers."""
import json
import pathlib
import subprocess
import unittest
import uuid

from zun_lite.tests import neighbours
from zun_lite.tests.contract.engines import local_registry
from zun_lite.tests.functional import streams_job
from zun_lite.tests.functional import test_keystone
from zun_lite.tests.functional.zunclient import service

PANEL = pathlib.Path(service.__file__).parent / 'panel.py'
# Without Neutron there are no pickers for networks, ports and groups.
FORM = {'image': neighbours.IMAGE, 'image_driver': 'docker',
        'command': ['sh'], 'interactive': True, 'cpu': 0.1, 'memory': 32,
        'mounts': [{'source': '', 'size': '1', 'destination': '/data'}],
        'nets': [], 'security_groups': ['default'], 'hints': {},
        'environment': {'MODE': 'prod'}, 'labels': {'app': 'web'},
        'restart_policy': {'Name': 'on-failure', 'MaximumRetryCount': '2'}}
# Which actions a row of the table offers goes by these words.
STATUSES = {'Creating', 'Created', 'Running', 'Stopped', 'Paused', 'Error',
            'Unknown', 'Restarting', 'Rebuilding', 'Deleting'}


class Panel:
    """The panel of one user: a call is a method of a manager."""

    def __init__(self, openstack: str, endpoint: str, token: str) -> None:
        self._process = subprocess.Popen(
            [pathlib.Path(openstack).parent / 'python', PANEL, endpoint,
             token], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)

    def answer(self, call, *arguments, **named):
        manager, method = call.split('.')
        self._process.stdin.write(json.dumps(
            [manager, method, arguments, named]) + '\n')
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __call__(self, call, *arguments, **named):
        answer = self.answer(call, *arguments, **named)
        if 'error' in answer:
            raise AssertionError(f'{call}: {answer}')
        return answer['found']

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(20)


class Pages(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        openstack = neighbours.need('ZUN_LITE_TEST_ZUNCLIENT')
        keystone = test_keystone.Keystone()
        cls.service = service.Service(keystone)
        cls.addClassCleanup(cls.service.close)
        admin = cls.service.ready()
        cls.panels = {}
        for user in ('alpha', 'admin'):
            cls.panels[user] = panel = Panel(
                openstack, admin.endpoint, keystone.token(user))
            cls.addClassCleanup(panel.close)
        cls.panel = cls.panels['alpha']

    def until(self, ident, status):
        neighbours.wait_for(f'{ident} is {status}', lambda: self.panel(
            'containers.get', ident)['status'] == status)

    def gone(self, manager, ident):
        neighbours.wait_for(f'{ident} is gone', lambda: self.panel.answer(
            f'{manager}.get', ident).get('kind') == 'NotFound')

    def container(self, method='run', **fields):
        made = self.panel(f'containers.{method}', name=(
            f'c-{uuid.uuid4().hex[:8]}'), **FORM | fields)
        self.assertTrue(made['uuid'])
        self.until(made['uuid'], {'run': 'Running',
                                  'create': 'Created'}[method])
        return made['uuid']

    def remove(self, ident):
        self.panel('containers.delete', id=ident, stop=True)
        self.gone('containers', ident)

    def check_container(self, found):
        """What the table, the details and the form of an update read."""
        for name in ('labels', 'environment', 'addresses', 'restart_policy'):
            self.assertIsInstance(found[name], dict, name)
        for name in ('security_groups', 'ports', 'command'):
            self.assertIsInstance(found[name], list, name)
        self.assertIn(found['status'], STATUSES)
        self.assertIsInstance(found['interactive'], bool)
        int(found['memory'].replace('M', ''))
        for name in ('uuid', 'name', 'image', 'created_at'):
            self.assertTrue(found[name], name)
        self.assertLessEqual({'task_state', 'status_reason', 'hostname',
                              'workdir', 'auto_heal', 'auto_remove', 'cpu',
                              'image_driver', 'updated_at'}, set(found))

    def test_containers(self):
        ident = self.container()
        found = self.panel('containers.get', ident)
        self.check_container(found)
        self.assertEqual({'app': 'web'}, found['labels'])
        self.assertEqual({'Name': 'on-failure', 'MaximumRetryCount': '2'},
                         found['restart_policy'])
        (port,) = [p for ports in found['addresses'].values() for p in ports]
        self.assertLessEqual({'addr', 'port', 'subnet_id'}, set(port))
        listed = self.panel('containers.list', None, None, None, None)
        self.assertIn(ident, [item['uuid'] for item in listed])
        for item in listed:
            self.check_container(item)
        self.remove(ident)

    def test_the_form_of_an_update(self):
        ident = self.container('create')
        self.panel('containers.update', ident, name='renamed', memory=48,
                   cpu=0.2)
        found = self.panel('containers.get', ident)
        self.assertEqual(('renamed', '48', 0.2), (
            found['name'], found['memory'], found['cpu']))
        self.panel('containers.delete', id=ident)
        self.gone('containers', ident)

    def test_actions(self):
        ident = self.container()
        for method, arguments, status in (
                ('pause', (), 'Paused'), ('unpause', (), 'Running'),
                ('restart', (1,), 'Running'), ('stop', (1,), 'Stopped'),
                ('start', (), 'Running'), ('kill', (None,), 'Stopped')):
            self.panel(f'containers.{method}', ident, *arguments)
            self.until(ident, status)
        self.panel('containers.rebuild', ident, image=neighbours.IMAGE,
                   image_driver='docker')
        neighbours.wait_for('made anew', lambda: self.panel(
            'containers.get', ident)['task_state'] is None)
        self.remove(ident)

    def test_what_does_not_fit_is_told(self):
        ident = self.container('create')
        answer = self.panel.answer('containers.stop', ident, 10)
        self.assertEqual('Conflict', answer['kind'])
        # The page shows what stands before the bracket.
        self.assertIn('in Created state', answer['error'].partition('(')[0])
        self.panel('containers.delete', id=ident)
        self.gone('containers', ident)

    def test_forced_deletion_is_for_administrators(self):
        ident = self.container()
        self.assertEqual('Forbidden', self.panel.answer(
            'containers.delete', id=ident, force=True)['kind'])
        self.panels['admin']('containers.delete', id=ident, force=True)
        self.gone('containers', ident)

    def test_logs_and_commands(self):
        ident = self.container(command=['sh', '-c', 'echo begun; sh'])
        neighbours.wait_for('it writes', lambda: 'begun' in self.panel(
            'containers.logs', ident, stdout=True, stderr=True))
        found = self.panel('containers.execute', ident, command=(
            "sh -c 'echo in it; exit 3'"))
        self.assertEqual(('in it\n', 3), (found['output'],
                                          found['exit_code']))
        self.remove(ident)

    def test_the_console(self):
        ident = self.container(tty=True)
        url = self.panel('containers.attach', ident)
        terminal = streams_job.Terminal(url)
        self.addCleanup(terminal.close)
        self.panel('containers.resize', ident, 77, 33)
        terminal.say(b'stty size\r')
        terminal.read(b'33 77\r\n')
        self.remove(ident)

    def test_the_cloud_shell(self):
        """Finds its container by a label on whatever is listed."""
        ident = self.container(
            labels={'cloud-shell': 'alpha'}, command=['/bin/sh'])
        found = [item['uuid'] for item in self.panel('containers.list')
                 if item['labels'].get('cloud-shell') == 'alpha'
                 and item['status'] == 'Running']
        self.assertEqual([ident], found)
        self.panel('containers.execute', ident, command=(
            "sh -c 'printf \"export OS_TOKEN=x\" > /tmp/openrc'"))
        self.assertEqual('export OS_TOKEN=x', self.panel(
            'containers.execute', ident,
            command='cat /tmp/openrc')['output'])
        self.remove(ident)

    def test_capsules(self):
        made = self.panel('capsules.create', template={
            'kind': 'capsule', 'metadata': {'name': 'shop'}, 'spec': {
                'containers': [{'image': neighbours.IMAGE,
                                'command': ['sleep', '1000']}]}})
        ident = made['uuid']
        neighbours.wait_for('it runs', lambda: self.panel(
            'capsules.get', ident)['status'] == 'Running')
        (listed,) = self.panel('capsules.list', None, None, None, None)
        shown = self.panel('capsules.get', ident)
        for found in (listed, shown):
            self.assertEqual('shop', found['meta_name'])
            self.assertLessEqual({'uuid', 'updated_at', 'created_at',
                                  'status', 'status_reason', 'addresses',
                                  'cpu', 'memory'}, set(found))
            for name in ('meta_labels', 'volumes_info'):
                self.assertIsInstance(found[name], dict, name)
        (member,) = shown['containers']
        # The page of a capsule leads to those of its containers.
        self.check_container(self.panel('containers.get', member['uuid']))
        self.panel('capsules.delete', id=ident)
        self.gone('capsules', ident)

    def test_images(self):
        admin = self.panels['admin']
        with neighbours.engine() as engine:
            registry = local_registry.LocalRegistry(engine, neighbours.IMAGE)
            self.addCleanup(registry.close)
            repo = registry.published()
            made = admin('images.create', repo=repo, host=self.service.host)
            (found,) = neighbours.wait_for('it is pulled', lambda: [
                item for item in admin('images.list', None, None, None, None)
                if item['uuid'] == made['uuid'] and item['image_id']])
            self.assertLessEqual({'repo', 'tag', 'size', 'host'},
                                 set(found))
            admin('images.delete', made['uuid'])

    def test_hosts(self):
        admin = self.panels['admin']
        (found,) = admin('hosts.list', None, None, None, None)
        shown = admin('hosts.get', found['uuid'])
        self.assertEqual(self.service.host, shown['hostname'])
        for name in ('mem_used', 'mem_total', 'cpu_used', 'cpus',
                     'disk_used', 'disk_total'):
            self.assertIsInstance(shown[name], int | float, name)
        self.assertIsInstance(shown['labels'], dict)

    def test_availability_zones(self):
        self.assertEqual(['nova'], [
            zone['availability_zone']
            for zone in self.panel('availability_zones.list')])
