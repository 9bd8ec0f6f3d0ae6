"""Phases, conditions, reasons and back-off from what containers do."""
import json
import unittest

import hypothesis
from hypothesis import strategies as st

from zun_lite.pod import phase
from zun_lite.pod import spec
from zun_lite.pod import status
from zun_lite.pod.spec import RestartPolicy
from zun_lite.pod.states import Phase

ALWAYS, ON_FAILURE, NEVER = (
    RestartPolicy.ALWAYS, RestartPolicy.ON_FAILURE, RestartPolicy.NEVER)
NONE = status.ContainerState()
RUNS = status.ContainerState(
    running=status.Running(started_at='2026-01-31T12:00:00Z'))


def ended(code: int) -> status.ContainerState:
    return status.ContainerState(terminated=status.Terminated(
        exit_code=code, reason=status.ERROR if code else status.COMPLETED))


def waits(reason: str, message: str | None = None) -> status.ContainerState:
    return status.ContainerState(
        waiting=status.Waiting(reason=reason, message=message))


CREATED = waits(status.CONTAINER_CREATING)
CRASHED = waits(status.CRASH_LOOP, 'back-off 10s')


def pod(policy=ALWAYS, mains=1, inits=0) -> spec.PodSpec:
    def containers(prefix, count):
        return [{'name': f'{prefix}{n}', 'image': 'x'} for n in range(count)]
    return spec.PodSpec.model_validate_json(json.dumps({
        'restartPolicy': policy, 'containers': containers('main', mains),
        'initContainers': containers('init', inits)}))


def seen(prefix, *found) -> list[status.ContainerStatus]:
    """Statuses; each is a state or (state, last state)."""
    pairs = [f if isinstance(f, tuple) else (f, NONE) for f in found]
    return [status.ContainerStatus(
        name=f'{prefix}{n}', image='x', state=now, last_state=last,
        ready=now.running is not None) for n, (now, last) in
        enumerate(pairs)]


class TestPhase(unittest.TestCase):

    def check(self, expected, policy, init, main, mains=None):
        given = pod(policy, mains or len(main), len(init))
        self.assertEqual(expected, phase.phase_of(
            given, seen('init', *init), seen('main', *main)))

    def test_main_containers(self):
        again = (CRASHED, ended(1))
        for expected, policies, main in (
                (Phase.PENDING, RestartPolicy, [CREATED]),
                (Phase.PENDING, RestartPolicy, [RUNS, CREATED]),
                (Phase.PENDING, RestartPolicy, [NONE]),
                (Phase.RUNNING, RestartPolicy, [RUNS]),
                (Phase.RUNNING, RestartPolicy, [RUNS, ended(0)]),
                (Phase.RUNNING, RestartPolicy, [RUNS, ended(1)]),
                (Phase.RUNNING, [ALWAYS], [ended(0)]),
                (Phase.RUNNING, [ALWAYS, ON_FAILURE], [ended(1)]),
                (Phase.RUNNING, [ALWAYS, ON_FAILURE], [again]),
                (Phase.RUNNING, [ON_FAILURE], [again, ended(0)]),
                (Phase.SUCCEEDED, [ON_FAILURE, NEVER], [ended(0)] * 2),
                (Phase.FAILED, [NEVER], [ended(0), ended(1)])):
            for policy in policies:
                with self.subTest(expected, policy=policy, main=main):
                    self.check(expected, policy, [], main)

    def test_init_containers(self):
        for expected, policies, init, main in (
                (Phase.PENDING, RestartPolicy, [RUNS], [CREATED]),
                (Phase.PENDING, RestartPolicy, [ended(0), CREATED],
                 [CREATED]),
                (Phase.PENDING, [ALWAYS, ON_FAILURE], [ended(1)], [CREATED]),
                (Phase.PENDING, [ALWAYS, ON_FAILURE], [(CRASHED, ended(1))],
                 [CREATED]),
                (Phase.FAILED, [NEVER], [ended(1), CREATED], [CREATED]),
                (Phase.PENDING, RestartPolicy, [ended(0)], [CREATED]),
                (Phase.RUNNING, RestartPolicy, [ended(0)], [RUNS]),
                (Phase.PENDING, RestartPolicy, [RUNS],
                 [(CREATED, ended(137))])):
            for policy in policies:
                with self.subTest(expected, policy=policy, init=init):
                    self.check(expected, policy, init, main)

    def test_a_container_nothing_is_known_of(self):
        self.check(Phase.PENDING, ALWAYS, [], [RUNS], mains=2)
        self.check(Phase.PENDING, NEVER, [], [], mains=1)

    def test_forgotten_init_containers(self):
        self.assertEqual(Phase.RUNNING, phase.phase_of(
            pod(inits=1), [], seen('main', RUNS)))


