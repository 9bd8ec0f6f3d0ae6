"""Arguments of what is done to a container's networks."""
import typing

import pydantic

from zun_lite.api.v1.schemas import zun
from zun_lite.api.v1.schemas.zun import Arguments

Network = typing.Annotated[zun.Ident | None, pydantic.Field(
    description='UUID or name of a network of the project.')]


class Attach(Arguments):
    """Neither network nor port: the project's own network."""
    network: Network = None
    port: typing.Annotated[zun.Ident | None, pydantic.Field(
        description='Of Neutron; none is configured, so it is refused.',
        )] = None
    fixed_ip: typing.Annotated[str | None, pydantic.Field(
        description='An IPv4 address of the network.')] = None


class Detach(Arguments):
    network: Network = None
    port: typing.Annotated[zun.Ident | None, pydantic.Field(
        description="The container's place on a network, as network_list "
                    'tells it.')] = None


class GroupQuery(Arguments):
    name: zun.Ident | None = None


class Group(Arguments):
    name: typing.Annotated[zun.Ident, pydantic.Field(
        description='Of a security group of Neutron.')]
