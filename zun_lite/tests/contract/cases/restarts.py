"""Restart policies, back-off and what is remembered of the last run."""
import re

from zun_lite import exceptions
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import exit_code
from zun_lite.tests.contract.harness import main
from zun_lite.tests.contract.harness import waiting

SHARED = [{'name': 'v', 'emptyDir': {}}]
MOUNT = [{'name': 'v', 'mountPath': '/v'}]


class Restarts(harness.Case):
    def restarts(self, policy: str, code: int) -> None:
        pod = self.start(self.sh(f'exit {code}'), restartPolicy=policy)
        seen = self.wait_for(pod, lambda s: main(s).restart_count >= 2,
                             'two restarts')
        self.assertEqual('Running', seen.phase)
        last = main(seen).last_state.terminated
        self.assertEqual(code, last.exit_code)
        self.assertEqual('Error' if code else 'Completed', last.reason)

    def ends(self, policy: str, code: int, phase: str) -> None:
        pod = self.start(self.sh(f'exit {code}'), restartPolicy=policy)
        seen = self.wait_phase(pod, 'Succeeded', 'Failed')
        self.assertEqual(phase, seen.phase)
        self.assertEqual(code, exit_code(seen))
        self.steadily(lambda: main(self.status(pod)).restart_count == 0,
                      'not restarted', self.engine.back_off_base_s * 2)

    def test_always_after_success(self):
        """restartPolicy Always restarts whatever the exit code."""
        self.restarts('Always', 0)

    def test_always_after_failure(self):
        self.restarts('Always', 3)

    def test_on_failure_after_failure(self):
        """restartPolicy OnFailure restarts what ends with another code
        than 0."""
        self.restarts('OnFailure', 3)

    def test_on_failure_after_success(self):
        self.ends('OnFailure', 0, 'Succeeded')

    def test_never_after_success(self):
        """restartPolicy Never: Succeeded where all ended with 0."""
        self.ends('Never', 0, 'Succeeded')

    def test_never_after_failure(self):
        """restartPolicy Never: Failed where one ended with another."""
        self.ends('Never', 3, 'Failed')

    def test_always_is_the_default(self):
        pod = self.start(self.sh('exit 0'))
        self.wait_for(pod, lambda s: main(s).restart_count >= 1, 'restart')

    def test_on_failure_until_success(self):
        """A retried container that succeeds lets the pod succeed."""
        pod = self.start(
            self.sh('echo x >> /v/t; test $(cat /v/t | wc -l) -ge 3',
                    volumeMounts=MOUNT),
            volumes=SHARED, restartPolicy='OnFailure')
        seen = self.wait_phase(pod, 'Succeeded')
        self.assertEqual(2, main(seen).restart_count)

    def test_crash_loop_is_shown(self):
        """kubelet: CrashLoopBackOff while a restart is waited for."""
        pod = self.start(self.sh('exit 5'))
        seen = self.wait_for(pod, lambda s: waiting(s) == 'CrashLoopBackOff',
                             'CrashLoopBackOff')
        self.assertEqual('Running', seen.phase)
        self.assertFalse(main(seen).ready)
        self.assertEqual(5, main(seen).last_state.terminated.exit_code)
        message = main(seen).state.waiting.message or ''
        self.assertIn('back-off', message)
        self.assertIn('main', message)

    def test_crash_loop_is_the_pods_reason(self):
        """The pod's summary names what a container waits for."""
        pod = self.start(self.sh('exit 5'))
        seen = self.wait_for(pod, lambda s: s.reason == 'CrashLoopBackOff',
                             'the reason')
        self.assertIn('main', seen.message)

    def test_back_off_event(self):
        pod = self.start(self.sh('exit 5'))
        event = self.wait_event(pod, 'BackOff', 'main')
        self.assertEqual('Warning', event.type)

    def test_waits_grow(self):
        """kubelet: the wait doubles with each restart."""
        pod = self.start(
            self.sh('cat /proc/uptime >> /v/starts; exit 1',
                    volumeMounts=MOUNT),
            self.sleeper('reader', volumeMounts=MOUNT), volumes=SHARED)
        self.wait_for(pod, lambda s: main(s).restart_count >= 3,
                      'three restarts', timeout_s=40)
        text = self.exec_sh(pod, 'cat /v/starts', 'reader')
        starts = [float(line.split()[0]) for line in text.splitlines()]
        waits = [b - a for a, b in zip(starts, starts[1:], strict=False)]
        base = self.engine.back_off_base_s
        self.assertGreater(waits[1], base * 0.9, waits)
        self.assertGreater(waits[2], base * 1.8, waits)

    def test_waits_are_told(self):
        """The message of CrashLoopBackOff tells how long the wait is."""
        pod = self.start(self.sh('exit 1'))
        self.wait_for(pod, lambda s: main(s).restart_count >= 3,
                      'three restarts', timeout_s=40)
        told = {re.search(r'back-off (\S+)', main(s).state.waiting.message)[1]
                for s in self.agent.collector.history(pod.uuid)
                if waiting(s) == 'CrashLoopBackOff'}
        self.assertGreaterEqual(len(told), 2, told)

    def test_restart_count_counts(self):
        pod = self.start(self.sh('exit 1'))
        seen = self.wait_for(pod, lambda s: main(s).restart_count == 3,
                             'three restarts')
        self.assertIsNotNone(main(seen).last_state.terminated)

    def test_last_state_is_the_run_before(self):
        """lastState: how the previous run ended."""
        pod = self.start(
            self.sh('echo x >> /v/t; exit $(cat /v/t | wc -l)',
                    volumeMounts=MOUNT), volumes=SHARED)
        seen = self.wait_for(
            pod, lambda s: main(s).restart_count == 2
            and waiting(s) == 'CrashLoopBackOff', 'second restart waits')
        self.assertEqual(3, main(seen).last_state.terminated.exit_code)

    def test_only_the_failing_container_restarts(self):
        pod = self.start(self.sh('exit 1'), self.sleeper('steady'))
        seen = self.wait_for(pod, lambda s: main(s).restart_count >= 2
                             and harness.running(s, 'steady'), 'restarts')
        self.assertEqual(0, main(seen, 'steady').restart_count)
        self.assertEqual('Running', seen.phase)

    def test_a_restart_begins_with_a_clean_root(self):
        """Container restarts begin in a clean state; volumes stay."""
        pod = self.start(
            self.sh('ls /root/mark; cat /v/mark; '
                    'echo x > /root/mark; echo kept > /v/mark; exit 1',
                    volumeMounts=MOUNT), volumes=SHARED)
        self.wait_for(pod, lambda s: main(s).restart_count >= 2
                      and waiting(s) == 'CrashLoopBackOff', 'restarts')
        text = self.logs(pod)
        self.assertIn('kept', text)
        self.assertNotIn('/root/mark\n', text)

    def test_address_stays_over_restarts(self):
        """Containers restart inside the same sandbox: one podIP."""
        pod = self.start(self.sh('exit 1'))
        self.wait_for(pod, lambda s: main(s).restart_count >= 2, 'restarts')
        self.assertEqual(1, len({s.pod_ip for s in
                                 self.agent.collector.history(pod.uuid)
                                 if s.pod_ip}))

    def test_one_of_two_fails(self):
        """Failed: all ended, at least one of them badly."""
        pod = self.start(self.sh('exit 0'), self.sh('exit 2', 'bad'),
                         restartPolicy='Never')
        seen = self.wait_phase(pod, 'Failed', 'Succeeded')
        self.assertEqual('Failed', seen.phase)
        self.assertEqual(0, exit_code(seen))
        self.assertEqual(2, exit_code(seen, 'bad'))

    def test_one_of_two_still_runs(self):
        """Running: at least one container runs."""
        pod = self.start(self.sh('exit 2'), self.sleeper('steady'),
                         restartPolicy='Never')
        seen = self.wait_for(pod, lambda s: exit_code(s) == 2
                             and harness.running(s, 'steady'), 'one ended')
        self.assertEqual('Running', seen.phase)
        self.assertFalse(seen.ready)

    def test_all_succeed_at_different_times(self):
        pod = self.start(self.sh('exit 0'), self.sh('sleep 0.5', 'late'),
                         restartPolicy='Never')
        seen = self.wait_phase(pod, 'Succeeded')
        self.assertEqual('PodCompleted', next(
            c.reason for c in seen.conditions if c.type == 'Ready'))

    def test_removed_behind_its_back(self):
        """A container that someone removes runs again with Always."""
        pod = self.start(self.sleeper())
        first = main(self.wait_ready(pod)).container_id
        self.engine.remove_behind_back(pod, 'main')
        self.wait_for(pod, lambda s: s.ready
                      and main(s).container_id not in (None, first),
                      'a new container')

    def test_whole_pod_removed_behind_its_back(self):
        """What is desired is made again, volumes and sandbox included."""
        pod = self.start(
            self.sleeper(volumeMounts=MOUNT), volumes=SHARED,
            initContainers=[self.sh('echo made > /v/x', 'one',
                                    volumeMounts=MOUNT)])
        first = main(self.wait_ready(pod)).container_id
        self.engine.remove_all_behind_back(pod)
        self.wait_for(pod, lambda s: s.ready
                      and main(s).container_id not in (None, first),
                      'made again')

        # One thing is removed after the other: what was made again while
        # others were still there may have to be made once more.
        def reads() -> bool:
            try:
                return self.exec_sh(pod, 'cat /v/x') == 'made\n'
            except (exceptions.Conflict, exceptions.NotFound):
                return False
        self.eventually(reads, 'a container that runs with its volume')
