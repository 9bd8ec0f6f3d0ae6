"""Init containers that go on beside the others."""
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import condition
from zun_lite.tests.contract.harness import exit_code
from zun_lite.tests.contract.harness import main
from zun_lite.tests.contract.harness import running
from zun_lite.tests.contract.harness import waiting

SHARED = [{'name': 'v', 'emptyDir': {}}]
MOUNT = [{'name': 'v', 'mountPath': '/v'}]
WAIT = 'sleep 3600 & wait'


def probe(script: str, **fields) -> dict:
    return {'exec': {'command': ['sh', '-c', script]}, 'periodSeconds': 1,
            'timeoutSeconds': 5, **fields}


class Sidecars(harness.Case):
    """Kubernetes: "Sidecar Containers"."""

    def sidecar(self, script: str = WAIT, name: str = 'side',
                **fields) -> harness.Doc:
        return self.sh(script, name, restartPolicy='Always', **fields)

    def telling(self, name: str) -> str:
        """A script that tells in the shared volume when it is ended."""
        return (f'trap "echo {name} >> /v/ends; exit 0" TERM; '
                f'echo up; {WAIT}')

    def test_it_runs_beside_the_others(self):
        pod = self.start(self.sleeper(), initContainers=[self.sidecar()])
        seen = self.wait_ready(pod)
        self.assertTrue(running(seen, 'side'))
        self.assertTrue(main(seen, 'side').started)
        self.assertTrue(main(seen, 'side').ready)
        self.assertEqual('True', condition(seen, 'Initialized'))

    def test_it_is_there_before_what_follows(self):
        """Started in the order of init containers; those after it find it.
        """
        pod = self.start(
            self.sh('test -e /v/up && echo main found it',
                    volumeMounts=MOUNT),
            initContainers=[
                self.sidecar(f'touch /v/up; {WAIT}', volumeMounts=MOUNT,
                             startupProbe=probe('test -e /v/up')),
                self.sh('test -e /v/up && echo init found it', 'one',
                        volumeMounts=MOUNT)],
            volumes=SHARED, restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('init found it\n', self.logs(pod, 'one'))
        self.assertEqual('main found it\n', self.logs(pod))

    def test_the_next_waits_for_its_startup_probe(self):
        """startupProbe: what follows begins when it has passed."""
        pod = self.start(
            self.sleeper(), volumes=SHARED, initContainers=[
                self.sidecar(volumeMounts=MOUNT,
                             startupProbe=probe('test -e /v/go',
                                                failureThreshold=100)),
                self.sh('true', 'one')])
        seen = self.wait_for(pod, lambda s: running(s, 'side'), 'it runs')
        self.steadily(lambda: exit_code(self.status(pod), 'one') is None
                      and not running(self.status(pod)), 'the others wait')
        self.assertEqual('Pending', seen.phase)
        self.assertEqual('False', condition(seen, 'Initialized'))
        self.assertFalse(main(seen, 'side').started)
        self.exec_sh(pod, 'touch /v/go', 'side')
        self.wait_ready(pod)

    def test_it_does_not_keep_a_pod_from_succeeding(self):
        """A pod succeeds when its containers have; the sidecar is ended."""
        pod = self.start(
            self.sh('sleep 0.3'), initContainers=[self.sidecar()],
            restartPolicy='Never', terminationGracePeriodSeconds=2)
        seen = self.wait_phase(pod, 'Succeeded')
        self.assertFalse(running(seen, 'side'))
        self.assertIsNone(seen.reason, seen.message)

    def test_it_does_not_hide_a_failure(self):
        pod = self.start(
            self.sh('exit 7'), initContainers=[self.sidecar()],
            restartPolicy='Never', terminationGracePeriodSeconds=2)
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual(7, exit_code(seen))
        self.assertIn('main', seen.message or '')

    def test_a_failed_init_container_ends_it(self):
        pod = self.start(
            self.sleeper(), restartPolicy='Never',
            terminationGracePeriodSeconds=2,
            initContainers=[self.sidecar(), self.sh('exit 9', 'one')])
        seen = self.wait_phase(pod, 'Failed')
        self.assertFalse(running(seen, 'side'))
        self.assertFalse(self.ever(pod, lambda s: running(s)))

    def restarted(self, policy: str) -> None:
        pod = self.start(
            self.sleeper(), restartPolicy=policy, volumes=SHARED,
            initContainers=[self.sidecar(
                f'test -e /v/x && {{ {WAIT}; }}; touch /v/x; sleep 0.5',
                volumeMounts=MOUNT)])
        seen = self.wait_for(
            pod, lambda s: running(s) and running(s, 'side')
            and main(s, 'side').restart_count == 1, 'its restart')
        self.assertEqual(0, main(seen).restart_count)
        self.assertEqual(0, main(seen, 'side')
                         .last_state.terminated.exit_code)

    def test_it_is_restarted_though_it_succeeded(self):
        self.restarted('Always')

    def test_it_is_restarted_whatever_the_pods_policy(self):
        """restartPolicy Always of its own, under Never of the pod."""
        self.restarted('Never')

    def test_liveness_restarts_it(self):
        """livenessProbe: of a sidecar as of any container."""
        pod = self.start(self.sleeper(), initContainers=[self.sidecar(
            livenessProbe=probe('test ! -e /tmp/bad', failureThreshold=1))],
            terminationGracePeriodSeconds=1)
        self.wait_ready(pod)
        self.exec_sh(pod, 'touch /tmp/bad', 'side')
        seen = self.wait_for(
            pod, lambda s: main(s, 'side').restart_count == 1
            and running(s, 'side'), 'its restart')
        self.assertEqual(0, main(seen).restart_count)

    def test_readiness_counts(self):
        """readinessProbe: the pod is ready when its sidecars are, too."""
        pod = self.start(self.sleeper(), initContainers=[self.sidecar(
            readinessProbe=probe('test -e /tmp/up'))])
        seen = self.wait_for(pod, lambda s: running(s), 'main runs')
        self.assertEqual('False', condition(seen, 'Ready'))
        self.exec_sh(pod, 'touch /tmp/up', 'side')
        self.wait_ready(pod)

    def test_hooks(self):
        """lifecycle: what follows waits for its postStart."""
        pod = self.start(
            self.sh('cat /v/hook; sleep 3600', volumeMounts=MOUNT),
            volumes=SHARED, initContainers=[self.sidecar(
                volumeMounts=MOUNT, lifecycle={'postStart': {'exec': {
                    'command': ['sh', '-c',
                                'sleep 0.5; echo hooked > /v/hook']}}})])
        self.wait_ready(pod)
        self.assertEqual('hooked\n', self.wait_logs(pod, 'hooked'))

    def test_it_is_ended_last(self):
        """Termination: the containers first, then sidecars in reverse."""
        mains = self.sh(
            'trap "sleep 1; echo main >> /v/ends; exit 0" TERM; echo up; '
            + WAIT, volumeMounts=MOUNT)
        reader = self.sidecar(
            'trap "cat /v/ends; exit 0" TERM; echo up; ' + WAIT, 'first',
            volumeMounts=MOUNT)
        pod = self.start(
            mains, volumes=SHARED, restartPolicy='Never',
            terminationGracePeriodSeconds=30, initContainers=[
                reader, self.sidecar(self.telling('second'), 'second',
                                     volumeMounts=MOUNT)])
        self.wait_ready(pod)
        for name in ('main', 'first', 'second'):
            self.wait_logs(pod, 'up', name)
        self.signal_main(pod)
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('up\nmain\nsecond\n', self.logs(pod, 'first'))

    def test_stopping_ends_it_last(self):
        """stop_pod: each in its turn, within the grace period."""
        mains = self.sh(
            'trap "sleep 1; echo main >> /v/ends; exit 0" TERM; echo up; '
            + WAIT, volumeMounts=MOUNT)
        pod = self.start(
            mains, volumes=SHARED, terminationGracePeriodSeconds=30,
            initContainers=[self.sidecar(
                'trap "grep -q main /v/ends && exit 5; exit 6" TERM; '
                'echo up; ' + WAIT, volumeMounts=MOUNT)])
        self.wait_ready(pod)
        self.wait_logs(pod, 'up')
        self.wait_logs(pod, 'up', 'side')
        seen = self.wait_phase(self.stop(pod), 'Stopped')
        self.assertEqual(5, exit_code(seen, 'side'))

    def test_deleting_leaves_nothing(self):
        pod = self.start(self.sleeper(), initContainers=[self.sidecar()])
        self.wait_ready(pod)
        self.assertEqual([], self.engine.leftovers(self.delete(pod)))

    def test_a_new_agent_goes_on(self):
        """Adoption: nothing is started twice, and it is still kept up."""
        pod = self.start(self.sleeper(), initContainers=[
            self.sidecar(), self.sh('true', 'one')])
        before = self.wait_ready(pod)
        self.restart_agent()
        self.want(pod)
        seen = self.wait_ready(pod)
        for name in ('side', 'main'):
            self.assertEqual(main(before, name).container_id,
                             main(seen, name).container_id)
        self.engine.remove_behind_back(pod, 'side')
        self.wait_for(pod, lambda s: running(s, 'side') and main(
            s, 'side').container_id != main(seen, 'side').container_id,
            'a new one')
        self.assertEqual(main(before).container_id,
                         main(self.status(pod)).container_id)

    def test_a_crash_is_shown(self):
        """A sidecar that cannot stay up: what follows waits, and why."""
        pod = self.start(self.sleeper(), initContainers=[
            self.sidecar('exit 3', startupProbe=probe('true'))])
        seen = self.wait_for(
            pod, lambda s: waiting(s, 'side') == 'CrashLoopBackOff',
            'CrashLoopBackOff')
        self.assertEqual('Pending', seen.phase)
        self.assertIn('side', seen.message or '')
