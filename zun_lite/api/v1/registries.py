"""/v1/registries: where projects get images from, and with which password."""
import typing

from zun_lite import db
from zun_lite.api import links
from zun_lite.api import paging
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import registries as schemas
from zun_lite.db import registries
from zun_lite.lifecycle import registries as lifecycle

BORN = zun_requests.V(1, 30)
LIST = '/v1/registries'
ONE = '/v1/registries/{registry}'
REACH = 'registry:get_all_all_projects'


def view(row: registries.RegistryRow) -> dict[str, typing.Any]:
    """Whether there is a password is not told either."""
    return {'uuid': row.uuid, 'name': row.name, 'domain': row.domain,
            'username': row.username, 'password': '***',
            'project_id': row.project_id, 'user_id': row.user_id}


def _answer(req: Request, resp: Response, row: registries.RegistryRow,
            status: int = 200) -> Response:
    base = links.base(req.environ)
    made = resp.values({'registry': view(row) | {
        'links': links.of(base, 'registries', row.uuid)}}, status)
    if status == 201:
        made.headerlist.append(('Location', f'{base}{LIST}/{row.uuid}'))
    return made


class Registries:
    """Administrators find those of every project, as in Zun."""

    @operation('GET', LIST, 'List registries', rule='registry:get_all',
               born=BORN, query=schemas.ListQuery, all_projects=REACH,
               answers={200: schemas.RegistryList}, errors=(404,))
    def list(self, req: Request, resp: Response) -> Response:
        query, limit = req.query, paging.size(req.query.limit)
        filters = {name: getattr(query, name) for name in registries.FILTERS
                   if getattr(query, name) is not None}
        with db.reader() as session:
            rows, last = paging.cut(registries.list_page(
                session, req.caller.project_filter, filters=filters,
                limit=limit + 1, marker=query.marker,
                sort_key=query.sort_key,
                descending=query.sort_dir == 'desc'), limit)
        return resp.values({
            'registries': [view(row) for row in rows],
            'next': last and paging.next_url(req.environ, last.uuid)})

    @operation('POST', LIST, 'Create a registry', rule='registry:create',
               born=BORN, body=schemas.CreateRequest,
               answers={201: schemas.RegistryAnswer})
    def create(self, req: Request, resp: Response) -> Response:
        """Names need not be unique."""
        given = req.document(schemas.CreateRequest).registry
        row = lifecycle.create(req.caller,
                               given.model_dump(exclude_none=True))
        return _answer(req, resp, row, 201)

    @operation('GET', ONE, 'Show a registry', rule='registry:get_one',
               born=BORN, answers={200: schemas.RegistryAnswer},
               errors=(404, 409))
    def show(self, req: Request, resp: Response, ident: str) -> Response:
        zun_requests.reach(req, REACH)
        with db.reader() as session:
            row = registries.resolve(session, req.caller.project_filter,
                                     ident)
        return _answer(req, resp, row)

    @operation('PATCH', ONE, 'Change a registry', rule='registry:update',
               born=BORN, body=schemas.UpdateRequest,
               answers={200: schemas.RegistryAnswer}, errors=(404, 409))
    def update(self, req: Request, resp: Response, ident: str) -> Response:
        """Counts for pulls that begin after it; what runs goes on."""
        given = req.document(schemas.UpdateRequest).registry
        zun_requests.reach(req, REACH)
        row = lifecycle.update(req.caller, ident,
                               given.model_dump(exclude_none=True))
        return _answer(req, resp, row)

    @operation('DELETE', ONE, 'Delete a registry', rule='registry:delete',
               born=BORN, answers={204: None}, errors=(404, 409))
    def delete(self, req: Request, resp: Response, ident: str) -> Response:
        """Not while containers use it."""
        zun_requests.reach(req, REACH)
        lifecycle.delete(req.caller, ident)
        return resp.nothing([])
