import threading
import time
import unittest
import uuid

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers import fake
from zun_lite.pod import spec


def pod(**fields) -> spec.Pod:
    container = spec.Container(name='main', image='web:1', **fields)
    return spec.Pod(
        uuid=str(uuid.uuid4()), project_id='p', generation=1,
        desired='running', metadata=spec.Metadata(name='x'),
        spec=spec.PodSpec(containers=(container,)),
        container_uuids={'main': str(uuid.uuid4())})


class TestFaults(unittest.TestCase):
    def setUp(self) -> None:
        self.engine = fake.Engine()
        self.driver = fake.FakeDriver(
            self.engine, back_off=fake.BackOff(0.05, 0.1, 1))
        self.addCleanup(self.driver.close)

    def reach(self, wanted: spec.Pod, phase: str):
        """Ensure until the pod is there, as a reconciler would."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            found = self.driver.ensure_pod(wanted).status
            if found.phase == phase:
                return found
            time.sleep(0.01)
        raise AssertionError(f'{phase} was not reached: {found}')

    def waits(self, wanted: spec.Pod, reason: str) -> None:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            found = self.driver.ensure_pod(wanted).status
            state = found.container_statuses[0].state
            if state.waiting and state.waiting.reason == reason:
                return
            time.sleep(0.01)
        self.fail(f'{reason} was not seen: {found}')

    def test_unknown_programs_run_for_ever(self):
        self.reach(pod(command=('nginx', '-g', 'daemon off;')), 'Running')

    def test_away(self):
        wanted = pod()
        self.engine.away(True)
        with self.assertRaises(exceptions.EngineUnavailable):
            self.driver.ensure_pod(wanted)
        self.engine.away(False)
        self.reach(wanted, 'Running')

    def test_back_again_is_a_relist(self):
        self.engine.away(True)
        self.engine.away(False)
        self.assertEqual(base.Relist(), next(self.driver.watch()))

    def test_pull_failure(self):
        self.engine.faults.pull['web:1'] = 'no space left on device'
        wanted = pod()
        self.waits(wanted, 'ErrImagePull')
        self.engine.faults.pull.clear()
        self.reach(wanted, 'Running')

    def test_create_failure(self):
        self.engine.faults.create['main'] = 'no space left on device'
        wanted = pod()
        self.waits(wanted, 'CreateContainerError')
        self.engine.faults.create.clear()
        self.reach(wanted, 'Running')

    def test_start_failure(self):
        self.engine.faults.start['main'] = 'cannot start'
        wanted = pod()
        self.waits(wanted, 'RunContainerError')
        self.engine.faults.start.clear()
        self.reach(wanted, 'Running')

    def test_delays(self):
        self.engine.faults.pull_s = self.engine.faults.start_s = 0.2
        begin = time.monotonic()
        self.reach(pod(), 'Running')
        self.assertGreater(time.monotonic() - begin, 0.35)

    def test_many_pods_are_one_thread(self):
        before = threading.active_count()
        for _ in range(200):
            self.driver.ensure_pod(pod(command=('sleep', '60')))
        time.sleep(0.2)
        self.assertLessEqual(threading.active_count(), before + 1)

    def test_drivers_share_an_engine(self):
        wanted = pod()
        self.reach(wanted, 'Running')
        other = fake.FakeDriver(self.engine)
        self.assertEqual([wanted.uuid],
                         [p.uuid for p in other.list_pods()])
