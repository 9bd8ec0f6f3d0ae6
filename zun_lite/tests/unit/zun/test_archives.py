import base64
import json
import stat
import unittest

from zun_lite import exceptions
from zun_lite.zun import archives

DATA = bytes(range(256)) * 7 + 'é€😀'.encode() * 5


def cut(data, size):
    return [data[i:i + size] for i in range(0, len(data), size)]


class Archives(unittest.TestCase):

    def test_base64_out_and_in(self):
        whole = base64.b64encode(DATA)
        for size in (1, 2, 3, 4, 100, 10_000):
            self.assertEqual(whole, b''.join(archives.in_base64(
                cut(DATA, size))))
            self.assertEqual(DATA, b''.join(archives.of_base64(
                cut(whole.decode(), size))))

    def test_base64_in_lines(self):
        self.assertEqual(DATA, b''.join(archives.of_base64(
            cut(base64.encodebytes(DATA).decode(), 11))))

    def test_what_is_no_base64(self):
        for text in ('a', 'ab', 'abc', 'ab*=', 'YQ==YQ==', 'YQ==\nYQ==',
                     'é', '=', 'YQ=', '\udc80aaa'):
            for size in (1, 4, 100):
                with self.subTest(ascii(text)), self.assertRaises(
                        exceptions.Invalid) as raised:
                    list(archives.of_base64(cut(text, size)))
                self.assertEqual('data', raised.exception.fields[0].path)

    def test_any_bytes_as_text_and_back(self):
        for size in (1, 2, 3, 1000):
            text = json.loads(b'"' + b''.join(archives.in_text(
                cut(DATA, size))) + b'"')
            self.assertEqual(DATA, b''.join(archives.of_text(
                cut(text, size))))

    def test_text_that_no_bytes_are(self):
        with self.assertRaises(exceptions.Invalid):
            list(archives.of_text(['\ud800']))

    def test_stat_as_docker_tells_it(self):
        info = {'name': 'x', 'size': 3, 'mtime': 'then', 'link_target': 'y'}
        for mode, go_mode in (
                (stat.S_IFREG | 0o644, 0o644),
                (stat.S_IFDIR | stat.S_ISVTX | 0o777,
                 1 << 31 | 1 << 20 | 0o777),
                (stat.S_IFLNK | 0o777, 1 << 27 | 0o777),
                (stat.S_IFREG | stat.S_ISUID | 0o755, 1 << 23 | 0o755)):
            self.assertEqual(
                {'name': 'x', 'size': 3, 'mtime': 'then', 'linkTarget': 'y',
                 'mode': go_mode},
                archives.path_stat(info | {'mode': mode}))
