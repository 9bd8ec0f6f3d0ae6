"""Images that are made of containers.

An engine's images are shared by all projects on its host, so what a project
makes is called by its id first: nobody's image stands in for another's.

The record says that its host is to make it. The host's agent is told, and
told again by a sweep until it has answered, as of images that are fetched.
"""
import hashlib
import re

import oslo_db.exception

from zun_lite import db
from zun_lite import exceptions
from zun_lite.context import RequestContext
from zun_lite.db import commits
from zun_lite.db import images
from zun_lite.db import pods
from zun_lite.lifecycle import containers
from zun_lite.lifecycle import images as lifecycle
from zun_lite.pod.states import Action
from zun_lite.pod.states import ImageState
from zun_lite.zun import image_names

_PLAIN_ID = re.compile(r'[a-z0-9]+(?:[_-][a-z0-9]+)*')


def repository(project_id: str, asked: str) -> str:
    """What an image of this project is called; `asked` may say it all."""
    own = (project_id if _PLAIN_ID.fullmatch(project_id) else
           hashlib.sha256(project_id.encode()).hexdigest()[:32])
    return f'{own}/{asked.removeprefix(own + "/")}'


class Commits:
    def __init__(self, compute: lifecycle.Compute):
        self._compute = compute

    def begin(self, ctx: RequestContext, ident: str, asked: str,
              tag: str | None) -> images.ImageRow:
        """Have an image made of a container, on its host.

        What has its name loses it when it is made.

        :raises Invalid: no image can be called so.
        :raises Conflict: the status does not fit, or nothing of it is made.
        :raises NotSupported: the driver cannot.
        """
        tag = tag or image_names.LATEST
        image_names.check_new(asked, tag)
        try:
            row, image = _begin(ctx, ident, asked, tag)
        except oslo_db.exception.DBDuplicateEntry:
            row, image = _begin(ctx, ident, asked, tag)
        self._compute.sync_images(image.host, [
            lifecycle.on_wire(image, row.uuid)])
        return image


@db.retry
def _begin(ctx: RequestContext, ident: str, asked: str,
           tag: str) -> tuple[pods.PodRow, images.ImageRow]:
    with db.writer() as session:
        row = containers.find(session, ctx, ident, Action.COMMIT, lock=True)
        containers.check_driver(session, row, Action.COMMIT)
        if row.host is None:
            raise exceptions.Conflict('The container is not made yet.')
        repo = repository(row.project_id, asked)
        image = images.find(session, row.host, repo, tag)
        if image is None:
            image = images.insert(
                session, project_id=row.project_id,
                user_id=ctx.user_id or '', host=row.host, repo=repo, tag=tag,
                state=ImageState.COMMITTING)
        else:
            image = images.ask(session, image, ImageState.COMMITTING)
        commits.begin(session, row, image, user_id=ctx.user_id or '',
                      request_id=ctx.request_id)
    return row, image
