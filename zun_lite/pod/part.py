"""What the parts of a pod's document are made of."""
import typing

import pydantic
from pydantic import alias_generators


class Document(pydantic.BaseModel):
    """Base of every part: strict types, no unknown field, unchangeable."""
    model_config = pydantic.ConfigDict(
        alias_generator=alias_generators.to_camel, validate_by_name=True,
        validate_by_alias=True, serialize_by_alias=True, extra='forbid',
        frozen=True, strict=True, hide_input_in_errors=True)


def at_most(count: int) -> typing.Any:
    """How long a text or list may be."""
    return pydantic.Field(max_length=count)


def exactly_one_of(*names: str) -> pydantic.ConfigDict:
    """Tell in the JSON Schema what `validation` checks and words better."""
    return pydantic.ConfigDict(json_schema_extra={'oneOf': [
        {'required': [name], 'properties': {name: {'type': 'object'}}}
        for name in names]})


def also(**properties: typing.Any) -> typing.Any:
    """The same for the bounds that a place puts on a part's fields."""
    return pydantic.Field(json_schema_extra={'properties': properties})
