"""Arguments and answers of what is done to a container."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import containers
from zun_lite.api.v1.schemas import zun
from zun_lite.api.v1.schemas.zun import Arguments


class Plain(Arguments):
    """None."""


class Timeout(Arguments):
    timeout: typing.Annotated[zun.Natural | None, pydantic.Field(
        description='Seconds between asking it to end and killing it.')] = None

    @pydantic.field_validator('timeout', mode='before')
    @classmethod
    def _empty(cls, value: object) -> object:
        return None if value == '' else value


class Kill(Arguments):
    signal: typing.Annotated[zun.Text | None, pydantic.Field(
        description='Its name, with or without SIG, or number. Default '
                    'SIGKILL.')] = None


class Rebuild(Arguments):
    image: typing.Annotated[str | None, pydantic.Field(
        min_length=2, max_length=255)] = None
    image_driver: typing.Literal['docker', 'glance'] | None = None


class RenameQuery(Arguments):
    name: zun.Name | None = None


class Rename(Arguments):
    name: zun.Name


class Resize(Arguments):
    cpu: containers.Cpu = None
    memory: containers.Memory = None


Repository = typing.Annotated[str, pydantic.Field(
    min_length=1, max_length=190, description='Name of the image. The id of '
    'the project is put before it.')]
Tag = typing.Annotated[str | None, pydantic.Field(
    max_length=128, description='Default latest.')]


class CommitQuery(Arguments):
    repository: Repository | None = None
    tag: Tag = None


class Commit(Arguments):
    repository: Repository
    tag: Tag = None


class Committed(common.PlainAnswer):
    """`image`: what to make containers of on this host."""
    uuid: str
    image: str


class Logs(Arguments):
    stdout: zun.Extended = True
    stderr: zun.Extended = True
    timestamps: zun.Extended = False
    tail: typing.Annotated[str, pydantic.Field(
        description='Lines from the end; anything else is all.')] = 'all'
    since: typing.Annotated[str | None, pydantic.Field(
        description='Seconds since the epoch, or YYYY-MM-DD HH:MM:SS,mmm.',
    )] = None
    follow: typing.Annotated[zun.Extended, pydantic.Field(
        description='Answer with text, as it is written, until the container '
                    'ends. From 1.41 on.')] = False


class TopQuery(Arguments):
    ps_args: typing.Annotated[str | None, pydantic.Field(
        description='Taken for compatibility; the columns are the '
                    "driver's.")] = None


class ZunTop(common.PlainAnswer):
    Titles: list[str]
    Processes: list[list[str]]


class ZunStats(common.PlainAnswer):
    CONTAINER: str
    cpu: typing.Annotated[float, pydantic.Field(alias='CPU %')]
    used: typing.Annotated[float, pydantic.Field(alias='MEM USAGE(MiB)')]
    limit: typing.Annotated[float, pydantic.Field(alias='MEM LIMIT(MiB)')]
    share: typing.Annotated[float, pydantic.Field(alias='MEM %')]
    blocks: typing.Annotated[str, pydantic.Field(alias='BLOCK I/O(B)')]
    net: typing.Annotated[str, pydantic.Field(alias='NET I/O(B)')]


class ZunEvent(common.PlainAnswer):
    event: str
    start_time: str
    finish_time: str | None
    result: typing.Literal['Success', 'Error'] | None
    traceback: str | None


class ZunAction(common.PlainAnswer):
    action: str
    container_uuid: str
    request_id: str
    user_id: str
    project_id: str
    start_time: str
    finish_time: str | None
    message: str | None


class ZunActionList(common.PlainAnswer):
    actions: typing.Annotated[list[ZunAction], pydantic.Field(
        alias='containerActions')]


class ZunActionWithEvents(ZunAction):
    events: list[ZunEvent]


class NetworkList(common.PlainAnswer):
    """Items have other keys before 1.18."""
    networks: list[dict[str, typing.Any]]
