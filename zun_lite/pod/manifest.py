"""Text that a user wrote into a checked document, or every fault in it.

`parse` is for pods; `parse_as` for any other document made of pydantic
classes. Both raise `Invalid` with all that is wrong, each fault at its path.
"""
import json
import typing

import pydantic

from zun_lite.exceptions import FieldError
from zun_lite.pod import documents
from zun_lite.pod import faults
from zun_lite.pod import partial
from zun_lite.pod import spec
from zun_lite.pod import validation

errors_from = faults.errors_from
MEDIA_TYPES = documents.JSON_TYPES | documents.YAML_TYPES

M = typing.TypeVar('M', bound=pydantic.BaseModel)


def parse(body: bytes, content_type: str) -> spec.PodManifest:
    """The pod that a JSON or YAML body asks for, valid in shape and meaning.

    :raises Invalid: with every fault and its path.
    :raises UnsupportedMediaType: the body is neither JSON nor YAML.
    """
    return parse_as(spec.PodManifest, body, content_type, validation.check)


def parse_as(model: type[M], body: bytes, content_type: str,
             check: typing.Callable[[M], list[FieldError]] | None = None,
             ) -> M:
    """The document of a body as `model`; `check` looks at its meaning.

    :raises Invalid: with every fault and its path.
    :raises UnsupportedMediaType: the body is neither JSON nor YAML.
    """
    reading = documents.read(body, content_type)
    try:
        found = _shaped(model, reading.json)
    except pydantic.ValidationError as error:
        wrong = _merged(reading.faults, faults.errors_from(error, model))
        if check is not None:
            wrong += partial.beside(
                _meaning(model, reading, faults.places(error), check), wrong)
        raise documents.of_faults(wrong) from None
    wrong = reading.faults + (check(found) if check else [])
    if wrong:
        raise documents.of_faults(wrong)
    return found


def _shaped(model: type[M], text: str) -> M:
    return model.model_validate_json(text, by_alias=True, by_name=False)


def _meaning(model: type[M], reading: documents.Reading,
             places: set[partial.Place],
             check: typing.Callable[[M], list[FieldError]],
             ) -> list[FieldError]:
    """Faults in the meaning of what is left without `places`, if that holds.
    """
    if not partial.without(reading.document, places):
        return []
    try:
        return check(_shaped(model, json.dumps(reading.document)))
    except pydantic.ValidationError:
        return []


def _merged(first: list[FieldError],
            then: list[FieldError]) -> list[FieldError]:
    """One fault a path: what was found in the text explains the rest."""
    known = {fault.path for fault in first}
    return first + [fault for fault in then if fault.path not in known]


def json_schema(ref_template: str = '#/components/schemas/{model}',
                ) -> dict[str, typing.Any]:
    """The JSON Schema (2020-12) of a pod document; parts under ``$defs``."""
    return spec.PodManifest.model_json_schema(
        by_alias=True, ref_template=ref_template, mode='validation')
