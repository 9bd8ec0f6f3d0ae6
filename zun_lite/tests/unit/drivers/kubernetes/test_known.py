"""What is remembered of the watch, and how an end is awaited."""
import threading
import unittest

from zun_lite.drivers.kubernetes import known
from zun_lite.tests.unit.drivers.kubernetes.documents import container
from zun_lite.tests.unit.drivers.kubernetes.documents import pod
from zun_lite.tests.unit.drivers.kubernetes.documents import UUID


class TestKnown(unittest.TestCase):
    def setUp(self):
        self.known = known.Known()

    def version(self):
        return self.known.get(UUID)['version']

    def test_the_newer_version_wins(self):
        """Answers and the watch may cross."""
        self.known.put(pod(uid='a', version=5))
        self.known.put(pod(uid='a', version=4))
        self.assertEqual('5', self.version())
        self.known.put(pod(uid='a', version=10))
        self.assertEqual('10', self.version())

    def test_an_old_end_does_not_take_the_new_pod(self):
        self.known.put(pod(uid='new', version=9))
        self.assertIsNone(self.known.drop(pod(uid='old', version=8)))
        self.assertEqual('new', self.known.get(UUID)['uid'])

    def test_a_list_is_complete(self):
        self.known.put(pod(uid='a'))
        self.known.replace([])
        self.assertIsNone(self.known.get(UUID))
        self.assertTrue(self.known.fresh)

    def test_lost_and_found(self):
        self.known.replace([])
        self.known.lost('gone')
        self.assertFalse(self.known.fresh)
        self.assertEqual('gone', self.known.trouble)
        self.known.replace([])
        self.assertTrue(self.known.fresh)
        self.assertIsNone(self.known.trouble)


class TestCutOff(unittest.TestCase):
    """Newer clusters end a pod that is deleted before it goes."""

    def setUp(self):
        self.known = known.Known()

    def phase(self):
        return self.known.get(UUID)['status']['phase']

    def test_the_phase_before_is_kept(self):
        gone = [{'type': 'DisruptionTarget', 'status': 'True',
                 'reason': 'DeletionByPodGC'}]
        for end in ({'deleting': True}, {'conditions': gone}):
            for phase in ('Failed', 'Succeeded'):
                with self.subTest(end=end, phase=phase):
                    self.known.replace([pod(uid='a', phase='Running')])
                    self.known.put(pod(uid='a', version=2, phase=phase,
                                       **end))
                    self.assertEqual('Running', self.phase())
                    self.known.put(pod(uid='a', version=3, phase=phase,
                                       **end))
                    self.assertEqual('Running', self.phase())

    def test_its_own_end_stays(self):
        self.known.put(pod(uid='a', phase='Failed'))
        self.assertEqual('Failed', self.phase())
        self.known.put(pod(uid='a', version=2, phase='Failed',
                           deleting=True))
        self.assertEqual('Failed', self.phase())

    def test_one_that_was_not_known(self):
        """As after a restart of the agent."""
        ran = container(terminated={
            'exitCode': 137, 'startedAt': '2026-01-31T12:00:00Z'})
        never = container(terminated={'exitCode': 137, 'startedAt': None})
        for told, phase in ((ran, 'Running'), (never, None)):
            one = pod(phase='Failed', deleting=True, containerStatuses=[told])
            self.known.replace([one])
            self.assertEqual(phase, self.phase())
            self.assertEqual(phase, self.known.told(one)['status']['phase'])

    def test_another_pod_of_that_name(self):
        self.known.put(pod(uid='a', phase='Running'))
        self.known.put(pod(uid='b', version=2, phase='Failed'))
        self.assertEqual('Failed', self.phase())


class TestEnd(unittest.TestCase):
    def setUp(self):
        self.known = known.Known()
        self.held = self.known.put(pod(uid='a', version=1))
        self.known.expect_end(self.held)

    def test_it_is_still_there(self):
        self.assertIsNone(self.known.wait_gone(self.held, 0))

    def test_the_last_status_is_kept(self):
        end = pod(uid='a', version=3, phase='Failed')
        timer = threading.Timer(0.05, self.known.drop, [end])
        timer.start()
        self.addCleanup(timer.join)
        last = self.known.wait_gone(self.held, 5)
        self.assertEqual('Failed', last['status']['phase'])

    def test_another_took_its_place(self):
        """Also where the end itself was missed."""
        self.known.put(pod(uid='b', version=7))
        self.assertEqual('a', self.known.wait_gone(self.held, 0)['uid'])

    def test_a_list_without_it(self):
        self.known.put(pod(uid='a', version=2, phase='Succeeded'))
        self.known.replace([])
        last = self.known.wait_gone(self.held, 0)
        self.assertEqual('Succeeded', last['status']['phase'])

    def test_the_server_says_so(self):
        self.known.forget(self.held)
        self.assertEqual('a', self.known.wait_gone(self.held, 0)['uid'])
