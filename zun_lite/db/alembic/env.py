"""Run by alembic; the connection is given by `zun_lite.db.migration`."""
from alembic import context

from zun_lite.db import models

context.configure(
    connection=context.config.attributes['connection'],
    target_metadata=models.Base.metadata,
    # SQLite too can take back a CREATE TABLE; MariaDB cannot.
    transactional_ddl=True, transaction_per_migration=False,
    render_as_batch=True)

# The transaction is the caller's.
context.run_migrations()
