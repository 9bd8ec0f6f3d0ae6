"""The end of what a container wrote."""
import collections
import datetime
import typing
from collections.abc import Iterable

from zun_lite.drivers import base
from zun_lite.drivers.docker.client import Engine


def newest(chunks: Iterable[bytes], limit: int) -> bytes:
    """The last `limit` bytes, holding little more than that meanwhile."""
    if limit <= 0:
        return b''
    kept: collections.deque[bytes] = collections.deque()
    size = 0
    for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        while size - len(kept[0]) >= limit:
            size -= len(kept.popleft())
    return b''.join(kept)[-limit:]


def query(*, tail: int | None, since: str | None,
          timestamps: bool) -> dict[str, typing.Any]:
    """What of a log, in the engine's words."""
    begin = (datetime.datetime.fromisoformat(since).timestamp()
             if since else None)
    return {'tail': 'all' if tail is None else tail, 'since': begin,
            'timestamps': int(timestamps)}


def read(engine: Engine, container_id: str, *, tail: int | None,
         since: str | None, timestamps: bool, limit_bytes: int,
         stream: int | None = None) -> bytes:
    """Both streams in order, or one of them.

    :raises docker.errors.NotFound: there is no such container.
    """
    told = engine.api.logs(
        container_id, stdout=stream != base.STDERR,
        stderr=stream != base.STDOUT, stream=True, follow=False,
        **query(tail=tail, since=since, timestamps=timestamps))
    try:
        return newest(told, limit_bytes)
    finally:
        told.close()
