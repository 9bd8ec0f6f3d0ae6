import json
import unittest

from zun_lite import exceptions
from zun_lite.api import json_member

TEXT = 'a/\\"\b\f\n\r\t\x00é€😀\udc80' * 3


def pieces(data, size):
    return [data[i:i + size] for i in range(0, len(data), size)]


class LargeObject(unittest.TestCase):

    def read(self, data, size=5):
        found = json_member.LargeObject(pieces(data, size), 'data')
        before = dict(found.members)
        return before, ''.join(found), found.members

    def test_wherever_the_pieces_are_cut(self):
        wanted = {'path': '/é', 'n': [1, {'data': 2}], 'data': TEXT, 'z': 12}
        for text in (json.dumps(wanted), json.dumps(wanted, indent=2),
                     json.dumps(wanted).replace('/', r'\/')):
            for size in (1, 2, 3, 7, 1000):
                before, data, after = self.read(text.encode(), size)
                self.assertEqual({'path', 'n'}, set(before))
                self.assertEqual(wanted, after | {'data': _joined(data)})

    def test_what_is_not_escaped(self):
        text = '{"data": "é€😀"}'.encode()
        self.assertEqual(({}, 'é€😀', {}), self.read(text, 1))

    def test_without_it(self):
        found = json_member.LargeObject([b' {"path": "/x"} '], 'data')
        self.assertEqual((False, {'path': '/x'}), (found.found,
                                                   found.members))
        self.assertEqual([], list(found))
        self.assertFalse(json_member.LargeObject([b'{}'], 'data').found)

    def test_what_is_none(self):
        for text in (b'', b'[]', b'{', b'{"data"', b'{"data": "', b'{"data":"',
                     b'{"data": "x"', b'{"data": "x",}', b'{"data": "x"} x',
                     b'{"data": "\\x"}', b'{"data": "\\u12g4"}', b'null',
                     b'{"data": "\n"}', b'{1: "x"}', b'{"a": 1 "b": 2}',
                     b'{"data": "\xff"}', b'{"data": "\xc3', b'{"a": tru}',
                     b'{"data": "\\ud83d', b'{"data": "\\ud83d\\x"}',
                     b'{"data": 1}', b'{"data": null}',
                     b'{"data": "x", "data": "y"}'):
            for size in (1, 100):
                with self.subTest(text), self.assertRaises(
                        exceptions.Invalid):
                    self.read(text, size)

    def test_nothing_else_may_be_large(self):
        for text in (b'{"path": "' + bytes(10**6), b'[' * 10**6,
                     b'{"a":' + b'[' * 10**6,
                     b'{"data": "", "x": "' + b'x' * 10**6):
            with self.assertRaises(exceptions.Invalid):
                self.read(text, 1000)


def _joined(text: str) -> str:
    """Pieces may end between the halves of a character."""
    return text.encode('utf-16', 'surrogatepass').decode(
        'utf-16', 'surrogatepass')
