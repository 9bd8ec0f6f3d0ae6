"""Hosts and capabilities. Zun's keys, then ours."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import zun


class ListQuery(zun.PageQuery):
    """Sorted by hostname; from 1.41 on by when they first registered. What
    else is asked is passed over."""
    model_config = pydantic.ConfigDict(extra='ignore', frozen=True)
    sort_key: typing.Literal['id', 'uuid', 'hostname'] | None = None


Since = pydantic.Field(description='From 1.41 on.')


class Host(common.PlainAnswer):
    """Memory in MiB, disk in GiB."""
    uuid: str
    hostname: str
    links: list[common.Link]
    mem_total: int
    mem_used: int
    cpus: int
    cpu_used: float
    disk_total: int
    disk_used: int
    disk_quota_supported: bool
    enable_cpu_pinning: bool
    total_containers: int
    architecture: str | None
    os_type: str | None
    os: str | None
    kernel_version: str | None
    labels: dict[str, str]
    runtimes: list[str]
    driver: typing.Annotated[str, Since] = ''
    engine: typing.Annotated[str, Since] = ''
    engine_error: typing.Annotated[str | None, pydantic.Field(
        description='Why the engine does not answer; null: it does. From '
                    '1.41 on.')] = None
    state: typing.Annotated[
        typing.Literal['live', 'silent'] | None, Since] = None
    heartbeat_at: typing.Annotated[common.Time | None, Since] = None
    max_pods: typing.Annotated[int | None, Since] = None
    total_pods: typing.Annotated[int | None, Since] = None
    capabilities: typing.Annotated[list[str] | None, Since] = None


class HostList(common.PlainAnswer):
    hosts: list[Host]
    next: str | None


class Kind(common.Answer):
    """Live hosts that can do the same."""
    driver: str
    host_count: int
    hosts: typing.Annotated[list[str] | None, pydantic.Field(
        description='Administrators only.')] = None
    actions: typing.Annotated[list[str], pydantic.Field(
        examples=[['exec', 'logs']])]
    fields: typing.Annotated[list[str], pydantic.Field(
        description='Optional fields of a pod that are honoured.',
        examples=[['spec.containers.livenessProbe']])]


class CapabilityList(common.Answer):
    capabilities: list[Kind]
