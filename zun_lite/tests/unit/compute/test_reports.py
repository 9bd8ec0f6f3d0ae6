import threading
import unittest
import unittest.mock

from zun_lite import exceptions
from zun_lite.compute import events
from zun_lite.compute import queue
from zun_lite.compute import reports
from zun_lite.pod.states import Phase
from zun_lite.pod.status import Condition
from zun_lite.pod.status import ObservedPod
from zun_lite.pod.status import PodEvent
from zun_lite.pod.status import PodStatus
from zun_lite.tests.unit.compute.stub import pod
from zun_lite.tests.unit.compute.stub import wait_for

AT = '2026-01-31T12:00:00Z'


def event(number, type='Normal'):
    return PodEvent(type=type, reason='Pulled', message=str(number), at=AT)


class Conductor:
    """Keeps what arrives as a conductor would; `error` is raised."""

    def __init__(self):
        self.batches, self.stored, self.events = [], {}, []
        self.unknown, self.error = [], None
        self.after = None                  # raised after it was stored
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, statuses, events):
        self.gate.wait(5)
        if self.error:
            raise self.error
        self.batches.append((statuses, events))
        for each in statuses:
            held = self.stored.get(each['uuid'], {'sequence': 0})
            if each['sequence'] > held['sequence']:
                self.stored[each['uuid']] = each
        self.events += events
        if self.after:
            raise self.after
        return {'unknown': self.unknown}

    def phase(self, uuid='p1'):
        held = self.stored.get(uuid)
        return held and held['status'] and held['status']['phase']


class ReportsCase(unittest.TestCase):
    def setUp(self):
        self.conductor = Conductor()
        self.failures, self.missed = [], []
        self.reports = reports.Reports(
            self.conductor, failed=self.failures.append,
            unknown=self.missed.extend, event_limit=50,
            backoff=queue.Backoff(0.01, 0.05))
        self.addCleanup(self.reports.halt)
        self.addCleanup(self.conductor.gate.set)

    def see(self, phase, uuid='p1', generation=1):
        self.reports.status(
            pod(uuid, generation),
            ObservedPod(uuid=uuid, project_id='project', generation=1,
                        status=PodStatus(phase=phase)))

    def settle(self):
        wait_for(lambda: not len(self.reports))

    def sent(self):
        return [s for statuses, _ in self.conductor.batches for s in statuses]


