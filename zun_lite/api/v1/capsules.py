"""/v1/capsules: as OpenStack Zun has them."""
import functools
import json
import typing
from collections.abc import Callable

import pydantic_core

from zun_lite import db
from zun_lite import exceptions
from zun_lite import policy
from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.api import paging
from zun_lite.api import request
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import containers as container_controllers
from zun_lite.api.v1 import privileges
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import capsules as schemas
from zun_lite.api.v1.schemas import containers as container_schemas
from zun_lite.api.v1.views import capsules as views
from zun_lite.db import containers
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.exceptions import FieldError
from zun_lite.pod import documents
from zun_lite.pod import manifest
from zun_lite.pod import spec
from zun_lite.zun import capsules
from zun_lite.zun import names

PATH = '/v1/capsules/{capsule}'
BORN = microversion.MIN
ORIGIN = models.Origin.CAPSULE
YAML = 'application/yaml'


class Asked(typing.NamedTuple):
    """A capsule's name, as free as Zun's are, and its pod."""
    name: str
    pod: spec.PodManifest


class Capsules:
    """A capsule is a pod under Zun's words; its life is the pod's."""

    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = services.lifecycle

    @operation('GET', '/v1/capsules', 'List capsules', born=BORN,
               rule='capsule:get_all', query=schemas.ListQuery,
               all_projects='capsule:get_all_all_projects',
               answers={200: schemas.CapsuleList}, errors=(404,))
    def list(self, req: Request, resp: Response) -> Response:
        query = req.query
        limit = paging.size(query.limit)
        with db.connection() as session:
            found = containers.list_page(
                session, req.caller.project_filter, filters={},
                shape=pods.PodRow, origin=ORIGIN, passes=None,
                limit=limit + 1, marker=query.marker,
                sort_key=containers.check_sort_key(query.sort_key),
                descending=query.sort_dir == 'desc')
        rows, last = paging.cut(found, limit)
        return resp.document(pydantic_core.to_json({
            'capsules': [*map(_view(req), rows)],
            'next': last and paging.next_url(req.environ, last.uuid)}))

    @operation('POST', '/v1/capsules', 'Create a capsule', born=BORN,
               rule='capsule:create', body=schemas.Create,
               answers={202: schemas.ZunCapsule})
    def create(self, req: Request, resp: Response) -> Response:
        """The template is Zun's, or a document that POST /v1/pods takes."""
        asked = _asked(req.document(schemas.Create).template)
        privileges.enforce(req.caller, asked.pod.spec)
        row = self._lifecycle.capsules.create(
            req.caller, asked.name, asked.pod)
        made = resp.values(_view(req)(row), 202)
        made.headerlist.append(('Location', (
            f'{links.base(req.environ)}/v1/capsules/{row.uuid}')))
        return made

    @operation('GET', PATH, 'Show a capsule', born=BORN, rule='capsule:get',
               query=container_schemas.ShowQuery,
               all_projects='capsule:get_one_all_projects',
               answers={200: schemas.ZunCapsule}, errors=(404, 409))
    def show(self, req: Request, resp: Response, ident: str) -> Response:
        zun_requests.reach(req, 'capsule:get_one_all_projects')
        with db.connection() as session:
            row = pods.resolve(session, req.caller.project_filter, ident,
                               origin=ORIGIN)
        return resp.values(_view(req)(row))

    @operation('DELETE', PATH, 'Delete a capsule', born=BORN,
               rule='capsule:delete', query=container_schemas.ShowQuery,
               all_projects='capsule:delete_all_projects',
               answers={204: None}, errors=(404, 409))
    def delete(self, req: Request, resp: Response, ident: str) -> Response:
        """In any state. Recorded; it is gone when it cannot be found."""
        zun_requests.reach(req, 'capsule:delete_all_projects')
        self._lifecycle.capsules.delete(req.caller, ident)
        return resp.nothing([])


def _view(req: Request) -> Callable[[pods.PodRow], dict[str, typing.Any]]:
    """How capsules are shown to this caller."""
    return functools.partial(
        views.capsule, version=req.version, base_url=links.base(req.environ),
        show=container_controllers.shown(req.caller),
        show_host=policy.allowed('capsule:get:host', req.caller))


def _asked(template: dict[str, typing.Any] | str) -> Asked:
    """:raises Invalid: with every fault, where it is in the template."""
    if isinstance(template, str):
        loaded = documents.load(template.encode(), YAML)
        if not isinstance(loaded, dict):
            raise exceptions.Invalid(fields=[FieldError(
                'template', 'must be an object')])
        template = loaded
    if template.get('kind') == 'Pod':
        pod = manifest.parse(json.dumps(template).encode(), request.JSON)
        return Asked(pod.metadata.name, pod)
    given = request.validated(template, schemas.Template, [],
                              'The template is invalid.')
    return Asked(given.metadata.name or names.capsule(), capsules.pod(
        given.model_dump(by_alias=True, exclude_none=True)))
