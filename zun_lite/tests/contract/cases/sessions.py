"""Attach and interactive commands."""
import threading
import time
import typing

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.pod import states
from zun_lite.tests.contract import harness


class Talk:
    """A session whose output is collected by a thread of its own."""

    def __init__(self, case: harness.Case, session: base.Session) -> None:
        self.case, self.session = case, session
        self.out, self.err = bytearray(), bytearray()
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        case.addCleanup(session.close)

    def _read(self) -> None:
        try:
            while (piece := self.session.read()) is not None:
                kept = self.err if piece.stream == base.STDERR else self.out
                kept += piece.data
        except exceptions.ZunLiteError as exc:
            self.error = exc

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def say(self, data: bytes) -> None:
        self.session.write(data)

    def wait(self, text: bytes) -> bytes:
        self.case.eventually(lambda: text in self.out,
                             f'{text!r} in {bytes(self.out)!r}')
        return bytes(self.out)

    def wait_end(self) -> int | None:
        self.case.eventually(lambda: self.ended, 'the end')
        return self.session.exit_code()


class _Sessions(harness.Case):
    def ready(self, *containers, **fields):
        pod = self.start(*(containers or (self.sleeper(),)), **fields)
        self.wait_ready(pod)
        return pod

    def open(self, pod, *command: str, tty: bool = False,
             container: str = 'main') -> Talk:
        self.needs(states.Action.EXEC_INTERACTIVE)
        driver = typing.cast(base.ExecInteractive, self.driver)
        return Talk(self, driver.open_exec(pod.uuid, container, command,
                                           tty=tty))

    def attach(self, pod, container: str = 'main') -> Talk:
        self.needs(states.Action.ATTACH)
        driver = typing.cast(base.Attach, self.driver)
        return Talk(self, driver.attach(pod.uuid, container))


