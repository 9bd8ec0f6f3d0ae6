import threading
import time
import unittest

from zun_lite import exceptions
from zun_lite.compute import lost
from zun_lite.compute import reconciler
from zun_lite.drivers import base
from zun_lite.pod import plain
from zun_lite.pod import spec
from zun_lite.pod.states import Phase
from zun_lite.pod.status import ENGINE_UNAVAILABLE
from zun_lite.pod.status import PodEvent
from zun_lite.tests.unit.compute.stub import Collected
from zun_lite.tests.unit.compute.stub import pod
from zun_lite.tests.unit.compute.stub import StubDriver
from zun_lite.tests.unit.compute.stub import wait_for

DOWN = exceptions.EngineUnavailable('the socket is not there')


class ReconcilerCase(unittest.TestCase):
    options: dict = {}

    def setUp(self):
        self.driver, self.told = StubDriver(), Collected()
        self.reconciler = self.make()
        self.reconciler.start()

    def make(self):
        options = {'workers': 4, 'slow_workers': 4, 'backoff_initial_s': 0.02,
                   'backoff_max_s': 0.1} | self.options
        made = reconciler.Reconciler(self.driver, self.told, **options)
        self.addCleanup(self.driver.gate.set)
        self.addCleanup(self.driver.stop_takes.set)
        self.addCleanup(made.stop)
        return made

    def settle(self):
        wait_for(self.reconciler.idle)

    def shows(self, phase, generation=1, uuid='p1'):
        wait_for(lambda: self.told.phase(uuid) == (generation, phase))


