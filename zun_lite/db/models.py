"""The tables. Documents are stored as the JSON text that goes on the wire.

`spec`, `status`, `labels` and `annotations` are JSON text rather than a JSON
column type: a read joins the texts into the answer without parsing them, so
GET and list cost no serialisation; only placement and patches parse them.
Pod columns beside the documents are what queries filter, sort or claim by.
"""
import datetime
import enum
import typing

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import mysql

from zun_lite.pod import configs
from zun_lite.pod import states

# MySQL's TEXT ends at 64 KiB and its DATETIME at whole seconds.
Document = sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql', 'mariadb')
DateTime = sa.DateTime().with_variant(
    mysql.DATETIME(fsp=6), 'mysql', 'mariadb')
BigId = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


class HostState(enum.StrEnum):
    """LIVE: heard from lately. SILENT: not. A silent host gets no pods."""
    LIVE = 'live'
    SILENT = 'silent'


class Origin(enum.StrEnum):
    """As what a pod was made; every kind has names of its own."""
    POD = 'pod'
    CONTAINER = 'container'
    CAPSULE = 'capsule'


class Base(orm.DeclarativeBase):
    if typing.TYPE_CHECKING:
        __table__: typing.ClassVar[sa.Table]
    type_annotation_map = {
        datetime.datetime: DateTime,
        enum.StrEnum: sa.Enum(
            enum.StrEnum, native_enum=False, length=16,
            create_constraint=False,
            values_callable=lambda e: [m.value for m in e]),
    }
    __table_args__ = {'mysql_engine': 'InnoDB', 'mysql_charset': 'utf8mb4',
                      'mysql_collate': 'utf8mb4_bin'}


def _args(*items):
    return (*items, Base.__table_args__)


class Deployment(Base):
    """Whose engine objects are told from those of others. One row, `id` 1."""
    __tablename__ = 'deployment'
    id: orm.Mapped[int] = orm.mapped_column(
        BigId, primary_key=True, autoincrement=False)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    created_at: orm.Mapped[datetime.datetime]


class Host(Base):
    """A machine or cluster with a compute agent, and what is claimed of it.

    `epoch` counts the agent's registrations: reports of an older one are
    refused. The `_claimed` columns always equal the sum over the host's pods.
    """
    __tablename__ = 'hosts'
    __table_args__ = _args()
    id: orm.Mapped[int] = orm.mapped_column(BigId, primary_key=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255), unique=True)
    driver: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    state: orm.Mapped[HostState]
    epoch: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    heartbeat_at: orm.Mapped[datetime.datetime]
    engine_error: orm.Mapped[str | None] = orm.mapped_column(sa.Text())
    cpu_millis: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    memory_bytes: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    max_pods: orm.Mapped[int]
    cpu_millis_claimed: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), default=0)
    memory_bytes_claimed: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), default=0)
    pods_claimed: orm.Mapped[int] = orm.mapped_column(default=0)
    labels: orm.Mapped[str] = orm.mapped_column(Document)      # {str: str}
    inventory: orm.Mapped[str] = orm.mapped_column(Document)   # Inventory
    capabilities: orm.Mapped[str] = orm.mapped_column(Document)  # [str]
    created_at: orm.Mapped[datetime.datetime]
    # What an administrator said of it, and how often it was heard.
    disabled: orm.Mapped[bool] = orm.mapped_column(
        default=False, server_default='0')
    disabled_reason: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(255))
    forced_down: orm.Mapped[bool] = orm.mapped_column(
        default=False, server_default='0')
    report_count: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), default=0, server_default='0')


