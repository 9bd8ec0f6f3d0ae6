"""Pods that were made as containers or capsules."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def _document() -> sa.types.TypeEngine:
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql', 'mariadb')


def upgrade() -> None:
    # One by one: SQLite would copy the table for a batch, and dropping the
    # old one takes the labels with it.
    op.add_column('pods', sa.Column('origin', sa.String(16), nullable=False,
                                    server_default='pod'))
    op.add_column('pods', sa.Column('document', _document()))
    op.add_column('pods', sa.Column('extras', _document()))
    op.create_index('pods_origin', 'pods', ['project_id', 'origin', 'id'])
    op.drop_index('pods_project_id', 'pods')
