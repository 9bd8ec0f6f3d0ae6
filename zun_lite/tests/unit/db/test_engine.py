import concurrent.futures
import logging
import time
import unittest
import unittest.mock

import sqlalchemy as sa
from oslo_db import exception as oslo

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.db import connections
from zun_lite.db import engine
from zun_lite.db import pods
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples


@databases.on_each
class Sessions(databases.DatabaseTest):

    def test_a_written_block_is_committed(self):
        with db.writer() as session:
            row = samples.pod(session)
        with db.reader() as session:
            self.assertEqual(row, pods.get_row(session, row.uuid))

    def test_errors_of_ours_pass_through(self):
        with self.assertRaises(exceptions.Conflict):
            with db.writer():
                raise exceptions.Conflict('no')

    def test_a_bug_in_a_statement_is_no_outage(self):
        with self.assertRaises(Exception) as caught, db.reader() as session:
            session.execute(sa.text('SELECT nonsense FROM pods'))
        self.assertNotIsInstance(caught.exception, exceptions.ZunLiteError)

    def test_parameters_are_in_no_error(self):
        with self.assertRaises(Exception) as caught:
            with db.writer() as session:
                row = samples.pod(session, spec='hunter2')
                samples.pod(session, spec='hunter2', uuid=row.uuid)
        seen: BaseException | None = caught.exception
        while seen is not None:
            self.assertNotIn('hunter2', str(seen))
            seen = seen.__cause__ or seen.__context__

    def test_each_read_sees_what_is_committed(self):
        with db.reader() as session:
            self.assertEqual([], pods.list_page(session, None))
            with db.writer() as other:
                samples.pod(other)
            self.assertEqual(1, len(pods.list_page(session, None)))

    def test_a_locked_row_is_read_as_it_is_now(self):
        with db.writer() as session:
            row = samples.pod(session)
        if self.kind == 'Sqlite':
            return    # its writers do not overlap
        with db.writer() as session:
            pods.get_row(session, row.uuid)
            with db.writer() as other:
                pods.update(other, row.id, generation=5)
            self.assertEqual(5, pods.get_row(session, row.uuid,
                                             lock=True).generation)

    def test_connections_are_kept(self):
        with db.reader() as session:
            session.execute(sa.text('SELECT 1'))
        opened: list[object] = []
        reader = engine.store().reader_engine
        sa.event.listen(reader, 'connect', lambda *a: opened.append(a))
        for _ in range(5):
            with db.reader() as session:
                session.execute(sa.text('SELECT 1'))
        self.assertEqual([], opened)

    def test_a_busy_connection_is_not_asked_whether_it_lives(self):
        with db.reader() as session:
            session.execute(sa.text('SELECT 1'))
        dialect = engine.store().reader_engine.dialect
        with unittest.mock.patch.object(
                dialect, 'do_ping', wraps=dialect.do_ping) as ping:
            with db.reader() as session:
                session.execute(sa.text('SELECT 1'))
            self.assertEqual(0, ping.call_count)
            later = time.monotonic() + 5
            with unittest.mock.patch('time.monotonic', return_value=later):
                with db.reader() as session:
                    session.execute(sa.text('SELECT 1'))
            self.assertEqual(1, ping.call_count)

    def test_an_idle_connection_that_broke_is_replaced_unnoticed(self):
        for block in (db.reader, db.writer):
            with block() as session:
                broken = session.connection().connection.dbapi_connection
            broken.close()
            later = time.monotonic() + 5
            with unittest.mock.patch('time.monotonic', return_value=later):
                with block() as session:
                    self.assertEqual(
                        1, session.execute(sa.text('SELECT 1')).scalar())

    def test_more_threads_than_connections(self):
        def work(_) -> int:
            with db.reader() as session:
                return session.execute(sa.text('SELECT 1')).scalar()
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            self.assertEqual([1] * 90, list(pool.map(work, range(90))))

    def test_no_connection_left_is_an_answer(self):
        store = engine.store()
        with unittest.mock.patch.object(
                store.reader_engine.pool, '_do_get',
                side_effect=sa.exc.TimeoutError()):
            for block in (db.reader, db.connection):
                with self.assertRaises(exceptions.Unavailable):
                    with block() as session:
                        session.execute(sa.text('SELECT 1'))

    def test_a_connection_reads_as_a_session_does(self):
        with db.writer() as session:
            row = samples.pod(session)
        with db.connection() as found:
            self.assertEqual(row, pods.get_row(found, row.uuid))
            self.assertEqual([row], pods.list_page(found, 'alpha'))
            with db.writer() as session:
                pods.update(session, row.id, generation=5)
            self.assertEqual(5, pods.get_row(found, row.uuid).generation)
            with self.assertRaises(Exception) as caught:
                found.execute(sa.text('SELECT nonsense FROM pods'))
        self.assertNotIsInstance(caught.exception, exceptions.ZunLiteError)


