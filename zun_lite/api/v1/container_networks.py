"""/v1/containers/{container}/network_...: what a container is joined to."""
import typing

from zun_lite import db
from zun_lite import exceptions
from zun_lite.api import microversion
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import containers as controllers
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import container_networks as schemas
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import container_networks as lifecycle
from zun_lite.lifecycle import containers as container_lifecycle
from zun_lite.zun import networks as zun_networks

PATH = controllers.PATH
V = zun_requests.V


def _post(name: str, summary: str, arguments: typing.Any, status: int,
          **more: typing.Any) -> typing.Any:
    return operation('POST', f'{PATH}/{name}', summary, **{
        'rule': f'container:{name}', 'query': arguments, 'merged': True,
        'body': arguments, 'body_required': False, 'errors': (404, 409),
        'answers': {status: None}, **more})


class ContainerNetworks:
    """Recorded, and then made true while the container goes on."""

    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = services.containers

    @_post('network_attach', 'Join a container to a network', schemas.Attach,
           200, born=V(1, 8))
    def network_attach(self, req: Request, resp: Response,
                       ident: str) -> Response:
        """Without a network: to the project's own."""
        given = zun_requests.arguments(req, schemas.Attach)
        if given.port is not None:
            raise exceptions.Invalid(fields=[FieldError(
                'port', 'cannot be told beside a network' if given.network
                else zun_networks.NO_NEUTRON)])
        zun_requests.reach(req, controllers.REACH)
        self._lifecycle.rung(lifecycle.attach(
            req.caller, ident, given.network, given.fixed_ip))
        return zun_requests.void(resp, 200)

    @_post('network_detach', 'Take a container off a network',
           schemas.Detach, 202, born=V(1, 6))
    def network_detach(self, req: Request, resp: Response,
                       ident: str) -> Response:
        """By the network, or by the container's place on it."""
        given = zun_requests.arguments(req, schemas.Detach)
        if (given.network is None) is (given.port is None):
            raise exceptions.Invalid(fields=[FieldError(
                'network', 'either network or port must be told, not both')])
        zun_requests.reach(req, controllers.REACH)
        self._lifecycle.rung(lifecycle.detach(
            req.caller, ident, network=given.network, port=given.port))
        return zun_requests.void(resp, 202)

    @_post('add_security_group', 'Hold a container to a security group',
           schemas.GroupQuery, 202, born=microversion.MIN, last=V(1, 14),
           body=schemas.Group)
    def add_security_group(self, req: Request, resp: Response,
                           ident: str) -> Response:
        """Refused, as there is no Neutron that had any."""
        return self._refuse(req, ident, 'add_security_group')

    @_post('remove_security_group', 'Free a container of a security group',
           schemas.GroupQuery, 202, born=microversion.MIN, last=V(1, 14),
           body=schemas.Group)
    def remove_security_group(self, req: Request, resp: Response,
                              ident: str) -> Response:
        """Refused, as there is no Neutron that had any."""
        return self._refuse(req, ident, 'remove_security_group')

    @staticmethod
    def _refuse(req: Request, ident: str, action: str) -> typing.NoReturn:
        """What is wrong with the container is told first, as by Zun."""
        zun_requests.arguments(req, schemas.Group)
        zun_requests.reach(req, controllers.REACH)
        with db.reader() as session:
            container_lifecycle.find(session, req.caller, ident, action)
        raise exceptions.Invalid(fields=[FieldError(
            'name', zun_networks.NO_NEUTRON)])
