"""How a connection to each kind of database is opened, kept and checked.

Two engines serve one database. The writing one runs transactions: READ
COMMITTED everywhere, and on SQLite `BEGIN IMMEDIATE`, because a transaction
that reads before it writes cannot take SQLite's lock later without failing.
The reading one is in autocommit, so a SELECT costs one round trip and takes
no lock; every statement sees what was committed when it began.
"""
import time

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy import exc
from sqlalchemy import pool

# A connection idle for longer is asked whether it lives before it is used. A
# failure drops the whole pool, so a database's restart costs the requests
# that were running, and a busy service does not pay a ping for every one.
PING_AFTER_IDLE_S = 1.0

BUSY_TIMEOUT_S = 20

# A database that accepts a connection and is silent must not hang a worker.
PARAMETERS = {
    'mysql': {'charset': 'utf8mb4', 'connect_timeout': '5',
              'read_timeout': '60', 'write_timeout': '60'},
    'postgresql': {'connect_timeout': '5', 'tcp_user_timeout': '60000',
                   'keepalives_idle': '30'},
    'sqlite': {},
}


def parameters(url: sa.URL, given: str) -> str:
    """What to append to the URL's query: ours, where nobody chose.

    `given` is the operator's [database] connection_parameters.
    """
    chosen = {part.partition('=')[0] for part in given.split('&')}
    ours = [f'{key}={value}' for key, value
            in PARAMETERS.get(url.get_backend_name(), {}).items()
            if key not in url.query and key not in chosen]
    return '&'.join([given, *ours] if given else ours)


def prepare(engine: sa.Engine, *, reading: bool, pool_size: int,
            max_overflow: int, pool_timeout: float, recycle: int) -> None:
    """Give an engine of oslo.db, not connected yet, our pool and habits."""
    engine.pool = _pool(engine, pool_size=pool_size, timeout=pool_timeout,
                        max_overflow=max_overflow, recycle=recycle)
    _check_idle(engine)
    engine.hide_parameters = True     # errors are logged; a spec has secrets
    # Otherwise every read ends with a ROLLBACK of nothing.
    engine.dialect.skip_autocommit_rollback = reading
    {'mysql': _mysql, 'postgresql': _postgresql, 'sqlite': _sqlite}[
        engine.dialect.name](engine, reading)


def _pool(engine: sa.Engine, *, pool_size: int, max_overflow: int,
          timeout: float, recycle: int) -> pool.QueuePool:
    """oslo.db pings at every checkout, and pools nothing for SQLite.

    Without a pool SQLite writes its log back each time the last connection
    closes. `use_lifo` lets what a peak needed stay idle.
    """
    args, kwargs = engine.dialect.create_connect_args(engine.url)
    return pool.QueuePool(
        lambda: engine.dialect.connect(*args, **kwargs),
        pool_size=pool_size, max_overflow=max_overflow, timeout=timeout,
        recycle=recycle, use_lifo=True, dialect=engine.dialect,
        _dispatch=engine.pool.dispatch)


def _check_idle(engine: sa.Engine) -> None:
    @event.listens_for(engine, 'checkin')
    def checkin(connection, record):
        record.info['idle_since'] = time.monotonic()

    @event.listens_for(engine, 'checkout')
    def checkout(connection, record, proxy):
        since = record.info.get('idle_since')
        if since is None or time.monotonic() - since < PING_AFTER_IDLE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as e:
            raise exc.InvalidatePoolError(str(e)) from e


def _mysql(engine: sa.Engine, reading: bool) -> None:
    # READ COMMITTED: no gap locks, hence few deadlocks, and a row that was
    # locked is read as it is now, as on PostgreSQL.
    @event.listens_for(engine, 'connect')
    def connect(connection, record):
        with connection.cursor() as cursor:
            cursor.execute('SET SESSION TRANSACTION ISOLATION LEVEL '
                           'READ COMMITTED')
        connection.autocommit(reading)


def _postgresql(engine: sa.Engine, reading: bool) -> None:
    @event.listens_for(engine, 'connect')
    def connect(connection, record):
        connection.autocommit = reading


def _sqlite(engine: sa.Engine, reading: bool) -> None:
    @event.listens_for(engine, 'connect')
    def connect(connection, record):
        connection.execute(f'PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}')
        connection.execute('PRAGMA journal_mode = WAL')

    if reading:
        # oslo.db's own listener emits BEGIN unless it finds this mark.
        @event.listens_for(engine, 'checkout')
        def no_transaction(connection, record, proxy):
            record.info['in_transaction'] = True
    else:
        @event.listens_for(engine, 'before_cursor_execute', retval=True)
        def immediate(conn, cursor, statement, params, context, many):
            if statement == 'BEGIN':
                statement = 'BEGIN IMMEDIATE'
            return statement, params