class TestSqlite(databases.DatabaseTest):

    def pragma(self, block, name: str) -> object:
        with block() as session:
            return session.execute(sa.text(f'PRAGMA {name}')).scalar()

    def test_settings(self):
        for block in (db.reader, db.writer):
            self.assertEqual('wal', self.pragma(block, 'journal_mode'))
            self.assertEqual(20000, self.pragma(block, 'busy_timeout'))
            self.assertEqual(1, self.pragma(block, 'foreign_keys'))

    def test_a_writer_takes_the_lock_at_its_begin(self):
        with databases.Statements() as sent, db.writer() as session:
            session.execute(sa.text('SELECT 1'))
        self.assertEqual('BEGIN IMMEDIATE', sent.seen[0])

    def test_a_reader_begins_nothing(self):
        for _ in range(3):
            with databases.Statements() as sent, db.reader() as session:
                session.execute(sa.text('SELECT 1'))
            self.assertEqual(['SELECT 1'], sent.seen)

    def test_labels_without_a_pod_are_refused(self):
        with self.assertRaises(oslo.DBReferenceError):
            with db.writer() as session:
                pods._insert_labels(session, 77, {'a': 'b'})

    def test_another_process_has_the_lock(self):
        other = sa.create_engine(self.url, isolation_level='AUTOCOMMIT')
        tries: list[int] = []

        @db.retry
        def write() -> pods.PodRow:
            tries.append(1)
            with db.writer() as session:
                if len(tries) == 1:
                    self.let_go()
                return samples.pod(session)
        with other.connect() as connection:
            connection.execute(sa.text('BEGIN IMMEDIATE'))

            def let_go(*args) -> None:
                connection.execute(sa.text('ROLLBACK'))
            self.let_go = lambda: None
            with unittest.mock.patch('time.sleep', side_effect=let_go), \
                    unittest.mock.patch.object(
                        connections, 'BUSY_TIMEOUT_S', 0):
                db.configure(self.url)
                with self.assertLogs('zun_lite.db.engine', logging.DEBUG):
                    row = write()
        self.assertEqual(1, len(tries) - 1)
        with db.reader() as session:
            self.assertEqual(row, pods.get_row(session, row.uuid))
        other.dispose()

    def test_a_writer_inside_a_writer_is_told(self):
        with unittest.mock.patch.object(connections, 'BUSY_TIMEOUT_S', 0.01):
            with db.writer(), self.assertRaises(exceptions.Unavailable):
                with db.writer():
                    pass


class TestConfigure(unittest.TestCase):

    def tearDown(self) -> None:
        CONF.clear_override('connection', group='database')
        CONF.clear_override('slave_connection', group='database')

    def test_not_set(self):
        CONF.set_override('connection', None, group='database')
        with self.assertRaises(exceptions.Invalid) as caught:
            db.configure()
        self.assertIn('[database] connection', caught.exception.message)

    def test_not_usable(self):
        for url in ('sqlite://', 'sqlite:///:memory:', 'oracle://x/y',
                    'nonsense', 'mysql+nothing://x/y'):
            with self.subTest(url):
                with self.assertRaises(exceptions.Invalid):
                    db.configure(url)

    def test_a_password_is_in_no_message(self):
        for url in ('nonsense:hunter2', 'oracle://u:hunter2@h/x'):
            with self.assertRaises(exceptions.Invalid) as caught:
                db.configure(url)
            self.assertNotIn('hunter2', str(caught.exception))

    def test_from_the_configuration(self):
        url = databases.make('Sqlite')
        CONF.set_override('connection', url, group='database')
        engine._store = None
        with db.reader() as session:
            session.execute(sa.text('SELECT 1'))
        self.assertEqual(url, str(engine.store().reader_engine.url))

    def test_reads_go_to_a_replica(self):
        url = databases.make('Sqlite')
        CONF.set_override('slave_connection', url + '?timeout=7',
                          group='database')
        db.configure(url)
        self.assertIn('timeout=7', str(engine.store().reader_engine.url))
        self.assertNotIn('timeout', str(engine.store().writer_engine.url))

    def test_nothing_is_connected_yet(self):
        started = time.monotonic()
        db.configure('sqlite:////nowhere/at/all.db')
        self.assertLess(time.monotonic() - started, 5)
        for block in (db.reader, db.writer):
            with self.assertRaises(exceptions.Unavailable):
                with block() as session:
                    session.execute(sa.text('SELECT 1'))

    def test_parameters(self):
        for url, given, wanted in (
                ('mysql+pymysql://h/d', '',
                 {'charset=utf8mb4', 'connect_timeout=5', 'read_timeout=60',
                  'write_timeout=60'}),
                ('mysql+mysqldb://h/d?charset=latin1&read_timeout=1',
                 'write_timeout=2', {'connect_timeout=5', 'write_timeout=2'}),
                ('sqlite:///x', '', {''})):
            found = connections.parameters(sa.make_url(url), given)
            self.assertEqual(wanted, set(found.split('&')))

    def test_now_is_utc(self):
        self.assertIsNone(db.now().tzinfo)
