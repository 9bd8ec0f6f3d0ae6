"""The credentials of an all-in-one."""
import os
import pathlib
import tempfile
import unittest

import bcrypt

from zun_lite.cmd import credentials

ENDPOINT = 'http://127.0.0.1:9517/v1'


class TestEnsure(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.state = pathlib.Path(directory.name)

    def openrc(self) -> dict[str, str]:
        lines = (self.state / 'openrc').read_text().splitlines()
        return dict(line.removeprefix('export ').split('=', 1)
                    for line in lines)

    def test_the_files_fit_each_other(self):
        credentials.ensure(self.state, ENDPOINT)
        env = self.openrc()
        self.assertEqual(('http_basic', ENDPOINT, 'admin'), (
            env['OS_AUTH_TYPE'], env['OS_ENDPOINT'], env['OS_USERNAME']))
        name, hashed, project, roles = (
            self.state / 'htpasswd').read_text().strip().split(':')
        self.assertEqual(('admin', 'default', 'admin,member,reader'),
                         (name, project, roles))
        self.assertTrue(bcrypt.checkpw(env['OS_PASSWORD'].encode(),
                                       hashed.encode()))

    def test_only_the_owner_reads_them(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        credentials.ensure(self.state, ENDPOINT)
        for name in ('openrc', 'htpasswd'):
            self.assertEqual(
                0o600, (self.state / name).stat().st_mode & 0o777)

    def test_the_password_stays_when_the_port_changes(self):
        credentials.ensure(self.state, ENDPOINT)
        before = self.openrc()
        hashed = (self.state / 'htpasswd').read_text()
        credentials.ensure(self.state, 'http://127.0.0.1:9600/v1')
        self.assertEqual('http://127.0.0.1:9600/v1',
                         self.openrc()['OS_ENDPOINT'])
        self.assertEqual(before['OS_PASSWORD'],
                         self.openrc()['OS_PASSWORD'])
        self.assertEqual(hashed, (self.state / 'htpasswd').read_text())

    def test_a_lost_htpasswd_is_made_for_the_same_password(self):
        credentials.ensure(self.state, ENDPOINT)
        before = self.openrc()
        (self.state / 'htpasswd').unlink()
        credentials.ensure(self.state, ENDPOINT)
        self.assertEqual(before, self.openrc())
        hashed = (self.state / 'htpasswd').read_text().split(':')[1]
        self.assertTrue(bcrypt.checkpw(before['OS_PASSWORD'].encode(),
                                       hashed.encode()))

    def test_passwords_differ(self):
        credentials.ensure(self.state, ENDPOINT)
        first = self.openrc()['OS_PASSWORD']
        (self.state / 'openrc').unlink()
        (self.state / 'htpasswd').unlink()
        credentials.ensure(self.state, ENDPOINT)
        self.assertNotEqual(first, self.openrc()['OS_PASSWORD'])
        self.assertGreaterEqual(len(first), 24)