class InteractiveExecs(_Sessions):
    def test_output_and_exit_code(self):
        talk = self.open(self.ready(), 'sh', '-c',
                         'echo out; echo err >&2; exit 7')
        self.assertEqual(7, talk.wait_end())
        self.assertEqual((b'out\n', b'err\n'),
                         (bytes(talk.out), bytes(talk.err)))

    def test_success(self):
        talk = self.open(self.ready(), 'true')
        self.assertEqual(0, talk.wait_end())
        self.assertEqual(b'', bytes(talk.out))

    def test_input(self):
        talk = self.open(self.ready(), 'sh', '-c', 'read x; echo got $x')
        talk.say(b'this\n')
        self.assertEqual(0, talk.wait_end())
        self.assertEqual(b'got this\n', bytes(talk.out))

    def test_any_bytes(self):
        """Bytes arrive as they were written."""
        every = bytes(range(256)) * 16
        talk = self.open(self.ready(), 'cat')
        talk.say(every)
        self.eventually(lambda: len(talk.out) == len(every), 'all bytes')
        self.assertEqual(every, bytes(talk.out))

    def test_much_both_ways(self):
        """Input and output at once; order is kept."""
        talk = self.open(self.ready(), 'cat')
        block = bytes(range(251)) * 261
        for _ in range(32):
            talk.say(block)
        self.eventually(lambda: len(talk.out) == 32 * len(block), 'all')
        self.assertEqual(block * 32, bytes(talk.out))

    def test_a_conversation(self):
        talk = self.open(self.ready(), 'sh')
        for number in range(5):
            talk.say(f'echo line $(( {number} + 1 ))\n'.encode())
            talk.wait(f'line {number + 1}\n'.encode())
        talk.say(b'exit 3\n')
        self.assertEqual(3, talk.wait_end())

    def test_a_terminal(self):
        """tty: it has a terminal."""
        pod = self.ready()
        talk = self.open(pod, 'tty', tty=True)
        self.assertTrue(talk.session.tty)
        self.assertEqual(0, talk.wait_end())
        self.assertTrue(bytes(talk.out).startswith(b'/dev/'), talk.out)
        self.assertTrue(bytes(talk.out).endswith(b'\r\n'), talk.out)
        talk = self.open(pod, 'tty')
        self.assertFalse(talk.session.tty)
        self.assertEqual(1, talk.wait_end())

    def test_a_terminal_echoes(self):
        talk = self.open(self.ready(), 'cat', tty=True)
        talk.say(b'typed\n')
        talk.wait(b'typed\r\ntyped\r\n')

    def test_the_end_of_input_on_a_terminal(self):
        talk = self.open(self.ready(), 'cat', tty=True)
        talk.say(b'x\n')
        talk.wait(b'x\r\nx\r\n')
        talk.say(b'\x04')
        self.assertEqual(0, talk.wait_end())

    def test_interrupt_on_a_terminal(self):
        talk = self.open(self.ready(), 'sleep', '3600', tty=True)
        time.sleep(0.5)
        talk.say(b'\x03')
        self.assertEqual(130, talk.wait_end())

    def test_resize(self):
        """resize: tell the terminal its size in characters."""
        talk = self.open(self.ready(), 'sh', tty=True)
        for width, height in ((97, 31), (132, 50)):
            talk.session.resize(width, height)
            wanted = f'{height} {width}\r\n'.encode()

            def asked(wanted: bytes = wanted) -> bool:
                talk.say(b'stty size\n')
                time.sleep(0.1)
                return wanted in talk.out
            self.eventually(asked, f'size {wanted!r}')

    def test_resize_without_a_terminal(self):
        talk = self.open(self.ready(), 'cat')
        talk.session.resize(80, 24)
        talk.say(b'on\n')
        talk.wait(b'on\n')

    def test_close_hangs_up(self):
        """close: a command that still runs is hung up on."""
        pod = self.ready()
        talk = self.open(pod, 'sh', '-c', 'echo in; read x; sleep 3611')
        talk.wait(b'in\n')
        talk.say(b'go\n')
        time.sleep(0.3)
        talk.session.close()
        talk.session.close()
        self.eventually(lambda: talk.ended, 'the end')
        self.assertIsNone(talk.error)
        self._nothing_left(pod, '3611')

    def test_close_hangs_up_on_a_terminal(self):
        pod = self.ready()
        talk = self.open(pod, 'sh', tty=True)
        talk.say(b'sleep 3612\n')
        talk.wait(b'3612')
        time.sleep(0.3)
        talk.session.close()
        self.eventually(lambda: talk.ended, 'the end')
        self._nothing_left(pod, '3612')

    def _nothing_left(self, pod, mark: str) -> None:
        script = (f'for f in /proc/[0-9]*/cmdline; do grep -q {mark[:2]}'
                  f'"{mark[2:]}" $f && echo left; done; true')
        self.eventually(
            lambda: 'left' not in self._processes(pod, script),
            'nothing is left')

    def _processes(self, pod, script: str) -> str:
        held = base.capabilities(self.driver)
        if 'action:top' in held:
            found = typing.cast(base.Top, self.driver).top(pod.uuid, 'main')
            return 'left' if any('sleep 361' in ' '.join(row) for row
                                 in found['processes']) else ''
        return self.exec_sh(pod, script)

    def test_the_container_ends(self):
        pod = self.start(self.sh(
            'until test -f /tmp/end; do sleep 0.2; done'),
            restartPolicy='Never')
        self.wait_ready(pod)
        talk = self.open(pod, 'cat')
        self.exec_sh(pod, 'touch /tmp/end')
        self.eventually(lambda: talk.ended, 'the end')

    def test_the_pod_is_deleted(self):
        pod = self.ready()
        talk = self.open(pod, 'cat', tty=True)
        self.delete(pod)
        self.eventually(lambda: talk.ended, 'the end')

    def test_a_program_that_is_not_there(self):
        """A command that cannot be started ends with 126 or 127."""
        for tty in (False, True):
            talk = self.open(self.ready(), '/no/such/program', tty=tty)
            self.assertIn(talk.wait_end(), (126, 127))
            self.assertIn(b'program', bytes(talk.out + talk.err))

    def test_several_at_once(self):
        pod = self.ready()
        talks = [self.open(pod, 'cat', tty=bool(n % 2)) for n in range(4)]
        for number, talk in enumerate(talks):
            talk.say(f'number {number}\n'.encode())
        for number, talk in enumerate(talks):
            talk.wait(f'number {number}'.encode())

    def test_not_running(self):
        pod = self.start(self.sh('true'), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        with self.assertRaises(exceptions.Conflict):
            self.open(pod, 'true')

    def test_what_does_not_exist(self):
        pod = self.ready()
        with self.assertRaises(exceptions.ContainerNotFound):
            self.open(pod, 'true', container='nobody')
        with self.assertRaises(exceptions.PodNotFound):
            self.open(self.make(self.sleeper()), 'true')


class Attaches(_Sessions):
    def test_output_from_now_on(self):
        pod = self.ready(self.sh('echo early; i=0; while sleep 0.3; do '
                                 'i=$((i + 1)); echo tick $i; done'))
        time.sleep(0.5)
        talk = self.attach(pod)
        talk.wait(b'tick ')
        self.assertNotIn(b'early', talk.out)

    def test_streams_apart(self):
        talk = self.attach(self.ready(self.sh(
            'while sleep 0.3; do echo out; echo err >&2; done')))
        talk.wait(b'out\n')
        self.eventually(lambda: b'err\n' in talk.err, 'err')
        self.assertNotIn(b'err', talk.out)

    def test_input(self):
        """Input reaches it where the container has `stdin`."""
        pod = self.ready(self.container(command=['cat'], stdin=True))
        talk = self.attach(pod)
        talk.say(b'hello\n')
        talk.wait(b'hello\n')
        self.assertFalse(talk.session.tty)
        self.wait_logs(pod, 'hello\n')

    def test_input_without_stdin_is_dropped(self):
        pod = self.ready(self.sh('while sleep 0.3; do echo on; done'))
        talk = self.attach(pod)
        talk.say(b'hello\n')
        talk.wait(b'on\n')
        self.assertFalse(talk.ended)

    def test_a_terminal(self):
        pod = self.ready(self.container(command=['sh'], stdin=True,
                                        tty=True))
        talk = self.attach(pod)
        self.assertTrue(talk.session.tty)
        talk.session.resize(101, 33)
        talk.say(b'\n')

        def asked() -> bool:
            talk.say(b'stty size\n')
            time.sleep(0.1)
            return b'33 101\r\n' in talk.out
        self.eventually(asked, 'its size')

    def test_it_goes_on_after_the_session(self):
        pod = self.ready(self.container(command=['cat'], stdin=True))
        for text in (b'one\n', b'two\n'):
            talk = self.attach(pod)
            talk.say(text)
            talk.wait(text)
            talk.session.close()
            self.eventually(lambda talk=talk: talk.ended, 'the end')
            self.assertIsNone(talk.error)
        self.assertTrue(harness.running(self.status(pod)))

    def test_two_at_once(self):
        pod = self.ready(self.container(command=['cat'], stdin=True))
        one, two = self.attach(pod), self.attach(pod)

        def said(talk: Talk) -> bool:
            # The engine may begin to show a little after the session did.
            one.say(b'seen by both\n')
            time.sleep(0.2)
            return b'seen by both\n' in talk.out
        for talk in (one, two):
            self.eventually(lambda talk=talk: said(talk), 'the line')

    def test_the_container_ends(self):
        pod = self.start(self.container(command=['sh'], stdin=True),
                         restartPolicy='Never')
        self.wait_ready(pod)
        talk = self.attach(pod)
        talk.say(b'echo bye; exit 4\n')
        self.assertIn(talk.wait_end(), (4, None))
        self.assertIn(b'bye\n', talk.out)

    def test_not_running(self):
        pod = self.start(self.sh('true'), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        with self.assertRaises(exceptions.Conflict):
            self.attach(pod)

    def test_what_does_not_exist(self):
        pod = self.ready()
        with self.assertRaises(exceptions.ContainerNotFound):
            self.attach(pod, 'nobody')
        with self.assertRaises(exceptions.PodNotFound):
            self.attach(self.make(self.sleeper()))
