"""Who a token lets in, and where their session is."""
import typing
import urllib.parse

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import pods

_LONGEST = 512


class Place(typing.NamedTuple):
    """An agent's address and the token that opens the session there."""
    url: str
    token: str
    uuid: str


def _parts(path: str) -> tuple[str, str]:
    """(pod, agent's token) of a request's path and query.

    :raises Unauthorized: there is no token.
    """
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query,
                                  max_num_fields=8)
    uuid, _, token = query.get('token', [''])[0].partition('.')
    if not uuid or not token or len(uuid + token) > _LONGEST:
        raise exceptions.Unauthorized('A token is needed.')
    return uuid, token


def find(compute: typing.Any, path: str) -> Place:
    """Blocks while the database and the pod's host are asked.

    :raises Unauthorized: no session waits for this token.
    :raises Unavailable: the host does not answer.
    """
    try:
        uuid, token = _parts(path)
        with db.reader() as session:
            host = pods.get_row(session, uuid).host
    except (exceptions.NotFound, ValueError) as exc:
        raise exceptions.Unauthorized(
            'There is no such session.') from exc
    if host is None:
        raise exceptions.Unauthorized('There is no such session.')
    return Place(compute.find_stream(host, uuid, token)['url'], token, uuid)
