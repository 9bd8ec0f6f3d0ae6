"""State of services, quotas and what is used of them, and registries."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

OPTIONS = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4',
           'mysql_collate': 'utf8mb4_bin'}
LIMITS = ('containers', 'memory', 'cpu', 'disk')


def _document() -> sa.types.TypeEngine:
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql', 'mariadb')


def _datetime() -> sa.types.TypeEngine:
    return sa.DateTime().with_variant(
        mysql.DATETIME(fsp=6), 'mysql', 'mariadb')


def _id() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _hosts() -> None:
    for name in ('disabled', 'forced_down'):
        op.add_column('hosts', sa.Column(
            name, sa.Boolean(), nullable=False, server_default='0'))
    op.add_column('hosts', sa.Column('disabled_reason', sa.String(255)))
    op.add_column('hosts', sa.Column('report_count', sa.BigInteger(),
                                     nullable=False, server_default='0'))


def _limits(name: str, key: str, length: int) -> None:
    op.create_table(
        name, sa.Column(key, sa.String(length), primary_key=True),
        *(sa.Column(limit, sa.BigInteger()) for limit in LIMITS),
        **OPTIONS)


def _usages() -> None:
    """What the pods that are there use already is counted at once."""
    for name in ('container_count', 'disk_gib'):
        op.add_column('pods', sa.Column(name, sa.Integer(), nullable=False,
                                        server_default='0'))
    # {name: UUID}, and neither holds a colon.
    op.execute(
        "UPDATE pods SET container_count = LENGTH(container_uuids) - "
        "LENGTH(REPLACE(container_uuids, ':', ''))")
    op.create_table(
        'quota_usages',
        sa.Column('project_id', sa.String(64), primary_key=True),
        _number('container_count'), _number('memory_bytes'),
        _number('cpu_millis'), _number('disk_gib'),
        **OPTIONS)
    op.execute(
        'INSERT INTO quota_usages (project_id, container_count, '
        'memory_bytes, cpu_millis, disk_gib) SELECT project_id, '
        'SUM(container_count), SUM(memory_bytes), SUM(cpu_millis), '
        'SUM(disk_gib) FROM pods GROUP BY project_id')


def _registries() -> None:
    op.create_table(
        'registries',
        sa.Column('id', _id(), primary_key=True),
        sa.Column('uuid', sa.String(36), nullable=False, unique=True),
        _text('project_id', 64), _text('user_id', 64),
        sa.Column('name', sa.String(255)), _text('domain', 255),
        sa.Column('username', sa.String(255)),
        sa.Column('password', _document()),
        sa.Column('created_at', _datetime(), nullable=False),
        sa.Column('updated_at', _datetime()),
        sa.Index('registries_project_id', 'project_id', 'id'),
        sa.Index('registries_name', 'name', 'project_id'),
        **OPTIONS)
    op.create_table(
        'pod_registries',
        sa.Column('pod_id', _id(),
                  sa.ForeignKey('pods.id', ondelete='CASCADE'),
                  primary_key=True),
        sa.Column('registry_id', _id(), sa.ForeignKey('registries.id'),
                  primary_key=True),
        sa.Index('pod_registries_registry_id', 'registry_id'),
        **OPTIONS)


def upgrade() -> None:
    _hosts()
    _limits('quotas', 'project_id', 64)
    _limits('quota_classes', 'name', 255)
    _usages()
    _registries()
