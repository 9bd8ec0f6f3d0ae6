"""/v1/hosts: the machines and clusters that pods run on."""
from zun_lite import db
from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.api import paging
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1.schemas import hosts as schemas
from zun_lite.api.v1.views import hosts as views
from zun_lite.db import hosts
from zun_lite.db import pods

BORN = microversion.Version(1, 4)
_COLUMNS = {'hostname': 'name'}


class Hosts:
    """For administrators. Zun has them from 1.4 on; 1.41 tells more."""

    @operation('GET', '/v1/hosts', 'List hosts', rule='host:get_all',
               born=BORN, unversioned=microversion.PODS,
               query=schemas.ListQuery, answers={200: schemas.HostList},
               errors=(404,))
    def list(self, req: Request, resp: Response) -> Response:
        query, limit = req.query, paging.size(req.query.limit)
        key = query.sort_key or (
            'id' if req.version >= microversion.PODS else 'hostname')
        with db.reader() as session:
            rows, last = paging.cut(hosts.list_page(
                session, limit + 1, query.marker,
                sort_key=_COLUMNS.get(key, key),
                descending=query.sort_dir == 'desc'), limit)
            counts = pods.count_containers(session, [r.name for r in rows])
        base = links.base(req.environ)
        return resp.values({
            'hosts': [views.host(row, counts.get(row.name, 0), base,
                                 req.version)
                      for row in rows],
            'next': last and paging.next_url(req.environ, last.uuid)})

    @operation('GET', '/v1/hosts/{host}', 'Show a host', rule='host:get',
               born=BORN, unversioned=microversion.PODS,
               answers={200: schemas.Host}, errors=(404,))
    def show(self, req: Request, resp: Response, host: str) -> Response:
        with db.reader() as session:
            row = hosts.get(session, host)
            counts = pods.count_containers(session, [row.name])
        return resp.values(views.host(
            row, counts.get(row.name, 0), links.base(req.environ),
            req.version))
