"""The end of what a container wrote."""
import collections
import datetime
import io
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


def last_lines(text: bytes, count: int) -> bytes:
    """The end of a text; a line ends with a newline, or the text."""
    lines = io.BytesIO(text).readlines()
    return b''.join(lines[len(lines) - min(count, len(lines)):])


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
    # The engine counts the lines of both streams before it leaves one out.
    own_tail = tail if stream is not None else None
    told = engine.api.logs(
        container_id, stdout=stream != base.STDERR,
        stderr=stream != base.STDOUT, stream=True, follow=False,
        **query(tail=tail if own_tail is None else None, since=since,
                timestamps=timestamps))
    try:
        found = newest(told, limit_bytes)
    finally:
        told.close()
    return found if own_tail is None else last_lines(found, own_tail)
