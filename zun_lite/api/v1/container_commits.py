"""/v1/containers/{container}/commit: an image of a container."""
import typing

from zun_lite import exceptions
from zun_lite.api import microversion
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import containers as controllers
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import container_actions as schemas
from zun_lite.db import actions
from zun_lite.lifecycle import commits
from zun_lite.lifecycle import containers as lifecycle
from zun_lite.pod.states import Action


class ContainerCommits:
    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = services.containers
        self._compute = services.compute

    @operation('POST', f'{controllers.PATH}/commit',
               'Make an image of a container', born=microversion.MIN,
               rule='container:commit', query=schemas.CommitQuery,
               body=schemas.Commit, body_required=False, merged=True,
               answers={202: schemas.Committed}, errors=(404, 409, 504))
    def commit(self, req: Request, resp: Response, ident: str) -> Response:
        """Waits until it is made, which freezes a container that runs.

        The image stays on the container's host, where its project's
        containers may be made of it.
        """
        given = zun_requests.arguments(req, schemas.Commit)
        zun_requests.reach(req, controllers.REACH)
        row, host = commits.find(req.caller, ident)
        repository = commits.repository(row.project_id, given.repository)
        tag = given.tag or commits.TAG
        try:
            image_id = self._compute.commit(
                host, row.uuid, lifecycle.MAIN, repository, tag)
        except exceptions.ZunLiteError as exc:
            self._lifecycle.note(req.caller, row, Action.COMMIT,
                                 actions.ERROR, exc.message)
            raise
        image = commits.made(req.caller, row, host, repository, tag,
                             image_id)
        self._lifecycle.note(req.caller, row, Action.COMMIT, actions.SUCCESS)
        return resp.values({'uuid': image.uuid, 'image': image.name}, 202)
