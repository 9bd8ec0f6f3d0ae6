"""Images that hosts are to hold, and networks of projects."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

OPTIONS = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4',
           'mysql_collate': 'utf8mb4_bin'}


def _id() -> sa.Column:
    return sa.Column('id', sa.BigInteger().with_variant(
        sa.Integer(), 'sqlite'), primary_key=True)


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime().with_variant(
        mysql.DATETIME(fsp=6), 'mysql', 'mariadb'), nullable=False)


def _owned() -> list[sa.Column]:
    return [_id(), sa.Column('uuid', sa.String(36), nullable=False,
                             unique=True),
            _text('project_id', 64), _text('user_id', 64)]


def _key(name: str, of: str, **more: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger().with_variant(
        sa.Integer(), 'sqlite'), sa.ForeignKey(of, **more), primary_key=True)


def upgrade() -> None:
    op.create_table(
        'images', *_owned(),
        _text('host', 255), _text('repo', 255), _text('tag', 128),
        _text('state', 16), sa.Column('reason', sa.Text()),
        sa.Column('generation', sa.Integer(), nullable=False),
        sa.Column('image_id', sa.String(128)),
        sa.Column('size', sa.BigInteger()),
        _time('created_at'), _time('updated_at'),
        sa.UniqueConstraint('host', 'repo', 'tag', name='images_host'),
        sa.Index('images_state', 'state', 'id'),
        **OPTIONS)
    op.create_table(
        'networks', *_owned(), _text('name', 255),
        sa.Column('cidr', sa.String(18), nullable=False, unique=True),
        _time('created_at'),
        sa.UniqueConstraint('project_id', 'name', name='networks_name'),
        **OPTIONS)
    op.create_table(
        'pod_networks',
        _key('pod_id', 'pods.id', ondelete='CASCADE'),
        _key('network_id', 'networks.id'),
        sa.Column('address', sa.String(15)),
        sa.UniqueConstraint('network_id', 'address',
                            name='pod_networks_address'),
        **OPTIONS)
