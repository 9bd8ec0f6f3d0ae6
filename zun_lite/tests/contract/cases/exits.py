"""How the end of a container is told."""
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import exit_code
from zun_lite.tests.contract.harness import main
from zun_lite.tests.contract.harness import waiting


class Exits(harness.Case):
    def ends(self, code: int) -> None:
        pod = self.start(self.sh(f'exit {code}'), restartPolicy='Never')
        seen = self.wait_phase(pod, 'Succeeded', 'Failed')
        ended = main(seen).state.terminated
        self.assertEqual(code, ended.exit_code)
        self.assertEqual('Error' if code else 'Completed', ended.reason)
        self.assertEqual('Failed' if code else 'Succeeded', seen.phase)

    def test_0(self):
        """v1.ContainerStateTerminated: Completed."""
        self.ends(0)

    def test_1(self):
        """v1.ContainerStateTerminated: Error."""
        self.ends(1)

    def test_42(self):
        self.ends(42)

    def test_137(self):
        self.ends(137)

    def test_143(self):
        self.ends(143)

    def test_255(self):
        self.ends(255)

    def test_times(self):
        """startedAt and finishedAt, RFC 3339, in order."""
        pod = self.start(self.sh('sleep 1.2'), restartPolicy='Never')
        ended = main(self.wait_phase(pod, 'Succeeded')).state.terminated
        for text in (ended.started_at, ended.finished_at):
            self.assertRegex(text, r'^\d{4}-\d\d-\d\dT[\d:]{8}Z$')
        self.assertLess(ended.started_at, ended.finished_at)

    def test_the_reason_of_a_failed_pod(self):
        """The pod's summary names the container that failed."""
        pod = self.start(self.sh('exit 3'), restartPolicy='Never')
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('Error', seen.reason)
        self.assertIn('main', seen.message)

    def test_a_program_that_is_not_there(self):
        """A program that cannot be started: ended with a reason."""
        pod = self.start(self.container(command=['/no/such/program']),
                         restartPolicy='Never')
        seen = self.wait_phase(pod, 'Failed')
        ended = main(seen).state.terminated
        self.assertIn(ended.exit_code, (126, 127, 128))
        self.assertIn('/no/such/program', f'{ended.message}{seen.message}')
        self.assertNotEqual('Completed', ended.reason)

    def test_a_program_that_is_not_there_is_retried(self):
        """With Always it waits for the next attempt, with a reason."""
        pod = self.start(self.container(command=['/no/such/program']))
        seen = self.wait_for(
            pod, lambda s: waiting(s) in ('RunContainerError',
                                          'CrashLoopBackOff'), 'waits')
        self.assertFalse(harness.running(seen))
        self.wait_event(pod, 'Failed', 'main')

    def test_a_signal_from_outside(self):
        """A process killed by SIGTERM ends with 143."""
        pod = self.start(
            self.container(command=['tail', '-f', '/dev/null']),
            self.sleeper('b'), shareProcessNamespace=True,
            restartPolicy='Never')
        self.wait_ready(pod)
        self.exec_sh(pod, 'kill -TERM $(pidof tail)', 'b')
        seen = self.wait_for(pod, lambda s: exit_code(s) is not None,
                             'the end')
        self.assertEqual(143, exit_code(seen))
        self.assertEqual('Error', main(seen).state.terminated.reason)

    def test_a_kill_is_not_out_of_memory(self):
        """A process killed by SIGKILL ends with 137, Error."""
        pod = self.start(
            self.container(command=['tail', '-f', '/dev/null']),
            self.sleeper('b'), shareProcessNamespace=True,
            restartPolicy='Never')
        self.wait_ready(pod)
        self.exec_sh(pod, 'kill -KILL $(pidof tail)', 'b')
        seen = self.wait_for(pod, lambda s: exit_code(s) is not None,
                             'the end')
        self.assertEqual(137, exit_code(seen))
        self.assertEqual('Error', main(seen).state.terminated.reason)

    def test_the_end_is_noticed_quickly(self):
        """watch: within about a second, not at the next resync."""
        pod = self.start(self.sh('trap "exit 0" TERM; sleep 3600 & wait'),
                         restartPolicy='Never')
        self.wait_ready(pod)
        self.signal_main(pod)
        self.wait_for(pod, lambda s: s.phase == 'Succeeded', 'the end',
                      timeout_s=3)
