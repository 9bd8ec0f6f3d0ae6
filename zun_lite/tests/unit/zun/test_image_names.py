import unittest

from zun_lite import exceptions
from zun_lite.zun import image_names

DIGEST = 'sha256:' + 64 * 'a'


class TestNew(unittest.TestCase):
    def test_names(self):
        for repository, tag in (('a', 'latest'), ('a-b.c/d_e__f', 'V1.0-x')):
            image_names.check_new(repository, tag)

    def test_what_is_none(self):
        for repository, tag, paths in (
                ('A', '1', ['repository']), ('a:5000/b', '1', ['repository']),
                ('', '.1', ['repository', 'tag']), ('a', 'x' * 129, ['tag']),
                ('a\n', 'é', ['repository', 'tag'])):
            with self.subTest(repository), self.assertRaises(
                    exceptions.Invalid) as caught:
                image_names.check_new(repository, tag)
            self.assertEqual(paths, [
                fault.path for fault in caught.exception.fields])


class TestSplit(unittest.TestCase):
    def test_one_or_two(self):
        for given, expected in (
                (('nginx',), ('nginx', 'latest')),
                (('nginx', '1.27'), ('nginx', '1.27')),
                (('nginx:1.27',), ('nginx', '1.27')),
                (('nginx:1.27', '1.27'), ('nginx', '1.27')),
                (('a.example:5000/b/c',), ('a.example:5000/b/c', 'latest')),
                (('a.example:5000/b/c:1',), ('a.example:5000/b/c', '1')),
                ((f'nginx@{DIGEST}',), ('nginx', DIGEST)),
                ((f'nginx:1@{DIGEST}',), ('nginx', DIGEST))):
            with self.subTest(given):
                self.assertEqual(expected, image_names.split(*given))

    def test_two_that_differ_and_nothing(self):
        for given, path in ((('nginx:1', '2'), 'tag'), ((':1',), 'repo'),
                            (('nginx:',), 'repo'), (('nginx@',), 'repo'),
                            (('a/:1',), 'repo')):
            with self.subTest(given), self.assertRaises(
                    exceptions.Invalid) as caught:
                image_names.split(*given)
            self.assertEqual(path, caught.exception.fields[0].path)
