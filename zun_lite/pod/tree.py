"""What every document must keep to before anyone looks at its meaning.

Bounded depth and size, and text that a database can hold: no NUL characters
and no half surrogates, which JSON can spell but UTF-8 cannot.
"""
import re
import typing

from zun_lite.exceptions import FieldError
from zun_lite.pod import paths

MAX_DEPTH = 32
MAX_NODES = 50_000

_BAD = re.compile('[\0\ud800-\udfff]')


def faults(document: typing.Any) -> list[FieldError]:
    """Every fault of a document made of dicts, lists and scalars."""
    found: list[FieldError] = []
    count = 0
    todo: list[tuple[tuple[int | str, ...], typing.Any]] = [((), document)]
    while todo:
        at, node = todo.pop()
        count += 1
        if count > MAX_NODES:
            return [FieldError('', f'has more than {MAX_NODES} values')]
        if isinstance(node, str):
            _check_text(found, at, node, 'text')
        elif len(at) > MAX_DEPTH:
            found.append(FieldError(paths.text(at[:4]), too_deep()))
            return found
        elif isinstance(node, dict):
            for key in node:
                _check_text(found, (*at, key), key, 'a key')
            todo.extend(((*at, k), v) for k, v in reversed(node.items()))
        elif isinstance(node, list):
            todo.extend(((*at, i), v) for i, v in enumerate(node))
    return found


def too_deep() -> str:
    return f'is nested deeper than {MAX_DEPTH} levels'


def _check_text(found: list[FieldError], at: tuple[int | str, ...],
                text: str, what: str) -> None:
    bad = _BAD.search(text)
    if bad is None:
        return
    which = ('a NUL character' if bad.group() == '\0'
             else 'half of a surrogate pair')
    found.append(FieldError(paths.text(at), f'{what} must not hold {which}'))
