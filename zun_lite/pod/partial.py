"""The sound part of a faulty document, so that its meaning is checked too.

A document whose shape is wrong in places may also be wrong in meaning; its
author wants to hear both at once. What is faulty is left out where that
cannot make anything else look wrong.
"""
import typing
from collections.abc import Iterable
from collections.abc import Sequence

from zun_lite.exceptions import FieldError

Place = tuple[int | str, ...]

# Other parts refer to these by name; without them they would look wrong.
_REFERRED_TO = frozenset({'name', 'volumes', 'ports'})


def without(document: typing.Any, places: Iterable[Place]) -> bool:
    """Remove from `document` the fields that hold `places`.

    False: one of them cannot be left out.
    """
    for place in places:
        while place and isinstance(place[-1], int):
            place = place[:-1]
        holder = _lookup(document, place[:-1])
        if not place or not isinstance(holder, dict) or (
                place[-1] in _REFERRED_TO):
            return False
        holder.pop(place[-1], None)
    return True


def _lookup(document: typing.Any, place: Place) -> typing.Any:
    """What stands at `place`; None where a removal already took it."""
    for part in place:
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and isinstance(part, int):
            document = document[part] if part < len(document) else None
        else:
            return None
    return document


def beside(faults: Sequence[FieldError],
           shape: Sequence[FieldError]) -> list[FieldError]:
    """Those `faults` that are not about a part that holds a shape fault."""
    return [fault for fault in faults if not any(
        s.path == fault.path or s.path.startswith(
            (f'{fault.path}.', f'{fault.path}['))
        for s in shape)]
