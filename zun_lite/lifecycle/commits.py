"""Images that are made of containers.

An engine's images are shared by all projects on its host, so what a project
makes is called by its id first: nobody's image stands in for another's.
"""
import hashlib
import re

import oslo_db.exception

from zun_lite import db
from zun_lite import exceptions
from zun_lite.context import RequestContext
from zun_lite.db import images
from zun_lite.db import pods
from zun_lite.lifecycle import containers
from zun_lite.pod.states import Action
from zun_lite.pod.states import ImageState

_PLAIN_ID = re.compile(r'[a-z0-9]+(?:[_-][a-z0-9]+)*')
TAG = 'latest'


def repository(project_id: str, asked: str) -> str:
    """What an image of this project is called; `asked` may say it all."""
    own = (project_id if _PLAIN_ID.fullmatch(project_id) else
           hashlib.sha256(project_id.encode()).hexdigest()[:32])
    return f'{own}/{asked.removeprefix(own + "/")}'


def find(ctx: RequestContext, ident: str) -> tuple[pods.PodRow, str]:
    """A container that an image can be made of, and its host.

    :raises Conflict: the status does not fit, or nothing of it is made.
    :raises NotSupported: the driver cannot.
    """
    with db.reader() as session:
        row = containers.find(session, ctx, ident, Action.COMMIT)
        containers.check_driver(session, row, Action.COMMIT)
    if row.host is None:
        raise exceptions.Conflict('The container is not made yet.')
    return row, row.host


def made(ctx: RequestContext, row: pods.PodRow, host: str, repo: str,
         tag: str, image_id: str) -> images.ImageRow:
    """Write down that a host has such an image now."""
    try:
        return _write(ctx, row, host, repo, tag, image_id)
    except oslo_db.exception.DBDuplicateEntry:
        return _write(ctx, row, host, repo, tag, image_id)


@db.retry
def _write(ctx: RequestContext, row: pods.PodRow, host: str, repo: str,
           tag: str, image_id: str) -> images.ImageRow:
    with db.writer() as session:
        found = images.find(session, host, repo, tag)
        if found is None:
            return images.insert(
                session, project_id=row.project_id, user_id=ctx.user_id or '',
                host=host, repo=repo, tag=tag, image_id=image_id,
                state=ImageState.PRESENT)
        found = images.ask(session, found, ImageState.PRESENT)
        images.finish(session, host, found.uuid, found.generation,
                      state=ImageState.PRESENT, image_id=image_id)
        return found
