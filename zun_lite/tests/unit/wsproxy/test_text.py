import unittest

from hypothesis import given
from hypothesis import strategies

from zun_lite.wsproxy import text


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    found = []
    for size in sizes:
        found.append(data[:size])
        data = data[size:]
    return [*found, data]


SIZES = strategies.lists(strategies.integers(1, 7), max_size=40)


class TestCutter(unittest.TestCase):
    @given(strategies.text(max_size=100), SIZES)
    def test_frames_of_text_can_be_decoded_one_by_one(self, told, sizes):
        cutter = text.Cutter()
        frames = [cutter.feed(p) for p in cut(told.encode(), sizes)]
        self.assertEqual(told, ''.join(f.decode() for f in frames))
        self.assertEqual(b'', cutter.rest())

    @given(strategies.binary(max_size=100), SIZES)
    def test_no_byte_is_lost_or_changed(self, data, sizes):
        cutter = text.Cutter()
        frames = [cutter.feed(p) for p in cut(data, sizes)]
        self.assertEqual(data, b''.join(frames) + cutter.rest())

    @given(strategies.binary(max_size=100))
    def test_little_is_held_back(self, data):
        cutter = text.Cutter()
        self.assertGreaterEqual(len(cutter.feed(data)),
                                len(data) - text.LONGEST)

    def test_the_end_of_a_character_is_waited_for(self):
        cutter = text.Cutter()
        euro = '€'.encode()
        self.assertEqual(b'a', cutter.feed(b'a' + euro[:1]))
        self.assertEqual(b'', cutter.feed(euro[1:2]))
        self.assertEqual(euro + b'b', cutter.feed(euro[2:] + b'b'))
