"""Capsules on the wire, as OpenStack Zun has them."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import containers
from zun_lite.api.v1.schemas import zun
from zun_lite.api.v1.schemas.containers import ZunContainer
from zun_lite.api.v1.schemas.zun import Arguments
from zun_lite.pod import fields

Restarts = typing.Literal['Always', 'OnFailure', 'Never']
Map = dict[str, zun.Text]


class Create(Arguments):
    """A capsule's template, or a v1.Pod; the text of one is YAML or JSON."""
    template: dict[str, typing.Any] | str


class Requests(Arguments):
    """cpu in cores, memory in MiB."""
    cpu: containers.Cpu = None
    memory: containers.Memory = None


class Resources(Arguments):
    requests: Requests | None = None


class Port(Arguments):
    """Only the port and its protocol mean anything."""
    container_port: typing.Annotated[fields.PortNumber, pydantic.Field(
        alias='containerPort')]
    host_port: typing.Annotated[fields.PortNumber | None, pydantic.Field(
        alias='hostPort')] = None
    name: str | None = None
    protocol: typing.Literal['TCP', 'UDP'] = 'TCP'


class VolumeMount(Arguments):
    name: zun.Ident
    path: typing.Annotated[str, pydantic.Field(alias='mountPath')]
    read_only: typing.Annotated[zun.Basic, pydantic.Field(
        alias='readOnly')] = False


class Member(Arguments):
    """One container of a template."""
    image: typing.Annotated[str, pydantic.Field(
        min_length=2, max_length=255, pattern=containers.IMAGE)]
    name: str | None = None
    command: containers.Words | None = None
    args: containers.Words | None = None
    env: Map | None = None
    work_dir: typing.Annotated[str | None, pydantic.Field(
        alias='workDir')] = None
    pull_policy: typing.Annotated[containers.Policy | None, pydantic.Field(
        alias='imagePullPolicy')] = None
    resources: Resources | None = None
    ports: list[Port] | None = None
    mounts: typing.Annotated[list[VolumeMount] | None, pydantic.Field(
        alias='volumeMounts')] = None
    stdin: zun.Basic = False
    tty: zun.Basic = False


class Cinder(Arguments):
    """A volume that is there, or one of `size` GiB that is made."""
    volume_id: typing.Annotated[str | None, pydantic.Field(
        alias='volumeID')] = None
    size: zun.Positive | None = None
    auto_remove: typing.Annotated[zun.Basic | None, pydantic.Field(
        alias='autoRemove')] = None


class Volume(Arguments):
    name: zun.Ident
    cinder: Cinder


class Spec(Arguments):
    containers: typing.Annotated[list[Member], pydantic.Field(
        min_length=1)]
    init_containers: typing.Annotated[list[Member] | None, pydantic.Field(
        alias='initContainers')] = None
    volumes: list[Volume] | None = None
    restarts: typing.Annotated[Restarts | None, pydantic.Field(
        alias='restartPolicy')] = None


class Metadata(Arguments):
    name: zun.Name | None = None
    labels: Map | None = None
    annotations: Map | None = None


class Template(Arguments):
    kind: typing.Literal['capsule', 'Capsule']
    version: typing.Annotated[
        typing.Literal['beta', 'Beta'] | None, pydantic.Field(
            alias='capsuleVersion')] = None
    metadata: Metadata
    spec: Spec
    zone: typing.Annotated[zun.Ident | None, pydantic.Field(
        alias='availabilityZone')] = None
    restarts: typing.Annotated[Restarts | None, pydantic.Field(
        alias='restartPolicy')] = None


class ListQuery(zun.ListQuery):
    """What else is asked is passed over."""
    model_config = pydantic.ConfigDict(extra='ignore', frozen=True)


class ZunCapsule(common.PlainAnswer):
    """Before 1.32 names have only `meta_` forms and the policy is a word."""
    uuid: str
    links: list[common.Link]
    name: str | None = None
    meta_name: str | None = None
    labels: dict[str, str] | None = None
    meta_labels: dict[str, str] | None = None
    annotations: dict[str, str]
    restart_policy: dict[str, str] | str
    status: str
    status_reason: str | None
    cpu: float
    memory: str
    addresses: dict[str, typing.Any]
    containers: list[ZunContainer]
    init_containers: list[ZunContainer]
    project_id: str
    user_id: str
    host: typing.Annotated[str | None, pydantic.Field(
        description='Administrators only.')] = None
    capsule_version: str | None = None
    volumes_info: dict[str, typing.Any] | None = None
    containers_uuids: list[str] | None = None
    init_containers_uuids: list[str] | None = None
    created_at: str
    updated_at: str | None


class CapsuleList(common.PlainAnswer):
    capsules: list[ZunCapsule]
    next: str | None
