"""activeDeadlineSeconds."""
import time

from zun_lite.tests.contract import harness


class Deadline(harness.Case):
    def short(self, *containers, **fields):
        """A pod that begins in time and must end soon."""
        return self.start(*containers, **fields,
                          activeDeadlineSeconds=self.engine.start_s)

    def test_it_ends_the_pod(self):
        """activeDeadlineSeconds: Failed, DeadlineExceeded, all killed."""
        pod = self.short(self.sleeper(), self.sleeper('b'))
        self.wait_phase(pod, 'Running')
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('DeadlineExceeded', seen.reason)
        seen = self.wait_for(pod, lambda s: not any(
            c.state.running for c in s.container_statuses), 'all ended')
        self.assertEqual('Failed', seen.phase)

    def test_it_is_final(self):
        """A pod past its deadline is not restarted, whatever its policy."""
        pod = self.start(self.sleeper(), activeDeadlineSeconds=1)
        self.wait_phase(pod, 'Failed')
        self.want(pod)
        self.agent.reconciler.resync(lambda: [pod])
        self.steadily(lambda: self.status(pod).phase == 'Failed', 'failed')
        self.assertEqual('DeadlineExceeded', self.status(pod).reason)

    def test_it_is_remembered(self):
        """A new agent knows that the pod's time is over."""
        pod = self.start(self.sleeper(), activeDeadlineSeconds=1)
        self.wait_phase(pod, 'Failed')
        self.restart_agent()
        self.want(pod)
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('DeadlineExceeded', seen.reason)

    def test_it_goes_on_in_a_new_agent(self):
        """The time is counted from the pod's start, not the agent's."""
        pod = self.short(self.sleeper())
        self.wait_phase(pod, 'Running')
        self.restart_agent()
        self.want(pod)
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('DeadlineExceeded', seen.reason)

    def test_it_counts_init_containers(self):
        pod = self.short(self.sleeper(),
                         initContainers=[self.sleeper('one')])
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('DeadlineExceeded', seen.reason)
        self.assertFalse(self.ever(pod, harness.running))

    def test_it_ends_a_crash_loop(self):
        pod = self.short(self.sh('exit 1'))
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('DeadlineExceeded', seen.reason)

    def test_a_pod_that_ends_in_time(self):
        allowed_s = 2 * self.engine.start_s
        pod = self.start(self.sh('true'), restartPolicy='Never',
                         activeDeadlineSeconds=allowed_s)
        begin = time.monotonic()
        self.wait_phase(pod, 'Succeeded')
        self.steadily(lambda: self.status(pod).phase == 'Succeeded',
                      'succeeded', begin + allowed_s + 1 - time.monotonic())
