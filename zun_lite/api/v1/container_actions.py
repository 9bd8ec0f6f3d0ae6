"""/v1/containers/{container}/...: what is done to one, and what was."""
import contextlib
import typing

from zun_lite import db
from zun_lite import exceptions
from zun_lite.api import microversion
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import containers as controllers
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import container_actions as schemas
from zun_lite.api.v1.schemas import containers as container_schemas
from zun_lite.api.v1.views import container_actions as views
from zun_lite.db import actions
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import containers as lifecycle
from zun_lite.lifecycle import members
from zun_lite.pod.states import Action
from zun_lite.pod.states import Desired

PATH = controllers.PATH
BORN = microversion.MIN
V = zun_requests.V
LISTED = 1000
OF_ONE = frozenset({Action.EXEC, Action.EXEC_INTERACTIVE, Action.ATTACH,
                    Action.COPY})


def _post(name: str, summary: str, arguments: typing.Any = schemas.Plain,
          answers: typing.Any = None, **more: typing.Any) -> typing.Any:
    """An operation whose arguments are in the query or in the body."""
    return operation(
        'POST', f'{PATH}/{name}', summary, **{
            'rule': f'container:{name}', 'born': BORN, 'query': arguments,
            'body': arguments, 'body_required': False, 'merged': True,
            'answers': answers or {202: None}, 'errors': (404, 409), **more})


