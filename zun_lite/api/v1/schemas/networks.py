"""Networks on the wire: Zun's keys, and the subnet."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import zun
from zun_lite.api.v1.schemas.zun import Arguments


class ListQuery(common.Query):
    limit: common.Limit = None
    marker: typing.Annotated[str | None, pydantic.Field(
        description='UUID of the last item of the previous page.')] = None
    all_projects: common.AllProjects = False


class Create(Arguments):
    name: zun.Name
    neutron_net_id: typing.Annotated[str | None, pydantic.Field(
        min_length=2, max_length=255, description='Of a network of Neutron; '
        'none is configured, so it is refused.')] = None
    cidr: typing.Annotated[str | None, pydantic.Field(
        description='The subnet, a part of the configured pool. From 1.41 '
                    'on. Absent: one that is free.',
        examples=['10.224.7.0/24'])] = None


class ZunNetwork(common.PlainAnswer):
    uuid: str
    name: str
    project_id: str
    user_id: str
    network_id: typing.Annotated[str, pydantic.Field(
        description='What engines call it.')]
    neutron_net_id: str | None
    cidr: typing.Annotated[str | None, pydantic.Field(
        description='The subnet, the same on every host. From 1.41 on.',
        )] = None


class ZunNetworkList(common.PlainAnswer):
    networks: list[ZunNetwork]
    next: str | None
