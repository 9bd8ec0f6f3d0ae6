"""YAML into plain values, strictly, and only the part that JSON can say.

Built from the parser's events, so that a hostile document is refused while it
is read: no anchors, aliases or tags, no key twice, one document, bounded
depth and size. Plain scalars that YAML 1.1, YAML 1.2 and Kubernetes' own
reader take for different things (``yes``, ``0777``, ``1_000``) are refused
rather than guessed; what only YAML 1.1 sees in text (dates, ``12:30``) is
text.
"""
import dataclasses
import re
import typing
from collections.abc import Iterator

import yaml

from zun_lite.exceptions import FieldError
from zun_lite.pod import paths
from zun_lite.pod import tree

_LOADER: typing.Any = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)

_CONSTANTS: dict[str, object] = {
    '': None, '~': None, 'null': None, 'Null': None, 'NULL': None,
    'true': True, 'True': True, 'TRUE': True,
    'false': False, 'False': False, 'FALSE': False}
_SOMETIMES_BOOLEAN = frozenset(
    spelling for word in ('yes', 'no', 'on', 'off', 'y', 'n')
    for spelling in (word, word.capitalize(), word.upper()))
_INTEGER = re.compile(r'[-+]?(0|[1-9][0-9]{0,30})')
_HEXADECIMAL = re.compile(r'0x[0-9a-fA-F]{1,16}')
_FLOAT = re.compile(
    r'[-+]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][-+]?[0-9]{1,3})?')
_SOMETIMES_NUMBER = re.compile(
    r'[-+]?(0[0-9_]+|0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9]+_[0-9_]*)')
_UNREASONABLE_NUMBER = re.compile(
    r'[-+]?([0-9]{31,}|\.(inf|Inf|INF)|\.(nan|NaN|NAN))')
_STRING, _MAP, _LIST = (f'tag:yaml.org,2002:{kind}'
                        for kind in ('str', 'map', 'seq'))


class _Refused(Exception):
    """Nothing sensible can follow; the message is in `faults`."""


def load(text: str) -> tuple[typing.Any, list[FieldError]]:
    """The document, and every fault found while building it.

    :raises ValueError: it is not YAML, with where and why.
    """
    builder = _Builder(text)
    try:
        document = builder.document()
    except _Refused:
        document = None
    except yaml.YAMLError as error:
        raise ValueError(_explained(error)) from None
    return document, builder.faults


def _explained(error: yaml.YAMLError) -> str:
    mark = getattr(error, 'problem_mark', None)
    problem = getattr(error, 'problem', None) or getattr(
        error, 'reason', None) or 'it cannot be read'
    if mark is None:
        return str(problem)
    return f'line {mark.line + 1}, column {mark.column + 1}: {problem}'


class _Builder:
    """Turns events into values; `faults` grows as it goes."""

    def __init__(self, text: str) -> None:
        self.faults: list[FieldError] = []
        self._events = self._counted(yaml.parse(text, Loader=_LOADER))

    def document(self) -> typing.Any:
        next(self._events)                              # stream start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        found = self._value(next(self._events), ())
        next(self._events)                              # document end
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            self._fault((), 'must be one YAML document, not several')
        return found

    def _counted(self, events: Iterator[typing.Any]) -> Iterator[typing.Any]:
        for count, event in enumerate(events):
            if count > 2 * tree.MAX_NODES:
                self._fault((), f'has more than {tree.MAX_NODES} values')
                raise _Refused
            yield event

    def _fault(self, at: tuple[int | str, ...], message: str) -> None:
        self.faults.append(FieldError(paths.text(at), message))

    def _value(self, event: typing.Any,
               at: tuple[int | str, ...]) -> typing.Any:
        self._refuse_anchor(event, at)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, at)
        if len(at) >= tree.MAX_DEPTH:
            self._fault(at[:4], tree.too_deep())
            raise _Refused
        if isinstance(event, yaml.MappingStartEvent):
            self._check_tag(event, at, _MAP)
            return self._map(at)
        self._check_tag(event, at, _LIST)
        return self._list(at)

    def _refuse_anchor(self, event: typing.Any,
                       at: tuple[int | str, ...]) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._fault(at, 'must not use YAML anchors or aliases; write '
                            'the value out')
            raise _Refused

    def _list(self, at: tuple[int | str, ...]) -> list[typing.Any]:
        found: list[typing.Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, (*at, len(found))))
        return found

    def _map(self, at: tuple[int | str, ...]) -> dict[str, typing.Any]:
        found: dict[str, typing.Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, at)
            if key in found:
                self._fault((*at, key), 'is given twice '
                            f'(line {event.start_mark.line + 1})')
            found[key] = self._value(next(self._events), (*at, key))
        return found

    def _key(self, event: typing.Any, at: tuple[int | str, ...]) -> str:
        self._refuse_anchor(event, at)
        if not isinstance(event, yaml.ScalarEvent):
            self._fault(at, 'has a key that is a list or a map (line '
                            f'{event.start_mark.line + 1}); it must be text')
            raise _Refused
        at = (*at, event.value)
        if not event.implicit[0]:
            self._check_tag(event, at, _STRING)
        elif not isinstance(_plain(event.value), str):
            self._fault(at, 'a key must be text; put it in quotes')
        return str(event.value)

    def _scalar(self, event: typing.Any,
                at: tuple[int | str, ...]) -> object:
        if not event.implicit[0]:                  # quoted, block or tagged
            self._check_tag(event, at, _STRING)
            return event.value
        found = _plain(event.value)
        if isinstance(found, _Doubtful):
            self._fault(at, found.message)
            return event.value
        return found

    def _check_tag(self, event: typing.Any, at: tuple[int | str, ...],
                   expected: str) -> None:
        if event.tag not in (None, '!', expected):
            self._fault(at, f'has the YAML tag {event.tag[:80]!r}, which is '
                            'not accepted')


@dataclasses.dataclass(frozen=True)
class _Doubtful:
    """A scalar that is refused, and why."""
    message: str


_BOOLEAN_OR_TEXT = _Doubtful(
    'y, yes, on, n, no and off are text to some YAML readers and true or '
    'false to others: put it in quotes, or write true or false')
_WHICH_NUMBER = _Doubtful(
    'YAML readers differ on numbers with a leading 0 or with _: put it in '
    'quotes if it is text, or write a plain decimal number')
_NO_NUMBER = _Doubtful(
    'is not a number that JSON can hold: put it in quotes if it is text')


def _plain(text: str) -> object:
    """What an unquoted scalar is."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text in _SOMETIMES_BOOLEAN:
        return _BOOLEAN_OR_TEXT
    if text[0] not in '-+.0123456789':
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if _SOMETIMES_NUMBER.fullmatch(text):
        return _WHICH_NUMBER
    if _UNREASONABLE_NUMBER.fullmatch(text):
        return _NO_NUMBER
    return float(text) if _FLOAT.fullmatch(text) else text