class TestSidecars(unittest.TestCase):
    """A pod of one sidecar and one container."""

    def pod(self, policy=ALWAYS) -> spec.PodSpec:
        return spec.PodSpec.model_validate_json(json.dumps({
            'restartPolicy': policy,
            'containers': [{'name': 'main0', 'image': 'x'}],
            'initContainers': [{'name': 'init0', 'image': 'x',
                                'restartPolicy': 'Always'}]}))

    def side(self, state, *, started=False, ready=False):
        return [status.ContainerStatus(
            name='init0', image='x', state=state, started=started,
            ready=ready)]

    def test_phase(self):
        up = self.side(RUNS, started=True)
        for expected, policies, side, main in (
                (Phase.PENDING, RestartPolicy, self.side(RUNS), CREATED),
                (Phase.PENDING, RestartPolicy, up, CREATED),
                (Phase.PENDING, RestartPolicy, self.side(ended(1)), CREATED),
                (Phase.RUNNING, RestartPolicy, up, RUNS),
                (Phase.RUNNING, RestartPolicy, self.side(CRASHED), RUNS),
                (Phase.RUNNING, RestartPolicy, up, ended(0)),
                (Phase.SUCCEEDED, [NEVER, ON_FAILURE],
                 self.side(ended(137)), ended(0)),
                (Phase.FAILED, [NEVER], self.side(ended(0)), ended(1))):
            for policy in policies:
                with self.subTest(expected, policy=policy, side=side):
                    self.assertEqual(expected, phase.phase_of(
                        self.pod(policy), side, seen('main', main)))

    def test_initialized_and_ready(self):
        for started, ready, main, expected in (
                (False, False, CREATED, ('False', 'False')),
                (True, False, RUNS, ('True', 'False')),
                (True, True, RUNS, ('True', 'True'))):
            found = {c.type: c.status for c in phase.conditions_of(
                self.pod(), self.side(RUNS, started=started, ready=ready),
                seen('main', main))}
            self.assertEqual(expected, (found['Initialized'],
                                        found['Ready']))

    def test_how_it_ended_is_no_reason(self):
        self.assertEqual((None, None), phase.summary(
            self.pod(NEVER), self.side(ended(137)), seen('main', ended(0))))
        reason, message = phase.summary(
            self.pod(), self.side(CRASHED), seen('main', RUNS))
        self.assertEqual(status.CRASH_LOOP, reason)
        self.assertIn('init0', message)


