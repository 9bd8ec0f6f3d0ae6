"""The database is killed, restarted, or goes silent under load.

Run where the environment names MariaDB and PostgreSQL servers, as all tests
of databases are; these start servers of their own to do it to.
"""
import signal
import threading
import time
import typing
import unittest

import sqlalchemy as sa

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import connections
from zun_lite.db import migration
from zun_lite.db import pods
from zun_lite.tests import databases
from zun_lite.tests.fault import servers
from zun_lite.tests.unit.db import samples

SERVERS: dict[str, typing.Callable[[], servers.Server]] = {
    'Pymysql': servers.MariaDB,
    'Mysqldb': lambda: servers.MariaDB('mysqldb'),
    'Postgres': servers.PostgreSQL,
}


class Restart(unittest.TestCase):
    make: typing.Callable[[], servers.Server]
    __test__ = False

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.make()
        cls.addClassCleanup(cls.server.remove)
        cls.server.start()

    def setUp(self) -> None:
        if not self.server.answers():
            self.server.start()
        db.configure(self.server.url)
        self.addCleanup(db.dispose)
        migration.upgrade()
        with db.writer() as session:
            self.pod = samples.pod(session)

    def read(self) -> pods.PodRow:
        with db.reader() as session:
            return pods.get_row(session, self.pod.uuid)

    def write(self) -> None:
        with db.writer() as session:
            pods.update(session, self.pod.id, phase='Running')

    def test_down_is_told_quickly_and_heals_by_itself(self):
        for end in (self.server.kill, self.server.stop):
            self.read()
            end()
            for ask in (self.read, self.write) * 3:
                started = time.monotonic()
                with self.assertRaises(exceptions.Unavailable):
                    ask()
                self.assertLess(time.monotonic() - started, 5)
            self.server.start()
            self.read()
            self.write()

    def test_an_unseen_restart_is_not_noticed(self):
        """Nobody asked while it was away: nobody gets an error."""
        self.read()
        self.write()
        self.server.stop()
        self.server.start()
        time.sleep(connections.PING_AFTER_IDLE_S)
        self.read()
        self.write()

    def test_in_the_middle_of_a_transaction(self):
        with self.assertRaises(exceptions.Unavailable):
            with db.writer() as session:
                samples.pod(session, name='never')
                self.server.kill()
        self.server.start()
        time.sleep(connections.PING_AFTER_IDLE_S)
        with db.reader() as session:
            self.assertEqual([], pods.list_page(
                session, None, filters={'name': 'never'}))

    def test_under_load(self):
        """Every request ends as a success or as Unavailable."""
        ended = threading.Event()
        errors: list[BaseException] = []
        succeeded: list[float] = []

        def ask(what: typing.Callable[[], object]) -> None:
            while not ended.is_set():
                try:
                    what()
                except exceptions.Unavailable:
                    time.sleep(0.02)
                except BaseException as e:
                    errors.append(e)
                    return
                else:
                    succeeded.append(time.monotonic())
        threads = [threading.Thread(target=ask, args=(what,))
                   for what in (self.read, self.write) * 3]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        self.server.kill()
        time.sleep(0.5)
        self.server.start()
        back = time.monotonic()
        end = back + 30
        while succeeded[-1:] < [back] and time.monotonic() < end:
            time.sleep(0.1)
        ended.set()
        for thread in threads:
            thread.join(30)
        self.assertEqual([], errors)
        self.assertTrue([at for at in succeeded if at > back])

    def test_silent(self):
        """It takes connections and does not answer: no worker hangs."""
        seconds = 2
        db.configure(f'{self.server.url}?' + (
            f'options=-cstatement_timeout%3D0&connect_timeout={seconds}'
            if self.server.url.startswith('postgres') else
            f'read_timeout={seconds}&connect_timeout={seconds}'))
        self.server.signal(signal.SIGSTOP)
        try:
            started = time.monotonic()
            with self.assertRaises(exceptions.Unavailable):
                self.read()
            self.assertLess(time.monotonic() - started, 10 * seconds)
        finally:
            self.server.signal(signal.SIGCONT)
        self.read()

    def test_too_many_connections(self):
        if not self.server.url.startswith('mysql'):
            return    # PostgreSQL's limit is set at its start
        self.set_global('SET GLOBAL max_connections = 10')
        db.dispose()
        other = sa.create_engine(self.server.url, pool_size=20)
        held = []
        try:
            with self.assertRaises(sa.exc.OperationalError):
                while len(held) < 20:
                    held.append(other.connect())
            with self.assertRaises(exceptions.Unavailable):
                self.read()
        finally:
            for connection in held:
                connection.close()
            other.dispose()
        self.set_global('SET GLOBAL max_connections = 151')
        self.read()

    def set_global(self, statement: str) -> None:
        with db.writer() as session:
            session.execute(sa.text(statement))


for _kind in databases.kinds():
    if _kind in SERVERS:
        globals()[f'TestRestart{_kind}'] = type(
            f'TestRestart{_kind}', (Restart,),
            {'make': staticmethod(SERVERS[_kind]), '__test__': True})
