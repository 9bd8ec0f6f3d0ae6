"""Images on the wire, as OpenStack Zun has them."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import zun
from zun_lite.api.v1.schemas.zun import Arguments

Tag = typing.Annotated[str, pydantic.Field(
    max_length=128, pattern=r'^[a-zA-Z0-9_.:+-]+$')]


class ListQuery(zun.PageQuery):
    """What else is asked is passed over."""
    model_config = pydantic.ConfigDict(extra='ignore', frozen=True)


class Pull(Arguments):
    """The last three are taken for compatibility and change nothing."""
    repo: typing.Annotated[str, pydantic.Field(
        min_length=2, max_length=255, pattern=r'^[a-zA-Z0-9_.:/@\[\]-]+$',
        description='May end with :tag or @digest.')]
    host: typing.Annotated[zun.Ident, pydantic.Field(
        pattern='^[a-zA-Z0-9_.-]+$', description='Name or UUID of the host.')]
    tag: Tag | None = None
    image_id: str | None = None
    size: zun.Text | None = None
    image_pull_policy: str | None = None


class Search(Arguments):
    image_driver: typing.Literal['docker', 'glance'] | None = None
    exact_match: typing.Annotated[zun.Basic, pydantic.Field(
        description='Only what is called so.')] = False


class ZunImage(common.PlainAnswer):
    uuid: str
    links: list[common.Link]
    image_id: typing.Annotated[str | None, pydantic.Field(
        description="The engine's; null until it is there.")]
    repo: str
    tag: str
    size: typing.Annotated[str | None, pydantic.Field(
        description='Bytes.')]
    project_id: str
    host: str
    status: typing.Annotated[
        typing.Literal['pulling', 'committing', 'present', 'failed',
                       'deleting'] | None, pydantic.Field(
            description='From 1.41 on.')] = None
    status_reason: typing.Annotated[str | None, pydantic.Field(
        description='Why it could not be fetched, made or removed. From '
                    '1.41 on.')] = None


class ZunImageList(common.PlainAnswer):
    images: list[ZunImage]
    next: str | None


class Found(common.PlainAnswer):
    name: str
    description: str | None
    metadata: dict[str, typing.Any]


class FoundList(pydantic.RootModel[list[Found]]):
    """The best first."""