class Pod(Base):
    """What the owner asked for (spec, desired) and what was last seen.

    Listing is by (project_id, origin, id); the marker's order is the id.
    `cpu_millis` and `memory_bytes` are what placement claims for the pod.
    """
    __tablename__ = 'pods'
    __table_args__ = _args(
        sa.Index('pods_origin', 'project_id', 'origin', 'id'),
        sa.Index('pods_name', 'name', 'project_id'),
        sa.Index('pods_host', 'host', 'id'),
        sa.Index('pods_unsettled', 'settled', 'id'))
    id: orm.Mapped[int] = orm.mapped_column(BigId, primary_key=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    origin: orm.Mapped[Origin] = orm.mapped_column(
        default=Origin.POD, server_default='pod')
    name: orm.Mapped[str] = orm.mapped_column(sa.String(253))
    labels: orm.Mapped[str | None] = orm.mapped_column(Document)
    annotations: orm.Mapped[str | None] = orm.mapped_column(Document)
    spec: orm.Mapped[str] = orm.mapped_column(Document)
    container_uuids: orm.Mapped[str] = orm.mapped_column(Document)
    # Of containers and capsules: what their owners see of what they asked
    # for, in Zun's words; and what else is kept (`zun.documents`).
    document: orm.Mapped[str | None] = orm.mapped_column(Document)
    extras: orm.Mapped[str | None] = orm.mapped_column(Document)
    desired: orm.Mapped[states.Desired]
    generation: orm.Mapped[int]
    phase: orm.Mapped[states.Phase]
    status: orm.Mapped[str] = orm.mapped_column(Document)
    observed_generation: orm.Mapped[int] = orm.mapped_column(default=0)
    status_epoch: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), default=0)
    status_sequence: orm.Mapped[int] = orm.mapped_column(
        sa.BigInteger(), default=0)
    settled: orm.Mapped[bool] = orm.mapped_column(default=False)
    # settled: placed, and its host has observed this generation; the
    # sweeps read only what is not.
    host: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    cpu_millis: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    memory_bytes: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    # These two and the two above are what quotas count.
    container_count: orm.Mapped[int] = orm.mapped_column(
        default=0, server_default='0')
    disk_gib: orm.Mapped[int] = orm.mapped_column(
        default=0, server_default='0')
    created_at: orm.Mapped[datetime.datetime]
    updated_at: orm.Mapped[datetime.datetime | None]
    deleted_at: orm.Mapped[datetime.datetime | None]   # delete was asked for


class PodLabel(Base):
    """A pod's labels again, one a row, for label filters."""
    __tablename__ = 'pod_labels'
    __table_args__ = _args(sa.Index('pod_labels_key_value', 'key', 'value'))
    pod_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey('pods.id', ondelete='CASCADE'), primary_key=True)
    key: orm.Mapped[str] = orm.mapped_column(
        sa.String(317), primary_key=True)         # prefix 253 / name 63
    value: orm.Mapped[str] = orm.mapped_column(sa.String(63))


class Action(Base):
    """Who did what to a pod, when, and how it ended.

    Outlives the pod, so that the end of a delete can be read; `manage db
    purge` removes what is old. `result`: None while it goes on, else
    success, error or superseded.
    """
    __tablename__ = 'actions'
    __table_args__ = _args(
        sa.Index('actions_pod', 'pod_uuid', 'id'),
        sa.Index('actions_finished', 'finished_at'))
    id: orm.Mapped[int] = orm.mapped_column(BigId, primary_key=True)
    pod_uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    request_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    action: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    generation: orm.Mapped[int]
    started_at: orm.Mapped[datetime.datetime]
    finished_at: orm.Mapped[datetime.datetime | None]
    result: orm.Mapped[str | None] = orm.mapped_column(sa.String(16))
    message: orm.Mapped[str | None] = orm.mapped_column(sa.Text())


class Event(Base):
    """What happened to a pod. The same event again raises `count`."""
    __tablename__ = 'events'
    __table_args__ = _args(sa.Index('events_pod', 'pod_uuid', 'id'),
                           sa.Index('events_last_at', 'last_at'))
    id: orm.Mapped[int] = orm.mapped_column(BigId, primary_key=True)
    pod_uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36))
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    type: orm.Mapped[str] = orm.mapped_column(sa.String(8))
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    container: orm.Mapped[str | None] = orm.mapped_column(sa.String(63))
    message: orm.Mapped[str] = orm.mapped_column(sa.Text())
    count: orm.Mapped[int] = orm.mapped_column(default=1)
    first_at: orm.Mapped[datetime.datetime]
    last_at: orm.Mapped[datetime.datetime]


class Config(Base):
    """A config or a secret of a project.

    `content` of a config is JSON text {"data": {}, "binaryData": {}}; that of
    a secret is sealed (see `sealing`). `size` is what quotas count.
    """
    __tablename__ = 'configs'
    __table_args__ = _args(
        sa.UniqueConstraint('project_id', 'kind', 'name',
                            name='configs_name'),
        sa.Index('configs_project_id', 'project_id', 'kind', 'id'))
    id: orm.Mapped[int] = orm.mapped_column(BigId, primary_key=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    kind: orm.Mapped[configs.Kind]
    name: orm.Mapped[str] = orm.mapped_column(sa.String(253))
    type: orm.Mapped[str | None] = orm.mapped_column(sa.String(253))
    labels: orm.Mapped[str | None] = orm.mapped_column(Document)
    annotations: orm.Mapped[str | None] = orm.mapped_column(Document)
    generation: orm.Mapped[int]
    size: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    content: orm.Mapped[str] = orm.mapped_column(Document)
    created_at: orm.Mapped[datetime.datetime]
    updated_at: orm.Mapped[datetime.datetime | None]


class PodReference(Base):
    """A config or secret that a pod refers to, whether it is there or not."""
    __tablename__ = 'pod_references'
    __table_args__ = _args(sa.Index('pod_references_name', 'kind', 'name'))
    pod_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey('pods.id', ondelete='CASCADE'), primary_key=True)
    kind: orm.Mapped[configs.Kind] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(
        sa.String(253), primary_key=True)


