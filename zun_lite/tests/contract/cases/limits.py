"""Limits and requests, as seen from inside a container."""
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import main

# cgroup v2's file, or else v1's.
MEMORY = ('cat /sys/fs/cgroup/memory.max 2>/dev/null || '
          'cat /sys/fs/cgroup/memory/memory.limit_in_bytes')
QUOTA = ('cat /sys/fs/cgroup/cpu.max 2>/dev/null || '
         'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us '
         '/sys/fs/cgroup/cpu/cpu.cfs_period_us')
WEIGHT = ('cat /sys/fs/cgroup/cpu.weight 2>/dev/null || '
          'cat /sys/fs/cgroup/cpu/cpu.shares')
EATER = ['sh', '-c', 'exec tail /dev/zero']


class Limits(harness.Case):
    def read(self, script: str, **resources) -> list[str]:
        return self.output(self.sh(script, resources=resources)).split()

    def test_memory_limit(self):
        """limits.memory is the cgroup's hard limit, in bytes."""
        self.assertEqual([str(48 * 2**20)],
                         self.read(MEMORY, limits={'memory': '48Mi'}))

    def test_memory_limit_in_decimal(self):
        """Quantities: M is 10**6; the kernel keeps whole pages."""
        found, = self.read(MEMORY, limits={'memory': '64M'})
        self.assertLessEqual(abs(int(found) - 64 * 10**6), 4096)

    def test_no_memory_limit(self):
        found, = self.read(MEMORY)
        self.assertTrue(found == 'max' or int(found) > 2**50, found)

    def test_memory_request_is_no_limit(self):
        """requests are what placement sets aside, not a limit."""
        found, = self.read(MEMORY, requests={'memory': '16Mi'})
        self.assertTrue(found == 'max' or int(found) > 2**50, found)

    def cpus(self, **resources) -> float | None:
        quota, period = self.read(QUOTA, **resources)
        if quota in ('max', '-1'):
            return None
        return int(quota) / int(period)

    def test_cpu_limit(self):
        """limits.cpu: quota over period is the number of cores."""
        self.assertEqual(0.25, self.cpus(limits={'cpu': '250m'}))

    def test_cpu_limit_of_whole_cores(self):
        self.assertEqual(2.0, self.cpus(limits={'cpu': '2'},
                                        requests={'cpu': '100m'}))

    def test_cpu_limit_above_the_machine(self):
        """A limit may exceed what the machine has; a request may not."""
        self.assertEqual(500.0, self.cpus(limits={'cpu': '500'},
                                          requests={'cpu': '100m'}))

    def test_no_cpu_limit(self):
        self.assertIsNone(self.cpus())

    def test_cpu_request_is_a_weight(self):
        """requests.cpu: twice the request is about twice the weight."""
        one, = self.read(WEIGHT, requests={'cpu': '250m'})
        two, = self.read(WEIGHT, requests={'cpu': '500m'})
        self.assertAlmostEqual(2.0, int(two) / int(one), delta=0.2)

    def test_each_container_has_its_own(self):
        pod = self.start(
            self.sh(MEMORY, resources={'limits': {'memory': '32Mi'}}),
            self.sh(MEMORY, 'b', resources={'limits': {'memory': '64Mi'}}),
            restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual(str(32 * 2**20), self.logs(pod).strip())
        self.assertEqual(str(64 * 2**20), self.logs(pod, 'b').strip())

    def test_init_containers_have_limits(self):
        pod = self.start(
            self.sh('true'), restartPolicy='Never', initContainers=[
                self.sh(MEMORY, 'one',
                        resources={'limits': {'memory': '32Mi'}})])
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual(str(32 * 2**20), self.logs(pod, 'one').strip())

    def test_oom_is_told(self):
        """Terminated reason OOMKilled: the kernel killed it for memory."""
        pod = self.start(self.container(
            command=EATER, resources={'limits': {'memory': '24Mi'}}),
            restartPolicy='Never')
        seen = self.wait_phase(pod, 'Failed')
        ended = main(seen).state.terminated
        self.assertEqual('OOMKilled', ended.reason)
        self.assertEqual(137, ended.exit_code)
        self.assertEqual('OOMKilled', seen.reason)

    def test_oom_restarts_by_policy(self):
        """OOM is a failure like others for the restart policy."""
        pod = self.start(self.container(
            command=EATER, resources={'limits': {'memory': '24Mi'}}))
        seen = self.wait_for(pod, lambda s: main(s).restart_count >= 1,
                             'restart')
        self.assertEqual('OOMKilled',
                         main(seen).last_state.terminated.reason)

    def test_oom_spares_the_other_container(self):
        pod = self.start(
            self.container(command=EATER,
                           resources={'limits': {'memory': '24Mi'}}),
            self.sleeper('steady'), restartPolicy='Never')
        seen = self.wait_for(
            pod, lambda s: harness.exit_code(s) == 137, 'killed')
        self.assertTrue(harness.running(seen, 'steady'))

    def test_killed_is_not_oom(self):
        """137 alone is not OOMKilled."""
        pod = self.start(self.sh('exit 137', resources={
            'limits': {'memory': '64Mi'}}), restartPolicy='Never')
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('Error', main(seen).state.terminated.reason)
