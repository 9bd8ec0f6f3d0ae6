"""What stands outside of the nouns: versions, health, the API's document."""
import functools
import json
import typing
from collections.abc import Iterable

import sqlalchemy as sa

from zun_lite import db
from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.api import openapi
from zun_lite.api import operations
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1.schemas import versions as schemas

COLLECTIONS = ('pods', 'containers', 'capsules', 'images', 'networks',
               'configs', 'secrets', 'hosts', 'capabilities', 'services',
               'availability_zones', 'quotas', 'quota_classes',
               'registries')


class Root:
    """Open to everyone."""

    def __init__(self, nouns: Iterable[object]) -> None:
        self._controllers = [self, *nouns]

    @functools.cached_property
    def _document(self) -> bytes:
        """Made when it is first asked for: few processes are."""
        found = [operations.of(handler) for controller in self._controllers
                 for handler in operations.handlers(controller)]
        return json.dumps(openapi.document(found)).encode()

    @operation('GET', '/', 'List API versions', born=None,
               answers={200: schemas.Versions})
    def versions(self, req: Request, resp: Response) -> Response:
        version = {
            'id': 'v1', 'status': 'CURRENT',
            'min_version': str(microversion.MIN),
            'max_version': str(microversion.MAX),
            'links': [{'rel': 'self',
                       'href': f'{links.base(req.environ)}/v1/'}]}
        return resp.values({
            'name': 'zun_lite', 'description': 'Pods and containers.',
            'versions': [version], 'default_version': version})

    @operation('GET', '/v1', 'Show version 1', born=microversion.MIN,
               answers={200: schemas.V1})
    def v1(self, req: Request, resp: Response) -> Response:
        base = links.base(req.environ)
        found: dict[str, typing.Any] = {
            'id': 'v1',
            'links': [{'rel': 'self', 'href': f'{base}/v1/'},
                      {'rel': 'describedby', 'type': 'text/html',
                       'href': links.GUIDE},
                      {'rel': 'describedby', 'type': 'application/json',
                       'href': f'{base}/v1/openapi.json'}],
            'media_types': [{
                'base': 'application/json',
                'type': 'application/vnd.openstack.zun.v1+json'}]}
        for name in COLLECTIONS:
            found[name] = [
                {'rel': 'self', 'href': f'{base}/v1/{name}/'},
                {'rel': 'bookmark', 'href': f'{base}/{name}/'}]
        return resp.values(found)

    @operation('GET', '/v1/openapi.json', 'Describe the API', born=None,
               answers={200: None})
    def openapi(self, req: Request, resp: Response) -> Response:
        return resp.document(self._document)

    @operation('GET', '/healthcheck', 'Say whether requests can be served',
               born=None, answers={200: schemas.Health})
    def health(self, req: Request, resp: Response) -> Response:
        """503 where the database does not answer."""
        with db.reader() as session:
            session.execute(sa.select(1))
        return resp.values({'status': 'ok', 'checks': {'database': 'ok'}})