class Quota(Base):
    """A project's own limits. -1: no limit; None: the default class's.

    `memory` is in MiB, `cpu` in cores, `disk` in GiB.
    """
    __tablename__ = 'quotas'
    __table_args__ = _args()
    project_id: orm.Mapped[str] = orm.mapped_column(
        sa.String(64), primary_key=True)
    containers: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())
    memory: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())
    cpu: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())
    disk: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())


class QuotaClass(Base):
    """Limits as `Quota` has them. None: the configuration's.

    The class `default` is for projects that have no limit of their own.
    """
    __tablename__ = 'quota_classes'
    __table_args__ = _args()
    name: orm.Mapped[str] = orm.mapped_column(
        sa.String(255), primary_key=True)
    containers: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())
    memory: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())
    cpu: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())
    disk: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())


class QuotaUsage(Base):
    """The sum over a project's pods, changed in their transactions."""
    __tablename__ = 'quota_usages'
    __table_args__ = _args()
    project_id: orm.Mapped[str] = orm.mapped_column(
        sa.String(64), primary_key=True)
    container_count: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    memory_bytes: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    cpu_millis: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())
    disk_gib: orm.Mapped[int] = orm.mapped_column(sa.BigInteger())


class Registry(Base):
    """An image registry of a project. `password` is sealed (`sealing`)."""
    __tablename__ = 'registries'
    __table_args__ = _args(
        sa.Index('registries_project_id', 'project_id', 'id'),
        sa.Index('registries_name', 'name', 'project_id'))
    id: orm.Mapped[int] = orm.mapped_column(BigId, primary_key=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    name: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    domain: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    username: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    password: orm.Mapped[str | None] = orm.mapped_column(Document)
    created_at: orm.Mapped[datetime.datetime]
    updated_at: orm.Mapped[datetime.datetime | None]


class PodRegistry(Base):
    """A registry that a pod was told to pull from; it must stay."""
    __tablename__ = 'pod_registries'
    __table_args__ = _args(
        sa.Index('pod_registries_registry_id', 'registry_id'))
    pod_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey('pods.id', ondelete='CASCADE'), primary_key=True)
    registry_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey('registries.id'), primary_key=True)


class Image(Base):
    """An image that an administrator wants a host to hold, or not to.

    `generation` counts requests about it, so that an answer to an older one
    is known as such. `image_id` and `size` (bytes) are the engine's.
    """
    __tablename__ = 'images'
    __table_args__ = _args(
        sa.UniqueConstraint('host', 'repo', 'tag', name='images_host'),
        sa.Index('images_state', 'state', 'id'))
    id: orm.Mapped[int] = orm.mapped_column(BigId, primary_key=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    host: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    repo: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    tag: orm.Mapped[str] = orm.mapped_column(sa.String(128))  # or digest
    state: orm.Mapped[states.ImageState]
    reason: orm.Mapped[str | None] = orm.mapped_column(sa.Text())
    generation: orm.Mapped[int] = orm.mapped_column(default=1)
    image_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(128))
    size: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger())
    created_at: orm.Mapped[datetime.datetime]
    updated_at: orm.Mapped[datetime.datetime]


class Network(Base):
    """A network of a project's own making, the same subnet on every host."""
    __tablename__ = 'networks'
    __table_args__ = _args(
        sa.UniqueConstraint('project_id', 'name', name='networks_name'))
    id: orm.Mapped[int] = orm.mapped_column(BigId, primary_key=True)
    uuid: orm.Mapped[str] = orm.mapped_column(sa.String(36), unique=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    cidr: orm.Mapped[str] = orm.mapped_column(sa.String(18), unique=True)
    created_at: orm.Mapped[datetime.datetime]


class PodNetwork(Base):
    """A network that a pod is on, which must stay; no two share a fixed
    `address` there."""
    __tablename__ = 'pod_networks'
    __table_args__ = _args(
        sa.UniqueConstraint('network_id', 'address',
                            name='pod_networks_address'))
    pod_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey('pods.id', ondelete='CASCADE'), primary_key=True)
    network_id: orm.Mapped[int] = orm.mapped_column(
        sa.ForeignKey('networks.id'), primary_key=True)
    address: orm.Mapped[str | None] = orm.mapped_column(sa.String(15))
