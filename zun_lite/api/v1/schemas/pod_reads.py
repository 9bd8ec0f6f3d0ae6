"""What is read from a running pod, and what is run in it."""
import typing

import pydantic
import pydantic_core

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import pods
from zun_lite.pod import fields

ContainerName = typing.Annotated[fields.Label | None, pydantic.Field(
    description='Needed where the pod has more than one container.')]


class LogsQuery(pods.ShowQuery):
    container: ContainerName = None
    tail: typing.Annotated[common.Natural | None, pydantic.Field(
        description='Only so many of the last lines.')] = None
    since: typing.Annotated[common.Instant | None, pydantic.Field(
        description='Only what was written after this time, RFC 3339.',
    )] = None
    timestamps: typing.Annotated[common.Flag, pydantic.Field(
        description='Begin every line with its time.')] = False
    previous: typing.Annotated[common.Flag, pydantic.Field(
        description='Of the run before the last restart.')] = False
    follow: typing.Annotated[common.Flag, pydantic.Field(
        description='Go on with what is written, as it is written, until the '
                    'container ends.')] = False

    @pydantic.field_validator('follow')
    @classmethod
    def _of_the_present(cls, follow: bool,
                        info: pydantic.ValidationInfo) -> bool:
        if follow and info.data.get('previous'):
            raise pydantic_core.PydanticCustomError(
                'previous', 'is not possible with previous: that run is over')
        return follow


class TopQuery(pods.ShowQuery):
    container: ContainerName = None


_PROGRAM = {'type': 'string', 'minLength': 1, 'pattern': fields.TEXT}


def _has_program(command: list[str]) -> list[str]:
    if not command[0]:
        raise pydantic_core.PydanticCustomError(
            'program', 'must begin with a program')
    return command


class Exec(common.Body):
    """A command, run without a shell and without input."""
    container: ContainerName = None
    command: typing.Annotated[list[fields.Argument], pydantic.Field(
        min_length=1, json_schema_extra={'prefixItems': [_PROGRAM]}),
        pydantic.AfterValidator(_has_program)]
    timeout: typing.Annotated[float | None, pydantic.Field(
        gt=0, description='Seconds to wait for its end.')] = None
    encoding: typing.Annotated[
        typing.Literal['utf-8', 'base64'], pydantic.Field(
            description='How the answer carries the output. In utf-8, what is '
                        'not valid is replaced.')] = 'utf-8'
    interactive: typing.Annotated[bool, pydantic.Field(
        description='Answer with a session to join, in which the command '
                    'begins; `timeout` and `encoding` mean nothing then.',
        )] = False
    tty: typing.Annotated[bool, pydantic.Field(
        description='With `interactive`: give the command a terminal.',
        )] = False


class Session(common.Answer):
    url: typing.Annotated[str, pydantic.Field(
        description='A WebSocket, to be opened once and soon: who has it '
                    'needs no other credentials. It carries the raw bytes of '
                    'the terminal or of input and output.')]
    session: typing.Annotated[str, pydantic.Field(
        description='Names the session in `resize`.')]


class Attach(common.Body):
    container: ContainerName = None


class Resize(common.Body):
    """The size of a terminal, in characters."""
    container: ContainerName = None
    session: typing.Annotated[str | None, pydantic.Field(
        max_length=64, description='Without it: of all sessions that are '
                                   "attached to the container's process.",
        )] = None
    width: fields.TerminalCells
    height: fields.TerminalCells


def _absolute(path: str) -> str:
    if not path.startswith('/') or '\0' in path:
        raise pydantic_core.PydanticCustomError(
            'path', 'must be absolute')
    return path


ArchivePath = typing.Annotated[str, pydantic.Field(
    max_length=4096, description='An absolute path in the container.',
    json_schema_extra={'pattern': r'^/[^\x00]*$'}),
    pydantic.AfterValidator(_absolute)]


class ArchiveQuery(pods.ShowQuery):
    container: ContainerName = None
    path: ArchivePath


class ExecResult(common.Answer):
    exit_code: int
    stdout: str
    stderr: str
    truncated: typing.Annotated[bool, pydantic.Field(
        description='More was written than is shown.')]


class Top(common.Answer):
    titles: list[str]
    processes: list[list[str]]


class ContainerStats(common.Answer):
    name: str
    cpu_millis: float | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    rx_bytes: int | None = None
    tx_bytes: int | None = None
    read_bytes: int | None = None
    write_bytes: int | None = None
    pids: int | None = None


class Stats(common.Answer):
    containers: list[ContainerStats]
