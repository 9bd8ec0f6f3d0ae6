"""/v1/networks: networks of a project's own making, on each host."""
import typing

from zun_lite import db
from zun_lite import exceptions
from zun_lite.api import microversion
from zun_lite.api import paging
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import networks as schemas
from zun_lite.api.v1.views import networks as views
from zun_lite.db import networks
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import networks as lifecycle
from zun_lite.zun import networks as zun_networks

PATH = '/v1/networks/{network}'
REACH = 'network:all_projects'
V = zun_requests.V


class Networks:
    """A host has one as long as containers are on it there."""

    def __init__(self, services: typing.Any) -> None:
        """Nothing of these is needed: a network is a record."""

    @operation('GET', '/v1/networks', 'List networks',
               rule='network:get_all', query=schemas.ListQuery,
               all_projects=REACH, answers={200: schemas.ZunNetworkList},
               errors=(404,))
    def list(self, req: Request, resp: Response) -> Response:
        """In the order in which they were made."""
        limit = paging.size(req.query.limit)
        with db.reader() as session:
            rows, last = paging.cut(networks.list_page(
                session, req.caller.project_filter, limit=limit + 1,
                marker=req.query.marker), limit)
        return resp.values({
            'networks': [views.network(row, req.version) for row in rows],
            'next': last and paging.next_url(req.environ, last.uuid)})

    @operation('POST', '/v1/networks', 'Make a network',
               born=microversion.MIN, rule='network:create',
               body=schemas.Create, merged=True,
               answers={200: schemas.ZunNetwork}, errors=(409,))
    def create(self, req: Request, resp: Response) -> Response:
        """Its name is unique in the project."""
        given = zun_requests.arguments(req, schemas.Create)
        if given.neutron_net_id is not None:
            raise exceptions.Invalid(fields=[FieldError(
                'neutron_net_id', zun_networks.NO_NEUTRON)])
        zun_requests.gate(req, ['cidr'] if given.cidr else [], {'cidr': 41})
        row = lifecycle.create(req.caller, given.name, given.cidr)
        return resp.values(views.network(row, req.version))

    @operation('GET', PATH, 'Show a network', rule='network:get_one',
               answers={200: schemas.ZunNetwork}, errors=(404,))
    def show(self, req: Request, resp: Response, ident: str) -> Response:
        """By UUID or name."""
        with db.reader() as session:
            row = networks.get(session, _scope(req, ident), ident)
        return resp.values(views.network(row, req.version))

    @operation('DELETE', PATH, 'Delete a network', born=V(1, 27),
               rule='network:delete', answers={204: None}, errors=(404, 409))
    def delete(self, req: Request, resp: Response, ident: str) -> Response:
        """One that no container is on."""
        req.caller.all_projects = _scope(req, ident) is None
        lifecycle.delete(req.caller, ident)
        return resp.nothing([])


def _scope(req: Request, ident: str) -> str | None:
    """Where to look: one's own project first, and those who may, by UUID,
    in every other."""
    with db.reader() as session:
        try:
            networks.get(session, req.caller.project_id, ident)
        except exceptions.NetworkNotFound:
            zun_requests.reach(req, REACH)
    return req.caller.project_filter
