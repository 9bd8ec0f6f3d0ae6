import unittest

from zun_lite.compute import plan
from zun_lite.drivers.docker import observe
from zun_lite.drivers.docker.facts import Facts
from zun_lite.drivers.docker.seen import State
from zun_lite.drivers.docker.thresholds import Health
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.pod.status import ObservedPod
from zun_lite.tests.unit.drivers.docker import builders
from zun_lite.tests.unit.drivers.docker.builders import NOW


class TestStatus(unittest.TestCase):
    def status(self, pod, *runs, **facts):
        seen = builders.group(*runs) if runs else None
        return observe.pod_status(pod, seen, Facts(now=NOW, **facts))

    def main(self, pod, *runs, **facts):
        return self.status(pod, *runs, **facts).container_statuses[0]

    def test_nothing_yet(self):
        found = self.status(builders.pod())
        self.assertEqual('Pending', found.phase)
        self.assertEqual('ContainerCreating',
                         found.container_statuses[0].state.waiting.reason)

    def test_runs(self):
        found = self.status(builders.pod(), builders.sandbox(),
                            builders.run(image_id='sha256:1'))
        self.assertEqual(('Running', True, '10.0.0.2'),
                         (found.phase, found.ready, found.pod_ip))
        main = found.container_statuses[0]
        self.assertEqual('2027-01-15T07:58:20Z',
                         main.state.running.started_at)
        self.assertEqual('docker://main-0', main.container_id)
        self.assertTrue(main.started)

    def test_waits_for_init(self):
        pod = builders.pod(initContainers=[{'name': 'i', 'image': 'i:1'}])
        found = self.status(pod, builders.sandbox(),
                            builders.init('i', State.RUNNING))
        self.assertEqual('PodInitializing',
                         found.container_statuses[0].state.waiting.reason)
        self.assertIsNotNone(
            found.init_container_statuses[0].state.running)

    def test_a_reason_to_wait(self):
        found = self.status(
            builders.pod(), builders.sandbox(), waiting={
                'main': NotYet('ErrImagePull', 'no such image')})
        self.assertEqual(('Pending', 'ErrImagePull'),
                         (found.phase, found.reason))

    def test_the_sandboxs_reason_is_everybodys(self):
        found = self.status(
            builders.pod({'name': 'a'}, {'name': 'b'}),
            waiting={'': NotYet('CreatePodSandboxError', 'no network')})
        self.assertEqual(
            ['CreatePodSandboxError'] * 2,
            [c.state.waiting.reason for c in found.container_statuses])

    def test_ends(self):
        for code, oom, reason, signal in (
                (0, False, 'Completed', None), (1, False, 'Error', None),
                (137, False, 'Error', 9), (137, True, 'OOMKilled', 9),
                (0, True, 'Completed', None), (143, False, 'Error', 15),
                (255, False, 'Error', None)):
            ended = self.main(
                builders.pod(restartPolicy='Never'), builders.sandbox(),
                builders.run(state=State.ENDED, exit_code=code,
                             oom_killed=oom)).state.terminated
            self.assertEqual((reason, signal, code),
                             (ended.reason, ended.signal, ended.exit_code))

    def test_start_that_failed(self):
        ended = self.main(
            builders.pod(restartPolicy='Never'), builders.sandbox(),
            builders.run(state=State.CREATED, exit_code=127,
                         error='no such file')).state.terminated
        self.assertEqual(('StartError', 'no such file', None),
                         (ended.reason, ended.message, ended.signal))

    def crashed(self, **known):
        return builders.run(state=State.ENDED, attempt=1, exit_code=3,
                            backoff_s=0.0, **known)

    def test_crash_loop(self):
        found = self.main(builders.pod(), builders.sandbox(), self.crashed())
        self.assertEqual('CrashLoopBackOff', found.state.waiting.reason)
        self.assertIn('back-off 10s restarting failed container=main',
                      found.state.waiting.message)
        self.assertEqual(3, found.last_state.terminated.exit_code)
        self.assertEqual(1, found.restart_count)

    def observed(self, *runs, later=0.0):
        return ObservedPod(
            uuid=builders.UUID, project_id='project', generation=1,
            status=observe.pod_status(builders.pod(), builders.group(
                builders.sandbox(), *runs), Facts(now=NOW + later)))

    def test_a_back_off_is_the_same_however_late_one_looks(self):
        """Resyncs take a difference for something new."""
        known = self.observed(self.crashed())
        for later in (0, 9.9, 10, 1000):
            self.assertFalse(plan.drifted(known, self.observed(
                self.crashed(), later=later)), later)

    def test_an_end_is_something_new(self):
        known = self.observed(builders.run(attempt=1, backoff_s=0.0))
        found = self.observed(self.crashed())
        self.assertEqual(known.status.phase, found.status.phase)
        self.assertTrue(plan.drifted(known, found))

    def test_start_that_fails_again(self):
        found = self.main(builders.pod(), builders.sandbox(), builders.run(
            state=State.CREATED, attempt=1, exit_code=127, error='no file',
            backoff_s=0.0))
        self.assertEqual(('RunContainerError', 'no file'),
                         (found.state.waiting.reason,
                          found.state.waiting.message))

    def test_last_state_of_what_runs_again(self):
        found = self.main(
            builders.pod(), builders.sandbox(),
            builders.run(attempt=1),
            builders.run(state=State.ENDED, attempt=0, exit_code=4))
        self.assertIsNotNone(found.state.running)
        self.assertEqual(4, found.last_state.terminated.exit_code)

    # Probes and hooks

    def test_health(self):
        pod = builders.pod({'readinessProbe': {'tcpSocket': {'port': 1}}})
        seen = [builders.sandbox(), builders.run()]
        self.assertFalse(self.main(pod, *seen).ready)
        self.assertTrue(self.main(
            pod, *seen, health={'main-0': Health()}).ready)
        self.assertFalse(self.main(
            pod, *seen, health={'main-0': Health(ready=False)}).ready)

    def test_not_started_before_the_startup_probe(self):
        pod = builders.pod({'startupProbe': {'tcpSocket': {'port': 1}}})
        found = self.main(pod, builders.sandbox(), builders.run())
        self.assertEqual((False, False), (found.started, found.ready))

    def test_post_start_gates_running(self):
        found = self.status(builders.pod(), builders.sandbox(),
                            builders.run(), hooks=frozenset({'main-0'}))
        self.assertEqual('Pending', found.phase)

    # Phases

    def test_ended_pods(self):
        for code, phase in ((0, 'Succeeded'), (1, 'Failed')):
            found = self.status(
                builders.pod(restartPolicy='Never'),
                builders.sandbox(State.ENDED),
                builders.run(state=State.ENDED, exit_code=code))
            self.assertEqual(phase, found.phase)
            self.assertIsNone(found.pod_ip)

    def test_not_over_while_the_sandbox_runs(self):
        """The end is told when there is nothing left to be done."""
        found = self.status(
            builders.pod(restartPolicy='Never'), builders.sandbox(),
            builders.run(state=State.ENDED))
        self.assertEqual('Running', found.phase)

    def test_deadline(self):
        pod = builders.pod(activeDeadlineSeconds=60)
        found = self.status(pod, builders.sandbox(State.ENDED),
                            builders.run(state=State.ENDED, exit_code=137))
        self.assertEqual(('Failed', 'DeadlineExceeded'),
                         (found.phase, found.reason))

    def test_ended_before_the_deadline(self):
        pod = builders.pod(activeDeadlineSeconds=60, restartPolicy='Never')
        ended = builders.run(state=State.ENDED, finished_at=NOW - 50)
        found = self.status(pod, builders.sandbox(State.ENDED), ended)
        self.assertEqual('Succeeded', found.phase)

    def test_evicted(self):
        found = self.status(
            builders.pod(), builders.sandbox(State.ENDED, mark='evicted.v'),
            builders.run(state=State.ENDED, exit_code=137))
        self.assertEqual(('Failed', 'Evicted'), (found.phase, found.reason))
        self.assertIn('"v"', found.message)

    def test_stopped(self):
        found = self.status(
            builders.pod(), builders.sandbox(State.ENDED, mark='stopped'),
            builders.run(state=State.ENDED, attempt=1, exit_code=137,
                         backoff_s=0.0))
        self.assertEqual('Stopped', found.phase)
        self.assertIsNotNone(found.container_statuses[0].state.terminated)

    def test_abandoned(self):
        """What never ran in a sandbox that is gone will never run."""
        pod = builders.pod({'name': 'a'}, {'name': 'b'},
                           restartPolicy='Never')
        found = self.status(
            pod, builders.sandbox(State.ENDED),
            builders.run('a', State.ENDED, exit_code=137))
        self.assertEqual('Failed', found.phase)
        self.assertEqual('ContainerStatusUnknown', found.container_statuses[
            1].state.terminated.reason)

    def test_conditions_keep_their_times(self):
        seen = builders.group(builders.sandbox(), builders.run())
        before = observe.pod_status(builders.pod(), seen, Facts(now=NOW))
        after = observe.pod_status(builders.pod(), seen, Facts(now=NOW + 60),
                                   before.conditions)
        self.assertEqual(before.conditions, after.conditions)
