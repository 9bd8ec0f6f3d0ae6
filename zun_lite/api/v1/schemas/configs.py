"""Configs and secrets on the wire, beside the documents themselves."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common


class ListQuery(common.Query):
    limit: common.Limit = None
    marker: typing.Annotated[str | None, pydantic.Field(
        description='UUID of the last item of the previous page.')] = None


class Metadata(common.Answer):
    name: str
    uid: str
    namespace: typing.Annotated[str, pydantic.Field(
        description='The project.')]
    labels: dict[str, str]
    annotations: dict[str, str]
    generation: typing.Annotated[int, pydantic.Field(
        description='Counts replacements.')]
    creation_timestamp: common.Time


class Config(common.Answer):
    api_version: typing.Literal['v1']
    kind: typing.Literal['ConfigMap']
    metadata: Metadata
    data: typing.Annotated[dict[str, str] | None, pydantic.Field(
        description='Left out of lists.')] = None
    binary_data: dict[str, str] | None = None


class Secret(common.Answer):
    api_version: typing.Literal['v1']
    kind: typing.Literal['Secret']
    type: str
    metadata: Metadata
    data: typing.Annotated[dict[str, str] | None, pydantic.Field(
        description='Base64. Left out of lists, of answers to changes, and '
                    'where policy does not allow secret:get:values.')] = None


class _List(common.Answer):
    api_version: typing.Literal['v1']
    next: typing.Annotated[str | None, pydantic.Field(
        description='Where the next page is; null: this is the last.')] = None


class ConfigList(_List):
    kind: typing.Literal['ConfigMapList']
    items: list[Config]


class SecretList(_List):
    kind: typing.Literal['SecretList']
    items: list[Secret]