class TestConditions(unittest.TestCase):

    def statuses(self, *args, **kwargs):
        return {c.type: (c.status, c.reason) for c in
                phase.conditions_of(*args, **kwargs)}

    def test_well(self):
        self.assertEqual(
            dict.fromkeys(('PodScheduled', 'Initialized', 'ContainersReady',
                           'Ready'), ('True', None)),
            self.statuses(pod(inits=1), seen('init', ended(0)),
                          seen('main', RUNS)))

    def test_initializing(self):
        found = phase.conditions_of(
            pod(inits=2), seen('init', ended(0), RUNS), seen('main', CREATED))
        initialized = found[1]
        self.assertEqual('ContainersNotInitialized', initialized.reason)
        self.assertEqual('containers with incomplete status: init1',
                         initialized.message)
        self.assertEqual('containers with unready status: main0',
                         found[3].message)

    def test_ended(self):
        for policy, code, reason in ((NEVER, 0, 'PodCompleted'),
                                     (NEVER, 1, 'PodFailed')):
            found = self.statuses(pod(policy), [], seen('main', ended(code)))
            self.assertEqual(('False', reason), found['Ready'])
            self.assertEqual(('True', None), found['Initialized'])

    def test_stopped(self):
        found = self.statuses(pod(), [], seen('main', ended(0)),
                              phase=Phase.STOPPED)
        self.assertEqual(('False', 'ContainersNotReady'), found['Ready'])

    def test_times_change_with_the_status_only(self):
        given = pod()
        first = phase.conditions_of(given, [], seen('main', CREATED), now='1')
        then = phase.conditions_of(given, [], seen('main', RUNS), now='2',
                                   previous=first)
        self.assertEqual(['1', '1', '2', '2'],
                         [c.last_transition_time for c in then])


class TestSummary(unittest.TestCase):

    def check(self, expected, init, main):
        self.assertEqual(expected, phase.summary(
            pod(mains=len(main), inits=len(init)),
            seen('init', *init), seen('main', *main)))

    def test_nothing_to_say(self):
        for init, main in (
                ([], [RUNS]), ([], [CREATED]), ([], [ended(0)]),
                ([RUNS], [waits(status.POD_INITIALIZING)]),
                ([], [(RUNS, ended(1))])):
            with self.subTest(init=init, main=main):
                self.check((None, None), init, main)

    def test_reasons(self):
        pull = waits(status.ERR_IMAGE_PULL, 'no such image')
        crash = 'container main0: back-off 10s'
        self.check((status.ERR_IMAGE_PULL, 'container main1: no such image'),
                   [], [RUNS, pull])
        self.check((status.CRASH_LOOP, 'container init0: back-off 10s'),
                   [CRASHED], [pull])
        self.check((status.CRASH_LOOP, crash), [], [CRASHED, ended(1)])
        self.check((status.ERROR, 'container main1: exit code 3'),
                   [], [RUNS, ended(3)])
        self.check((status.IMAGE_PULL_BACK_OFF, 'container main0'),
                   [], [waits(status.IMAGE_PULL_BACK_OFF)])


class TestRestarts(unittest.TestCase):

    def test_policies(self):
        self.assertEqual(
            [(True, True), (False, True), (False, False)],
            [(phase.should_restart(p, 0), phase.should_restart(p, 1))
             for p in (ALWAYS, ON_FAILURE, NEVER)])

    def test_backoff_is_the_kubelets(self):
        waited, found = None, []
        for _ in range(8):
            waited = phase.next_backoff_s(waited, ran_for_s=1)
            found.append(waited)
        self.assertEqual([0, 10, 20, 40, 80, 160, 300, 300], found)
        self.assertEqual(found, [phase.backoff_s(n) for n in range(8)])

    def test_a_long_run_is_forgiven_its_past(self):
        self.assertEqual(0, phase.next_backoff_s(300, 600))
        self.assertEqual(300, phase.next_backoff_s(300, 599))

    def test_bounds_can_be_shortened(self):
        self.assertEqual(0.5, phase.next_backoff_s(0, 0, base_s=0.5))
        self.assertEqual(2, phase.next_backoff_s(1.5, 0, cap_s=2))
        self.assertEqual(0, phase.next_backoff_s(2, 4, reset_s=4))

    @hypothesis.given(st.none() | st.floats(0, 1e6), st.floats(0, 1e6))
    def test_always_within_bounds(self, previous, ran_for_s):
        found = phase.next_backoff_s(previous, ran_for_s)
        self.assertTrue(found == 0 or 10 <= found <= 300)
        self.assertTrue(0 <= phase.backoff_s(int(ran_for_s)) <= 300)
