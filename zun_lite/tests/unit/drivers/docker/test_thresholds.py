import unittest

from zun_lite.drivers.docker import thresholds
from zun_lite.drivers.docker.checks import Target
from zun_lite.drivers.docker.thresholds import Health
from zun_lite.drivers.docker.thresholds import Kind
from zun_lite.tests.unit.drivers.docker import builders

TCP = {'tcpSocket': {'port': 80}}
WALL = 1_800_000_000.0      # where the fake clock shows 0


class TestTally(unittest.TestCase):
    def verdicts(self, answers, **limits):
        tally = thresholds.Tally(**limits)
        found = []
        for answer in answers:
            tally.record(answer == '+')
            found.append({None: '?', True: '+', False: '-'}[tally.passed])
        return ''.join(found)

    def test_rows_of_answers(self):
        for answers, verdicts, limits in (
                ('+', '+', {}), ('--', '??', {}), ('---', '??-', {}),
                ('+--+--', '++++++', {}), ('+---+', '+++-+', {}),
                ('++', '?+', {'success': 2}), ('+-++', '???+',
                                                {'success': 2}),
                ('-', '-', {'failure': 1}),
                ('+', '+', {'success': 3, 'adopted': True}),
                ('-+', '??', {'success': 2, 'adopted': True}),
                ('---', '++-', {'passed': True})):
            self.assertEqual(verdicts, self.verdicts(answers, **limits),
                             answers)

    def test_changes(self):
        tally = thresholds.Tally(failure=2, passed=True)
        self.assertEqual([False, False, True, False, True],
                         [tally.record(ok) for ok in
                          (True, False, False, False, True)])


class TestSchedule(unittest.TestCase):
    def setUp(self):
        self.schedule = thresholds.Schedule()

    def add(self, started_at=0.0, adopted=False, now=0.0, **probes):
        container = builders.pod(probes).spec.containers[0]
        self.schedule.add(Target(
            uuid='u', project='p', run_id='r', container=container,
            address=None, started_at=WALL + started_at,
            adopted=adopted), now, WALL + now)

    def answer(self, now, ok):
        """Answers all that is due; the kinds that were asked."""
        jobs = list(self.schedule.due(now))
        for job in jobs:
            self.schedule.done(job, ok, now, WALL + now)
        return [job.kind for job in jobs]

    def health(self):
        return self.schedule.get('r').health()

    def test_times(self):
        self.add(readinessProbe=TCP | {'initialDelaySeconds': 5,
                                       'periodSeconds': 3})
        asked = [t for t in range(15) if self.answer(t, True)]
        self.assertEqual([5, 8, 11, 14], asked)

    def test_defaults(self):
        self.add(readinessProbe=TCP)
        self.assertEqual([0, 10, 20], [
            t for t in range(25) if self.answer(t, True)])

    def test_an_old_container_is_asked_at_once(self):
        self.add(started_at=-100, readinessProbe=TCP | {
            'initialDelaySeconds': 50})
        self.assertEqual([Kind.READINESS], self.answer(0, True))

    def test_readiness(self):
        self.add(readinessProbe=TCP | {'periodSeconds': 1,
                                       'failureThreshold': 2})
        self.assertEqual(Health(ready=False), self.health())
        self.answer(0, True)
        self.assertEqual(Health(), self.health())
        self.answer(1, False)
        self.assertEqual(Health(), self.health())
        self.answer(2, False)
        self.assertEqual(Health(ready=False), self.health())
        self.answer(3, True)
        self.assertEqual(Health(), self.health())

    def test_liveness_is_asked_no_more_once_it_failed(self):
        self.add(livenessProbe=TCP | {'periodSeconds': 1})
        self.assertTrue(self.health().alive)
        for now in range(3):
            self.answer(now, False)
        self.assertFalse(self.health().alive)
        self.assertIsNone(self.schedule.next_due)

    def test_startup_gates_the_others(self):
        self.add(startupProbe=TCP | {'periodSeconds': 2},
                 livenessProbe=TCP | {'periodSeconds': 1},
                 readinessProbe=TCP | {'initialDelaySeconds': 9})
        self.assertEqual(Health(started=False, ready=False), self.health())
        self.assertEqual([Kind.STARTUP], self.answer(0, False))
        self.assertEqual([], self.answer(1, True))
        self.assertEqual([Kind.STARTUP], self.answer(2, True))
        self.assertEqual(Health(started=True, ready=False), self.health())
        self.assertEqual([Kind.LIVENESS], self.answer(2, True))
        self.assertEqual([Kind.LIVENESS, Kind.READINESS],
                         self.answer(9, True))
        self.assertEqual(Health(), self.health())

    def test_startup_that_fails(self):
        self.add(startupProbe=TCP | {'periodSeconds': 1,
                                     'failureThreshold': 2})
        self.answer(0, False)
        self.assertTrue(self.health().alive)
        self.answer(1, False)
        self.assertFalse(self.health().alive)
        self.assertIsNone(self.schedule.next_due)

    def test_no_answer_changes_nothing(self):
        self.add(livenessProbe=TCP | {'periodSeconds': 1})
        for now in range(9):
            self.answer(now, None)
        self.assertTrue(self.health().alive)

    def test_a_late_answer_about_a_container_that_is_gone(self):
        self.add(livenessProbe=TCP | {'failureThreshold': 1})
        job, = self.schedule.due(0)
        self.schedule.keep('u', ())
        self.assertFalse(self.schedule.done(job, False, 1, WALL + 1))
        self.assertIsNone(self.schedule.get('r'))

    def test_slow_answers_do_not_pile_up(self):
        self.add(readinessProbe=TCP | {'periodSeconds': 1})
        job, = self.schedule.due(0)
        self.schedule.done(job, True, 7, WALL + 7)
        self.assertEqual(7, self.schedule.next_due)
        self.assertEqual(1, len(list(self.schedule.due(7))))

    def test_adopted_and_unanswered(self):
        self.add(adopted=True, readinessProbe=TCP | {'successThreshold': 3})
        self.assertTrue(self.schedule.get('r').unanswered)
        self.answer(0, True)
        self.assertFalse(self.schedule.get('r').unanswered)
        self.assertTrue(self.health().ready)
