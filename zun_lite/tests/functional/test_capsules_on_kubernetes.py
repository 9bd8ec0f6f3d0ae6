"""Capsules on a real Kubernetes."""
import unittest
import uuid

from zun_lite import rpc
from zun_lite.compute import service as compute
from zun_lite.tests import neighbours
from zun_lite.tests.contract.engines import real_kubernetes
from zun_lite.tests.functional import capsules_job
from zun_lite.tests.functional import stack


class OnKubernetes(stack.Stack):
    def __init__(self) -> None:
        super().__init__()
        self.host = f'kubernetes-{uuid.uuid4().hex[:8]}'
        self.kubernetes = real_kubernetes.KubernetesEngine()

    def agents(self, bus: rpc.Bus) -> list[compute.ComputeService]:
        return [compute.ComputeService(
            bus, self.kubernetes.driver(self.host), self.host)]

    def stop(self) -> None:
        super().stop()
        self.kubernetes.close()


class TestCapsulesOnKubernetes(capsules_job.CapsulesJob, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        neighbours.need('KUBECONFIG')
        cls.stack = OnKubernetes()
        cls.stack.start()
        cls.addClassCleanup(cls.stack.stop)

    def test_what_its_driver_lacks(self):
        found = self.until(self.made(capsules_job.template('plain')),
                           'Running')
        web, _ = found['containers']
        said = self.ask('GET', f'/v1/containers/{web["uuid"]}/top',
                        409).error['title']
        self.assertIn('kubernetes', said)
        self.assertIn('top', said)
