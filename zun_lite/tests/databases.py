"""Test cases that run once for every kind of database.

SQLite always; MariaDB and PostgreSQL where the environment names a server
whose user may create databases:

    ZUN_LITE_TEST_MYSQL_URL=mysql+pymysql://user:password@host:port/any
    ZUN_LITE_TEST_POSTGRES_URL=postgresql+psycopg2://user:...@host:port/any
"""
import atexit
import concurrent.futures
import contextlib
import functools
import importlib.util
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import typing
import unittest
import uuid

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import db
from zun_lite.db import engine
from zun_lite.db import migration
from zun_lite.db import models
from zun_lite.db import store as stores


def kinds() -> dict[str, str]:
    """A URL to make databases beside, by the name of kind and client."""
    found = {'Sqlite': 'sqlite://'}
    mysql = os.environ.get('ZUN_LITE_TEST_MYSQL_URL')
    if mysql:
        url = sa.make_url(mysql)
        found['Pymysql'] = _text(url.set(drivername='mysql+pymysql'))
        if importlib.util.find_spec('MySQLdb'):
            found['Mysqldb'] = _text(url.set(drivername='mysql+mysqldb'))
    postgres = os.environ.get('ZUN_LITE_TEST_POSTGRES_URL')
    if postgres:
        found['Postgres'] = postgres
    return found


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


@functools.cache
def make(kind: str, schema: bool = True) -> str:
    """A new database of this process, removed at its end; its URL.

    `schema`: it has the tables, as a migration makes them.
    """
    base = kinds()[kind]
    url = _sqlite() if kind == 'Sqlite' else _on_server(base)
    if schema:
        db.configure(url)
        migration.upgrade()
    return url


def _sqlite() -> str:
    # In memory where that is a file system: a commit waits for no disk.
    shm = '/dev/shm' if os.path.isdir('/dev/shm') else None
    directory = tempfile.mkdtemp(prefix='zun_lite-test-', dir=shm)
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return f'sqlite:///{pathlib.Path(directory, "zun_lite.db")}'


def _on_server(base: str) -> str:
    name = f'zun_lite_test_{uuid.uuid4().hex[:12]}'
    _execute(base, f'CREATE DATABASE {name}')
    atexit.register(_drop, base, name)
    return _text(sa.make_url(base).set(database=name))


def _drop(base: str, name: str) -> None:
    for store in _stores.values():
        store.dispose()
    force = ' WITH (FORCE)' if base.startswith('postgresql') else ''
    _execute(base, f'DROP DATABASE {name}{force}')


def _execute(base: str, statement: str) -> None:
    server = sa.create_engine(base, isolation_level='AUTOCOMMIT')
    with server.connect() as connection:
        connection.execute(sa.text(statement))
    server.dispose()


_stores: dict[str, stores.Store] = {}


def use(url: str) -> None:
    """Configure a database, with what it had compiled and connected before.
    """
    if url not in _stores:
        _stores[url] = db.configure(url)
    engine._store = _stores[url]


class DatabaseTest(unittest.TestCase):
    """An empty database with its tables, configured for `db`."""
    kind: typing.ClassVar[str] = 'Sqlite'
    schema: typing.ClassVar[bool] = True

    def setUp(self) -> None:
        super().setUp()
        self.url = make(self.kind, self.schema)
        use(self.url)
        if self.schema:
            empty()


@contextlib.contextmanager
def unfinished(change: typing.Callable[[orm.Session], object],
               ) -> typing.Iterator[None]:
    """Meanwhile a transaction goes on that has made this change.

    Not on SQLite, which has one writer at a time.
    """
    if engine.store().writer_engine.dialect.name == 'sqlite':
        yield
        return
    made, end = threading.Event(), threading.Event()

    def make() -> None:
        with db.writer() as session:
            change(session)
            made.set()
            end.wait(60)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        making = pool.submit(make)
        made.wait(60)
        try:
            yield
        finally:
            end.set()
            making.result()


def wait_shortly(session: orm.Session) -> None:
    """In this transaction a lock that is not there after 3 s is an error."""
    said = {'mysql': 'SET innodb_lock_wait_timeout = 3',
            'postgresql': "SET LOCAL lock_timeout = '3s'"}
    kind = session.connection().dialect.name
    if kind in said:
        session.execute(sa.text(said[kind]))


def empty() -> None:
    with db.writer() as session:
        for table in reversed(models.Base.metadata.sorted_tables):
            session.execute(sa.delete(table))


def emptied(kind: str) -> str:
    """As `make`, without what others have left: a pod of theirs would wait
    for ever for its host, and their host would get pods until it counts as
    silent."""
    url = make(kind)
    use(url)
    empty()
    return url


def drop_everything() -> None:
    """Leave the configured database without a single table."""
    with engine.store().writer_engine.begin() as connection:
        found = sa.MetaData()
        found.reflect(connection)
        found.drop_all(connection)


def on_each(cls: type[DatabaseTest]) -> type[DatabaseTest]:
    """Class decorator: the tests of `cls`, once for each kind.

    The class itself is left to be inherited from, and has no tests run.
    """
    module = sys.modules[cls.__module__]
    for kind in kinds():
        name = f'{cls.__name__}On{kind}'
        made = type(name, (cls,), {'kind': kind, '__test__': True,
                                   '__module__': cls.__module__})
        setattr(module, name, made)
    cls.__test__ = False
    return cls


class Statements:
    """Counts what this thread sends to the database inside a `with`.

    BEGIN, COMMIT and ROLLBACK are counted only on SQLite, where they are
    statements; `seen` has what was sent.
    """

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._thread = threading.get_ident()

    def _note(self, conn, cursor, statement, params, context, many) -> None:
        if threading.get_ident() == self._thread:
            self.seen.append(statement)

    def __enter__(self) -> 'Statements':
        for one in self._engines():
            sa.event.listen(one, 'before_cursor_execute', self._note)
        return self

    def __exit__(self, *exc: object) -> None:
        for one in self._engines():
            sa.event.remove(one, 'before_cursor_execute', self._note)

    @staticmethod
    def _engines() -> list[sa.Engine]:
        store = engine.store()
        return [store.writer_engine, store.reader_engine]
