"""Init containers."""
from zun_lite import exceptions
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import condition
from zun_lite.tests.contract.harness import exit_code
from zun_lite.tests.contract.harness import main
from zun_lite.tests.contract.harness import waiting

SHARED = [{'name': 'v', 'emptyDir': {}}]
MOUNT = [{'name': 'v', 'mountPath': '/v'}]


class Init(harness.Case):
    def test_they_run_in_order(self):
        """Init containers: one after the other, before all others."""
        pod = self.start(
            self.sh('cat /v/order', volumeMounts=MOUNT),
            initContainers=[
                self.sh('sleep 0.3; echo one >> /v/order', 'one',
                        volumeMounts=MOUNT),
                self.sh('echo two >> /v/order', 'two', volumeMounts=MOUNT),
                self.sh('echo three >> /v/order', 'three',
                        volumeMounts=MOUNT)],
            volumes=SHARED, restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('one\ntwo\nthree\n', self.logs(pod))

    def test_status_of_init_containers(self):
        """v1.PodStatus: initContainerStatuses, ready once they have ended."""
        pod = self.start(self.sleeper(),
                         initContainers=[self.sh('true', 'one')])
        seen = self.wait_ready(pod)
        self.assertEqual(['one'],
                         [s.name for s in seen.init_container_statuses])
        self.assertEqual(0, exit_code(seen, 'one'))
        self.assertEqual('Completed', main(seen, 'one')
                         .state.terminated.reason)
        self.assertTrue(main(seen, 'one').ready)

    def test_others_wait_meanwhile(self):
        """Waiting containers show PodInitializing; Initialized is False."""
        pod = self.start(self.sleeper(),
                         initContainers=[self.sleeper('one')])
        seen = self.wait_for(pod, lambda s: harness.running(s, 'one'),
                             'init runs')
        self.assertEqual('Pending', seen.phase)
        self.assertEqual('False', condition(seen, 'Initialized'))
        self.assertEqual('False', condition(seen, 'Ready'))
        self.assertEqual('PodInitializing', waiting(seen))

    def test_initialized_becomes_true(self):
        pod = self.start(self.sleeper(),
                         initContainers=[self.sh('true', 'one')])
        seen = self.wait_ready(pod)
        self.assertEqual('True', condition(seen, 'Initialized'))

    def test_failure_with_never_fails_the_pod(self):
        """restartPolicy Never: a failed init container fails the pod."""
        pod = self.start(self.sleeper(), restartPolicy='Never',
                         initContainers=[self.sh('exit 9', 'one'),
                                         self.sh('true', 'two')])
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual(9, exit_code(seen, 'one'))
        self.assertFalse(self.ever(pod, lambda s: harness.running(s)))
        self.assertFalse(self.ever(
            pod, lambda s: exit_code(s, 'two') is not None))

    def retried(self, policy: str) -> None:
        pod = self.start(
            self.sleeper(), restartPolicy=policy, volumes=SHARED,
            initContainers=[self.sh(
                'echo x >> /v/tries; test $(cat /v/tries | wc -l) -ge 3',
                'one', volumeMounts=MOUNT)])
        seen = self.wait_phase(pod, 'Running')
        self.assertEqual(0, exit_code(seen, 'one'))
        self.assertEqual(2, main(seen, 'one').restart_count)

    def test_failure_with_always_is_retried(self):
        """restartPolicy Always: init containers use OnFailure."""
        self.retried('Always')

    def test_failure_with_on_failure_is_retried(self):
        self.retried('OnFailure')

    def test_failure_shows_its_reason(self):
        """A failing init container: Pending, CrashLoopBackOff shown."""
        pod = self.start(self.sleeper(),
                         initContainers=[self.sh('exit 4', 'one')])
        seen = self.wait_for(
            pod, lambda s: waiting(s, 'one') == 'CrashLoopBackOff',
            'CrashLoopBackOff')
        self.assertEqual('Pending', seen.phase)
        self.assertEqual(
            4, main(seen, 'one').last_state.terminated.exit_code)
        self.assertIn('one', seen.message or '')

    def test_their_logs_can_be_read(self):
        pod = self.start(self.sleeper(),
                         initContainers=[self.sh('echo prepared', 'one')])
        self.wait_ready(pod)
        self.assertEqual('prepared\n', self.logs(pod, 'one'))

    def test_exec_into_a_waiting_container(self):
        """exec raises Conflict: the container does not run."""
        pod = self.start(self.sleeper(),
                         initContainers=[self.sleeper('one')])
        self.wait_for(pod, lambda s: harness.running(s, 'one'), 'init runs')
        with self.assertRaises(exceptions.Conflict):
            self.exec(pod, 'true')

    def test_exec_into_an_init_container(self):
        pod = self.start(self.sleeper(),
                         initContainers=[self.sleeper('one')])
        self.wait_for(pod, lambda s: harness.running(s, 'one'), 'init runs')
        self.assertEqual('hi\n', self.exec_sh(pod, 'echo hi', 'one'))

    def test_stop_during_init(self):
        """stop_pod ends init containers too; the others never began."""
        pod = self.start(self.sleeper(),
                         initContainers=[self.sleeper('one')])
        self.wait_for(pod, lambda s: harness.running(s, 'one'), 'init runs')
        stopped = self.stop(pod)
        seen = self.wait_phase(stopped, 'Stopped')
        self.assertFalse(harness.running(seen, 'one'))
        self.assertFalse(self.ever(pod, lambda s: harness.running(s)))

    def test_delete_during_init(self):
        pod = self.start(self.sleeper(),
                         initContainers=[self.sleeper('one')])
        self.wait_for(pod, lambda s: harness.running(s, 'one'), 'init runs')
        self.assertEqual([], self.engine.leftovers(self.delete(pod)))

    def test_they_do_not_run_again(self):
        """A restarted container does not bring its init containers back."""
        pod = self.start(
            self.sh('sleep 0.3; exit 1', volumeMounts=MOUNT),
            self.sh('cat /v/count; sleep 3600', 'watcher',
                    volumeMounts=MOUNT),
            initContainers=[self.sh('echo x >> /v/count', 'one',
                                    volumeMounts=MOUNT)],
            volumes=SHARED)
        self.wait_for(pod, lambda s: main(s).restart_count >= 2,
                      'two restarts')
        seen = self.status(pod)
        self.assertEqual(0, main(seen, 'one').restart_count)
        self.assertEqual('x\n', self.logs(pod, 'watcher'))

    def test_missing_image_of_an_init_container(self):
        """A missing image keeps the pod Pending, with its reason."""
        pod = self.start(self.sleeper(), initContainers=[self.container(
            'one') | {'image': self.engine.registry.unpublished()}])
        seen = self.wait_for(
            pod, lambda s: waiting(s, 'one') in ('ErrImagePull',
                                                 'ImagePullBackOff'),
            'ErrImagePull')
        self.assertEqual('Pending', seen.phase)
        self.assertEqual('PodInitializing', waiting(seen))
