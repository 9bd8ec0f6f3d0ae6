"""A driver that lacks things refuses them; no case of them is run."""
import typing
import unittest

from zun_lite.drivers import base
from zun_lite.drivers import fake
from zun_lite.tests.contract import cases
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.engines import memory

FIELDS = frozenset(name for name in fake.FakeDriver.fields
                   if 'livenessProbe' not in name and 'Memory' not in name)


class Limited(fake.Pods, base.Logs, base.Exec):
    """No top, no stats, no liveness probes, no volumes in memory."""
    fields: typing.ClassVar[frozenset[str]] = FIELDS


class LimitedEngine(memory.MemoryEngine):
    def driver(self, host: str) -> base.PodDriver:
        return Limited(self.engine, back_off=self._back_off(), host=host)


harness.concrete(globals(), (cases.Reads, cases.Refused, cases.Volumes),
                 LimitedEngine)


class TestRefusal(unittest.TestCase):
    """How a case ends that the driver cannot take."""

    def run_case(self, group: type[harness.Case], name: str) -> list[str]:
        """What was refused; [] for a case that was run."""
        concrete = type('Concrete', (group, unittest.TestCase),
                        {'engine': LimitedEngine()})
        case, result = concrete(name), unittest.TestResult()
        case.run(result)
        self.assertTrue(result.wasSuccessful(), result)
        self.assertEqual([], result.skipped)
        return [str(refused) for refused in case.refused]

    def test_an_action(self):
        self.assertEqual(['top'], self.run_case(cases.Reads, 'test_top'))

    def test_a_field(self):
        refused, = self.run_case(cases.Probes, 'test_liveness_restarts')
        self.assertIn('spec.containers[0].livenessProbe', refused)

    def test_a_value(self):
        refused, = self.run_case(cases.Volumes, 'test_memory_is_tmpfs')
        self.assertIn('medium', refused)

    def test_what_it_has_is_run(self):
        self.assertEqual([], self.run_case(cases.Volumes,
                                           'test_shared_by_containers'))
