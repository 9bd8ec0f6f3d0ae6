"""The driver against a scripted API server."""
import unittest
from unittest import mock

from zun_lite.compute import plan
from zun_lite.drivers.kubernetes import driver
from zun_lite.drivers.kubernetes import settings
from zun_lite.tests.unit.drivers.kubernetes.documents import container
from zun_lite.tests.unit.drivers.kubernetes.documents import pod
from zun_lite.tests.unit.drivers.kubernetes.documents import UUID

RUNNING = {'startedAt': '2026-01-31T12:00:00Z'}
ENDED = {'exitCode': 1, 'reason': 'Error'}
STATES = {
    'running': ('Running', {'running': RUNNING}),
    'restarted': ('Running', {'waiting': {'reason': 'CrashLoopBackOff'}}),
    'ended': ('Failed', {'terminated': ENDED}),
    'not made': ('Pending', {'waiting': {'reason': 'ContainerCreating'}}),
}


class TestLists(unittest.TestCase):
    """They tell what a look tells, or resyncs look again and again."""

    def setUp(self):
        self.answer = {'items': [], 'metadata': {}}
        self.driver = driver.KubernetesDriver('host', settings.Settings())
        self.addCleanup(self.driver.close)
        self.enterContext(mock.patch.object(
            self.driver._cluster, 'call', return_value=self.answer))

    def hold(self, phase, state, version=1):
        self.answer['items'] = [pod(
            uid='a', version=version, phase=phase, containerStatuses=[
                container(**state) | {'containerID': 'docker://1'}])]

    def listed(self):
        found, = self.driver.list_pods()
        return found

    def test_in_each_state(self):
        for version, (name, (phase, state)) in enumerate(STATES.items()):
            with self.subTest(name):
                self.hold(phase, state, version)
                seen = self.driver.pod_status(UUID)
                self.assertFalse(plan.drifted(seen, self.listed()))

    def test_an_end_that_the_watch_missed(self):
        self.hold(*STATES['running'])
        before = self.driver.pod_status(UUID)
        self.hold(*STATES['restarted'], version=2)
        self.assertTrue(plan.drifted(before, self.listed()))
