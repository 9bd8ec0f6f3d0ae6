"""What is put into containers as files, encrypted beside their pods.

`extras` has the paths in `plain.files`, in clear, and in `files` what they
hold: {path: base64}, sealed for the pod.
"""
import json
import typing
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite.db import pods as db_pods
from zun_lite.db import sealing
from zun_lite.pod.plain import InjectedFile

KEY = 'files'
_MARK = f'"{KEY}":"'          # in the extras of every pod that has some
Extras = dict[str, typing.Any]


def seal(pod_uuid: str, files: Iterable[InjectedFile]) -> str:
    """:raises Unavailable: there is no key."""
    return sealing.seal(pod_uuid, {
        file.path: file.content or '' for file in files})


def fill(row: db_pods.PodRow, pod: dict[str, typing.Any]) -> None:
    """Put them into the pod as it goes to its host.

    :raises Unavailable: they cannot be opened; nothing is put in.
    """
    if row.extras is None or _MARK not in row.extras:
        return
    found = sealing.unseal(row.uuid, json.loads(row.extras)[KEY])
    for file in pod['plain'][KEY]:
        file['content'] = found[file['path']]


def sealed(session: orm.Session, after_id: int,
           limit: int) -> list[tuple[int, Extras]]:
    """(pod's id, extras) of up to `limit` pods that have some, locked."""
    pods = db_pods.pods
    ids = session.scalars(
        sa.select(pods.c.id)
        .where(pods.c.id > after_id,
               pods.c.extras.contains(_MARK, autoescape=True))
        .order_by(pods.c.id).limit(limit)).all()
    rows = db_pods.lock(session, ids, [pods.c.id, pods.c.extras])
    return [(row.id, json.loads(row.extras)) for row in rows]
