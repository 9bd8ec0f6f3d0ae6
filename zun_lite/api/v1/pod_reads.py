"""Logs, top, stats and exec: asked of the host that has the pod."""
import base64
import datetime
import json
import typing

from sqlalchemy import orm

from zun_lite import db
from zun_lite import exceptions
from zun_lite.api import streams
from zun_lite.api.operations import operation
from zun_lite.api.operations import TEXT
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1.schemas import pod_reads as schemas
from zun_lite.api.v1.schemas import pods as pod_schemas
from zun_lite.conf import CONF
from zun_lite.db import actions
from zun_lite.db import hosts
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.pod import capabilities
from zun_lite.pod import states

POD = '/v1/pods/{pod}'
DEFAULT_EXEC_TIMEOUT_S = 10.0
ERRORS = (404, 409, 504)


class PodReads:
    """No transaction is held while a host is asked."""

    def __init__(self, services: typing.Any) -> None:
        self._compute = services.compute
        self._streams = streams.Streams(services.compute)

    @operation('GET', f'{POD}/logs', 'Read what a container wrote',
               rule='pod:logs', query=schemas.LogsQuery, answers={200: None},
               produces=TEXT, or_json=True, errors=ERRORS)
    def logs(self, req: Request, resp: Response, pod: str) -> Response:
        """Followed logs are text, whatever is accepted."""
        query = req.query
        if query.follow:
            return self._follow(req, resp, pod)
        row = find(req, pod, states.Action.LOGS)
        data = self._compute.logs(
            row.host, row.uuid, container_of(row, query.container),
            tail=query.tail, timestamps=query.timestamps,
            since=query.since, previous=query.previous,
            limit_bytes=CONF.api.max_output_bytes)
        if req.accepts(TEXT):
            return resp.plain(data)
        return resp.values(data.decode('utf-8', 'replace'))

    def _follow(self, req: Request, resp: Response, pod: str) -> Response:
        query = req.query
        row = find(req, pod, states.Action.FOLLOW)
        return resp.stream(self._streams.follow(
            req.environ, row.host, row.uuid,
            container_of(row, query.container), tail=query.tail,
            since=query.since, timestamps=query.timestamps), [
                ('Content-Type', 'text/plain; charset=utf-8'),
                ('X-Content-Type-Options', 'nosniff')])

    @operation('GET', f'{POD}/top', 'List the processes of a container',
               rule='pod:top', query=schemas.TopQuery,
               answers={200: schemas.Top}, errors=ERRORS)
    def top(self, req: Request, resp: Response, pod: str) -> Response:
        row = find(req, pod, states.Action.TOP)
        return resp.values(self._compute.top(
            row.host, row.uuid, container_of(row, req.query.container)))

    @operation('GET', f'{POD}/stats', 'Read the use of resources',
               rule='pod:stats', query=pod_schemas.ShowQuery,
               answers={200: schemas.Stats}, errors=ERRORS)
    def stats(self, req: Request, resp: Response, pod: str) -> Response:
        row = find(req, pod, states.Action.STATS)
        found = [schemas.ContainerStats(**sample).model_dump()
                 for sample in self._compute.stats(row.host, row.uuid)]
        return resp.values({'containers': found})

    @operation('POST', f'{POD}/exec', 'Run a command in a container',
               rule='pod:exec', query=pod_schemas.ShowQuery,
               body=schemas.Exec, answers={200: schemas.ExecResult,
                                           201: schemas.Session},
               errors=ERRORS)
    def exec(self, req: Request, resp: Response, pod: str) -> Response:
        """Waits for its end, without input and without a terminal; or, 201,
        prepares a session.

        Recorded as an action, without the command: it may hold secrets.
        """
        asked = req.document(schemas.Exec)
        if asked.interactive:
            return self._converse(req, resp, pod, asked)
        timeout_s = asked.timeout or DEFAULT_EXEC_TIMEOUT_S
        if timeout_s > CONF.api.max_exec_timeout:
            raise exceptions.Invalid(fields=[exceptions.FieldError(
                'timeout', f'must be at most {CONF.api.max_exec_timeout}')])
        row = find(req, pod, states.Action.EXEC)
        container, began = container_of(row, asked.container), db.now()
        try:
            found = self._compute.exec(
                row.host, row.uuid, container, asked.command,
                timeout_s=timeout_s, limit_bytes=CONF.api.max_output_bytes)
        except exceptions.ZunLiteError as exc:
            record(req, row, began, actions.ERROR, f'{container}: {exc}')
            raise
        record(req, row, began, actions.SUCCESS,
                f'{container}: exit code {found["exit_code"]}')
        return resp.values({
            'exitCode': found['exit_code'], 'truncated': found['truncated'],
            'stdout': _output(found['stdout'], asked.encoding),
            'stderr': _output(found['stderr'], asked.encoding)})

    def _converse(self, req: Request, resp: Response, pod: str,
                  asked: schemas.Exec) -> Response:
        action = states.Action.EXEC_INTERACTIVE
        row = find(req, pod, action)
        container, began = container_of(row, asked.container), db.now()
        found = self._streams.execute(row.host, row.uuid, container,
                                      asked.command, asked.tty)
        record(req, row, began, actions.SUCCESS,
               f'{container}: session {found.session}', action)
        return resp.values(found._asdict(), 201)


