"""Label selectors in Kubernetes' syntax.

``a=b,c!=d,e in (x, y),f notin (z),g,!h``: requirements that must all hold.
`!=` and `notin` also hold for a pod without the label.
Source: Kubernetes documentation, Labels and Selectors.
"""
import dataclasses
import enum
import re
from collections.abc import Iterator
from collections.abc import Mapping

from zun_lite import exceptions
from zun_lite.pod import fields

# Each one is a subquery; databases bound how many a statement may have.
MAX_REQUIREMENTS = 20
MAX_VALUES = 100

_KEY = re.compile(fields.LABEL_KEY)
_VALUE = re.compile(fields.LABEL_VALUE)
VALUE_LENGTH = 63
PREFIX_LENGTH = 253
_TOKEN = re.compile(r'\s*(?:(?P<mark>!=|==|=|!|,|\(|\))'
                    r'|(?P<word>[^\s!=,()<>]+)|(?P<bad>\S))')


class Operator(enum.StrEnum):
    """IN and NOT_IN have values; EXISTS and ABSENT have none."""
    IN = 'in'
    NOT_IN = 'notin'
    EXISTS = 'exists'
    ABSENT = '!'


@dataclasses.dataclass(frozen=True, slots=True)
class Requirement:
    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether something that has these labels fulfils it."""
        match self.operator:
            case Operator.EXISTS:
                return self.key in labels
            case Operator.ABSENT:
                return self.key not in labels
            case Operator.IN:
                return labels.get(self.key) in self.values
            case Operator.NOT_IN:
                return labels.get(self.key) not in self.values

    def __str__(self) -> str:
        match self.operator:
            case Operator.EXISTS:
                return self.key
            case Operator.ABSENT:
                return f'!{self.key}'
            case _:
                return f'{self.key} {self.operator} ({",".join(self.values)})'


Selector = tuple[Requirement, ...]


def parse(text: str, path: str = 'labelSelector') -> Selector:
    """The requirements of a selector; an empty one selects everything.

    :raises Invalid: the text is not a selector; the fault is at `path`.
    """
    try:
        found = _Parser(text).requirements()
    except ValueError as e:
        raise exceptions.Invalid(
            'The label selector is invalid.',
            fields=[exceptions.FieldError(path, str(e))]) from None
    return found


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Whether all requirements hold for something with these labels."""
    return all(requirement.holds(labels) for requirement in selector)


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        if match['bad']:
            raise ValueError(f'{match["bad"]!r} is not expected here')
        yield match['mark'] or match['word']


class _Parser:
    """Recursive descent over the tokens; '' stands for the end."""

    def __init__(self, text: str):
        self._tokens = [*_tokens(text), '']
        self._at = 0

    def _next(self) -> str:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    @property
    def _ahead(self) -> str:
        return self._tokens[self._at]

    def requirements(self) -> Selector:
        if not self._ahead:
            return ()
        found = [self._requirement()]
        while self._ahead == ',':
            self._next()
            found.append(self._requirement())
            if len(found) > MAX_REQUIREMENTS:
                raise ValueError(
                    f'more than {MAX_REQUIREMENTS} requirements')
        if self._ahead:
            raise ValueError(f'{self._ahead!r} is not expected here')
        return tuple(found)

    def _requirement(self) -> Requirement:
        if self._ahead == '!':
            self._next()
            return Requirement(self._key(), Operator.ABSENT)
        key = self._key()
        match self._ahead:
            case '=' | '==':
                self._next()
                return Requirement(key, Operator.IN, (self._value(),))
            case '!=':
                self._next()
                return Requirement(key, Operator.NOT_IN, (self._value(),))
            case 'in' | 'notin':
                operator = Operator(self._next())
                return Requirement(key, operator, self._values())
            case _:
                return Requirement(key, Operator.EXISTS)

    def _key(self) -> str:
        key = self._next()
        if (not _KEY.fullmatch(key)
                or len(key.rpartition('/')[0]) > PREFIX_LENGTH):
            raise ValueError(f'{key!r} is not a label key' if key
                             else 'a label key is missing')
        return key

    def _value(self) -> str:
        if self._ahead in ('', ',', ')'):
            return ''
        value = self._next()
        if not _VALUE.fullmatch(value) or len(value) > VALUE_LENGTH:
            raise ValueError(f'{value!r} is not a label value')
        return value

    def _values(self) -> tuple[str, ...]:
        if self._next() != '(':
            raise ValueError('values are written in parentheses: (a,b)')
        found = {self._value()}
        while (mark := self._next()) == ',':
            found.add(self._value())
            if len(found) > MAX_VALUES:
                raise ValueError(f'more than {MAX_VALUES} values')
        if mark != ')':
            raise ValueError("')' is missing")
        return tuple(sorted(found))
