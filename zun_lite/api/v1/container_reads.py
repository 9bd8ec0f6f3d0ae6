"""Top, stats and networks of a container."""
import json
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
from zun_lite.api.v1.views import containers as views
from zun_lite.db import hosts
from zun_lite.db import models
from zun_lite.lifecycle import containers as lifecycle
from zun_lite.lifecycle import members
from zun_lite.pod.states import Action

PATH = controllers.PATH
BORN = microversion.MIN
V = zun_requests.V
ERRORS = (404, 409, 504)
MIB = 2**20


def _get(name: str, summary: str, **more: typing.Any) -> typing.Any:
    return operation('GET', f'{PATH}/{name}', summary, **{
        'rule': f'container:{name}', 'born': BORN, 'merged': True,
        'errors': ERRORS, **more})


class ContainerReads:
    """No transaction is held while a host is asked."""

    def __init__(self, services: typing.Any) -> None:
        self._compute = services.compute

    @_get('top', 'List the processes of a container',
          query=schemas.TopQuery, answers={200: schemas.ZunTop})
    def top(self, req: Request, resp: Response, ident: str) -> Response:
        zun_requests.arguments(req, schemas.TopQuery)
        row, name = find(req, ident, Action.TOP)
        found = self._compute.top(row.host, row.uuid, name)
        return resp.values({'Titles': found['titles'],
                            'Processes': found['processes']})

    @_get('stats', 'Read the use of resources', query=schemas.Plain,
          answers={200: schemas.ZunStats})
    def stats(self, req: Request, resp: Response, ident: str) -> Response:
        zun_requests.arguments(req, schemas.Plain)
        member = find(req, ident, Action.STATS)
        row = member.row
        for sample in self._compute.stats(row.host, row.uuid):
            if sample['name'] == member.name:
                return resp.values(_stats(member.title, sample))
        raise exceptions.Conflict('The container does not run.')

    @_get('network_list', 'List the networks of a container', born=V(1, 13),
          merged=False, all_projects=controllers.REACH,
          query=container_schemas.ShowQuery, errors=(404, 409),
          answers={200: schemas.NetworkList})
    def network_list(self, req: Request, resp: Response,
                     ident: str) -> Response:
        row, _ = find(req, ident, None)
        found = views.addresses(row, json.loads(row.status))
        return resp.values({'networks': [
            _network(net, port, req.version) for net, ports in found.items()
            for port in ports]})


def find(req: Request, ident: str, action: Action | None,
         zun_action: str | None = None) -> members.Member:
    """The container, also a capsule's, when its host can be asked, or it has
    none.

    :raises Conflict: the status does not fit.
    :raises NotSupported: the driver cannot.
    :raises Unavailable: the host is silent.
    """
    zun_requests.reach(req, controllers.REACH)
    with db.reader() as session:
        found = members.find(session, req.caller, ident,
                             zun_action or (action or ''))
        row = found.row
        if action is None or row.host is None:
            return found
        lifecycle.check_driver(session, row, action)
        if hosts.get(session, row.host).state != models.HostState.LIVE:
            raise exceptions.Unavailable(
                "The container's host has fallen silent; try again later.")
    return found


def _stats(name: str, sample: dict[str, typing.Any],
           ) -> dict[str, typing.Any]:
    used, limit = sample['memory_bytes'], sample['memory_limit_bytes']
    return {
        'CONTAINER': name, 'CPU %': sample['cpu_millis'] / 10,
        'MEM USAGE(MiB)': used / MIB,
        'MEM LIMIT(MiB)': (limit or 0) / MIB,
        'MEM %': round(100 * used / limit, 2) if limit else 0.0,
        'BLOCK I/O(B)': _pair(sample['read_bytes'], sample['write_bytes']),
        'NET I/O(B)': _pair(sample['rx_bytes'], sample['tx_bytes'])}


def _pair(first: int | None, second: int | None) -> str:
    """Clients take them apart; what a driver cannot tell is 0."""
    return f'{first or 0}/{second or 0}'


def _network(net: str, port: dict[str, typing.Any],
             version: microversion.Version) -> dict[str, typing.Any]:
    """An item for each port; before 1.18, for each address."""
    address = {'subnet_id': port['subnet_id'], 'version': port['version'],
               'ip_address': port['addr']}
    found = {'net_id': net, 'port_id': port['port']}
    if version < V(1, 18):
        return found | address
    return found | {'fixed_ips': [address]}
