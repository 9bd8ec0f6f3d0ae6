"""The operators' commands, each in a process."""
import importlib
import json
import logging
import os
import pathlib
import signal
import sys
import tempfile
import traceback
import unittest

import sqlalchemy as sa

from zun_lite import db
from zun_lite.conf import CONF
from zun_lite.db import hosts
from zun_lite.db import migration
from zun_lite.db import pods
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples


def _run(module: str, argv: list[str], streams: list[pathlib.Path]) -> int:
    signal.alarm(60)
    sys.stdout, sys.stderr = (open(stream, 'w')    # noqa: SIM115
                              for stream in streams)
    logging.getLogger().handlers.clear()
    sys.argv = argv
    try:
        CONF.reset()
        command = importlib.import_module(f'zun_lite.cmd.{module}')
        code = command.main()
    except SystemExit as e:
        code = e.code
    except BaseException:
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    return code or 0


class CommandTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.url = f'sqlite:///{self.directory}/zun_lite.db'
        self.configure()

    def configure(self, **api: str) -> None:
        lines = ''.join(f'{key} = {value}\n' for key, value in api.items())
        (self.directory / 'conf').write_text(
            '[DEFAULT]\ntransport_url = local://\n'
            f'[database]\nconnection = {self.url}\n'
            f'[api]\nauth_strategy = noauth\n{lines}')

    def sync(self) -> None:
        """As `db sync` does, without the start of a process."""
        db.configure(self.url)
        migration.upgrade()
        self.addCleanup(db.dispose)

    def run_command(self, module: str, *args: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error.

        In a fork: what a command does to its process stays there, and no
        interpreter has to start.
        """
        argv = [module, '--config-file', str(self.directory / 'conf'), *args]
        streams = [self.directory / name for name in ('out', 'err')]
        child = os.fork()
        if not child:
            os._exit(_run(module, argv, streams))
        _pid, status = os.waitpid(child, 0)
        out, err = (stream.read_text() for stream in streams)
        return os.waitstatus_to_exitcode(status), out, err

    def manage(self, *args: str) -> str:
        code, out, err = self.run_command('manage', *args)
        self.assertEqual(0, code, err)
        return out

    def refused(self, *args: str) -> str:
        code, out, err = self.run_command('manage', *args)
        self.assertNotEqual(0, code, out)
        self.assertNotIn('Traceback', err)
        return err


class TestManage(CommandTest):

    def test_sync_and_version(self):
        self.assertIn('database: empty', self.manage('db', 'version'))
        self.assertIn(f'database: {migration.head()}',
                      self.manage('db', 'sync'))
        self.manage('db', 'sync')
        self.assertIn(f'database: {migration.head()}',
                      self.manage('db', 'version'))

    def test_faults_are_told_in_a_line(self):
        self.url = 'sqlite:////nowhere/at/all.db'
        self.configure()
        self.assertIn('error: The database does not answer',
                      self.refused('db', 'version'))
        self.url = ''
        self.configure()
        self.assertIn('error: [database] connection is not set',
                      self.refused('db', 'sync'))

    def test_a_database_that_is_newer_than_the_code(self):
        self.sync()
        with db.writer() as session:
            session.execute(sa.text(
                "UPDATE alembic_version SET version_num = '9999'"))
        self.assertIn('9999', self.refused('db', 'sync'))
        code, out, _err = self.run_command('status', 'upgrade', 'check')
        self.assertEqual(2, code)
        self.assertIn('9999', out)

    def test_purge(self):
        self.sync()
        self.assertEqual('actions: 0 removed\nevents: 0 removed\n',
                         self.manage('db', 'purge', '--older-than', '30'))
        for args in (['db', 'purge'], ['db', 'purge', '--older-than', 'x'],
                     ['db', 'purge', '--older-than', '-1']):
            self.assertIn('--older-than', self.refused(*args))

    def test_what_is_not_a_command(self):
        for args in ([], ['db'], ['db', 'drop'], ['host', 'remove']):
            self.refused(*args)

    def test_hosts(self):
        self.sync()
        with db.writer() as session:
            hosts.register(session, name='h1', driver='docker', max_pods=110,
                           inventory={'cpu_millis': 4000,
                                      'memory_bytes': 2**33},
                           capabilities=[])
        listed = self.manage('host', 'list')
        for text in ('h1', 'docker', 'live', '0/110', '0/4000', '0/8192'):
            self.assertIn(text, listed)
        self.assertIn('There is no host h2',
                      self.refused('host', 'remove', 'h2'))
        self.assertIn('is live', self.refused('host', 'remove', 'h1'))
        with db.writer() as session:
            hosts.silence(session, db.now().replace(year=9999))
        self.manage('host', 'remove', 'h1')
        self.assertNotIn('h1', self.manage('host', 'list'))


class TestRemoveHost(databases.DatabaseTest):

    def test_with_pods(self):
        from zun_lite import exceptions
        from zun_lite.db import claims
        with db.writer() as session:
            hosts.register(session, name='h1', driver='docker', max_pods=110,
                           inventory={'cpu_millis': 4000,
                                      'memory_bytes': 2**33},
                           capabilities=[])
            pod = samples.pod(session)
            claims.claim(session, pod, 'h1', pod.status)
            hosts.silence(session, db.now().replace(year=9999))
        with self.assertRaises(exceptions.Conflict), db.writer() as session:
            hosts.remove(session, 'h1')
        with db.writer() as session:
            claims.remove(session, [pods.get_row(session, pod.uuid)])
            hosts.remove(session, 'h1')


class TestStatus(CommandTest):

    def check(self) -> tuple[int, dict[str, dict]]:
        code, out, err = self.run_command(
            'status', 'upgrade', 'check', '--json')
        found = json.loads(out)
        return code, {c['check']: c for c in found['checks']}

    def test_all_is_well(self):
        self.sync()
        code, found = self.check()
        self.assertEqual(0, code, found)
        self.assertEqual({0}, {c['result'] for c in found.values()})

    def test_tables_are_missing(self):
        code, found = self.check()
        self.assertEqual(2, code)
        self.assertIn('zun-lite-manage db sync', found['Database']['details'])

    def test_no_database(self):
        self.url = 'sqlite:////nowhere/at/all.db'
        self.configure()
        code, found = self.check()
        self.assertEqual(2, code)
        self.assertIn('does not answer', found['Database']['details'])

    def test_settings_that_do_not_go_together(self):
        self.sync()
        self.configure(host_ip='192.0.2.1')
        code, found = self.check()
        self.assertEqual(2, code)
        self.assertIn('noauth', found['Authentication']['details'])

    def test_claims_that_do_not_add_up(self):
        self.sync()
        with db.writer() as session:
            samples.pod(session, host='h1')
            hosts.register(session, name='h1', driver='docker', max_pods=110,
                           inventory={'cpu_millis': 1, 'memory_bytes': 1},
                           capabilities=[])
        code, found = self.check()
        self.assertEqual(1, code)
        self.assertIn('h1', found['Claims']['details'])

    def test_a_broker_and_sqlite(self):
        self.sync()
        conf = self.directory / 'conf'
        conf.write_text(conf.read_text().replace(
            'local://', 'rabbit://u:p@h:5672/'))
        code, found = self.check()
        self.assertEqual(1, code)
        self.assertIn('SQLite', found['Database and transport']['details'])
