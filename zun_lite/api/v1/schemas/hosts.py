"""Hosts and capabilities. Zun's keys, then ours."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common


class ListQuery(common.Query):
    limit: common.Limit = None
    marker: typing.Annotated[str | None, pydantic.Field(
        description='UUID of the last item of the previous page.')] = None


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
    driver: str
    engine: str
    engine_error: typing.Annotated[str | None, pydantic.Field(
        description='Why the engine does not answer; null: it does.')]
    state: typing.Literal['live', 'silent']
    heartbeat_at: common.Time
    max_pods: int
    total_pods: int
    capabilities: list[str]


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
