"""Pages: so many items after a marker, and where the next page is."""
import typing
import urllib.parse

from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.conf import CONF

T = typing.TypeVar('T')


def size(asked: int | None) -> int:
    """How many items to answer with; more than the limit is the limit."""
    return min(asked or CONF.api.max_limit, CONF.api.max_limit)


def cut(found: list[T], limit: int) -> tuple[list[T], T | None]:
    """The page of `limit + 1` found items, and the marker of the next.

    One more than the page is asked for, so that a page which ends the list
    says so, and nobody fetches an empty one.
    """
    if len(found) <= limit:
        return found, None
    return found[:limit], found[limit - 1]


def next_url(environ: links.Environ, marker: object) -> str:
    """The request's own address with another marker.

    Everything else that was asked (filters, limit) is asked again.
    """
    query = [(k, v) for k, v in urllib.parse.parse_qsl(
        environ.get('QUERY_STRING', ''), keep_blank_values=True)
        if k != 'marker']
    asked = urllib.parse.urlencode([*query, ('marker', str(marker))])
    base = links.base(environ)
    if environ['zun_lite.version'] < microversion.PODS:
        # Zun's clients put the path behind their endpoint, prefix and all.
        parts = urllib.parse.urlsplit(base)
        base = f'{parts.scheme}://{parts.netloc}'
    return f'{base}{environ["PATH_INFO"]}?{asked}'
