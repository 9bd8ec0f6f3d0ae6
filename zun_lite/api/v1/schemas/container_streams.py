"""Sessions and archives of containers, as OpenStack Zun has them."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import zun
from zun_lite.api.v1.schemas.zun import Arguments
from zun_lite.pod import fields

# As the engine takes it: what is not absolute begins at the root, too.
ArchivePath = typing.Annotated[str, pydantic.Field(
    min_length=1, max_length=4096, pattern=fields.TEXT,
    description='A path in the container, from its root.'),
    pydantic.AfterValidator(lambda path: '/' + path.lstrip('/'))]
Cells = typing.Annotated[zun.Positive, pydantic.Field(le=10_000)]


class NoArguments(Arguments):
    """None."""


class Address(pydantic.RootModel[str]):
    """Of a WebSocket: ws://cloud.example:6784/?token=..."""


class ExecuteQuery(Arguments):
    command: str | None = None
    run: zun.Basic = True
    interactive: zun.Basic = False


class Execute(Arguments):
    command: typing.Annotated[str, pydantic.Field(
        min_length=1, description='Split into words as a shell does.')]
    run: zun.Basic = True
    interactive: zun.Basic = False


class Executed(common.PlainAnswer):
    output: str | None
    exit_code: int | None
    exec_id: str | None
    proxy_url: str | None


class SizeQuery(Arguments):
    w: typing.Annotated[Cells | None, pydantic.Field(
        description='Columns.')] = None
    h: typing.Annotated[Cells | None, pydantic.Field(
        description='Rows.')] = None


class Size(Arguments):
    w: Cells
    h: Cells


class ExecuteResizeQuery(SizeQuery):
    exec_id: typing.Annotated[str | None, pydantic.Field(
        description="Of execute's answer.")] = None


class ExecuteResize(Size):
    exec_id: typing.Annotated[str, pydantic.Field(
        pattern='^[a-f0-9]{64}$')]


class GetArchive(Arguments):
    path: ArchivePath


class PutArchiveQuery(Arguments):
    path: typing.Annotated[str | None, pydantic.Field(
        description='A path in the container, from its root. In a body it '
                    'must come before `data`.')] = None


class PutArchive(Arguments):
    path: ArchivePath
    data: typing.Annotated[str, pydantic.Field(
        description='A tar archive in base64; before 1.25, as text.')]


class PathStat(common.PlainAnswer):
    """As the Docker API tells it; `mode` is Go's."""
    name: str
    size: int
    mode: int
    mtime: str
    linkTarget: str


class ZunArchive(common.PlainAnswer):
    stat: PathStat
    data: typing.Annotated[str, pydantic.Field(
        description='A tar archive in base64; before 1.25, as text in which '
                    'bytes that are no UTF-8 are U+DC80 to U+DCFF.')]