@db.retry
def record(req: Request, row: pods.PodRow, began: datetime.datetime,
           result: str, message: str,
           action: states.Action = states.Action.EXEC) -> None:
    """Note who did what to the pod, and how it ended."""
    with db.writer() as session:
        actions.insert(
            session, pod_uuid=row.uuid, project_id=row.project_id,
            user_id=req.caller.user_id or '', action=action,
            request_id=req.caller.request_id, generation=row.generation,
            result=result, message=message, started_at=began)


def _output(data: bytes, encoding: str) -> str:
    if encoding == 'base64':
        return base64.b64encode(data).decode()
    return data.decode('utf-8', 'replace')


def find(req: Request, pod: str, action: states.Action) -> pods.PodRow:
    """The pod, when its host can be asked to do `action`.

    :raises Conflict: the phase does not allow it, or it has no host yet.
    :raises NotSupported: the host's driver lacks it.
    :raises Unavailable: the host is silent.
    """
    with db.reader() as session:
        row = pods.resolve(session, req.caller.project_filter, pod)
        host = _host(session, row.host) if row.host else None
    if host is not None and host.state != models.HostState.LIVE:
        raise exceptions.Unavailable(
            "The pod's host has fallen silent; try again later.")
    if not states.allows(action, row.phase):
        raise exceptions.Conflict(
            f'{action} does not fit a pod that is {row.phase}.')
    if host is None:
        raise exceptions.Conflict('The pod is not placed on a host yet.')
    if capabilities.action(action) not in json.loads(host.capabilities):
        raise exceptions.NotSupported(
            f'The driver {host.driver} of this pod does not support '
            f'{action}.')
    return row


def _host(session: orm.Session, name: str) -> hosts.HostRow:
    try:
        return hosts.get(session, name)
    except exceptions.HostNotFound as exc:
        raise exceptions.Unavailable("The pod's host is gone.") from exc


def container_of(row: pods.PodRow, asked: str | None) -> str:
    """The container that is meant.

    :raises ContainerNotFound: the pod has none of that name.
    :raises Invalid: none was named, and there are several.
    """
    spec = json.loads(row.spec)
    main = [c['name'] for c in spec['containers']]
    known = main + [c['name'] for c in spec.get('initContainers') or ()]
    if asked is None:
        if len(main) == 1:
            return main[0]
        raise exceptions.Invalid(fields=[exceptions.FieldError(
            'container', f'is required; one of {", ".join(known)}')])
    if asked not in known:
        raise exceptions.ContainerNotFound()
    return asked