class TestDesires(ReconcilerCase):
    def test_running_stopped_running_absent(self):
        self.reconciler.want(pod())
        self.shows(Phase.RUNNING)
        self.reconciler.want(pod(generation=2, desired='stopped'))
        self.shows(Phase.STOPPED, 2)
        self.reconciler.want(pod(generation=3))
        self.shows(Phase.RUNNING, 3)
        self.reconciler.want(pod(generation=4, desired='absent'))
        wait_for(lambda: self.told.left)
        self.assertEqual(4, self.told.left[0].generation)
        self.assertEqual({}, self.driver.pods)
        self.assertEqual([], self.reconciler.wanted())

    def test_an_older_desire_is_ignored(self):
        self.reconciler.want(pod(generation=2, desired='stopped'))
        self.reconciler.want(pod(generation=1))
        self.shows(Phase.STOPPED, 2)
        self.settle()
        self.assertEqual(0, self.driver.counts('ensure'))

    def test_a_late_message_does_not_bring_back_what_is_gone(self):
        self.reconciler.want(pod(generation=2, desired='absent'))
        wait_for(lambda: self.told.left)
        self.reconciler.want(pod(generation=1))
        self.settle()
        self.assertEqual({}, self.driver.pods)
        self.reconciler.want(pod(generation=2, desired='absent'))
        wait_for(lambda: len(self.told.left) == 2)

    def test_the_newest_wins_while_a_worker_is_in_the_midst(self):
        self.driver.gate.clear()
        self.reconciler.want(pod())
        wait_for(lambda: self.driver.counts('ensure'))
        self.reconciler.want(pod(generation=2, desired='stopped'))
        self.reconciler.want(pod(generation=3, desired='absent'))
        self.driver.gate.set()
        wait_for(lambda: self.told.left)
        self.settle()
        self.assertEqual(['ensure', 'delete'],
                         [c[0] for c in self.driver.calls])
        self.assertEqual(0, self.driver.overlaps)

    def test_a_pod_has_one_worker_at_a_time(self):
        for round in range(300):
            self.reconciler.want(pod(f'p{round % 3}', 1 + round // 3))
            self.driver.say(base.Changed(f'p{round % 3}'))
        for uuid in ('p0', 'p1', 'p2'):
            self.shows(Phase.RUNNING, 100, uuid)
        self.assertEqual(0, self.driver.overlaps)

    def test_slow_stops_do_not_starve_a_new_pod(self):
        for number in range(20):
            self.reconciler.want(pod(f's{number}'))
        for number in range(20):
            self.shows(Phase.RUNNING, 1, f's{number}')
        self.driver.stop_takes.clear()
        for number in range(20):
            self.reconciler.want(pod(f's{number}', 2, 'stopped'))
        self.reconciler.want(pod('new'))
        self.shows(Phase.RUNNING, 1, 'new')
        self.driver.stop_takes.set()
        for number in range(20):
            self.shows(Phase.STOPPED, 2, f's{number}')


class Joining(StubDriver, base.Networks):
    def __init__(self):
        super().__init__()
        self.taken = False

    def join_networks(self, pod):
        with self._call('join', pod.uuid, pod.generation):
            if self.taken:
                raise exceptions.Conflict('Address already in use')


class TestNetworks(ReconcilerCase):
    def setUp(self):
        super().setUp()
        self.reconciler.stop()
        self.driver = Joining()
        self.reconciler = self.make()
        self.reconciler.start()

    def on(self, generation=1, desired='running', networks=()):
        return pod(generation=generation, desired=desired).model_copy(
            update={'plain': plain.Plain(networks=networks)})

    def test_joined_before_anything_else_and_once(self):
        self.reconciler.want(self.on())
        self.shows(Phase.RUNNING)
        self.driver.say(base.Changed('p1'))
        wait_for(lambda: self.driver.counts('ensure') > 1)
        self.settle()
        self.assertEqual(['join', 'ensure'],
                         [c[0] for c in self.driver.calls[:2]])
        self.assertEqual(1, self.driver.counts('join'))
        self.reconciler.want(self.on(2))
        self.shows(Phase.RUNNING, 2)
        self.assertEqual(2, self.driver.counts('join'))

    def test_not_what_names_none_or_is_stopped(self):
        self.reconciler.want(self.on(networks=None))
        self.shows(Phase.RUNNING)
        self.reconciler.want(self.on(2, 'stopped'))
        self.shows(Phase.STOPPED, 2)
        self.assertEqual(0, self.driver.counts('join'))

    def test_what_cannot_be_joined_is_told_and_tried_again(self):
        self.driver.taken = True
        self.reconciler.want(self.on())
        wait_for(lambda: self.driver.counts('join') > 1)
        wait_for(lambda: 'already in use' in str(
            self.told.newest['p1'].status.message))
        self.driver.taken = False
        self.shows(Phase.RUNNING)


class TestObservations(ReconcilerCase):
    def test_a_pod_deleted_behind_our_back_is_made_again(self):
        self.reconciler.want(pod())
        self.shows(Phase.RUNNING)
        del self.driver.pods['p1']
        self.driver.say(base.Changed('p1'))
        wait_for(lambda: 'p1' in self.driver.pods)

    def test_a_pod_that_runs_once_is_not_made_again(self):
        self.reconciler.want(pod(policy='Never'))
        self.shows(Phase.RUNNING)
        del self.driver.pods['p1']
        self.driver.say(base.Changed('p1'))
        self.shows(Phase.FAILED)
        self.assertEqual(lost.REASON, self.told.newest['p1'].status.reason)
        self.driver.say(base.Changed('p1'))
        self.settle()
        self.assertEqual({}, self.driver.pods)
        self.reconciler.want(pod(generation=2, policy='Never'))
        self.shows(Phase.RUNNING, 2)

    def test_a_finished_pod_whose_remains_were_removed_stays_finished(self):
        self.driver.pods['p1'] = (1, Phase.SUCCEEDED)
        self.reconciler.want(pod(policy='OnFailure'))
        self.shows(Phase.SUCCEEDED)
        del self.driver.pods['p1']
        self.driver.say(base.Relist())
        wait_for(lambda: self.driver.counts('look'))
        self.settle()
        self.assertEqual({}, self.driver.pods)
        self.shows(Phase.SUCCEEDED)

    def test_events_of_known_pods_are_passed_on(self):
        event = PodEvent(reason='Started', message='it runs',
                         at='2026-01-31T12:00:00Z')
        self.reconciler.want(pod())
        self.driver.say(base.Happened('other', event))
        self.driver.say(base.Changed('other'))
        self.driver.say(base.Happened('p1', event))
        wait_for(lambda: self.told.events)
        self.assertEqual([('p1', event)], self.told.events)

    def test_the_driver_is_asked_again_when_it_said(self):
        self.driver.recheck_after_s = 0.03
        begin = time.monotonic()
        self.reconciler.want(pod())
        wait_for(lambda: self.driver.counts('ensure') == 4)
        self.assertGreater(time.monotonic() - begin, 0.08)
        self.driver.recheck_after_s = None
        self.reconciler.want(pod(generation=2))
        self.shows(Phase.RUNNING, 2)
        self.settle()
        count = self.driver.counts('ensure')
        time.sleep(0.1)
        self.assertEqual(count, self.driver.counts('ensure'))

    def test_a_watch_that_fails_is_begun_again(self):
        self.addCleanup(setattr, reconciler, 'WATCH_AGAIN_S',
                        reconciler.WATCH_AGAIN_S)
        reconciler.WATCH_AGAIN_S = 0.01
        self.reconciler.want(pod())
        self.shows(Phase.RUNNING)
        del self.driver.pods['p1']
        with self.assertLogs('zun_lite.compute.reconciler', 'ERROR'):
            self.driver.say('not an observation the stub can take')
            wait_for(lambda: 'p1' in self.driver.pods)
        self.driver.say(base.Changed('p1'))
        wait_for(lambda: self.driver.counts('ensure') >= 3)

    def test_stop_ends_every_thread_and_closes_the_driver(self):
        self.reconciler.want(pod())
        self.shows(Phase.RUNNING)
        self.reconciler.stop()
        self.assertTrue(self.driver.closed)
        self.assertEqual([], [t for t in threading.enumerate()
                              if t.name.startswith('reconcile')])
        self.reconciler.want(pod(generation=2))
        time.sleep(0.02)
        self.assertEqual(1, self.driver.counts('ensure'))


class TestErrors(ReconcilerCase):
    def test_the_reason_is_shown_and_the_pod_stays_as_it_was(self):
        self.reconciler.want(pod())
        self.shows(Phase.RUNNING)
        self.driver.error = DOWN
        self.reconciler.want(pod(generation=2, desired='stopped'))
        wait_for(lambda: self.reason() == ENGINE_UNAVAILABLE)
        self.assertEqual((1, Phase.RUNNING), self.told.phase())
        self.assertEqual('the socket is not there',
                         self.told.newest['p1'].status.message)
        self.driver.error = None
        self.shows(Phase.STOPPED, 2)
        self.assertIsNone(self.reason())

    def test_a_pod_not_made_yet_is_pending_and_not_observed(self):
        self.driver.error = DOWN
        self.reconciler.want(pod())
        self.shows(Phase.PENDING, 0)
        self.driver.error = None
        self.shows(Phase.RUNNING)

    def test_the_text_of_a_bug_stays_in_the_log(self):
        self.driver.error = KeyError('password')
        with self.assertLogs('zun_lite.compute.reconciler', 'ERROR') as logs:
            self.reconciler.want(pod())
            wait_for(lambda: self.reason() == 'DriverError')
        self.assertNotIn('password', self.told.newest['p1'].status.message)
        self.assertIn('password', logs.output[0])

    def test_every_pod_shows_that_the_engine_is_away(self):
        for uuid in ('p1', 'p2'):
            self.reconciler.want(pod(uuid))
            self.shows(Phase.RUNNING, 1, uuid)
        self.reconciler.engine_lost(DOWN)
        self.reconciler.engine_lost(DOWN)
        self.assertEqual([ENGINE_UNAVAILABLE] * 2,
                         [o.status.reason for _, o in self.told.all[-2:]])
        self.assertEqual(4, len(self.told.all))
        self.reconciler.engine_back()
        wait_for(lambda: self.reason() is None and self.reason('p2') is None)

    def reason(self, uuid='p1'):
        seen = self.told.newest.get(uuid)
        return seen and seen.status.reason


class TestLongBackoff(ReconcilerCase):
    options = {'backoff_initial_s': 60.0, 'backoff_max_s': 60.0}

    def fail_once(self):
        self.driver.error = DOWN
        self.reconciler.want(pod())
        self.shows(Phase.PENDING, 0)
        self.driver.say(base.Changed('p1'))
        time.sleep(0.05)
        self.assertEqual(1, self.driver.counts('ensure'))
        self.driver.error = None

    def test_a_relist_ends_it(self):
        self.fail_once()
        self.driver.say(base.Relist())
        self.shows(Phase.RUNNING)

    def test_a_newer_desire_ends_it(self):
        self.fail_once()
        self.reconciler.want(pod(generation=2))
        self.shows(Phase.RUNNING, 2)


class TestResync(ReconcilerCase):
    def test_what_nobody_wants_is_removed_and_the_rest_adopted(self):
        self.driver.pods = {'p1': (1, Phase.RUNNING),
                            'stray': (1, Phase.RUNNING)}
        self.reconciler.resync(lambda: [pod(), pod('p2')])
        self.shows(Phase.RUNNING)
        self.shows(Phase.RUNNING, 1, 'p2')
        wait_for(lambda: 'stray' not in self.driver.pods)
        self.assertEqual({'p1', 'p2'}, set(self.driver.pods))
        self.assertNotIn('stray', self.told.newest)

    def test_the_engine_is_asked_first(self):
        def wanted():
            self.assertEqual(1, self.driver.counts('list'))
            self.driver.pods['late'] = (1, Phase.RUNNING)
            return []
        self.reconciler.resync(wanted)
        self.settle()
        self.assertIn('late', self.driver.pods)

    def test_what_is_handed_over_meanwhile_is_wanted(self):
        def wanted():
            self.reconciler.want(pod())
            return []
        self.driver.pods['p1'] = (1, Phase.RUNNING)
        self.reconciler.resync(wanted)
        self.settle()
        self.assertIn('p1', self.driver.pods)
        self.assertEqual(0, self.driver.counts('delete'))

    def test_what_is_not_wanted_any_more_is_removed(self):
        self.reconciler.want(pod(grace=7))
        self.shows(Phase.RUNNING)
        self.reconciler.resync(list)
        wait_for(lambda: not self.driver.pods)
        self.assertIn(('delete', 'p1', 7), self.driver.calls)
        self.assertEqual([], self.told.left)
        self.settle()
        self.reconciler.want(pod())         # the list was mistaken
        wait_for(lambda: 'p1' in self.driver.pods)

    def test_nothing_is_removed_when_the_answer_is_missing(self):
        def wanted():
            yield pod()
            raise exceptions.Unavailable
        self.driver.pods['stray'] = (1, Phase.RUNNING)
        with self.assertRaises(exceptions.Unavailable):
            self.reconciler.resync(wanted)
        self.settle()
        self.assertIn('stray', self.driver.pods)

    def test_with_the_engine_away_the_pods_show_it_and_heal(self):
        self.driver.error = DOWN
        with self.assertRaises(exceptions.EngineUnavailable):
            self.reconciler.resync(lambda: [pod()])
        self.shows(Phase.PENDING, 0)
        self.driver.error = None
        self.driver.say(base.Relist())
        self.shows(Phase.RUNNING)

    def test_a_quiet_resync_costs_one_list(self):
        pods = [pod(f'p{n}') for n in range(10)]
        self.reconciler.resync(lambda: pods)
        for each in pods:
            self.shows(Phase.RUNNING, 1, each.uuid)
        self.settle()
        before = len(self.driver.calls)
        self.reconciler.resync(lambda: pods)
        self.settle()
        self.assertEqual([('list', '', 0)], self.driver.calls[before:])

    def test_a_change_that_nobody_told_is_found(self):
        self.reconciler.resync(lambda: [pod()])
        self.shows(Phase.RUNNING)
        self.settle()
        del self.driver.pods['p1']
        self.reconciler.resync(lambda: [pod()])
        wait_for(lambda: 'p1' in self.driver.pods)

    def test_an_end_that_nobody_told_is_found(self):
        """The pod's phase is as it was: it is to be restarted."""
        self.reconciler.resync(lambda: [pod()])
        self.shows(Phase.RUNNING)
        self.settle()
        before = self.driver.counts('ensure')
        self.driver.ended.add('p1')
        self.reconciler.resync(lambda: [pod()])
        wait_for(lambda: self.driver.counts('ensure') > before)
        self.assertEqual(set(), self.driver.ended)

    def test_new_labels_that_nobody_told_are_found(self):
        self.reconciler.resync(lambda: [pod()])
        self.shows(Phase.RUNNING)
        self.settle()
        before = self.driver.counts('ensure')
        changed = pod().model_copy(update={'metadata': spec.Metadata(
            name='p1', labels={'a': 'b'})})
        self.reconciler.resync(lambda: [changed])
        wait_for(lambda: self.driver.counts('ensure') > before)

    def test_after_a_restart_what_ended_is_not_run_again(self):
        self.reconciler.resync(lambda: [
            pod(policy='Never', last_phase='Succeeded'),
            pod('p2', policy='Never', last_phase='Running'),
            pod('p3', policy='Always', last_phase='Running')])
        self.shows(Phase.FAILED, 1, 'p2')
        self.shows(Phase.RUNNING, 1, 'p3')
        self.settle()
        self.assertEqual({'p3'}, set(self.driver.pods))
        self.assertNotIn('p1', self.told.newest)

    def test_after_a_restart_what_never_ran_is_run(self):
        """A host's silence is no run; see `db.assignments`."""
        self.reconciler.resync(lambda: [
            pod(policy='Never', last_phase='Pending')])
        self.shows(Phase.RUNNING)

    def test_an_older_generation_is_replaced_in_the_slow_lane(self):
        self.driver.pods['p1'] = (1, Phase.RUNNING)
        self.reconciler.resync(lambda: [pod(generation=3)])
        self.shows(Phase.RUNNING, 3)
