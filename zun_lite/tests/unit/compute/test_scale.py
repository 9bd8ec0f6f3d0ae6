"""The agent with a thousand pods. Figures are printed (pytest -s), and the
limits are wide: they catch a change of order, not a slow machine."""
import resource
import time
import unittest

from oslo_config import fixture

from zun_lite import rpc
from zun_lite.compute import service
from zun_lite.conf import CONF
from zun_lite.tests.unit.compute.scripted import ScriptedConductor
from zun_lite.tests.unit.compute.stub import pod
from zun_lite.tests.unit.compute.stub import StubDriver
from zun_lite.tests.unit.compute.stub import wait_for

PODS = 1000
IDLE_S = 2.0


def rss_mib() -> float:
    with open('/proc/self/statm') as statm:
        pages = int(statm.read().split()[1])
    return pages * resource.getpagesize() / 2**20


class TestThousandPods(unittest.TestCase):
    def setUp(self):
        config = fixture.Config(CONF)
        config.setUp()
        self.addCleanup(config.cleanUp)
        config.config(group='compute', resync_interval=600)
        self.bus, self.driver = rpc.LocalBus(), StubDriver()
        self.conductor = ScriptedConductor(page=200)
        self.addCleanup(self.bus.close)
        self.bus.serve(rpc.CONDUCTOR_TOPIC, 'one', self.conductor)
        self.service = service.ComputeService(self.bus, self.driver, 'here')
        self.addCleanup(self.service.stop)

    def all_are(self, generation, phase):
        seen = self.conductor.phases()
        return len(seen) == PODS and all(
            s == (generation, phase) for s in seen.values())

    def settle(self, generation, phase, **desired):
        begin = time.monotonic()
        self.conductor.hand_over(self.bus, *(
            pod(f'p{n}', generation, **desired) for n in range(PODS)))
        wait_for(lambda: self.all_are(generation, phase), 60)
        return time.monotonic() - begin

    def cpu_s(self, duration_s):
        before = time.process_time()
        time.sleep(duration_s)
        return time.process_time() - before

    def compare(self):
        lists = self.driver.counts('list')
        self.service._bell.set()
        used = self.cpu_s(1)
        self.assertEqual(lists + 1, self.driver.counts('list'))
        return used

    def test_they_reconcile_quickly_and_rest_quietly(self):
        self.service.start()
        wait_for(lambda: self.conductor.lists)
        before = rss_mib()
        started = self.settle(1, 'Running')
        grown = rss_mib() - before
        calls, idle = self.driver.counts('ensure'), self.cpu_s(IDLE_S)
        compared = self.compare()
        self.assertEqual(calls, self.driver.counts('ensure'))
        stopped = self.settle(2, 'Stopped', desired='stopped')
        deleted = self.settle(3, None, desired='absent')
        print(f'\n{PODS} pods: started in {started:.2f} s, stopped in '
              f'{stopped:.2f} s, deleted in {deleted:.2f} s; idle '
              f'{idle / IDLE_S:.2%} CPU; a full comparison '
              f'{compared * 1000:.0f} ms of CPU; {grown:.1f} MiB')
        self.assertEqual({}, self.driver.pods)
        self.assertLess(started + stopped + deleted, 60)
        self.assertLess(idle / IDLE_S, 0.05)
        self.assertLess(compared, 2)
        self.assertLess(grown, 100)
