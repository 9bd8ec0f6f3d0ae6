"""Containers on the wire, as OpenStack Zun has them."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import zun
from zun_lite.api.v1.schemas.zun import Arguments
from zun_lite.conf import CONF

Policy = typing.Literal['never', 'always', 'ifnotpresent', 'Never', 'Always',
                        'IfNotPresent']
IMAGE = r'[a-zA-Z0-9][a-zA-Z0-9_.-]'


def between(lowest: str, highest: str) -> typing.Any:
    """Bounds that are options."""
    def check(value: float | None) -> float | None:
        low, high = CONF.containers[lowest], CONF.containers[highest]
        if value is not None and not low <= value <= high:
            raise zun.fault('bounds', f'must be between {low} and {high}')
        return value
    return pydantic.AfterValidator(check)


Cpu = typing.Annotated[zun.Number | None,
                       between('minimum_cpu', 'maximum_cpu')]
Memory = typing.Annotated[zun.Natural | None,
                          between('minimum_memory', 'maximum_memory')]
Disk = typing.Annotated[zun.Natural | None,
                        between('minimum_disk', 'maximum_disk')]
Words = list[zun.Text]


class RestartPolicy(Arguments):
    name: typing.Annotated[
        typing.Literal['no', 'always', 'on-failure', 'unless-stopped'],
        pydantic.Field(alias='Name')]
    count: typing.Annotated[zun.Natural | None, pydantic.Field(
        alias='MaximumRetryCount')] = None


class Healthcheck(Arguments):
    """Times in seconds."""
    cmd: typing.Annotated[str, pydantic.Field(min_length=1)]
    interval: zun.Natural | None = None
    timeout: zun.Natural | None = None
    retries: zun.Natural | None = None


class Net(Arguments):
    network: zun.Ident | None = None
    port: zun.Ident | None = None
    v4_fixed_ip: typing.Annotated[str | None, pydantic.Field(
        alias='v4-fixed-ip')] = None
    v6_fixed_ip: typing.Annotated[str | None, pydantic.Field(
        alias='v6-fixed-ip')] = None


class Mount(Arguments):
    """A new volume of `size` GiB, or a file that is put in.

    An empty source is none.
    """
    type: typing.Annotated[str | None, pydantic.Field(
        description='volume (the default), or bind for a file.')] = None
    source: typing.Annotated[str | None, pydantic.Field(
        description='Of a file: its content in base64.')] = None
    destination: typing.Annotated[str, pydantic.Field(
        description='An absolute path.')]
    size: zun.Positive | None = None


class CreateQuery(Arguments):
    run: typing.Annotated[zun.Extended | None, pydantic.Field(
        description='Start it once it is made.')] = None


class Create(Arguments):
    """Null is the same as absent."""
    image: typing.Annotated[str, pydantic.Field(
        min_length=2, max_length=255, pattern=IMAGE)]
    run: zun.Extended | None = None
    name: zun.Name | None = None
    command: typing.Annotated[str | Words | None, pydantic.Field(
        description='A list from 1.20 on, before that text.')] = None
    entrypoint: Words | None = None
    cpu: Cpu = None
    cpu_policy: typing.Literal['shared', 'dedicated'] | None = None
    memory: typing.Annotated[Memory, pydantic.Field(
        description='MiB.')] = None
    disk: typing.Annotated[Disk, pydantic.Field(description='GiB.')] = None
    workdir: str | None = None
    environment: zun.Texts | None = None
    labels: zun.Texts | None = None
    image_pull_policy: Policy | None = None
    image_driver: typing.Literal['docker', 'glance', 'None'] | None = None
    restart_policy: RestartPolicy | None = None
    interactive: zun.Basic | None = None
    tty: zun.Basic | None = None
    auto_remove: typing.Annotated[bool | None, pydantic.Field(
        description='It goes when it has ended.')] = None
    auto_heal: zun.Basic | None = None
    privileged: zun.Basic | None = None
    runtime: typing.Annotated[str | None, pydantic.Field(
        description="The engine's name for what runs it.")] = None
    hostname: typing.Annotated[str | None, pydantic.Field(
        min_length=1, max_length=63, pattern=r'^[a-zA-Z0-9-._]*$')] = None
    host: zun.Ident | None = None
    availability_zone: zun.Ident | None = None
    hints: dict[str, zun.Text] | None = None
    security_groups: list[zun.Ident] | None = None
    exposed_ports: dict[str, dict[str, typing.Any]] | None = None
    nets: list[Net] | None = None
    mounts: list[Mount] | None = None
    healthcheck: Healthcheck | None = None
    registry: typing.Annotated[str | None, pydantic.Field(
        min_length=2, max_length=255,
        description='UUID or name of a registry. The image is one of it.')
        ] = None


class Update(Arguments):
    name: zun.Name | None = None
    auto_heal: zun.Basic | None = None
    cpu: Cpu = None
    memory: Memory = None


class ShowQuery(pydantic.BaseModel):
    """What else is asked is passed over."""
    model_config = pydantic.ConfigDict(extra='ignore', frozen=True)
    all_projects: zun.Extended = False


class ListQuery(zun.ListQuery):
    name: str | None = None
    image: str | None = None
    project_id: str | None = None
    user_id: str | None = None
    memory: str | None = None
    host: str | None = None
    task_state: str | None = None
    status: str | None = None
    auto_remove: zun.Extended | None = None


class Delete(Arguments):
    force: zun.Extended = False
    stop: zun.Extended = False
    all_projects: zun.Extended = False


class ZunContainer(common.PlainAnswer):
    uuid: str
    links: list[common.Link] | None = None
    name: str
    project_id: str
    user_id: str
    image: str
    image_driver: str | None
    image_pull_policy: typing.Annotated[str | None, pydantic.Field(
        description='Administrators only.')] = None
    cpu: float
    cpu_policy: str
    memory: str
    disk: int
    command: list[str]
    entrypoint: list[str]
    workdir: str | None
    environment: dict[str, str]
    labels: dict[str, str]
    hostname: str | None
    ports: list[int]
    addresses: dict[str, typing.Any]
    security_groups: list[str]
    restart_policy: dict[str, str]
    status: str
    status_reason: str | None
    status_detail: str | None
    task_state: str | None
    interactive: bool
    tty: bool
    auto_remove: bool
    auto_heal: bool
    privileged: bool | None = None
    runtime: str | None = None
    host: str | None = None
    healthcheck: dict[str, typing.Any]
    registry_id: str | None
    created_at: str
    updated_at: str | None


class ContainerList(common.PlainAnswer):
    containers: list[ZunContainer]
    next: str | None