class ContainerActions:
    """Most answer 202 at once: it is recorded, and is then made true."""

    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = services.containers
        self._compute = services.compute

    def _change(self, req: Request, resp: Response, ident: str,
                action: Action, arguments: typing.Any = schemas.Plain,
                ) -> Response:
        given = zun_requests.arguments(req, arguments)
        zun_requests.reach(req, controllers.REACH)
        self._lifecycle.change(req.caller, ident, action,
                               timeout_s=getattr(given, 'timeout', None))
        return zun_requests.void(resp, 202)

    @_post('start', 'Start a container')
    def start(self, req: Request, resp: Response, ident: str) -> Response:
        return self._change(req, resp, ident, Action.START)

    @_post('stop', 'Stop a container', schemas.Timeout)
    def stop(self, req: Request, resp: Response, ident: str) -> Response:
        return self._change(req, resp, ident, Action.STOP, schemas.Timeout)

    @_post('reboot', 'Restart a container', schemas.Timeout)
    def reboot(self, req: Request, resp: Response, ident: str) -> Response:
        return self._change(req, resp, ident, Action.REBOOT, schemas.Timeout)

    @_post('pause', 'Freeze a container')
    def pause(self, req: Request, resp: Response, ident: str) -> Response:
        return self._change(req, resp, ident, Action.PAUSE)

    @_post('unpause', 'Thaw a container')
    def unpause(self, req: Request, resp: Response, ident: str) -> Response:
        return self._change(req, resp, ident, Action.UNPAUSE)

    @_post('rebuild', 'Make a container anew', schemas.Rebuild)
    def rebuild(self, req: Request, resp: Response, ident: str) -> Response:
        given = zun_requests.arguments(req, schemas.Rebuild)
        if given.image_driver == 'glance':
            raise exceptions.Invalid(fields=[FieldError(
                'image_driver', 'no image service is configured')])
        zun_requests.reach(req, controllers.REACH)
        self._lifecycle.rebuild(req.caller, ident, given.image)
        return zun_requests.void(resp, 202)

    @_post('kill', 'Send a signal to a container', schemas.Kill,
           errors=(404, 409, 504))
    def kill(self, req: Request, resp: Response, ident: str) -> Response:
        """SIGKILL ends it for good, whatever its restart policy says. Any
        other is sent before this answers; what it does shows later."""
        given = zun_requests.arguments(req, schemas.Kill)
        signal = zun_requests.signal(given.signal)
        zun_requests.reach(req, controllers.REACH)
        if signal == 'SIGKILL':
            self._end(req, ident)
        else:
            self._send(req, ident, signal)
        return zun_requests.void(resp, 202)

    def _end(self, req: Request, ident: str) -> None:
        """At once, also where a patient stop goes on: the host would wait
        for its end before it looks at anything newer."""
        with db.reader() as session:
            before = lifecycle.find(session, req.caller, ident, 'kill')
        self._lifecycle.change(req.caller, ident, Action.SIGNAL, timeout_s=0)
        if before.host is not None and before.desired is Desired.STOPPED:
            with contextlib.suppress(exceptions.ZunLiteError):
                self._compute.signal(before.host, before.uuid,
                                     lifecycle.MAIN, 'SIGKILL')

    def _send(self, req: Request, ident: str, signal: str) -> None:
        with db.reader() as session:
            row = lifecycle.find(session, req.caller, ident, 'kill')
            lifecycle.check_driver(session, row, Action.SIGNAL)
        try:
            self._compute.signal(row.host, row.uuid, lifecycle.MAIN, signal)
        except exceptions.ZunLiteError as exc:
            self._lifecycle.note(req.caller, row, Action.SIGNAL,
                                 actions.ERROR, str(exc))
            raise
        self._lifecycle.note(req.caller, row, Action.SIGNAL, actions.SUCCESS)

    @_post('rename', 'Rename a container', schemas.RenameQuery,
           body=schemas.Rename, last=V(1, 13),
           answers={200: container_schemas.ZunContainer})
    def rename(self, req: Request, resp: Response, ident: str) -> Response:
        """From 1.14 on the name is changed with PATCH."""
        given = zun_requests.arguments(req, schemas.Rename)
        zun_requests.reach(req, controllers.REACH)
        before, row = self._lifecycle.update(
            req.caller, ident, name=given.name, action=Action.RENAME)
        if before.name == row.name:
            raise exceptions.Conflict('The container has this name already.')
        return controllers.answer(req, resp, row)

    @_post('resize_container', 'Give a container other amounts',
           schemas.Resize, born=V(1, 19), errors=(404, 409, 504),
           answers={202: container_schemas.ZunContainer})
    def resize_container(self, req: Request, resp: Response,
                         ident: str) -> Response:
        given = zun_requests.arguments(req, schemas.Resize)
        zun_requests.reach(req, controllers.REACH)
        row = controllers.change(
            self._lifecycle, self._compute, req, ident,
            action=Action.RESIZE, **given.model_dump())
        return controllers.answer(req, resp, row, 202)

    @operation('GET', f'{PATH}/container_actions',
               'Who did what to a container', born=BORN,
               rule='container:actions', query=container_schemas.ShowQuery,
               all_projects=controllers.REACH,
               answers={200: schemas.ZunActionList}, errors=(404, 409))
    def actions(self, req: Request, resp: Response, ident: str) -> Response:
        """Newest first. What a capsule's member shares with the others is
        told as its own."""
        return resp.values({'containerActions': [
            views.action(row) for row in _actions(req, ident)]})

    @operation('GET', f'{PATH}/container_actions/{{request_id}}',
               'Show what a request did to a container', born=BORN,
               rule='container:actions', query=container_schemas.ShowQuery,
               all_projects=controllers.REACH,
               answers={200: schemas.ZunActionWithEvents}, errors=(404, 409))
    def action(self, req: Request, resp: Response, ident: str,
               request_id: str) -> Response:
        """By the X-Openstack-Request-Id of its answer."""
        for row in _actions(req, ident):
            if row.request_id == request_id:
                return resp.values(views.with_events(row))
        raise exceptions.NotFound('There is no such action.')


def _actions(req: Request, ident: str) -> list[actions.ActionRow]:
    """Of a capsule's member: what was done to it, or to all of them."""
    zun_requests.reach(req, controllers.REACH)
    with db.reader() as session:
        member = members.resolve(session, req.caller, ident)
        found = actions.list_page(session, None, member.row.uuid,
                                  limit=LISTED)
    if not member.in_capsule:
        return found
    return [row._replace(pod_uuid=ident.lower()) for row in found
            if row.action not in OF_ONE
            or (row.message or '').startswith(member.mark)]
