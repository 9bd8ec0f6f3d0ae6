"""/v1/containers: as OpenStack Zun has them."""
import shlex
import typing

from zun_lite import context
from zun_lite import db
from zun_lite import exceptions
from zun_lite import policy
from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.api import paging
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import container_defaults
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import containers as schemas
from zun_lite.api.v1.views import capsules as capsule_views
from zun_lite.api.v1.views import containers as views
from zun_lite.db import containers
from zun_lite.db import hosts
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.db import registries
from zun_lite.db import shapes
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import containers as lifecycle
from zun_lite.lifecycle import members
from zun_lite.zun import names
from zun_lite.zun import translation

PATH = '/v1/containers/{container}'
BORN = microversion.MIN
V = zun_requests.V
REACH = 'container:get_one_all_projects'

_SINCE = {'auto_remove': 3, 'runtime': 5, 'hostname': 9, 'mounts': 11,
          'privileged': 21, 'healthcheck': 22, 'exposed_ports': 24,
          'registry': 31, 'host': 39, 'entrypoint': 40}
_RULES = {'runtime': 'runtime', 'privileged': 'privileged',
          'host': 'requested_destination',
          'image_pull_policy': 'image_pull_policy'}


def shown(caller: context.RequestContext) -> frozenset[str]:
    """Which of the keys that not everyone sees this caller does."""
    return frozenset(key for key in views.ADMIN_KEYS if policy.allowed(
        f'container:get_one:{key}', caller))


def answer(req: Request, resp: Response, row: shapes.Container,
           status: int = 200, created: bool = False) -> Response:
    base = links.base(req.environ)
    return resp.document(
        views.document(row, shown(req.caller), base), status,
        f'{base}/v1/containers/{row.uuid}' if created else None)


class Containers:
    """A container is a pod of one; its life is the pod's."""

    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = services.containers
        self._compute = services.compute

    @operation('GET', '/v1/containers', 'List containers', born=BORN,
               rule='container:get_all', query=schemas.ListQuery,
               all_projects='container:get_all_all_projects',
               answers={200: schemas.ContainerList}, errors=(404,))
    def list(self, req: Request, resp: Response) -> Response:
        query = req.query
        filters = {name: getattr(query, name) for name in containers.FILTERS
                   if getattr(query, name) is not None}
        if 'host' in filters:
            policy.enforce('container:get_one:host', req.caller)
        limit = paging.size(query.limit)
        with db.connection() as session:
            found = containers.list_page(
                session, req.caller.project_filter, filters=filters,
                shape=shapes.ShownContainer, origin=models.Origin.CONTAINER,
                passes=_passes(query),
                limit=limit + 1, marker=query.marker,
                sort_key=containers.check_sort_key(query.sort_key),
                descending=query.sort_dir == 'desc')
        rows, last = paging.cut(found, limit)
        return resp.document(views.page(
            rows, shown(req.caller),
            last and paging.next_url(req.environ, last.uuid)))

    @operation('POST', '/v1/containers', 'Create a container', born=BORN,
               rule='container:create', query=schemas.CreateQuery,
               merged=True, body=schemas.Create,
               answers={202: schemas.ZunContainer}, errors=(404, 409))
    def create(self, req: Request, resp: Response) -> Response:
        given = zun_requests.arguments(req, schemas.Create)
        _check(req, given)
        asked = container_defaults.fill(
            given, _command(req, given), req.version)
        asked['registry'] = _registry(req, given.registry)
        asked['host'] = _host(given.host)
        made = translation.container(asked)
        row = self._lifecycle.create(
            req.caller, given.name or names.container(), made,
            run=bool(given.run))
        return answer(req, resp, row, 202, created=True)

    @operation('GET', PATH, 'Show a container', born=BORN,
               rule='container:get_one', query=schemas.ShowQuery,
               all_projects=REACH, answers={200: schemas.ZunContainer},
               errors=(404, 409))
    def show(self, req: Request, resp: Response, ident: str) -> Response:
        zun_requests.reach(req, REACH)
        with db.connection() as session:
            found = _find(session, req.caller, ident)
        if isinstance(found, members.Member):
            return resp.values(capsule_views.member(
                found.row, found.name, shown(req.caller),
                links.base(req.environ)))
        return answer(req, resp, found)

    @operation('PATCH', PATH, 'Change a container', born=BORN,
               rule='container:update', query=schemas.Update, merged=True,
               body=schemas.Update, body_required=False,
               answers={200: schemas.ZunContainer}, errors=(404, 409, 504))
    def update(self, req: Request, resp: Response, ident: str) -> Response:
        """Name, healing, and how much it gets, also while it runs."""
        given = zun_requests.arguments(req, schemas.Update)
        zun_requests.reach(req, REACH)
        row = change(self._lifecycle, self._compute, req, ident,
                     **given.model_dump())
        return answer(req, resp, row)

    @operation('DELETE', PATH, 'Delete a container', born=BORN,
               rule='container:delete', query=schemas.Delete, merged=True,
               answers={204: None}, errors=(404, 409))
    def delete(self, req: Request, resp: Response, ident: str) -> Response:
        """Recorded; it is gone when it cannot be found any more."""
        given = zun_requests.arguments(req, schemas.Delete)
        zun_requests.gate(req, [name for name in ('force', 'stop')
                                if getattr(given, name)],
                          {'force': 7, 'stop': 12})
        if given.all_projects:
            policy.enforce('container:delete_all_projects', req.caller)
        if given.force:
            policy.enforce('container:delete_force', req.caller)
        if given.stop:
            policy.enforce('container:stop', req.caller)
        zun_requests.reach(req, 'container:delete_all_projects')
        self._lifecycle.delete(req.caller, ident, force=given.force,
                               stop=given.stop)
        return resp.nothing([])


