"""The deployment that this database is of."""
import uuid

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite.db import engine
from zun_lite.db import models

_ONLY = 1

deployment = models.Deployment.__table__


def identity(session: orm.Session) -> str:
    """Its UUID, made when it is first asked for and never changed.

    :raises DBDuplicateEntry: somebody else was first; try again.
    """
    found: str | None = session.execute(sa.select(deployment.c.uuid).where(
        deployment.c.id == _ONLY)).scalar()
    if found is not None:
        return found
    made = str(uuid.uuid4())
    session.execute(sa.insert(deployment), {
        'id': _ONLY, 'uuid': made, 'created_at': engine.now()})
    return made
