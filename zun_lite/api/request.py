"""The request as controllers see it: query, body and caller, validated."""
import functools
import re
import typing
import urllib.parse

import pydantic
import webob
from webob import acceptparse

from zun_lite import context as contexts
from zun_lite import exceptions
from zun_lite.api import body
from zun_lite.api import microversion
from zun_lite.api import operations
from zun_lite.pod import manifest

Model = typing.TypeVar('Model', bound=pydantic.BaseModel)

MAX_PARAMETERS = 64
_CHARSET = re.compile(r';\s*charset=[^;,]*', re.IGNORECASE)
JSON = 'application/json'


class Request(webob.Request):
    """A request with what the hooks found out about it."""
    pecan: typing.Any = None
    context: typing.Any = None
    operation: operations.Operation = None   # type: ignore[assignment]
    caller: contexts.RequestContext = None    # type: ignore[assignment]
    version: microversion.Version = microversion.MIN
    query: typing.Any = None              # of operation.query

    def document(self, model: type[Model]) -> Model:
        """The JSON body as `model`; an absent body is ``{}``.

        :raises Invalid: with every fault's path.
        :raises TooLarge:
        :raises UnsupportedMediaType:
        """
        return manifest.parse_as(model, self.text_body() or b'{}', JSON)

    def text_body(self) -> bytes:
        """The body as sent, of a type that the operation takes."""
        text = body.read(self.environ)
        if text:
            body.check_type(self.environ, self.operation.body_types)
        return text

    def accepts(self, media_type: str) -> bool:
        """Whether the caller takes an answer of this type."""
        return accepts(self.environ.get('HTTP_ACCEPT'), media_type)

    @property
    def media_type(self) -> str:
        """The body's type without parameters."""
        return body.media_type(self.environ)


def parse_query(text: str, model: type[pydantic.BaseModel]) -> typing.Any:
    """The query string as `model`.

    :raises Invalid: with every fault's path, the parameter's name.
    """
    values, found = query_values(text)
    return validated(values, model, found, 'The query string is invalid.')


def query_values(text: str) -> tuple[dict[str, typing.Any],
                                     list[exceptions.FieldError]]:
    """The parameters of a query string, and what is wrong with them.

    :raises Invalid: it is none.
    """
    try:
        pairs = urllib.parse.parse_qsl(
            text, keep_blank_values=True, errors='strict',
            max_num_fields=MAX_PARAMETERS)
    except ValueError as exc:
        raise exceptions.Invalid('The query string is malformed.') from exc
    values = dict(pairs)
    return values, [
        exceptions.FieldError(name, 'is given more than once')
        for name in values if sum(n == name for n, _ in pairs) > 1]


def validated(values: dict[str, typing.Any], model: type[Model],
              found: list[exceptions.FieldError], message: str) -> Model:
    """`values` as `model`; `found`: what is known to be wrong already.

    :raises Invalid: with every fault's path.
    """
    try:
        made = model.model_validate(values)
    except pydantic.ValidationError as exc:
        found = found + manifest.errors_from(exc, model)
    if found:
        raise exceptions.Invalid(message, fields=found)
    return made


@functools.lru_cache(maxsize=256)
def accepts(header: str | None, media_type: str) -> bool:
    """Whether an Accept header leaves room for `media_type`."""
    if not header or header == '*/*':
        return True
    # Everything here is UTF-8; webob would hold a charset to the letter.
    offers = acceptparse.create_accept_header(
        _CHARSET.sub('', header)).acceptable_offers([media_type])
    return bool(offers)