class TestStatuses(ReportsCase):
    def test_what_is_sent(self):
        self.see(Phase.RUNNING, generation=3)
        self.reports.start()
        self.settle()
        self.assertEqual(
            [{'uuid': 'p1', 'generation': 3, 'sequence': 1, 'gone': False,
              'status': {'phase': 'Running', 'conditions': [],
                         'initContainerStatuses': [],
                         'containerStatuses': []}}], self.sent())

    def test_the_newest_of_a_pod_is_enough(self):
        self.see(Phase.PENDING)
        self.see(Phase.RUNNING)
        self.see(Phase.FAILED)
        self.reports.start()
        self.settle()
        self.assertEqual([3], [s['sequence'] for s in self.sent()])
        self.assertEqual('Failed', self.conductor.phase())

    def test_the_same_again_is_not_sent(self):
        self.reports.start()
        for _ in range(3):
            self.see(Phase.RUNNING)
            self.settle()
        self.assertEqual(1, len(self.sent()))
        self.see(Phase.RUNNING, generation=2)
        self.settle()
        self.assertEqual(2, len(self.sent()))

    def test_there_and_back_is_nothing(self):
        self.reports.start()
        self.see(Phase.RUNNING)
        self.settle()
        self.conductor.gate.clear()
        self.see(Phase.RUNNING, 'p2')
        wait_for(lambda: self.reports._entries['p2'].tried)
        self.see(Phase.FAILED)
        self.see(Phase.RUNNING)
        self.conductor.gate.set()
        self.settle()
        self.assertEqual(2, len(self.sent()))

    def test_there_and_back_while_it_is_being_sent_is_two_changes(self):
        self.reports.start()
        self.see(Phase.RUNNING)
        self.settle()
        self.conductor.gate.clear()
        self.see(Phase.FAILED)
        wait_for(lambda: self.reports._entries['p1'].tried)
        self.see(Phase.STOPPED)
        self.see(Phase.RUNNING)
        self.conductor.gate.set()
        self.settle()
        self.assertEqual('Running', self.conductor.phase())

    def test_an_outage_loses_nothing_and_sends_only_the_newest(self):
        self.conductor.error = exceptions.Unavailable()
        self.reports.start()
        for number in range(250):
            self.see(Phase.PENDING, f'p{number}')
        wait_for(lambda: len(self.failures) >= 3)
        for number in range(250):
            self.see(Phase.RUNNING, f'p{number}')
        self.conductor.error = None
        self.settle()
        self.assertEqual({'Running'}, {s['status']['phase']
                                       for s in self.conductor.stored.values()
                                       })
        self.assertEqual(250, len(self.conductor.stored))
        self.assertLessEqual(len(self.conductor.batches), 4)
        self.assertLessEqual(
            max(len(s) for s, _ in self.conductor.batches), 100)

    def test_the_conductor_hands_over_again(self):
        self.assert_sent_at_once_after(lambda: self.reports.renew(['p1']))

    def test_the_conductor_answers_to_something_else(self):
        self.assert_sent_at_once_after(self.reports.hurry)

    def assert_sent_at_once_after(self, hear):
        """However long an outage has made the back-off."""
        self.reports._backoff = queue.Backoff(3600, 3600)
        self.conductor.error = exceptions.Unavailable()
        self.see(Phase.RUNNING)
        self.reports.start()
        wait_for(lambda: self.failures)
        self.conductor.error = None
        hear()
        self.settle()
        self.assertEqual('Running', self.conductor.phase())

    def test_a_lost_answer_is_made_good(self):
        self.conductor.after = exceptions.Unavailable()
        self.reports.start()
        self.see(Phase.RUNNING)
        wait_for(lambda: len(self.conductor.batches) >= 2)
        self.conductor.after = None
        self.settle()
        self.assertEqual({1}, {s['sequence'] for s in self.sent()})

    def test_sequence_numbers_rise(self):
        self.reports.start()
        for phase in (Phase.PENDING, Phase.RUNNING, Phase.FAILED):
            self.see(phase)
            self.see(phase, 'p2')
            self.settle()
        numbers = [s['sequence'] for s in self.sent() if s['uuid'] == 'p1']
        self.assertEqual(sorted(set(numbers)), numbers)

    def test_renew_sends_all_again_with_new_numbers(self):
        self.reports.start()
        self.see(Phase.RUNNING)
        self.settle()
        self.reports.renew()
        self.reports.renew(['nobody'])
        self.settle()
        self.assertEqual([1, 2], [s['sequence'] for s in self.sent()])

    def test_gone_is_told_and_then_forgotten(self):
        self.reports.start()
        self.see(Phase.RUNNING)
        self.settle()
        self.reports.gone(pod(generation=2))
        self.settle()
        self.assertEqual(
            {'uuid': 'p1', 'generation': 2, 'sequence': 2, 'gone': True,
             'status': None}, self.conductor.stored['p1'])
        self.assertEqual({}, self.reports._entries)

    def test_unknown_pods_are_passed_on_but_not_those_gone(self):
        self.conductor.unknown = ['p1', 'p2']
        self.see(Phase.RUNNING)
        self.reports.gone(pod('p2'))
        self.reports.start()
        self.settle()
        self.assertEqual(['p1'], self.missed)
        self.assertEqual({}, self.reports._entries)

    def test_one_bad_status_does_not_hold_up_the_others(self):
        def choosy(statuses, events):
            if any(s['uuid'] == 'p7' for s in statuses):
                raise exceptions.Invalid
            return Conductor.__call__(self.conductor, statuses, events)
        self.reports._send = choosy
        for number in range(40):
            self.see(Phase.RUNNING, f'p{number}')
        self.reports.start()
        wait_for(lambda: len(self.conductor.stored) == 39)
        self.assertEqual(1, len(self.reports))

    def test_retain_forgets_only_what_is_settled(self):
        self.reports.start()
        self.see(Phase.RUNNING)
        self.settle()
        self.conductor.gate.clear()
        self.see(Phase.RUNNING, 'p2')
        self.reports.retain([])
        self.assertEqual({'p2'}, set(self.reports._entries))

    def test_stop_hands_over_what_waits_if_that_is_quick(self):
        self.see(Phase.RUNNING)
        self.reports.start()
        self.reports.stop()
        self.assertEqual('Running', self.conductor.phase())

    def test_a_bug_in_the_conductor_is_logged_and_tried_again(self):
        self.conductor.error = KeyError('x')
        with self.assertLogs('zun_lite.compute.reports', 'ERROR'):
            self.see(Phase.RUNNING)
            self.reports.start()
            wait_for(lambda: self.failures)
        self.conductor.error = None
        self.settle()
        self.assertEqual('Running', self.conductor.phase())


