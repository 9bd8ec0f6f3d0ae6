"""What the models of many nouns share."""
import datetime
import re
import typing

import pydantic
import pydantic_core
from pydantic import alias_generators

RFC3339 = (r'^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?'
           r'([Zz]|[-+]\d\d:\d\d)$')
_DIGITS = re.compile(r'^[0-9]{1,18}$', re.ASCII)


def _flag(text: object) -> object:
    """Queries say true and false, in any case, and nothing else."""
    if isinstance(text, bool):
        return text
    found = {'true': True, 'false': False}.get(str(text).lower())
    if found is None:
        raise pydantic_core.PydanticCustomError(
            'flag', 'must be true or false')
    return found


def _integer(text: object) -> object:
    if isinstance(text, str):
        if not _DIGITS.fullmatch(text):
            raise pydantic_core.PydanticCustomError(
                'integer', 'must be a whole number')
        return int(text)
    return text


def _instant(text: str) -> str:
    """The time in UTC."""
    try:
        if not re.match(RFC3339, text, re.ASCII):
            raise ValueError(text)
        at = datetime.datetime.fromisoformat(text.upper())
        utc = at.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise pydantic_core.PydanticCustomError(
            'instant', 'must be an RFC 3339 time, such as '
                       '2026-01-31T12:00:00Z') from None
    return utc.isoformat().replace('+00:00', 'Z')


Flag = typing.Annotated[bool, pydantic.BeforeValidator(_flag)]
Natural = typing.Annotated[int, pydantic.Field(ge=0, le=2**31 - 1),
                           pydantic.BeforeValidator(_integer)]
Positive = typing.Annotated[int, pydantic.Field(ge=1, le=2**31 - 1),
                            pydantic.BeforeValidator(_integer)]

Instant = typing.Annotated[str, pydantic.Field(
    max_length=64,
    json_schema_extra={'format': 'date-time', 'pattern': RFC3339},
    examples=['2026-01-31T12:00:00Z']), pydantic.AfterValidator(_instant)]

AllProjects = typing.Annotated[Flag, pydantic.Field(
    description='Look into every project. Administrators only.')]
Limit = typing.Annotated[Positive | None, pydantic.Field(
    description='Most items to answer with. A larger number than the service '
                'allows is that number.')]
Time = typing.Annotated[str, pydantic.Field(
    description='RFC 3339, UTC.', examples=['2026-01-31T12:00:00Z'])]


class Query(pydantic.BaseModel):
    """Query parameters; what is not known is refused."""
    model_config = pydantic.ConfigDict(extra='forbid', frozen=True)


class Body(pydantic.BaseModel):
    """A JSON body: strict types, what is not known is refused."""
    model_config = pydantic.ConfigDict(
        extra='forbid', frozen=True, strict=True, validate_by_name=False,
        validate_by_alias=True, alias_generator=alias_generators.to_camel)


class Answer(pydantic.BaseModel):
    """A JSON answer, named as in the document: camelCase."""
    model_config = pydantic.ConfigDict(
        alias_generator=alias_generators.to_camel, validate_by_name=True,
        serialize_by_alias=True)


class PlainAnswer(pydantic.BaseModel):
    """A JSON answer in OpenStack's way: snake_case."""


class Link(PlainAnswer):
    rel: str
    href: str


class FieldFault(PlainAnswer):
    path: typing.Annotated[str, pydantic.Field(
        description='Where the fault is; empty for the document itself.',
        examples=['spec.containers[0].image'])]
    message: str


class Error(PlainAnswer):
    request_id: typing.Annotated[str, pydantic.Field(
        description='Under which the log of the service has the details.')]
    code: typing.Annotated[str, pydantic.Field(
        description='Stable name of the kind of error.',
        examples=['zun_lite.request.invalid'])]
    status: int
    title: str
    detail: str
    links: list[Link]
    fields: list[FieldFault]
    min_version: typing.Annotated[str | None, pydantic.Field(
        description='With 406 to a version that is not spoken.')] = None
    max_version: str | None = None


class Errors(PlainAnswer):
    """Every error, whatever went wrong."""
    errors: list[Error]
