"""/v1/containers/{container}/commit: an image of a container."""
import typing

from zun_lite.api import microversion
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import containers as controllers
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import container_actions as schemas
from zun_lite.lifecycle import commits


class ContainerCommits:
    def __init__(self, services: typing.Any) -> None:
        self._commits = commits.Commits(services.compute)

    @operation('POST', f'{controllers.PATH}/commit',
               'Make an image of a container', born=microversion.MIN,
               rule='container:commit', query=schemas.CommitQuery,
               body=schemas.Commit, body_required=False, merged=True,
               answers={202: schemas.Committed}, errors=(404, 409))
    def commit(self, req: Request, resp: Response, ident: str) -> Response:
        """Recorded, and then made by the host, which freezes a container
        that runs meanwhile; the record of the action tells the end.

        The image stays on the container's host, where its project's
        containers may be made of it.
        """
        given = zun_requests.arguments(req, schemas.Commit)
        zun_requests.reach(req, controllers.REACH)
        image = self._commits.begin(req.caller, ident, given.repository,
                                    given.tag)
        return resp.values({'uuid': image.uuid, 'image': image.name}, 202)
