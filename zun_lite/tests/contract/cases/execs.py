"""Commands run inside containers."""
import threading
import time

from zun_lite import exceptions
from zun_lite.pod import states
from zun_lite.tests.contract import harness


class Execs(harness.Case):
    def setUp(self) -> None:
        super().setUp()
        self.needs(states.Action.EXEC)

    def ready(self, **fields):
        pod = self.start(self.sleeper(**fields))
        self.wait_ready(pod)
        return pod

    def test_success(self):
        found = self.exec(self.ready(), 'echo', 'hi')
        self.assertEqual((0, b'hi\n', b'', False),
                         (found.exit_code, found.stdout, found.stderr,
                          found.truncated))

    def test_exit_code(self):
        self.assertEqual(7, self.exec(self.ready(), 'sh', '-c',
                                      'exit 7').exit_code)

    def test_streams_apart(self):
        """ExecResult: stdout and stderr apart."""
        found = self.exec(self.ready(), 'sh', '-c', 'echo out; echo err >&2')
        self.assertEqual((b'out\n', b'err\n'), (found.stdout, found.stderr))

    def test_arguments_are_not_split(self):
        found = self.exec(self.ready(), 'echo', 'a  b', '$HOME', ';')
        self.assertEqual(b'a  b $HOME ;\n', found.stdout)

    def test_environment(self):
        """The container's variables are the command's."""
        pod = self.ready(env=[{'name': 'A', 'value': 'one'}])
        self.assertEqual('one\n', self.exec_sh(pod, 'echo $A'))

    def test_no_output(self):
        found = self.exec(self.ready(), 'true')
        self.assertEqual((0, b'', b''),
                         (found.exit_code, found.stdout, found.stderr))

    def test_truncated(self):
        """truncated: more was written than is kept."""
        found = self.exec(self.ready(), 'sh', '-c',
                          'for i in $(seq 1 500); do echo $i; done',
                          limit_bytes=100)
        self.assertTrue(found.truncated)
        self.assertLessEqual(len(found.stdout), 100)
        self.assertTrue(found.stdout.startswith(b'1\n2\n'), found.stdout)

    def test_large_output(self):
        found = self.exec(self.ready(), 'dd', 'if=/dev/zero', 'bs=1k',
                          'count=300')
        self.assertEqual(300 * 1024, len(found.stdout))
        self.assertFalse(found.truncated)

    def test_timeout(self):
        """exec raises TimedOut: it did not end in time."""
        pod = self.ready()
        begin = time.monotonic()
        with self.assertRaises(exceptions.TimedOut):
            self.exec(pod, 'sleep', '60', timeout_s=1)
        self.assertLess(time.monotonic() - begin, 30)
        self.assertTrue(harness.running(self.status(pod)))

    def test_output_without_end(self):
        """The time is up also while it writes."""
        pod = self.ready()
        begin = time.monotonic()
        with self.assertRaises(exceptions.TimedOut):
            self.exec(pod, 'yes', timeout_s=1, limit_bytes=1000)
        self.assertLess(time.monotonic() - begin, 15)

    def test_program_that_is_not_there(self):
        """A command that cannot be started: 126 or 127, and why."""
        found = self.exec(self.ready(), '/no/such/program')
        self.assertIn(found.exit_code, (126, 127))
        self.assertIn(b'program', found.stdout + found.stderr)

    def test_not_running(self):
        """exec raises Conflict: the container does not run."""
        pod = self.start(self.sh('true'), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        with self.assertRaises(exceptions.Conflict):
            self.exec(pod, 'true')

    def test_in_a_stopped_pod(self):
        pod = self.ready()
        self.wait_phase(self.stop(pod), 'Stopped')
        with self.assertRaises((exceptions.Conflict, exceptions.NotFound)):
            self.exec(pod, 'true')

    def test_container_that_does_not_exist(self):
        with self.assertRaises(exceptions.ContainerNotFound):
            self.exec(self.ready(), 'true', container='nobody')

    def test_absent_pod(self):
        pod = self.make(self.sleeper())
        with self.assertRaises(exceptions.PodNotFound):
            self.exec(pod, 'true')

    def test_right_container(self):
        pod = self.start(self.sh('echo a > /tmp/who; sleep 3600'),
                         self.sh('echo b > /tmp/who; sleep 3600', 'b'))
        self.wait_ready(pod)
        self.eventually(lambda: self.exec(
            pod, 'cat', '/tmp/who', container='b').stdout == b'b\n', 'b')

    def test_two_at_once(self):
        """Reads of one pod may overlap."""
        pod, took = self.ready(), []

        def one() -> None:
            took.append(self.exec(pod, 'sh', '-c', 'sleep 2; echo done'))
        begin = time.monotonic()
        threads = [threading.Thread(target=one) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual([b'done\n'] * 3, [found.stdout for found in took])
        self.assertLess(time.monotonic() - begin, 5.5)
