"""Configs and secrets, and which pods refer to them."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

OPTIONS = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4',
           'mysql_collate': 'utf8mb4_bin'}


def _document() -> sa.types.TypeEngine:
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql', 'mariadb')


def _datetime() -> sa.types.TypeEngine:
    return sa.DateTime().with_variant(
        mysql.DATETIME(fsp=6), 'mysql', 'mariadb')


def _id() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    op.create_table(
        'configs',
        sa.Column('id', _id(), primary_key=True),
        sa.Column('uuid', sa.String(36), nullable=False, unique=True),
        _text('project_id', 64), _text('user_id', 64), _text('kind', 16),
        _text('name', 253), sa.Column('type', sa.String(253)),
        sa.Column('labels', _document()),
        sa.Column('annotations', _document()),
        sa.Column('generation', sa.Integer(), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('content', _document(), nullable=False),
        sa.Column('created_at', _datetime(), nullable=False),
        sa.Column('updated_at', _datetime()),
        sa.UniqueConstraint('project_id', 'kind', 'name',
                            name='configs_name'),
        sa.Index('configs_project_id', 'project_id', 'kind', 'id'),
        **OPTIONS)
    op.create_table(
        'pod_references',
        sa.Column('pod_id', _id(),
                  sa.ForeignKey('pods.id', ondelete='CASCADE'),
                  primary_key=True),
        sa.Column('kind', sa.String(16), primary_key=True),
        sa.Column('name', sa.String(253), primary_key=True),
        sa.Index('pod_references_name', 'kind', 'name'),
        **OPTIONS)
