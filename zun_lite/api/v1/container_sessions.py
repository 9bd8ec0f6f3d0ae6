"""Commands in containers, and sessions with them, in Zun's way."""
import shlex
import typing

from zun_lite import exceptions
from zun_lite.api import streams
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import container_reads
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import container_streams as schemas
from zun_lite.conf import CONF
from zun_lite.db import actions
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import members
from zun_lite.pod.states import Action

PATH = container_reads.PATH
BORN = container_reads.BORN
ERRORS = container_reads.ERRORS


def _post(name: str, summary: str, **more: typing.Any) -> typing.Any:
    return operation('POST', f'{PATH}/{name}', summary, **{
        'rule': f'container:{name}', 'born': BORN, 'body_required': False,
        'merged': True, 'errors': ERRORS, **more})


class ContainerSessions:
    """No transaction is held while a host is asked."""

    def __init__(self, services: typing.Any) -> None:
        self._compute = services.compute
        self._lifecycle = services.containers
        self._streams = streams.Streams(services.compute)

    @_post('execute', 'Run a command in a container',
           query=schemas.ExecuteQuery, body=schemas.Execute,
           answers={200: schemas.Executed})
    def execute(self, req: Request, resp: Response, ident: str) -> Response:
        """Waits for its end; both streams are one text. Without `run`, the
        command begins when its session is joined at `proxy_url`."""
        given = zun_requests.arguments(req, schemas.Execute)
        command = _words(given.command)
        return resp.values({
            'output': None, 'exit_code': None, 'exec_id': None,
            'proxy_url': None, **(
                self._run(req, ident, command) if given.run else
                self._prepare(req, ident, command, given.interactive))})

    def _run(self, req: Request, ident: str,
             command: list[str]) -> dict[str, typing.Any]:
        member = container_reads.find(req, ident, Action.EXEC, 'execute')
        row = member.row
        try:
            found = self._compute.exec(
                row.host, row.uuid, member.name, command,
                timeout_s=CONF.containers.execute_timeout,
                limit_bytes=CONF.api.max_output_bytes)
        except exceptions.TimedOut as exc:
            self._note(req, member, Action.EXEC, actions.ERROR, str(exc))
            raise exceptions.Conflict(exc.message) from exc
        code = found['exit_code']
        self._note(req, member, Action.EXEC, actions.SUCCESS,
                   f'exit code {code}')
        output = (found['stdout'] + found['stderr']).decode('utf-8',
                                                            'replace')
        if found['truncated']:
            output += ('\n[cut: more than '
                       f'{CONF.api.max_output_bytes} bytes were written]')
        return {'output': output, 'exit_code': code}

    def _prepare(self, req: Request, ident: str, command: list[str],
                 tty: bool) -> dict[str, typing.Any]:
        action = Action.EXEC_INTERACTIVE
        member = container_reads.find(req, ident, action, 'execute')
        found = self._streams.execute(member.row.host, member.row.uuid,
                                      member.name, command, tty)
        self._note(req, member, action, actions.SUCCESS,
                   f'session {found.session}')
        return {'exec_id': found.session,
                'proxy_url': f'{found.url}&exec_id={found.session}'}

    @_post('execute_resize', "Set the size of a command's terminal",
           query=schemas.ExecuteResizeQuery, body=schemas.ExecuteResize,
           answers={200: None})
    def execute_resize(self, req: Request, resp: Response,
                       ident: str) -> Response:
        """Of a command whose session is open."""
        given = zun_requests.arguments(req, schemas.ExecuteResize)
        member = container_reads.find(req, ident, Action.EXEC_INTERACTIVE,
                                      'execute_resize')
        self._resize(member, given, 'exec_id', given.exec_id)
        return zun_requests.void(resp, 200)

    @operation('GET', f'{PATH}/attach', "Join a container's own process",
               rule='container:attach', born=BORN, merged=True,
               query=schemas.NoArguments, answers={200: schemas.Address},
               errors=ERRORS)
    def attach(self, req: Request, resp: Response, ident: str) -> Response:
        """The address of a WebSocket, as one JSON string."""
        zun_requests.arguments(req, schemas.NoArguments)
        member = container_reads.find(req, ident, Action.ATTACH)
        if not member.interactive:
            raise exceptions.Invalid(
                'The container was not made with interactive, so it cannot '
                'be attached to; use execute.')
        found = self._streams.attach(member.row.host, member.row.uuid,
                                     member.name)
        self._note(req, member, Action.ATTACH, actions.SUCCESS,
                   f'session {found.session}')
        return resp.values(found.url)

    @_post('resize', "Set the size of a container's terminal",
           query=schemas.SizeQuery, body=schemas.Size, answers={200: None})
    def resize(self, req: Request, resp: Response, ident: str) -> Response:
        """For all that are attached to it."""
        given = zun_requests.arguments(req, schemas.Size)
        member = container_reads.find(req, ident, Action.ATTACH, 'resize')
        self._resize(member, given, '')
        return zun_requests.void(resp, 200)

    def _resize(self, member: members.Member, size: typing.Any, path: str,
                session: str | None = None) -> None:
        row = member.row
        try:
            self._streams.resize(row.host, row.uuid, member.name, size.w,
                                 size.h, session)
        except exceptions.Conflict:
            # Clients go on after this status, and after no other.
            raise exceptions.Invalid(fields=[FieldError(
                path, 'no open session has it' if path
                else 'resizes the sessions that are attached; none is')],
                ) from None

    def _note(self, req: Request, member: members.Member, action: Action,
              result: str, message: str) -> None:
        """Without the command: it may hold secrets."""
        self._lifecycle.note(req.caller, member.row, action, result,
                             member.told(message))


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as exc:
        raise exceptions.Invalid(fields=[FieldError(
            'command', f'cannot be split into words: {exc}')]) from None
    if not words:
        raise exceptions.Invalid(fields=[FieldError('command', 'is empty')])
    return words
