"""What closed sessions leave behind, and one look for many of them."""
import subprocess
import threading
import time
import unittest

from zun_lite.drivers import hangups


class TestCommand(unittest.TestCase):
    """With this machine's own processes, as a container's are."""

    def sleeper(self, mark: str, command: str = 'exec sleep 60',
                ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            # Whoever runs the tests may ignore what ends them.
            ['env', '--default-signal=HUP', mark, 'sh', '-c',
             f'echo; {command}'],
            stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdout.readline()
        return process

    def test_what_bears_a_mark_ends_and_nothing_else(self):
        marks = [hangups.mark() for _ in range(3)]
        *marked, other = [self.sleeper(mark) for mark in marks]
        subprocess.run(hangups.command(marks[:2]), timeout=60)
        self.assertEqual([-1, -1], [p.wait(10) for p in marked])
        self.assertIsNone(other.poll())

    def test_what_ignores_it_is_killed(self):
        mark = hangups.mark()
        stubborn = self.sleeper(mark, "trap '' HUP; sleep 60; sleep 60")
        subprocess.run(hangups.command([mark]), timeout=60)
        self.assertEqual(-9, stubborn.wait(10))


class TestHangUps(unittest.TestCase):

    def setUp(self) -> None:
        self.ended: list[list[str]] = []
        self.news = threading.Condition()
        self.hang_ups = hangups.HangUps[str](self._end)
        self.addCleanup(self.hang_ups.close)

    def _end(self, left: list[str]) -> None:
        with self.news:
            self.ended.append(left)
            self.news.notify_all()

    def wait(self, count: int) -> None:
        with self.news:
            self.assertTrue(self.news.wait_for(
                lambda: sum(map(len, self.ended)) == count, 10), self.ended)

    def test_those_of_a_container_together(self):
        for n in range(50):
            self.hang_ups.add('c1', f'a{n}')
        self.hang_ups.add('c2', 'b')
        self.wait(51)
        self.assertIn(['b'], self.ended)
        self.assertLess(len(self.ended), 10)

    def test_again_later(self):
        self.hang_ups.add('c1', 'a')
        self.wait(1)
        self.hang_ups.add('c1', 'b')
        self.wait(2)
        self.assertEqual([['a'], ['b']], self.ended)

    def test_closing_waits_for_what_is_left(self):
        begun = time.monotonic()
        self.hang_ups.add('c1', 'a')
        self.hang_ups.close()
        self.assertEqual([['a']], self.ended)
        self.assertLess(time.monotonic() - begun, hangups.CLOSE_S)
