"""A request body into a document: media types, encoding, safety.

The one way in for text that users write; the API's other bodies use it too.
"""
import json
import typing

from zun_lite import exceptions
from zun_lite.exceptions import FieldError
from zun_lite.pod import json_text
from zun_lite.pod import tree
from zun_lite.pod import yaml_text

JSON_TYPES = frozenset({'application/json', 'application/merge-patch+json'})
YAML_TYPES = frozenset({'application/yaml', 'application/x-yaml',
                        'text/yaml', 'text/x-yaml'})


MAX_FAULTS = 256             # a bound on the answer, not on what is wrong


class Reading(typing.NamedTuple):
    """A document; `json` is the same as JSON text; `faults` found so far."""
    document: typing.Any
    json: str
    faults: list[FieldError]


def read(body: bytes, content_type: str) -> Reading:
    """Read a JSON or YAML body.

    :raises Invalid: nothing can be made of it.
    :raises UnsupportedMediaType: it is neither JSON nor YAML.
    """
    loader, name = _loader(content_type)
    text = _text(body)
    try:
        document, faults = loader(text)
    except ValueError as error:
        raise _invalid(f'is not valid {name}: {error}') from None
    damage = tree.faults(document)
    if damage or (document is None and faults):
        raise of_faults([*faults, *damage])
    return Reading(document, text if name == 'JSON' else
                   json.dumps(document, ensure_ascii=False),
                   faults)


def load(body: bytes, content_type: str) -> typing.Any:
    """The document of a body; any fault in its text is an error.

    :raises Invalid: with every fault.
    :raises UnsupportedMediaType: it is neither JSON nor YAML.
    """
    found = read(body, content_type)
    if found.faults:
        raise of_faults(found.faults)
    return found.document


def of_faults(faults: list[FieldError]) -> exceptions.Invalid:
    """The error that carries `faults`; its message tells the first."""
    unique = list(dict.fromkeys(faults))
    first = str(unique[0]) if unique[0].path else (
        f'The body {unique[0].message}')
    rest = len(unique) - 1
    more = {0: '', 1: ' (and 1 more fault)'}.get(
        rest, f' (and {rest} more faults)')
    return exceptions.Invalid(f'{first}{more}', fields=unique[:MAX_FAULTS])


def _loader(content_type: str) -> tuple[
        typing.Callable[[str], tuple[typing.Any, list[FieldError]]], str]:
    kind, *parameters = content_type.lower().split(';')
    charsets = [p.partition('=')[2].strip(' "') for p in parameters
                if p.strip().startswith('charset=')]
    if set(charsets) <= {'utf-8', 'utf8'}:
        if kind.strip() in JSON_TYPES:
            return json_text.load, 'JSON'
        if kind.strip() in YAML_TYPES:
            return yaml_text.load, 'YAML'
    raise exceptions.UnsupportedMediaType(
        'Send the document as application/json or application/yaml, '
        'encoded in UTF-8.')


def _text(body: bytes) -> str:
    try:
        text = body.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        raise _invalid('is not valid UTF-8: byte '
                       f'{error.start} cannot be decoded') from None
    if not text.strip():
        raise _invalid('is empty')
    return text


def _invalid(message: str) -> exceptions.Invalid:
    return of_faults([FieldError('', message)])
