"""Writing into volumes that this machine sees."""
import os
import pathlib
import tarfile
import tempfile
import unittest

from zun_lite.drivers.docker import messages
from zun_lite.drivers.docker import nearby


def directory(name: str, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    entry.uid, entry.gid = os.getuid(), os.getgid()
    return entry


class TestUnpack(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = pathlib.Path(scratch.name)
        (self.path / 'a').mkdir(mode=0o700)
        (self.path / 'm').mkdir()
        self.at = {'a': str(self.path / 'a'),
                   messages.VOLUME: str(self.path / 'm')}

    def test_as_an_archive_would(self):
        self.assertTrue(nearby.unpack(self.at, [
            directory('a', 0o777), *messages.entries(['main'])]))
        self.assertEqual(0o777, (self.path / 'a').stat().st_mode & 0o7777)
        file = self.path / 'm' / 'main.0'
        self.assertEqual(0o666, file.stat().st_mode & 0o7777)
        self.assertEqual(b'', file.read_bytes())

    def test_twice_is_once(self):
        for _ in range(2):
            self.assertTrue(nearby.unpack(
                self.at, messages.entries(['main'])))
        self.assertEqual(['main.0'], os.listdir(self.path / 'm'))

    def test_what_cannot_be_seen_is_left_to_the_engine(self):
        (self.path / 'm').rmdir()
        self.assertFalse(nearby.unpack(self.at, [directory('a', 0o777)]))
        self.assertEqual(0o700, (self.path / 'a').stat().st_mode & 0o7777)

    def test_a_link_is_not_followed(self):
        target = self.path / 'target'
        target.write_text('keep')
        (self.path / 'm' / 'main.0').symlink_to(target)
        with self.assertRaises(OSError):
            nearby.unpack(self.at, messages.entries(['main']))
        self.assertEqual('keep', target.read_text())
