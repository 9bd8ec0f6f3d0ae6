"""Whether a web page may open a session.

A browser sends whatever page asks it to, and says which page that was. A
program sends no origin, or its own idea of one.
"""
import urllib.parse
from collections.abc import Iterable


def _host(text: str) -> str:
    """The name in an address, leniently: clients write ``host:None``."""
    rest = text.partition('//')[2] or text
    rest = rest.partition('/')[0].rpartition('@')[2]
    if rest.startswith('['):
        return rest.partition(']')[0].lstrip('[').lower()
    return rest.partition(':')[0].lower()


def _scheme(text: str) -> str:
    return text.partition(':')[0].lower()


def allowed(origin: str | None, host: str, base_url: str,
            names: Iterable[str]) -> bool:
    """`host`: the request's Host header; `names`: allowed beside it.

    A page that came without TLS may not open a session that has it.
    """
    if not origin:
        return True
    asked = _host(origin)
    if not asked or asked not in {
            _host(host), urllib.parse.urlsplit(base_url).hostname,
            *(name.lower() for name in names)}:
        return False
    secure = _scheme(base_url) in ('wss', 'https')
    return not secure or _scheme(origin) in ('https', 'wss')
