"""Registries, wrapped as in Zun."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import zun
from zun_lite.pod import registries

Text = typing.Annotated[str, pydantic.Field(min_length=1, max_length=255)]
Domain = typing.Annotated[str, pydantic.Field(
    min_length=1, max_length=255, pattern=registries.DOMAIN,
    description='Host, and perhaps port, as image names have them; '
                'docker.io is the hub.', examples=['registry.example:5000'])]
Name = typing.Annotated[str, pydantic.Field(
    min_length=2, max_length=255, pattern=zun.NAME)]
Password = typing.Annotated[str, pydantic.Field(
    min_length=1, max_length=4096,
    description='Stored encrypted, and never shown.')]


class ListQuery(zun.ListQuery):
    sort_key: typing.Literal['id', 'uuid', 'project_id', 'user_id',
                             'domain'] = 'id'
    name: str | None = None
    domain: str | None = None
    username: str | None = None
    project_id: str | None = None
    user_id: str | None = None


class Create(zun.Arguments):
    domain: Domain
    name: Name | None = None
    username: Text | None = None
    password: Password | None = None


class Update(zun.Arguments):
    """What is not given stays as it is."""
    domain: Domain | None = None
    name: Name | None = None
    username: Text | None = None
    password: Password | None = None


class CreateRequest(zun.Arguments):
    registry: Create


class UpdateRequest(zun.Arguments):
    registry: Update


class Registry(common.PlainAnswer):
    uuid: str
    name: str | None
    domain: str
    username: str | None
    password: typing.Literal['***']
    project_id: str
    user_id: str
    links: typing.Annotated[list[common.Link] | None, pydantic.Field(
        description='Not in lists.')] = None


class RegistryAnswer(common.PlainAnswer):
    registry: Registry


class RegistryList(common.PlainAnswer):
    registries: list[Registry]
    next: str | None
