"""Stacks of Heat with OS::Zun::Container."""
import typing
import unittest
import uuid

import pytest

from zun_lite.tests import neighbours
from zun_lite.tests.functional import test_keystone
from zun_lite.tests.functional.heat import service as heat
from zun_lite.tests.functional.zunclient import service

# Ends at once when it is asked to. No double quotes: at 1.12 the client puts
# each word between such, and does not look for more of them.
COMMAND = "sh -c 'trap exit TERM; echo begun; while sleep 0.2; do :; done'"
# What Heat knows of a container; networks and volumes that exist are looked
# up in Neutron and Cinder first.
ALL: dict[str, typing.Any] = {
    'name': 'box', 'image': neighbours.IMAGE, 'command': COMMAND,
    'cpu': 0.2, 'memory': 64, 'environment': {'MODE': 'prod'},
    'workdir': '/tmp', 'labels': {'app': 'web'}, 'hostname': 'box-1',
    'restart_policy': 'on-failure:2', 'interactive': True,
    'image_driver': 'docker', 'security_groups': ['default'],
    'mounts': [{'volume_size': 1, 'mount_path': '/data'}]}
SMALL = {'image': neighbours.IMAGE, 'cpu': 0.1, 'memory': 32}

NOWHERE = '127.0.0.1:1/none:1'    # nothing answers there


def template(properties: dict[str, typing.Any]) -> dict[str, typing.Any]:
    return {'heat_template_version': '2018-08-31',
            'resources': {'box': {'type': 'OS::Zun::Container',
                                  'properties': properties}},
            'outputs': {'name': {'value': {'get_attr': ['box', 'name']}}}}


@pytest.mark.timeout(300)
class TestHeat(unittest.TestCase):
    """Its engine asks for what alpha may have."""

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        engine = neighbours.need('ZUN_LITE_TEST_HEAT')
        cls.service = service.Service(test_keystone.Keystone())
        cls.addClassCleanup(cls.service.close)
        cls.heat = heat.Heat(engine, cls.service)
        cls.addClassCleanup(cls.heat.close)
        cls.heat.start()
        cls.service.ready()
        cls.stacks = cls.heat.client('alpha')
        cls.client = cls.service.client('alpha')

    def make(self, properties: dict[str, typing.Any],
             status: str = 'CREATE_COMPLETE') -> str:
        """The path of a new stack, as soon as it is in this status."""
        name = f'stack-{uuid.uuid4().hex[:8]}'
        made = self.stacks('POST', '/stacks', status=201, json={
            'stack_name': name, 'template': template(properties)})
        path = f'/stacks/{name}/{made.json()["stack"]["id"]}'
        self.addCleanup(self.remove, path)
        self.until(path, status)
        return path

    def remove(self, path: str) -> None:
        if self.stacks('GET', path).json()['stack'][
                'stack_status'] != 'DELETE_COMPLETE':
            self.stacks('DELETE', path, status=204)
            self.until(path, 'DELETE_COMPLETE')

    def until(self, path: str, status: str) -> None:
        def ended() -> typing.Any:
            found = self.stacks.get(path)['stack']
            return found if not found['stack_status'].endswith(
                'IN_PROGRESS') else None
        found = neighbours.wait_for(f'{path} is {status}', ended)
        if found['stack_status'] != status:
            self.fail(f'{found}\n{self.heat.logs()}')

    def container(self, path: str) -> str:
        found = self.stacks.get(f'{path}/resources/box')['resource']
        return found['physical_resource_id']

    def test_a_stack_from_create_to_delete(self):
        stack = self.make(ALL)
        ident = self.container(stack)
        found = self.client.get(f'/containers/{ident}')
        self.check_all(found)
        (output,) = self.stacks.get(stack)['stack']['outputs']
        self.assertEqual('box', output['output_value'])
        self.stacks('PUT', stack, status=202, json={'template': template(
            ALL | {'name': 'renamed', 'cpu': 0.3, 'memory': 96})})
        self.until(stack, 'UPDATE_COMPLETE')
        self.assertEqual(ident, self.container(stack))
        found = self.client.get(f'/containers/{ident}')
        self.assertEqual(('renamed', 0.3, '96', 'Running'), (
            found['name'], found['cpu'], found['memory'], found['status']))
        self.remove(stack)
        self.client('GET', f'/containers/{ident}', status=404)

    def check_all(self, found: dict[str, typing.Any]) -> None:
        """What is asked for is there."""
        for name in ('name', 'image', 'cpu', 'environment', 'workdir',
                     'labels', 'hostname', 'interactive', 'image_driver'):
            self.assertEqual(ALL[name], found[name], name)
        self.assertEqual(('64', 'Running'),
                         (found['memory'], found['status']))
        self.assertEqual({'Name': 'on-failure', 'MaximumRetryCount': '2'},
                         found['restart_policy'])
        ident = found['uuid']
        self.assertIn('begun', self.client.get(f'/containers/{ident}/logs'))
        answer = self.client('POST', f'/containers/{ident}/execute',
                             json={'command': 'ls -d /data'}, status=200)
        self.assertEqual('/data\n', answer.json()['output'])

    def test_one_that_has_ended_is_complete(self):
        stack = self.make(SMALL | {'command': 'true'})
        found = self.client.get(f'/containers/{self.container(stack)}')
        self.assertEqual('Stopped', found['status'])

    def test_a_terminal(self):
        """Asked for with a later microversion."""
        stack = self.make(SMALL | {'tty': True, 'interactive': True,
                                   'command': COMMAND})
        found = self.client.get(f'/containers/{self.container(stack)}')
        self.assertEqual((True, True), (found['tty'], found['interactive']))

    def test_why_a_stack_failed(self):
        stack = self.make(SMALL | {'image': NOWHERE}, 'CREATE_FAILED')
        reason = self.stacks.get(stack)['stack']['stack_status_reason']
        self.assertIn(NOWHERE, reason)

    def test_what_is_gone_already_is_removed(self):
        stack = self.make(SMALL | {'command': COMMAND})
        path = f'/containers/{self.container(stack)}'
        self.client('DELETE', f'{path}?stop=true', status=204)
        neighbours.wait_for('it is gone', lambda: self.client(
            'GET', path).status_code == 404)
        self.remove(stack)
