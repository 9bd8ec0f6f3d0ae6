"""Logs that are followed."""
import threading
import time
import typing

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.pod import states
from zun_lite.tests.contract import harness


class Reader:
    def __init__(self, case: harness.Case, stream: base.Stream) -> None:
        self.case, self.stream, self.data = case, stream, bytearray()
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        case.addCleanup(stream.close)

    def _read(self) -> None:
        try:
            for piece in self.stream:
                self.data += piece
        except exceptions.ZunLiteError as exc:
            self.error = exc

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def wait(self, text: bytes) -> None:
        self.case.eventually(lambda: text in self.data,
                             f'{text!r} in {bytes(self.data)!r}')

    def wait_end(self) -> bytes:
        self.case.eventually(lambda: self.ended, 'the end')
        return bytes(self.data)


class Follows(harness.Case):
    TICKS = 'i=0; while sleep 0.2; do i=$((i + 1)); echo tick $i; done'

    def setUp(self) -> None:
        super().setUp()
        self.needs(states.Action.FOLLOW)

    def follow(self, pod, container: str = 'main',
               **options: typing.Any) -> Reader:
        driver = typing.cast(base.Follow, self.driver)
        return Reader(self, driver.follow_logs(pod.uuid, container,
                                               **options))

    def test_from_the_beginning(self):
        """What logs returns, and then what is written."""
        pod = self.start(self.sh('echo early; ' + self.TICKS))
        self.wait_logs(pod, 'tick 1\n')
        reader = self.follow(pod)
        reader.wait(b'tick 3\n')
        self.assertTrue(bytes(reader.data).startswith(b'early\ntick 1\n'))
        self.assertFalse(reader.ended)

    def test_as_it_is_written(self):
        pod = self.start(self.sh('while sleep 0.2; do date +%s; done'))
        self.wait_ready(pod)
        reader = self.follow(pod, tail=0)
        self.eventually(lambda: b'\n' in reader.data, 'a line')
        written = int(bytes(reader.data).split()[0])
        self.assertLess(time.time() - written, 20)

    def test_tail(self):
        pod = self.start(self.sh(
            'echo a; echo b; echo c; '
            'until test -e /tmp/go; do sleep 0.1; done; ' + self.TICKS))
        self.wait_logs(pod, 'c\n')
        reader = self.follow(pod, tail=1)
        reader.wait(b'c\n')
        self.exec_sh(pod, 'touch /tmp/go')
        reader.wait(b'tick 1\n')
        self.assertNotIn(b'b\n', reader.data)

    def test_timestamps(self):
        pod = self.start(self.sh(self.TICKS))
        self.wait_ready(pod)
        reader = self.follow(pod, timestamps=True)
        reader.wait(b'tick 2\n')
        for line in bytes(reader.data).splitlines()[:2]:
            self.assertRegex(line, rb'^20\d\d-\d\d-\d\dT[\d:.]+(Z|\+\S+) t')

    def test_both_streams(self):
        pod = self.start(self.sh('while sleep 0.2; do echo out; '
                                 'echo err >&2; done'))
        self.wait_ready(pod)
        reader = self.follow(pod)
        reader.wait(b'out\n')
        reader.wait(b'err\n')

    def test_any_text(self):
        pod = self.start(self.sh("sleep 1; printf '\\303\\251\\001x\\n'; "
                                 'sleep 3600'))
        self.wait_ready(pod)
        self.follow(pod).wait('é\x01x\n'.encode())

    def test_of_a_terminal(self):
        pod = self.start(self.sh(self.TICKS, tty=True))
        self.wait_ready(pod)
        self.follow(pod).wait(b'tick 2\r\n')

    def test_what_is_there_and_no_more(self):
        """follow False: ends with what is there."""
        pod = self.start(self.sh('echo a; echo b; sleep 3600'))
        self.wait_logs(pod, 'b\n')
        self.assertEqual(b'a\nb\n', self.follow(
            pod, follow=False).wait_end())

    def test_one_stream(self):
        """split_logs: what is written to the other is left out."""
        self.needs(states.Action.SPLIT_LOGS)
        pod = self.start(self.sh('while sleep 0.2; do echo out; '
                                 'echo err >&2; done'))
        self.wait_ready(pod)
        reader = self.follow(pod, stream=base.STDERR)
        reader.wait(b'err\nerr\n')
        self.assertNotIn(b'out', reader.data)

    def test_it_ends_with_the_run(self):
        """Ends with the run of the container."""
        pod = self.start(self.sh('echo a; sleep 2; echo b'),
                         restartPolicy='Never')
        self.wait_logs(pod, 'a\n')
        self.assertEqual(b'a\nb\n', self.follow(pod).wait_end())

    def test_of_what_has_ended(self):
        """A run that has ended is read to its end."""
        pod = self.start(self.sh('echo a; echo b'), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual(b'a\nb\n', self.follow(pod).wait_end())

    def test_the_pod_is_deleted(self):
        pod = self.start(self.sh(self.TICKS))
        self.wait_ready(pod)
        reader = self.follow(pod)
        reader.wait(b'tick 1\n')
        self.delete(pod)
        self.eventually(lambda: reader.ended, 'the end')

    def test_close(self):
        """close: a read that waits ends."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        reader = self.follow(pod)
        time.sleep(0.3)
        self.assertFalse(reader.ended)
        reader.stream.close()
        reader.stream.close()
        reader.wait_end()
        self.assertIsNone(reader.error)

    def test_what_does_not_exist(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        with self.assertRaises(exceptions.ContainerNotFound):
            self.follow(pod, 'nobody')
        with self.assertRaises(exceptions.PodNotFound):
            self.follow(self.make(self.sleeper()))