def _find(session: db.Reading, caller: context.RequestContext,
          ident: str) -> shapes.ShownContainer | members.Member:
    """What is shown of a container, or a capsule's member.

    :raises ContainerNotFound:
    :raises AmbiguousName:
    """
    try:
        return pods.resolve(session, caller.project_filter, ident,
                            origin=models.Origin.CONTAINER,
                            shape=shapes.ShownContainer)
    except exceptions.ContainerNotFound:
        member = members.of_capsule(session, caller, ident)
        if member is None:
            raise
        return member


def change(life: typing.Any, compute: typing.Any, req: Request, ident: str,
           **given: typing.Any) -> pods.PodRow:
    """Write it down, then tell the host; what it refuses is taken back."""
    before, row = life.update(req.caller, ident, **given)
    if row.host is not None and (given.get('cpu') or given.get('memory')):
        try:
            compute.update(
                row.host, row.uuid, lifecycle.MAIN,
                cpu_millis=_millis(given.get('cpu')),
                memory_bytes=_bytes(given.get('memory')))
        except exceptions.NotFound:
            pass              # not made yet: it will be as the record says
        except exceptions.ZunLiteError:
            life.restore(req.caller, before)
            raise
    return row


def _millis(cpu: float | None) -> int | None:
    return None if cpu is None else round(cpu * 1000)


def _bytes(memory: int | None) -> int | None:
    return None if memory is None else memory * 2**20


def _passes(query: schemas.ListQuery) -> typing.Any:
    """What only a look at the row tells; None: nothing of that is asked."""
    wanted = {name: getattr(query, name) for name in (
        'image', 'memory', 'task_state', 'status', 'auto_remove')
        if getattr(query, name) is not None}
    if not wanted:
        return None

    def passes(row: shapes.ShownContainer) -> bool:
        view = views.values(row)
        return all(view[name] == value for name, value in wanted.items())
    return passes


def _check(req: Request, given: schemas.Create) -> None:
    """Versions and policy of single fields.

    :raises Invalid:
    :raises Forbidden:
    """
    there = [name for name in given.model_fields_set
             if getattr(given, name) not in (None, [])]
    zun_requests.gate(req, there, _SINCE)
    for name in there:
        if name in _RULES:
            policy.enforce(f'container:create:{_RULES[name]}', req.caller)


def _registry(req: Request, ident: str | None) -> dict[str, str] | None:
    """What `zun.translation` wants to know of it.

    :raises NotFound:
    :raises AmbiguousName:
    """
    if ident is None:
        return None
    with db.reader() as session:
        found = registries.resolve(session, req.caller.project_id, ident)
    return {'uuid': found.uuid, 'domain': found.domain}


def _host(ident: str | None) -> str | None:
    """The name of the host that was asked for, by name or UUID.

    :raises HostNotFound:
    """
    if ident is None:
        return None
    with db.reader() as session:
        return hosts.get(session, ident).name


def _command(req: Request, given: schemas.Create) -> typing.Sequence[str]:
    """Text up to 1.19, a list from 1.20 on.

    :raises Invalid: it is the other, or its quotes do not match.
    """
    command = given.command
    if command is None:
        return ()
    if isinstance(command, str) is (req.version >= V(1, 20)):
        raise exceptions.Invalid(fields=[FieldError('command', (
            'must be a list' if isinstance(command, str)
            else 'must be text before version 1.20'))])
    if not isinstance(command, str):
        return command
    try:
        return shlex.split(command)
    except ValueError as exc:
        raise exceptions.Invalid(fields=[FieldError(
            'command', f'cannot be split into words: {exc}')]) from None
