"""What a database's failures mean to the rest of the service."""
import sqlalchemy.exc
from oslo_db import exception as oslo

from zun_lite import exceptions

BUSY = 'The database is too busy; try again later.'
AWAY = 'The database does not answer; try again later.'

# oslo.db leaves these as they are; the words are SQLite's and PostgreSQL's.
_CONFLICTS = ('database is locked', 'database table is locked',
              'could not serialize access')

_MYSQL_STATEMENT = {1054, 1305, 1364}    # no such column, routine, default
_SQLITE_STATEMENT = ('no such', 'near ', 'table ', 'too many ')


def is_conflict(error: BaseException) -> bool:
    if isinstance(error, oslo.DBDeadlock | oslo.DBConsistencyError):
        return True
    return (isinstance(error, sqlalchemy.exc.OperationalError)
            and any(words in str(error) for words in _CONFLICTS))


def is_absence(error: BaseException) -> bool:
    """Whether the database is away, full, starting, or out of connections.
    """
    if isinstance(error, sqlalchemy.exc.OperationalError):
        return not _is_about_statement(error)
    return isinstance(error, oslo.DBConnectionError
                      | oslo.DBNonExistentDatabase
                      | sqlalchemy.exc.TimeoutError)


def _is_about_statement(error: sqlalchemy.exc.OperationalError) -> bool:
    """SQLite and MariaDB say so of some faults of ours too."""
    told = error.orig.args[0] if error.orig and error.orig.args else ''
    return told in _MYSQL_STATEMENT or str(told).startswith(
        _SQLITE_STATEMENT)


def unavailable(error: BaseException) -> exceptions.Unavailable | None:
    """The error to raise instead; None: this one is a bug, let it through."""
    if is_conflict(error):
        return exceptions.Unavailable(BUSY)
    if is_absence(error):
        return exceptions.Unavailable(AWAY)
    return None
