"""Services and availability zones, in Zun's keys."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import zun

HostName = typing.Annotated[str, pydantic.Field(
    min_length=1, max_length=255, pattern=r'^[a-zA-Z0-9-._]*$',
    description="The host's name.")]
Binary = typing.Annotated[str, pydantic.Field(
    min_length=1, max_length=255, description='``zun-compute``.')]


class AnyQuery(pydantic.BaseModel):
    """Whatever is asked is passed over."""
    model_config = pydantic.ConfigDict(extra='ignore', frozen=True)


class Which(zun.Arguments):
    host: HostName
    binary: Binary


class Disable(Which):
    disabled_reason: typing.Annotated[str | None, pydantic.Field(
        min_length=1, max_length=255,
        description='Why; shown to administrators.')] = None


class ForceDown(Which):
    forced_down: typing.Annotated[zun.Basic, pydantic.Field(
        description='Whether it counts as gone, whatever is heard of it.')]


class Service(common.PlainAnswer):
    id: int
    host: str
    binary: str
    availability_zone: str
    disabled: bool
    disabled_reason: str | None
    forced_down: bool
    state: typing.Literal['up', 'down']
    report_count: int
    last_seen_up: str | None
    created_at: str | None
    updated_at: str | None


class ServiceList(common.PlainAnswer):
    services: list[Service]


class Changed(common.PlainAnswer):
    """Which service, and what it is now."""
    host: str
    binary: str
    disabled: bool | None = None
    disabled_reason: str | None = None
    forced_down: bool | None = None


class ChangedService(common.PlainAnswer):
    service: Changed


class Zone(common.PlainAnswer):
    availability_zone: str


class ZoneList(common.PlainAnswer):
    availability_zones: list[Zone]
    next: str | None
