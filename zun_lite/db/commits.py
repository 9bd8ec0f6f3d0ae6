"""Queries about images that are being made of containers.

The action that asked for one stays open until its host has told what came of
it, and says of which container it is made. Its message names the image.
"""
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite.db import actions as db_actions
from zun_lite.db import engine
from zun_lite.db import images
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.pod.states import Action

actions = db_actions.actions
_OPEN = sa.and_(actions.c.finished_at.is_(None),
                actions.c.action == Action.COMMIT.value)


def _told(image_uuid: str) -> str:
    return f'image {image_uuid}'


def begin(session: orm.Session, row: pods.PodRow, image: images.ImageRow, *,
          user_id: str, request_id: str) -> None:
    """Record that `image` is to be made of a container.

    What was to be made under its name before is not waited for any more.
    """
    finish(session, [image.uuid], db_actions.SUPERSEDED)
    db_actions.insert(
        session, pod_uuid=row.uuid, project_id=row.project_id,
        user_id=user_id, request_id=request_id, action=Action.COMMIT,
        generation=row.generation, message=_told(image.uuid))


def finish(session: orm.Session, image_uuids: Collection[str], result: str,
           reason: str | None = None) -> None:
    """End what asked for these images; `reason`: why it failed."""
    values: dict[str, object] = {'finished_at': engine.now(),
                                 'result': result}
    if reason is not None:
        values['message'] = reason
    # Locked by nothing but ids, as in `pods.lock`: every create of a pod
    # adds to the open actions.
    ids = session.scalars(sa.select(actions.c.id).where(
        _OPEN, actions.c.message.in_([*map(_told, image_uuids)]))).all()
    if ids:
        session.execute(sa.update(actions).where(actions.c.id.in_(ids))
                        .values(**values))


def containers(session: orm.Session,
               image_uuids: Collection[str]) -> dict[str, str]:
    """The UUID of the container that each of these images is made of."""
    if not image_uuids:
        return {}
    named = {_told(uuid): uuid for uuid in image_uuids}
    found = session.execute(
        sa.select(actions.c.message, actions.c.pod_uuid)
        .where(_OPEN, actions.c.message.in_(list(named))))
    return {named[message]: pod_uuid for message, pod_uuid in found}


def abandon(session: orm.Session, host: str) -> None:
    """End what waits for a host that is gone for good."""
    waiting = session.execute(
        sa.select(models.Image.__table__.c.uuid)
        .where(models.Image.__table__.c.host == host)).scalars().all()
    finish(session, waiting, db_actions.ERROR, 'The host is gone.')
