"""Pods with their labels, hosts, actions and events."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

OPTIONS = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4',
           'mysql_collate': 'utf8mb4_bin'}


def _document() -> sa.types.TypeEngine:
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql', 'mariadb')


def _datetime() -> sa.types.TypeEngine:
    return sa.DateTime().with_variant(
        mysql.DATETIME(fsp=6), 'mysql', 'mariadb')


def _id() -> sa.Column:
    return sa.Column(
        'id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'),
        primary_key=True)


def _text(name: str, length: int, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _time(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, _datetime(), nullable=nullable)


def _json(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, _document(), nullable=nullable)


def _hosts() -> None:
    op.create_table(
        'hosts',
        _id(),
        sa.Column('uuid', sa.String(36), nullable=False, unique=True),
        sa.Column('name', sa.String(255), nullable=False, unique=True),
        _text('driver', 32),
        _text('state', 16),
        _number('epoch'),
        _time('heartbeat_at'),
        sa.Column('engine_error', sa.Text()),
        _number('cpu_millis'),
        _number('memory_bytes'),
        sa.Column('max_pods', sa.Integer(), nullable=False),
        _number('cpu_millis_claimed'),
        _number('memory_bytes_claimed'),
        sa.Column('pods_claimed', sa.Integer(), nullable=False),
        _json('labels'),
        _json('inventory'),
        _json('capabilities'),
        _time('created_at'),
        **OPTIONS)


def _pods() -> None:
    op.create_table(
        'pods',
        _id(),
        sa.Column('uuid', sa.String(36), nullable=False, unique=True),
        _text('project_id', 64),
        _text('user_id', 64),
        _text('name', 253),
        _json('labels', nullable=True),
        _json('annotations', nullable=True),
        _json('spec'),
        _json('container_uuids'),
        _text('desired', 16),
        sa.Column('generation', sa.Integer(), nullable=False),
        _text('phase', 16),
        _json('status'),
        sa.Column('observed_generation', sa.Integer(), nullable=False),
        _number('status_epoch'),
        _number('status_sequence'),
        sa.Column('settled', sa.Boolean(), nullable=False),
        _text('host', 255, nullable=True),
        _number('cpu_millis'),
        _number('memory_bytes'),
        _time('created_at'),
        _time('updated_at', nullable=True),
        _time('deleted_at', nullable=True),
        sa.Index('pods_project_id', 'project_id', 'id'),
        sa.Index('pods_name', 'name', 'project_id'),
        sa.Index('pods_host', 'host', 'id'),
        sa.Index('pods_unsettled', 'settled', 'id'),
        **OPTIONS)


def _pod_labels() -> None:
    op.create_table(
        'pod_labels',
        sa.Column('pod_id', sa.BigInteger().with_variant(
            sa.Integer(), 'sqlite'),
            sa.ForeignKey('pods.id', ondelete='CASCADE'), primary_key=True),
        sa.Column('key', sa.String(317), primary_key=True),
        _text('value', 63),
        sa.Index('pod_labels_key_value', 'key', 'value'),
        **OPTIONS)


def _actions() -> None:
    op.create_table(
        'actions',
        _id(),
        _text('pod_uuid', 36),
        _text('project_id', 64),
        _text('user_id', 64),
        _text('request_id', 64),
        _text('action', 32),
        sa.Column('generation', sa.Integer(), nullable=False),
        _time('started_at'),
        _time('finished_at', nullable=True),
        _text('result', 16, nullable=True),
        sa.Column('message', sa.Text()),
        sa.Index('actions_pod', 'pod_uuid', 'id'),
        sa.Index('actions_finished', 'finished_at'),
        **OPTIONS)


def _events() -> None:
    op.create_table(
        'events',
        _id(),
        _text('pod_uuid', 36),
        _text('project_id', 64),
        _text('type', 8),
        _text('reason', 64),
        _text('container', 63, nullable=True),
        sa.Column('message', sa.Text(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        _time('first_at'),
        _time('last_at'),
        sa.Index('events_pod', 'pod_uuid', 'id'),
        sa.Index('events_last_at', 'last_at'),
        **OPTIONS)


def upgrade() -> None:
    _hosts()
    _pods()
    _pod_labels()
    _actions()
    _events()
