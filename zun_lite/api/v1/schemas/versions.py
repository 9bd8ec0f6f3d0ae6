"""Version documents and health."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common


class Version(common.PlainAnswer):
    id: str
    status: typing.Literal['CURRENT']
    min_version: str
    max_version: str
    links: list[common.Link]


class Versions(common.PlainAnswer):
    name: str
    description: str
    versions: list[Version]
    default_version: Version


class MediaType(common.PlainAnswer):
    base: str
    type: str


class V1(common.PlainAnswer):
    """With one more key for each collection: its links."""
    model_config = pydantic.ConfigDict(extra='allow')
    id: str
    links: list[dict[str, str]]
    media_types: list[MediaType]


class Health(common.PlainAnswer):
    status: typing.Literal['ok']
    checks: dict[str, typing.Literal['ok']]
