"""JSON into plain values, strictly: no NaN, no key that comes twice."""
import collections
import json
import typing

from zun_lite.exceptions import FieldError
from zun_lite.pod import paths


def load(text: str) -> tuple[typing.Any, list[FieldError]]:
    """The document, and the keys that it gives twice.

    :raises ValueError: it is not JSON, with where and why.
    """
    repeated: list[tuple[dict[str, typing.Any], str]] = []

    def once(pairs: list[tuple[str, typing.Any]]) -> dict[str, typing.Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            count = collections.Counter(key for key, _ in pairs)
            repeated.extend((found, key) for key in found if count[key] > 1)
        return found

    try:
        document = json.loads(text, object_pairs_hook=once,
                              parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f'line {error.lineno}, column {error.colno}: '
                         f'{error.msg[:1].lower()}{error.msg[1:]}') from None
    except _NotJson:
        raise
    except ValueError:            # the interpreter's bound on long integers
        raise ValueError('a number has too many digits') from None
    except RecursionError:
        raise ValueError('it is nested too deeply') from None
    return document, _located(document, repeated)


def _refuse_constant(name: str) -> typing.NoReturn:
    raise _NotJson(f'{name} is not a JSON value')


class _NotJson(ValueError):
    """What Python's reader would let pass."""


def _located(document: typing.Any,
             repeated: list[tuple[dict[str, typing.Any], str]],
             ) -> list[FieldError]:
    """A fault for each repeated key, at the path of its object."""
    if not repeated:
        return []
    keys: dict[int, list[str]] = {}
    for holder, key in repeated:
        keys.setdefault(id(holder), []).append(key)
    found = []
    todo: list[tuple[str, typing.Any]] = [('', document)]
    while todo:
        at, node = todo.pop()
        if isinstance(node, dict):
            found += [FieldError(paths.join(at, key), 'is given twice')
                      for key in keys.pop(id(node), ())]
            todo.extend((paths.join(at, k), v) for k, v in node.items())
        elif isinstance(node, list):
            todo.extend((paths.join(at, i), v) for i, v in enumerate(node))
    # What is left stood inside a value that a later one replaced.
    return found or [FieldError('', 'a key is given twice')]
