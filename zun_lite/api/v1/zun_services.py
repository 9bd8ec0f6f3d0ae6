"""/v1/services and /v1/availability_zones: hosts as Zun's operators know them.
"""
import typing

from zun_lite import db
from zun_lite import exceptions
from zun_lite.api import microversion
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import services as schemas
from zun_lite.api.v1.schemas import zun
from zun_lite.api.v1.views import services as views
from zun_lite.db import services
from zun_lite.lifecycle import services as lifecycle

BORN = microversion.MIN
PATH = '/v1/services'
Asked = typing.TypeVar('Asked', bound=schemas.Which)


def _given(req: Request, model: type[Asked]) -> Asked:
    """:raises HostNotFound: of another binary there is no record."""
    given = zun_requests.arguments(req, model)
    if given.binary != views.BINARY:
        raise exceptions.HostNotFound(
            f'There is no service {given.binary[:64]} on host {given.host}; '
            f'hosts run {views.BINARY}.')
    return given


def _changed(resp: Response, given: schemas.Which,
             **now: bool | str | None) -> Response:
    return resp.values({'service': {
        'host': given.host, 'binary': given.binary, **now}})


class Services:
    """For administrators."""

    @operation('GET', PATH, 'List services', rule='zun-service:get_all',
               born=BORN, query=schemas.AnyQuery,
               answers={200: schemas.ServiceList})
    def list(self, req: Request, resp: Response) -> Response:
        """In the order in which their hosts first registered."""
        with db.reader() as session:
            rows = services.every(session)
        return resp.values({'services': [views.service(r) for r in rows]})

    @operation('PUT', f'{PATH}/enable', 'Enable a service',
               rule='zun-service:enable', born=BORN, query=schemas.Which,
               merged=True, body=schemas.Which, body_required=False,
               answers={200: schemas.ChangedService}, errors=(404,))
    def enable(self, req: Request, resp: Response) -> Response:
        """The host gets new pods again."""
        given = _given(req, schemas.Which)
        lifecycle.enable(given.host)
        return _changed(resp, given, disabled=False, disabled_reason=None)

    @operation('PUT', f'{PATH}/disable', 'Disable a service',
               rule='zun-service:disable', born=BORN, query=schemas.Disable,
               merged=True, body=schemas.Disable, body_required=False,
               answers={200: schemas.ChangedService}, errors=(404,))
    def disable(self, req: Request, resp: Response) -> Response:
        """The host keeps its pods and gets no new ones."""
        given = _given(req, schemas.Disable)
        lifecycle.disable(given.host, given.disabled_reason)
        return _changed(resp, given, disabled=True,
                        disabled_reason=given.disabled_reason)

    @operation('PUT', f'{PATH}/force_down', 'Force a service down',
               rule='zun-service:force_down', born=BORN,
               query=schemas.ForceDown, merged=True, body=schemas.ForceDown,
               body_required=False, answers={200: schemas.ChangedService},
               errors=(404,))
    def force_down(self, req: Request, resp: Response) -> Response:
        """Say that the host is gone, or with false that it is not."""
        given = _given(req, schemas.ForceDown)
        lifecycle.force_down(given.host, given.forced_down)
        return _changed(resp, given, forced_down=given.forced_down)

    @operation('DELETE', PATH, 'Delete a service',
               rule='zun-service:delete', born=BORN, query=schemas.Which,
               merged=True, answers={200: zun.Void}, errors=(404, 409))
    def delete(self, req: Request, resp: Response) -> Response:
        """Of a host that is down and has no pods.

        An agent that goes on running registers its host anew.
        """
        lifecycle.remove(_given(req, schemas.Which).host)
        return zun_requests.void(resp, 200)


class AvailabilityZones:
    """What `availability_zone` of a container can be."""

    @operation('GET', '/v1/availability_zones', 'List availability zones',
               rule='availability_zones:get_all', born=BORN,
               query=schemas.AnyQuery, answers={200: schemas.ZoneList})
    def list(self, req: Request, resp: Response) -> Response:
        """Those of every host, each once."""
        with db.reader() as session:
            zones = sorted({*map(views.zone, services.every(session))})
        return resp.values({
            'availability_zones': [{'availability_zone': name}
                                   for name in zones], 'next': None})
