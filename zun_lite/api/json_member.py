"""A JSON object of which one member is too large to be held.

That member is text, and passes by as it comes. Everything else of the object
is small, before it and after it.
"""
import codecs
import json
import re
import typing
from collections.abc import Iterable
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.exceptions import FieldError

SMALL = 64 * 1024          # characters of anything but the large member

_SPACE = ' \t\r\n'
_DECODER = json.JSONDecoder()
# As much of a string as has come whole: up to its end, or up to an escape
# (or the first half of a pair of them) that is not complete yet.
_COMPLETE = re.compile(
    r'(?:[^"\\]+|\\["\\/bfnrt]|\\u(?![dD][89abAB])[0-9a-fA-F]{4}|'
    r'\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\u[0-9a-fA-F]{4}|(?=[^\\]|\\[^u])))*+')
_LONGEST_ESCAPE = len(r'\ud83d\ude00')


def _decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder('utf-8')()
    try:
        for piece in pieces:
            yield decoder.decode(piece)
        decoder.decode(b'', final=True)
    except UnicodeDecodeError:
        raise exceptions.Invalid('The body is not UTF-8.') from None


def _malformed() -> exceptions.Invalid:
    return exceptions.Invalid('The body is no JSON object.')


class LargeObject:
    """Read `members`, then iterate, then `members` has the rest.

    All may raise Invalid, with what is wrong with the object.
    """

    def __init__(self, pieces: Iterable[bytes], large: str) -> None:
        self._text = _decoded(pieces)
        self._held = ''
        self._large = large
        self.members: dict[str, typing.Any] = {}
        self.found = False
        self._take('{')
        if self._next() == '}':
            self._end()
        else:
            self._read_members()

    def __iter__(self) -> Iterator[str]:
        """The large member, where it was found."""
        while self.found:
            end = _COMPLETE.match(self._held).end()   # type: ignore
            if end:
                try:
                    yield json.loads(f'"{self._held[:end]}"')
                except ValueError:          # control characters
                    raise _malformed() from None
                self._held = self._held[end:]
            if self._held.startswith('"'):
                break
            if len(self._held) >= _LONGEST_ESCAPE:
                raise _malformed()
            self._more()
        if self.found:
            self._held = self._held[1:]
            if self._next() == '}':
                self._end()
            else:
                self._take(',')
                self._read_members()

    def _read_members(self) -> None:
        """Up to the large member, or to the end."""
        while not self._read_member():
            if self._next() == '}':
                self._end()
                break
            self._take(',')

    def _read_member(self) -> bool:
        """Whether it is the large one, of which only the name is read."""
        name = self._value()
        if not isinstance(name, str):
            raise _malformed()
        self._take(':')
        if name != self._large:
            self.members[name] = self._value()
            return False
        if self.found or self._next() != '"':
            raise exceptions.Invalid(fields=[FieldError(
                name, 'must be one string')])
        self._take('"')
        self.found = True
        return True

    def _more(self) -> None:
        if len(self._held) > SMALL:
            raise exceptions.Invalid(
                f'The body is no JSON object, or has more than {SMALL} bytes '
                f'beside {self._large}.')
        piece = next(self._text, None)
        if piece is None:
            raise _malformed()
        self._held += piece

    def _next(self) -> str:
        """The next character that is no space; it is not taken."""
        while not (held := self._held.lstrip(_SPACE)):
            self._more()
        self._held = held
        return held[0]

    def _take(self, character: str) -> None:
        if self._next() != character:
            raise _malformed()
        self._held = self._held[1:]

    def _value(self) -> typing.Any:
        self._next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held)
            except ValueError:
                end = len(self._held)
            except RecursionError:
                raise _malformed() from None
            if end < len(self._held):       # a number could go on
                self._held = self._held[end:]
                return value
            self._more()

    def _end(self) -> None:
        self._take('}')
        if self._held.strip(_SPACE) or any(
                piece.strip(_SPACE) for piece in self._text):
            raise _malformed()
