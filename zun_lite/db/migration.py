"""The schema's versions: alembic, run from inside."""
import contextlib
import pathlib
import typing
from collections.abc import Iterator

import alembic.command
import alembic.config
import alembic.util
import sqlalchemy as sa
from alembic import autogenerate
from alembic.runtime import migration
from alembic.script import ScriptDirectory

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import models

SCRIPTS = pathlib.Path(__file__).parent / 'alembic'

# Two upgrades at once would both make the first table. Each is the lock of a
# connection, so that it outlives the upgrade's transaction.
_TAKE = {'mysql': sa.func.get_lock('zun_lite_schema', 600),
         'postgresql': sa.func.pg_advisory_lock(0x7a756e)}
_GIVE = {'mysql': sa.func.release_lock('zun_lite_schema'),
         'postgresql': sa.func.pg_advisory_unlock(0x7a756e)}


def _config() -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option('script_location', str(SCRIPTS))
    return config


def upgrade(revision: str = 'head') -> None:
    """Bring the database to a revision; nothing happens when it is there.

    :raises Unavailable: the database is away, or another upgrade goes on and
        on.
    :raises Conflict: there is no such revision, or the database is at one
        that this code does not know: it is older than the database.
    """
    config = _config()
    with _alone(), engine.writer() as session:
        config.attributes['connection'] = session.connection()
        try:
            alembic.command.upgrade(config, revision)
        except alembic.util.CommandError as e:
            raise exceptions.Conflict(
                f'The database cannot be upgraded: {e}') from e


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait for other upgrades until what they did is committed.

    SQLite's transaction is the lock itself.
    """
    kind = engine.store().writer_engine.dialect.name
    if kind not in _TAKE:
        yield
        return
    with engine.connection() as holder:
        if holder.scalar(sa.select(_TAKE[kind])) == 0:      # MariaDB's no
            raise exceptions.Unavailable(
                'Another upgrade of the database goes on; try again later.')
        try:
            yield
        finally:
            holder.execute(sa.select(_GIVE[kind]))


def current() -> str | None:
    """The revision of the database; None: it is empty.

    :raises Unavailable: the database is away.
    """
    with engine.reader() as session:
        return migration.MigrationContext.configure(
            session.connection()).get_current_revision()


def head() -> str:
    """The revision that this code wants."""
    return revisions()[-1]


def revisions() -> list[str]:
    """Every revision, oldest first."""
    walk = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in walk][::-1]


def differences() -> list[typing.Any]:
    """What the database lacks, or has beyond the models; alembic's form."""
    with engine.reader() as session:
        context = migration.MigrationContext.configure(
            session.connection(), opts={'compare_type': True,
                                        'compare_server_default': True})
        return autogenerate.compare_metadata(context, models.Base.metadata)
