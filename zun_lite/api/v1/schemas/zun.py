"""Kinds of values that Zun's requests are made of: looser than ours.

Numbers may be text, booleans may be words, and null means not given.
"""
import re
import typing

import pydantic
import pydantic_core

NAME = r'^[a-zA-Z0-9][a-zA-Z0-9_.-]+$'
_NUMBER = re.compile(r'^[0-9]{1,12}(\.[0-9]{1,12})?$', re.ASCII)
_TRUE = frozenset({'true', 't', '1', 'on', 'yes', 'y'})
_FALSE = frozenset({'false', 'f', '0', 'off', 'no', 'n'})


def fault(kind: str, message: str) -> pydantic_core.PydanticCustomError:
    return pydantic_core.PydanticCustomError(kind, message)


def _number(value: object) -> object:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise fault('number', 'must be a number')
        return float(value)
    return value


def _integer(value: object) -> object:
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) < 12):
            raise fault('integer', 'must be a whole number')
        return int(value)
    return value


def _basic(value: object) -> object:
    if isinstance(value, str) and value.lower() in ('true', 'false'):
        return value.lower() == 'true'
    return value


def _extended(value: object) -> object:
    if isinstance(value, str):
        if value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        raise fault('boolean', 'must be true or false')
    return value


def _text(value: object) -> object:
    """Scalars as they are written."""
    if isinstance(value, bool | int | float):
        return str(value)
    return value


Number = typing.Annotated[float, pydantic.Field(ge=0, le=2**31 - 1),
                          pydantic.BeforeValidator(_number)]
Natural = typing.Annotated[int, pydantic.Field(ge=0, le=2**31 - 1),
                           pydantic.BeforeValidator(_integer)]
Positive = typing.Annotated[int, pydantic.Field(ge=1, le=2**31 - 1),
                            pydantic.BeforeValidator(_integer)]
Basic = typing.Annotated[bool, pydantic.BeforeValidator(_basic)]
Extended = typing.Annotated[bool, pydantic.BeforeValidator(_extended)]
Text = typing.Annotated[str, pydantic.BeforeValidator(_text)]
Name = typing.Annotated[str, pydantic.Field(
    min_length=2, max_length=253, pattern=NAME)]
Ident = typing.Annotated[str, pydantic.Field(min_length=1, max_length=255)]
Texts = dict[str, Text]


class Arguments(pydantic.BaseModel):
    """Of a request: from the query or from a JSON body, as it comes."""
    model_config = pydantic.ConfigDict(extra='forbid', frozen=True)


class Void(pydantic.RootModel[None]):
    """null: there is nothing to say."""


class PageQuery(Arguments):
    limit: typing.Annotated[Positive | None, pydantic.Field(
        description='Most items to answer with.')] = None
    marker: typing.Annotated[str | None, pydantic.Field(
        description='UUID of the last item of the previous page.')] = None
    sort_key: str | None = None
    sort_dir: typing.Literal['asc', 'desc'] = 'asc'


class ListQuery(PageQuery):
    all_projects: typing.Annotated[Extended, pydantic.Field(
        description='Look into every project. Administrators only.')] = False
