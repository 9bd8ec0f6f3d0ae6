"""Sessions. Every access to the database goes through these."""
import contextlib
import datetime
import functools
import logging
import random
import threading
import time
import typing
from collections.abc import Callable
from collections.abc import Iterator

import sqlalchemy
import sqlalchemy.exc
from oslo_db import exception as oslo
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.db import errors
from zun_lite.db import store as stores

LOG = logging.getLogger(__name__)

ATTEMPTS = 8
FIRST_WAIT_S = 0.02
_LAST = 'zun_lite.last'      # in a session's info

Reading = orm.Session | sqlalchemy.Connection     # both read rows alike

P = typing.ParamSpec('P')
T = typing.TypeVar('T')


@enginefacade.transaction_context_provider
class _Scope:
    """What oslo.db hangs a transaction on; one for each `with`."""


_store: stores.Store | None = None
_lock = threading.Lock()


def configure(connection: str | None = None) -> stores.Store:
    """Use the database of [database] connection, or of the given URL.

    Nothing is connected yet. Without this call the first session does it.

    :raises Invalid: there is no such setting, or it cannot be used.
    """
    global _store
    url = connection or CONF.database.connection
    if not url:
        raise exceptions.Invalid('[database] connection is not set.')
    with _lock:
        if _store is not None:
            _store.dispose()
        _store = stores.Store(url)
        return _store


def dispose() -> None:
    """Close every idle connection; the next session opens new ones."""
    if _store is not None:
        _store.dispose()


def store() -> stores.Store:
    return _store or configure()


def now() -> datetime.datetime:
    """The time as the tables keep it: UTC, without saying so."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (oslo.DBError, sqlalchemy.exc.SQLAlchemyError) as e:
        replacement = errors.unavailable(e)
        if replacement is None:
            raise
        if not errors.is_conflict(e):
            LOG.error('The database failed: %s', e)
        raise replacement from e


@contextlib.contextmanager
def reader() -> Iterator[orm.Session]:
    """A session for SELECTs, without a transaction and without locks.

    :raises Unavailable: the database is away.
    """
    with _translated(), store().reading() as session:
        yield session


@contextlib.contextmanager
def connection() -> Iterator[sqlalchemy.Connection]:
    """What `reader` has, without the session.

    For what is asked most: a session's own life costs a tenth of a small
    request.

    :raises Unavailable: the database is away.
    """
    with _translated(), store().reader_engine.connect() as found:
        yield found


@contextlib.contextmanager
def writer() -> Iterator[orm.Session]:
    """A session in one transaction, committed at the end of the block.

    Blocks do not nest. Put `retry` around a function that has one.

    :raises Unavailable: the database is away, or too busy.
    """
    found = store()
    with (_translated(), found.turn(),
          found.writing.using(_Scope()) as session):
        yield session
        for step in session.info.pop(_LAST, ()):
            step()


def last(session: orm.Session, step: Callable[[], None]) -> None:
    """Do something when all else of a `writer` block is done.

    For what locks a row that many want: they wait until the commit.
    """
    session.info.setdefault(_LAST, []).append(step)


def retry(fn: Callable[P, T]) -> Callable[P, T]:
    """Run a function again when its transaction lost against another one.

    The function must do nothing but one transaction.
    """
    @functools.wraps(fn)
    def again(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, ATTEMPTS):
            try:
                return fn(*args, **kwargs)
            except exceptions.Unavailable as e:
                if e.__cause__ is None or not errors.is_conflict(e.__cause__):
                    raise
                LOG.debug('%s: conflict, attempt %d', fn.__name__, attempt)
            time.sleep(random.uniform(0, FIRST_WAIT_S * 2**attempt))  # noqa: S311
        return fn(*args, **kwargs)
    return again
