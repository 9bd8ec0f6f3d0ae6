"""/v1/configs and /v1/secrets: what pods are told by reference."""
import typing

from zun_lite import db
from zun_lite import policy
from zun_lite.api import links
from zun_lite.api import operations
from zun_lite.api import paging
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1.schemas import configs as schemas
from zun_lite.api.v1.views import configs as views
from zun_lite.db import configs
from zun_lite.pod import configs as documents
from zun_lite.pod.configs import Kind


class _Kept:
    """What both nouns do alike. `kind` is one of them."""
    kind: typing.ClassVar[Kind]
    path: typing.ClassVar[str]

    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = services.lifecycle

    def _list(self, req: Request, resp: Response) -> Response:
        limit = paging.size(req.query.limit)
        with db.reader() as session:
            rows, last = paging.cut(configs.list_page(
                session, self.kind, req.caller.project_id, limit=limit + 1,
                marker=req.query.marker), limit)
        return resp.values({
            'apiVersion': 'v1', 'kind': f'{views.KINDS[self.kind]}List',
            'items': [views.document(row) for row in rows],
            'next': last and paging.next_url(req.environ, last.uuid)})

    def _document(self, req: Request) -> documents.Config:
        return documents.parse(self.kind, req.text_body(), req.media_type)

    def _create(self, req: Request, resp: Response) -> Response:
        row = self._lifecycle.configs.create(req.caller, self.kind,
                                   self._document(req))
        resp = resp.values(views.document(row), 201)
        resp.headerlist.append(
            ('Location', f'{links.base(req.environ)}{self.path}/{row.name}'))
        return resp

    def _show(self, req: Request, resp: Response, name: str, *,
              values: bool) -> Response:
        with db.reader() as session:
            row = configs.get(session, self.kind, req.caller.project_id,
                              name)
            content = configs.content(session, row) if values else None
        return resp.values(views.document(row, content))

    def _replace(self, req: Request, resp: Response, name: str) -> Response:
        return resp.values(views.document(self._lifecycle.configs.replace(
            req.caller, self.kind, name, self._document(req))))

    def _delete(self, req: Request, resp: Response, name: str) -> Response:
        self._lifecycle.configs.delete(req.caller, self.kind, name)
        return resp.nothing([])


class Configs(_Kept):
    """Everybody in the project may read them."""
    kind, path = Kind.CONFIG, '/v1/configs'

    @operation('GET', '/v1/configs', 'List configs', rule='config:list',
               query=schemas.ListQuery, answers={200: schemas.ConfigList})
    def list(self, req: Request, resp: Response) -> Response:
        """Without their entries."""
        return self._list(req, resp)

    @operation('POST', '/v1/configs', 'Create a config',
               rule='config:create', body=documents.ConfigMap,
               body_types=operations.MANIFEST_TYPES,
               answers={201: schemas.Config}, errors=(409,))
    def create(self, req: Request, resp: Response) -> Response:
        return self._create(req, resp)

    @operation('GET', '/v1/configs/{config}', 'Show a config',
               rule='config:get', answers={200: schemas.Config},
               errors=(404,))
    def show(self, req: Request, resp: Response, config: str) -> Response:
        return self._show(req, resp, config, values=True)

    @operation('PUT', '/v1/configs/{config}', 'Replace a config',
               rule='config:update', body=documents.ConfigMap,
               body_types=operations.MANIFEST_TYPES,
               answers={200: schemas.Config}, errors=(404,))
    def replace(self, req: Request, resp: Response, config: str) -> Response:
        """Files of running pods follow, environments do not."""
        return self._replace(req, resp, config)

    @operation('DELETE', '/v1/configs/{config}', 'Delete a config',
               rule='config:delete', answers={204: None}, errors=(404,))
    def delete(self, req: Request, resp: Response, config: str) -> Response:
        """Pods that have it keep it until they are made anew."""
        return self._delete(req, resp, config)


class Secrets(_Kept):
    """Stored encrypted; values are shown to few, and never in lists."""
    kind, path = Kind.SECRET, '/v1/secrets'

    @operation('GET', '/v1/secrets', 'List secrets', rule='secret:list',
               query=schemas.ListQuery, answers={200: schemas.SecretList})
    def list(self, req: Request, resp: Response) -> Response:
        """Without their entries."""
        return self._list(req, resp)

    @operation('POST', '/v1/secrets', 'Create a secret',
               rule='secret:create', body=documents.Secret,
               body_types=operations.MANIFEST_TYPES,
               answers={201: schemas.Secret}, errors=(409,))
    def create(self, req: Request, resp: Response) -> Response:
        return self._create(req, resp)

    @operation('GET', '/v1/secrets/{secret}', 'Show a secret',
               rule='secret:get', answers={200: schemas.Secret},
               errors=(404,))
    def show(self, req: Request, resp: Response, secret: str) -> Response:
        """With its entries where policy allows secret:get:values."""
        return self._show(req, resp, secret, values=policy.allowed(
            'secret:get:values', req.caller))

    @operation('PUT', '/v1/secrets/{secret}', 'Replace a secret',
               rule='secret:update', body=documents.Secret,
               body_types=operations.MANIFEST_TYPES,
               answers={200: schemas.Secret}, errors=(404,))
    def replace(self, req: Request, resp: Response, secret: str) -> Response:
        """Files of running pods follow, environments do not."""
        return self._replace(req, resp, secret)

    @operation('DELETE', '/v1/secrets/{secret}', 'Delete a secret',
               rule='secret:delete', answers={204: None}, errors=(404,))
    def delete(self, req: Request, resp: Response, secret: str) -> Response:
        """Pods that have it keep it until they are made anew."""
        return self._delete(req, resp, secret)