class TestEvents(ReportsCase):
    def test_in_order_and_once(self):
        for number in range(40):
            self.reports.event('p1', event(number))
        self.reports.start()
        self.settle()
        self.assertEqual([str(n) for n in range(40)],
                         [e['message'] for e in self.conductor.events])
        self.assertEqual({'uuid': 'p1', 'type': 'Normal', 'reason': 'Pulled',
                          'message': '0', 'at': AT},
                         self.conductor.events[0])

    def test_the_oldest_normal_ones_are_dropped_first(self):
        buffer = events.Events(10)
        for number in range(30):
            buffer.add('p1', event(number, 'Normal' if number % 3
                                   else 'Warning'))
        self.assertEqual(10, len(buffer))
        kept = buffer.first(100)
        self.assertEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27], sorted(kept))
        for number in range(30, 33):
            buffer.add('p1', event(number, 'Warning'))
        self.assertEqual(9, min(buffer.first(100)))
        with self.assertLogs('zun_lite.compute.events', 'WARNING') as logs:
            buffer.remove(list(buffer.first(100)))
        self.assertIn('23 events', logs.output[0])
        self.assertEqual(0, len(buffer))

    def test_one_bad_event_is_given_up(self):
        def choosy(statuses, events):
            if any(e['message'] == '3' for e in events):
                raise exceptions.Invalid
            return Conductor.__call__(self.conductor, statuses, events)
        self.reports._send = choosy
        for number in range(6):
            self.reports.event('p1', event(number))
        self.reports.start()
        self.settle()
        self.assertEqual(['0', '1', '2', '4', '5'],
                         [e['message'] for e in self.conductor.events])


class TestPatience(ReportsCase):
    """What goes at once, and what waits to go with it."""

    def setUp(self):
        super().setUp()
        patience = unittest.mock.patch.object(reports, 'PATIENCE_S', 60)
        self.addCleanup(patience.stop)
        patience.start()
        self.reports.start()

    def told(self):
        return [(len(statuses), len(events))
                for statuses, events in self.conductor.batches]

    def test_events_and_news_of_a_phase_wait_for_the_next_phase(self):
        self.reports.event('p1', event(1))
        self.see(Phase.PENDING)
        self.reports.event('p1', event(2))
        self.see(Phase.RUNNING)
        self.settle()
        self.assertEqual([(1, 2)], self.told())
        self.assertEqual('Running', self.conductor.phase())

    def test_readiness_does_not_wait(self):
        self.see(Phase.RUNNING)
        self.settle()
        self.reports.status(pod('p1', 1), ObservedPod(
            uuid='p1', project_id='project', generation=1, status=PodStatus(
                phase=Phase.RUNNING, conditions=(
                    Condition(type='Ready', status='True'),))))
        self.settle()
        self.assertEqual(2, len(self.told()))

    def test_a_generation_and_an_end_do_not_wait(self):
        self.see(Phase.RUNNING)
        self.settle()
        self.see(Phase.RUNNING, generation=2)
        self.settle()
        self.reports.gone(pod('p1', 2))
        self.settle()
        self.assertEqual(3, len(self.told()))

    def test_many_do_not_wait_nor_what_is_left_of_them(self):
        self.conductor.gate.clear()
        self.see(Phase.RUNNING)
        for number in range(2 * reports.BATCH + 1):
            self.see(Phase.PENDING, uuid=f'q{number}')
        self.conductor.gate.set()
        self.settle()
        self.assertEqual(2 * reports.BATCH + 2, len(self.conductor.stored))

    def test_nothing_waits_for_the_end(self):
        self.reports.event('p1', event(1))
        self.reports.stop()
        self.assertEqual([(0, 1)], self.told())
