"""/v1/pods: what a project's owner asks for, and what became of it."""
import typing

from zun_lite import db
from zun_lite import policy
from zun_lite.api import links
from zun_lite.api import operations
from zun_lite.api import paging
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import dry_run
from zun_lite.api.v1 import privileges
from zun_lite.api.v1.schemas import pods as schemas
from zun_lite.api.v1.views import pods as views
from zun_lite.db import pods
from zun_lite.db import shapes
from zun_lite.pod import manifest
from zun_lite.pod import selectors
from zun_lite.pod import spec

POD = '/v1/pods/{pod}'


class Pods:
    """Every change answers 202: it is recorded, and is then made true."""

    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = services.lifecycle

    def _shown(self, req: Request, resp: Response, row: shapes.Pod,
               status: int = 200, created: bool = False) -> Response:
        base = links.base(req.environ)
        return resp.document(
            views.document(row, base, _shows_host(req)), status,
            f'{base}/v1/pods/{row.uuid}' if created else None)

    @operation('GET', '/v1/pods', 'List pods', rule='pod:list',
               query=schemas.ListQuery, answers={200: schemas.PodList})
    def list(self, req: Request, resp: Response) -> Response:
        query = req.query
        selector = selectors.parse(query.label_selector or '')
        filters = {name: getattr(query, name)
                   for name in ('name', 'phase', 'desired', 'host')
                   if getattr(query, name) is not None}
        if 'host' in filters:
            policy.enforce('pod:get:host', req.caller)
        limit = paging.size(query.limit)
        with db.connection() as session:
            found = pods.list_page(
                session, req.caller.project_filter, label_selector=selector,
                filters=filters, limit=limit + 1, marker=query.marker,
                shape=shapes.ShownPod)
        rows, last = paging.cut(found, limit)
        return resp.document(views.page(
            rows, links.base(req.environ), _shows_host(req),
            last and last.uuid,
            last and paging.next_url(req.environ, last.uuid)))

    @operation('POST', '/v1/pods', 'Create a pod', rule='pod:create',
               query=schemas.CreateQuery, body=spec.PodManifest,
               body_types=operations.MANIFEST_TYPES,
               answers={202: schemas.Pod, 200: schemas.DryRun})
    def create(self, req: Request, resp: Response) -> Response:
        document = manifest.parse(req.text_body(), req.media_type)
        privileges.enforce(req.caller, document.spec)
        if req.query.dry_run:
            verdicts = self._lifecycle.dry_run(req.caller, document)
            return resp.values(dry_run.view(verdicts, req.caller))
        row = self._lifecycle.create(req.caller, document)
        return self._shown(req, resp, row, 202, created=True)

    @operation('GET', POD, 'Show a pod', rule='pod:get',
               query=schemas.ShowQuery, answers={200: schemas.Pod},
               errors=(404, 409))
    def show(self, req: Request, resp: Response, pod: str) -> Response:
        with db.connection() as session:
            row = pods.resolve(session, req.caller.project_filter, pod,
                               shape=shapes.ShownPod)
        return self._shown(req, resp, row)

    @operation('PATCH', POD, 'Change labels and annotations',
               rule='pod:update', query=schemas.ShowQuery,
               body=schemas.PodPatch, body_types=operations.MERGE_TYPES,
               answers={200: schemas.Pod}, errors=(404, 409))
    def update(self, req: Request, resp: Response, pod: str) -> Response:
        asked = req.document(schemas.PodPatch).metadata
        row = self._lifecycle.update_metadata(
            req.caller, pod, labels=asked.labels,
            annotations=asked.annotations)
        return self._shown(req, resp, row)

    @operation('DELETE', POD, 'Delete a pod', rule='pod:delete',
               query=schemas.DeleteQuery, answers={202: schemas.Pod,
                                                   204: None},
               errors=(404, 409))
    def delete(self, req: Request, resp: Response, pod: str) -> Response:
        """202 while it goes on, 204 when nothing is left of it."""
        if req.query.force:
            policy.enforce('pod:delete:force', req.caller)
        row = self._lifecycle.delete(req.caller, pod, force=req.query.force)
        if row is None:
            return resp.nothing([])
        return self._shown(req, resp, row, 202)

    @operation('POST', f'{POD}/start', 'Start a pod', rule='pod:start',
               query=schemas.ShowQuery, body=schemas.Nothing,
               body_required=False, answers={202: schemas.Pod},
               errors=(404, 409))
    def start(self, req: Request, resp: Response, pod: str) -> Response:
        """A pod that was stopped, or has ended, runs again."""
        req.document(schemas.Nothing)
        return self._shown(req, resp,
                           self._lifecycle.start(req.caller, pod), 202)

    @operation('POST', f'{POD}/stop', 'Stop a pod', rule='pod:stop',
               query=schemas.ShowQuery, body=schemas.Nothing,
               body_required=False, answers={202: schemas.Pod},
               errors=(404, 409))
    def stop(self, req: Request, resp: Response, pod: str) -> Response:
        """Its containers end gracefully and do not run until `start`."""
        req.document(schemas.Nothing)
        return self._shown(req, resp,
                           self._lifecycle.stop(req.caller, pod), 202)


def _shows_host(req: Request) -> bool:
    return policy.allowed('pod:get:host', req.caller)
