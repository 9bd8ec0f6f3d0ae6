"""Where in a document something is, written as a user would write it.

``spec.containers[1].ports[0].containerPort``; a map's key that is not a plain
word stands in brackets: ``metadata.labels[example.org/team]``.
"""
import re
from collections.abc import Iterable

_WORD = re.compile(r'[A-Za-z_][A-Za-z0-9_]*')
_LONGEST_KEY = 80


def join(base: str, *parts: int | str) -> str:
    """The path of a part below `base`; the empty base is the document."""
    text = base
    for part in parts:
        if isinstance(part, int):
            text += f'[{part}]'
        elif _WORD.fullmatch(part):
            text += f'.{part}' if text else part
        else:
            text += f'[{_shown(part)}]'
    return text


def text(parts: Iterable[int | str]) -> str:
    """The path of a part, from the top of the document."""
    return join('', *parts)


def _shown(key: str) -> str:
    """A key as it can be printed, in any encoding, on one line."""
    if len(key) > _LONGEST_KEY:
        key = f'{key[:_LONGEST_KEY]}...'
    return key if key.isprintable() else ascii(key)
