"""/v1/images: what the engines of hosts hold, as OpenStack Zun has it."""
import typing

from zun_lite import db
from zun_lite import exceptions
from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.api import paging
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import images as schemas
from zun_lite.api.v1.views import images as views
from zun_lite.db import images
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import images as lifecycle
from zun_lite.zun import image_names

PATH = '/v1/images/{image}'
BORN = microversion.MIN


class Images:
    """Pulls and removals are recorded, and then made true."""

    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = lifecycle.Images(services.compute)

    @operation('GET', '/v1/images', 'List the images of hosts', born=BORN,
               rule='image:get_all', query=schemas.ListQuery,
               answers={200: schemas.ZunImageList}, errors=(404,))
    def list(self, req: Request, resp: Response) -> Response:
        """Those that were asked for here; pods' own do not count."""
        query = req.query
        limit = paging.size(query.limit)
        key = query.sort_key or 'id'
        if key not in images.SORT_KEYS:
            raise exceptions.Invalid(fields=[FieldError(
                'sort_key',
                f'must be one of {", ".join(images.SORT_KEYS)}')])
        with db.reader() as session:
            rows, last = paging.cut(images.list_page(
                session, limit=limit + 1, marker=query.marker, sort_key=key,
                descending=query.sort_dir == 'desc'), limit)
        base = links.base(req.environ)
        return resp.values({
            'images': [views.image(row, base, req.version) for row in rows],
            'next': last and paging.next_url(req.environ, last.uuid)})

    @operation('POST', '/v1/images', 'Have a host fetch an image', born=BORN,
               rule='image:pull', body=schemas.Pull, merged=True,
               answers={202: schemas.ZunImage}, errors=(409,))
    def pull(self, req: Request, resp: Response) -> Response:
        """One that could not be fetched before is tried anew."""
        given = zun_requests.arguments(req, schemas.Pull)
        repo, tag = image_names.split(given.repo, given.tag)
        row = self._lifecycle.pull(req.caller, given.host, repo, tag)
        base = links.base(req.environ)
        made = resp.values(views.image(row, base, req.version), 202)
        made.headerlist.append(('Location', f'{base}/v1/images/{row.uuid}'))
        return made

    @operation('GET', PATH, 'Show an image of a host', born=BORN,
               rule='image:get_one', answers={200: schemas.ZunImage})
    def show(self, req: Request, resp: Response, ident: str) -> Response:
        """By UUID; what is unknown is answered with 400, as in Zun."""
        with db.reader() as session:
            row = images.get(session, ident)
        return resp.values(views.image(row, links.base(req.environ),
                                       req.version))

    @operation('DELETE', PATH, 'Have a host remove an image', born=BORN,
               rule='image:delete', answers={200: None})
    def delete(self, req: Request, resp: Response, ident: str) -> Response:
        """One that containers use stays, and says why."""
        self._lifecycle.delete(ident)
        return zun_requests.void(resp, 200)

    @operation('GET', f'{PATH}/search', 'Search for images', born=BORN,
               rule='image:search', query=schemas.Search, merged=True,
               spans=True,
               answers={200: schemas.FoundList}, errors=(409, 504))
    def search(self, req: Request, resp: Response, term: str) -> Response:
        """In the index that the engine of a live host asks. The term may
        hold slashes."""
        given = zun_requests.arguments(req, schemas.Search)
        if given.image_driver == 'glance':
            raise exceptions.Invalid(fields=[FieldError(
                'image_driver', 'no image service is configured')])
        return resp.values([
            views.found(entry) for entry in self._lifecycle.search(term)
            if not given.exact_match or entry['name'] == term])
