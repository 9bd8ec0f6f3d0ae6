import itertools
import threading
import time
import unittest

from zun_lite import exceptions
from zun_lite.compute.streams import gathering
from zun_lite.drivers import base


class Scripted(base.Stream):
    """Gives what `pieces` gives; raises what it raises."""

    def __init__(self, pieces):
        self._pieces = iter(pieces)
        self.taken = 0

    def read(self):
        self.taken += 1
        return next(self._pieces, b'')

    def close(self):
        pass


def failing():
    yield b'last'
    raise exceptions.EngineUnavailable()


class Gathered(unittest.TestCase):

    def tearDown(self):
        end = time.monotonic() + 5
        while any(t.name == 'stream-gather' for t in threading.enumerate()):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def test_small_pieces_go_together(self):
        lines = [b'%d\n' % n for n in range(10_000)]
        with gathering.Gathered(Scripted(lines), 2**20) as found:
            time.sleep(0.3)             # as long as a slow send
            pieces = list(found)
        self.assertEqual(b''.join(lines), b''.join(pieces))
        self.assertLess(len(pieces), 100)

    def test_no_more_is_read_ahead_than_may_be(self):
        stream = Scripted(itertools.repeat(b'x' * 100))
        with gathering.Gathered(stream, 1000) as found:
            time.sleep(0.3)
            self.assertLessEqual(stream.taken, 11)
            self.assertLessEqual(len(next(iter(found))), 1100)

    def test_the_failure_comes_after_what_came(self):
        with gathering.Gathered(Scripted(failing()), 1000) as found:
            each = iter(found)
            self.assertEqual(b'last', next(each))
            with self.assertRaises(exceptions.EngineUnavailable):
                next(each)
