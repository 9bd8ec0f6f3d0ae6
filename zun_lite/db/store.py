"""The engines of one database, made by oslo.db and kept our way."""
import contextlib
import threading
from collections.abc import Iterator

import sqlalchemy as sa
import sqlalchemy.exc
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.db import connections
from zun_lite.db import errors


class Store:
    """The engines of one database, and what is kept beside them."""

    def __init__(self, connection: str):
        url = _url(connection)
        self._facade = enginefacade.transaction_context()
        self._facade.configure(
            connection=connection, sqlite_fk=True, thread_checkin=False,
            slave_connection=CONF.database.slave_connection or connection,
            connection_parameters=connections.parameters(
                url, CONF.database.connection_parameters),
            # No wait at start-up: a request finds out, and says so.
            max_retries=0,
            # The pool is made in connections.py.
            max_pool_size=None, max_overflow=None, pool_timeout=None)
        self.writing = self._facade.writer
        self._prepare(self.writer_engine, reading=False)
        self._prepare(self.reader_engine, reading=True)
        # oslo.db's way to a session costs a fifth of a small query, for
        # what reading needs none of: nesting, and a transaction's end.
        self.reading = orm.sessionmaker(self.reader_engine, autoflush=False,
                                        expire_on_commit=False)
        # SQLite has one writer at a time. Threads that queue here take turns
        # at once; in SQLite each would poll with growing waits.
        self._turn = (threading.Lock() if url.get_backend_name() == 'sqlite'
                      else None)

    @property
    def writer_engine(self) -> sa.Engine:
        return self._facade.writer.get_engine()

    @property
    def reader_engine(self) -> sa.Engine:
        return self._facade.reader.get_engine()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=connections.BUSY_TIMEOUT_S):
            raise exceptions.Unavailable(errors.BUSY)
        try:
            yield
        finally:
            self._turn.release()

    def _prepare(self, engine: sa.Engine, *, reading: bool) -> None:
        connections.prepare(
            engine, reading=reading,
            pool_size=CONF.database.max_pool_size,
            max_overflow=CONF.database.max_overflow,
            pool_timeout=CONF.database.pool_timeout,
            recycle=CONF.database.connection_recycle_time)

    def dispose(self) -> None:
        self._facade.dispose_pool()


def _url(connection: str) -> sa.URL:
    """The setting as a URL; its faults are told without a password."""
    try:
        url = sa.make_url(connection)
        kind = url.get_backend_name()
        url.get_dialect().import_dbapi()
    except sqlalchemy.exc.ArgumentError:
        raise _invalid('it is not a URL of a database') from None
    except ModuleNotFoundError as e:
        raise _invalid(f'{e.name} is not installed') from e
    if kind not in connections.PARAMETERS:
        raise _invalid(
            f'{kind} is not supported; use mysql+pymysql, mysql+mysqldb, '
            'postgresql+psycopg2 or sqlite')
    if kind == 'sqlite' and url.database in (None, '', ':memory:'):
        raise _invalid('threads cannot share a SQLite database in memory; '
                       'give it a file')
    return url


def _invalid(message: str) -> exceptions.Invalid:
    return exceptions.Invalid(f'[database] connection: {message}.')
