"""What pydantic found wrong, in plain words and with users' paths.

Values are never repeated in a message: a value may be a secret.
"""
import re
from collections.abc import Iterator
from collections.abc import Mapping

import pydantic
import pydantic_core

from zun_lite.exceptions import FieldError
from zun_lite.pod import fields
from zun_lite.pod import paths
from zun_lite.pod import unsupported

# Parts of a location that name a branch of a union rather than a place.
_BRANCH = re.compile(
    r'(constrained-\w+|int|str|float|bool|none|'
    r'(tuple|list|set|dict|literal|nullable|function-\w+)\[.*\])')

_MESSAGES: Mapping[str, str] = {
    'missing': 'is required',
    'string_type': 'must be a string',
    'int_type': 'must be a whole number',
    'int_parsing': 'must be a whole number',
    'int_parsing_size': 'is too large a number',
    'int_from_float': 'must be a whole number',
    'float_type': 'must be a number',
    'bool_type': 'must be true or false',
    'tuple_type': 'must be a list',
    'list_type': 'must be a list',
    'dict_type': 'must be a map',
    'model_type': 'must be a map',
    'model_attributes_type': 'must be a map',
    'none_required': 'must be null',
    'greater_than_equal': 'must be at least {ge}',
    'greater_than': 'must be more than {gt}',
    'less_than_equal': 'must be at most {le}',
    'less_than': 'must be less than {lt}',
    'string_too_short': 'must have at least {min_length} character(s)',
    'string_too_long': 'must have at most {max_length} characters',
    'too_short': 'must have at least {min_length} item(s)',
    'too_long': 'must have at most {max_length} items',
    'enum': 'must be {expected}',
    'literal_error': 'must be {expected}',
}

MAX_DETAILS = 300            # naming more helps nobody and takes time

Model = type[pydantic.BaseModel]


def errors_from(error: pydantic.ValidationError,
                model: Model | None = None) -> list[FieldError]:
    """All faults, one a path. `model`: what was validated, to tell unknown
    fields from those that are merely not supported, and to suggest names."""
    found: dict[str, list[str]] = {}
    for place, detail in _located(error):
        path, message = paths.text(place), _message(detail, model)
        if _is_about_key(detail):
            message = f'the key {message}'
        elif path in found and found[path][0].startswith('the key '):
            message = f'the value {message}'
        found.setdefault(path, []).append(message)
    return [FieldError(path, _joined(messages))
            for path, messages in found.items()]


def places(error: pydantic.ValidationError) -> set[tuple[int | str, ...]]:
    """Where the faults are, as keys and indexes."""
    return {place for place, _ in _located(error)}


def _located(error: pydantic.ValidationError) -> Iterator[
        tuple[tuple[int | str, ...], pydantic_core.ErrorDetails]]:
    details = error.errors(include_url=False)[:MAX_DETAILS]
    branches = _branches(details)
    for detail in details:
        place = detail['loc']
        if _is_artefact(detail):
            continue
        if place in branches or _is_about_key(detail):
            place = place[:-1]
        yield place, detail


def _is_about_key(detail: pydantic_core.ErrorDetails) -> bool:
    return detail['loc'][-1:] == ('[key]',)


def _branches(details: list[pydantic_core.ErrorDetails],
              ) -> set[tuple[int | str, ...]]:
    """The locations that end in a branch of a union."""
    tails: dict[tuple[int | str, ...], set[tuple[int | str, ...]]] = {}
    for detail in details:
        place = detail['loc']
        if place and isinstance(place[-1], str) and _BRANCH.fullmatch(
                place[-1]):
            tails.setdefault(place[:-1], set()).add(place)
    return {place for group in tails.values() if len(group) > 1
            for place in group}


def _joined(messages: list[str]) -> str:
    """`must be a, or must be b` without saying anything twice."""
    unique = list(dict.fromkeys(messages))
    if all(m.startswith('must be ') for m in unique):
        return 'must be ' + ', or '.join(
            m.removeprefix('must be ') for m in unique)
    return '; '.join(unique)


def _is_artefact(detail: pydantic_core.ErrorDetails) -> bool:
    """A list 'too short' only because faulty items do not count."""
    given = detail['input']
    return (detail['type'] == 'too_short' and isinstance(given, list | tuple)
            and len(given) >= detail['ctx']['min_length'])


def _message(detail: pydantic_core.ErrorDetails,
             model: Model | None) -> str:
    kind, context = detail['type'], detail.get('ctx', {})
    if kind == 'extra_forbidden':
        return unsupported.explain(detail['loc'], model)
    if kind == 'string_pattern_mismatch':
        pattern = context['pattern']
        return fields.MEANINGS.get(pattern, f'must match {pattern}')
    if kind == 'string_type' and isinstance(detail['input'],
                                            bool | int | float):
        return 'must be a string; put it in quotes'
    if kind == 'string_too_short' and context['min_length'] == 1:
        return 'must not be empty'
    if kind in _MESSAGES:
        return _MESSAGES[kind].format_map(context)
    return re.sub(r'^(Input|Value) should', 'must', detail['msg'])
