"""The identity of a deployment."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

OPTIONS = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4',
           'mysql_collate': 'utf8mb4_bin'}


def upgrade() -> None:
    op.create_table(
        'deployment',
        sa.Column('id', sa.BigInteger().with_variant(
            sa.Integer(), 'sqlite'), primary_key=True, autoincrement=False),
        sa.Column('uuid', sa.String(36), nullable=False),
        sa.Column('created_at', sa.DateTime().with_variant(
            mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False),
        **OPTIONS)
