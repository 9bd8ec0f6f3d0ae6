"""Capsules on a real Docker Engine."""
import unittest
import uuid

from zun_lite import rpc
from zun_lite.compute import service as compute
from zun_lite.tests import neighbours
from zun_lite.tests.contract.engines import real_docker
from zun_lite.tests.functional import capsules_job
from zun_lite.tests.functional import stack


class OnDocker(stack.Stack):
    def __init__(self) -> None:
        super().__init__()
        self.host = f'docker-{uuid.uuid4().hex[:8]}'
        self.docker = real_docker.DockerEngine()

    def agents(self, bus: rpc.Bus) -> list[compute.ComputeService]:
        return [compute.ComputeService(
            bus, self.docker.driver(self.host), self.host)]

    def stop(self) -> None:
        super().stop()
        self.docker.close()


class TestCapsulesOnDocker(capsules_job.CapsulesJob, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        cls.stack = OnDocker()
        cls.stack.start()
        cls.addClassCleanup(cls.stack.stop)

    def test_its_stats_and_processes(self):
        found = self.until(self.made(capsules_job.template('busy')),
                           'Running')
        web, _ = found['containers']
        url = f'/v1/containers/{web["uuid"]}'
        stats = self.ask('GET', f'{url}/stats').json
        self.assertEqual(('capsule-busy-web', 32.0), (
            stats['CONTAINER'], stats['MEM LIMIT(MiB)']))
        self.assertIn('httpd', str(
            self.ask('GET', f'{url}/top').json['Processes']))

    def test_nothing_is_left(self):
        path = self.made(capsules_job.template('brief'))
        self.until(path, 'Running')
        self.assertTrue(neighbours.left_on_engine(self.stack.host))
        self.gone(path)
        stack.wait_for(lambda: not neighbours.left_on_engine(
            self.stack.host))
