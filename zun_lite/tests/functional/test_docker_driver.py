"""The Docker driver on a real engine (DOCKER_HOST): what is its own.

What every driver must do is in the contract suite.
"""
import unittest
import uuid
from unittest import mock

import pytest

from zun_lite import exceptions
from zun_lite.drivers.docker import client
from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.tests.contract import documents
from zun_lite.tests.contract.engines import real_docker

pytestmark = pytest.mark.skipif(
    not real_docker.DockerEngine.answers(),
    reason='no Docker Engine answers; DOCKER_HOST names one')


class DockerCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.engine = real_docker.DockerEngine()
        cls.addClassCleanup(cls.engine.close)

    def setUp(self):
        unique = uuid.uuid4().hex[:12]
        self.host, self.project = f'host-{unique}', f'project-{unique}'
        self.driver = self.new_driver(self.host)

    def new_driver(self, host):
        driver = self.engine.driver(host)
        self.addCleanup(driver.close)
        return driver

    def pod(self, *containers, **spec):
        spec = {'terminationGracePeriodSeconds': 0, **spec}
        wanted = [{'name': 'main', 'image': self.engine.image,
                   'command': ['sleep', '3600']} | c
                  for c in containers or ({},)]
        pod = documents.pod(self.project, {'containers': wanted, **spec})
        self.addCleanup(self.driver.delete_pod, pod.uuid, grace_period_s=0)
        return pod

    def plain(self):
        return documents.plain(self.pod())

    def sandbox(self, pod):
        found, = self.engine.client.api.containers(filters={'label': [
            f'{labels.POD}={pod.uuid}', f'{labels.KIND}=sandbox']})
        return found['Id']


class TestCalls(DockerCase):
    """Calls to the engine are what a pod costs."""

    def calls(self, action, *args):
        made = []
        send = client.Client.send

        def counted(api, request, **options):
            made.append(f'{request.method} {request.path_url}')
            return send(api, request, **options)
        with mock.patch.object(client.Client, 'send', counted):
            action(*args)
        return made

    def test_calls(self):
        first = self.pod()
        self.driver.ensure_pod(first)       # finds image, makes the network
        for containers in (1, 2, 3):
            pod = self.pod(*({'name': f'c{n}'} for n in range(containers)))
            made = self.calls(self.driver.ensure_pod, pod)
            self.assertEqual(4 + 3 * containers, len(made), made)
            again = self.calls(self.driver.ensure_pod, pod)
            self.assertEqual(1, len(again), again)
        self.assertEqual(3, len(self.calls(self.driver.list_pods)))

    def test_calls_of_a_plain_container(self):
        self.driver.ensure_pod(self.plain())    # as above
        pod = self.plain()
        made = self.calls(self.driver.ensure_pod, pod)
        self.assertEqual(15, len(made), made)
        again = self.calls(self.driver.ensure_pod, pod)
        self.assertEqual(2, len(again), again)
        self.assertEqual(4, len(self.calls(self.driver.list_pods)))


class TestSandbox(DockerCase):
    def test_a_new_sandbox_for_one_that_ended(self):
        pod = self.pod()
        before = self.driver.ensure_pod(pod).status
        sandbox = self.sandbox(pod)
        self.engine.client.api.kill(sandbox)
        # What the event stream would tell: the container goes, then both
        # are made anew.
        self.driver._survey.doubt(sandbox)
        self.driver.ensure_pod(pod)
        main = before.container_statuses[0].container_id
        self.engine.client.api.wait(main.removeprefix('docker://'))
        self.driver._survey.doubt(main.removeprefix('docker://'))
        after = self.driver.ensure_pod(pod).status
        self.assertEqual('Running', after.phase)
        self.assertNotEqual(sandbox, self.sandbox(pod))
        self.assertEqual(before.start_time, after.start_time)
        self.assertEqual(1, after.container_statuses[0].restart_count)

    def test_all_users_may_write_to_volumes(self):
        pod = self.pod(
            {'securityContext': {'runAsUser': 4321},
             'volumeMounts': [{'name': 'd', 'mountPath': '/d'},
                              {'name': 'm', 'mountPath': '/m'}]},
            volumes=[{'name': 'd', 'emptyDir': {}},
                     {'name': 'm', 'emptyDir': {'medium': 'Memory'}}])
        self.driver.ensure_pod(pod)
        found = self.driver.exec(pod.uuid, 'main', (
            'sh', '-c', 'touch /d/x /m/x && echo fine'), timeout_s=20)
        self.assertEqual(b'fine\n', found.stdout, found)


class TestLateContainer(DockerCase):
    def test_it_is_replaced(self):
        """What an agent that was cut off had asked for is made only after
        the next one has looked."""
        pod = documents.plain(self.pod(), 'created')
        name = names.plain(pod.uuid)
        create = client.Client.create_container_from_config
        late = iter(['once'])

        def after_another(api, body, its_name):
            if next(late, None):
                self.engine.client.api.create_container(self.engine.image,
                                                        name=name)
            return create(api, body, its_name)
        with mock.patch.object(client.Client, 'create_container_from_config',
                               after_another):
            made = self.driver.prepare_pod(pod).status
        self.assertEqual('Created', made.phase)
        found = self.engine.client.api.inspect_container(name)
        self.assertEqual(f'docker://{found["Id"]}',
                         made.container_statuses[0].container_id)


class TestTwoHosts(DockerCase):
    def test_they_share_an_engine(self):
        """Another agent's pods are neither seen nor touched."""
        pod = self.pod()
        self.driver.ensure_pod(pod)
        other = self.new_driver(f'{self.host}-other')
        self.assertEqual([], other.list_pods())
        other.delete_pod(pod.uuid, grace_period_s=0)
        self.assertEqual('Running',
                         self.driver.pod_status(pod.uuid).status.phase)

    def test_plain_containers_too(self):
        pod = self.plain()
        self.driver.ensure_pod(pod)
        other = self.new_driver(f'{self.host}-other')
        self.assertEqual([], other.list_pods())
        with self.assertRaises(exceptions.PodNotFound):
            other.pod_status(pod.uuid)
        other.delete_pod(pod.uuid, grace_period_s=0)
        self.assertEqual('Running',
                         self.driver.pod_status(pod.uuid).status.phase)


class TestBackoff(DockerCase):
    def test_it_goes_on_in_a_new_agent(self):
        """The wait is a label of the container, not the agent's memory."""
        pod = self.pod({'command': ['false']})
        for restarts in range(2):
            self.driver.ensure_pod(pod)
            found, = self.engine.client.api.containers(
                all=True, filters={'label': [
                    f'{labels.POD}={pod.uuid}', f'{labels.CONTAINER}=main',
                    f'{labels.ATTEMPT}={restarts}']})
            self.engine.client.api.wait(found['Id'])
            self.driver._survey.doubt(found['Id'])
        other = self.new_driver(self.host)
        seen = other.ensure_pod(pod)
        main = seen.status.container_statuses[0]
        self.assertEqual('CrashLoopBackOff', main.state.waiting.reason)
        self.assertIn('back-off 0.8s', main.state.waiting.message)
        self.assertEqual(1, main.restart_count)
        self.assertLessEqual(seen.recheck_after_s, 0.8)
