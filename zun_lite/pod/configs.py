"""Configs and secrets as their owner writes them: v1.ConfigMap, v1.Secret.

What both come to is their entries: bytes by key. Source: Kubernetes API
reference, v1.ConfigMap and v1.Secret (v1.33).
"""
import base64
import binascii
import enum
import functools
import typing
from collections.abc import Iterator
from collections.abc import Mapping

import pydantic
import pydantic_core

from zun_lite.exceptions import FieldError
from zun_lite.pod import fields
from zun_lite.pod import manifest
from zun_lite.pod import paths
from zun_lite.pod import spec
from zun_lite.pod.validation import metadata as metadata_rules

MAX_BYTES = 2**20                   # of all entries, as in Kubernetes
MAX_ENTRIES = 1024


class Kind(enum.StrEnum):
    CONFIG = 'config'
    SECRET = 'secret'               # noqa: S105 - a word


def _base64(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise pydantic_core.PydanticCustomError(
            'base64', 'must be base64') from None
    return value


Encoded = typing.Annotated[
    str, pydantic.Field(json_schema_extra={'contentEncoding': 'base64'}),
    pydantic.AfterValidator(_base64)]
_bounded: typing.Any = pydantic.Field(
    max_length=MAX_ENTRIES, json_schema_extra=fields.by_names)
TextEntries = typing.Annotated[dict[fields.DataKey, str], _bounded]
EncodedEntries = typing.Annotated[dict[fields.DataKey, Encoded], _bounded]


class ConfigMap(spec.Document):
    """Entries that everybody in the project may read."""
    api_version: typing.Literal['v1']
    kind: typing.Literal['ConfigMap']
    metadata: spec.Metadata
    data: TextEntries | None = None
    binary_data: EncodedEntries | None = None

    def entries(self) -> dict[str, bytes]:
        return {key: value.encode() for key, value
                in (self.data or {}).items()} | _decoded(self.binary_data)


class Secret(spec.Document):
    """Entries that are stored encrypted, and are in no log and no list."""
    api_version: typing.Literal['v1']
    kind: typing.Literal['Secret']
    metadata: spec.Metadata
    type: typing.Annotated[str, pydantic.Field(
        max_length=253, pattern=fields.TEXT)] | None = None   # Opaque
    data: EncodedEntries | None = None
    string_data: TextEntries | None = None

    def entries(self) -> dict[str, bytes]:
        """`stringData` goes before `data`."""
        return _decoded(self.data) | {
            key: value.encode()
            for key, value in (self.string_data or {}).items()}


Config = ConfigMap | Secret


def _decoded(entries: Mapping[str, str] | None) -> dict[str, bytes]:
    return {key: base64.b64decode(value)
            for key, value in (entries or {}).items()}


def encoded(entries: Mapping[str, bytes]) -> dict[str, str]:
    """Base64 by key."""
    return {key: base64.b64encode(value).decode()
            for key, value in entries.items()}


MODELS: Mapping[Kind, type[ConfigMap] | type[Secret]] = {
    Kind.CONFIG: ConfigMap, Kind.SECRET: Secret}


def parse(kind: Kind, body: bytes, content_type: str) -> Config:
    """The document of a JSON or YAML body.

    :raises Invalid: with every fault and its path; never with a value.
    :raises UnsupportedMediaType:
    """
    return manifest.parse_as(
        MODELS[kind], body, content_type,
        typing.cast(typing.Any, functools.partial(_faults, kind)))


def _faults(kind: Kind, document: Config) -> list[FieldError]:
    found = list(metadata_rules.faults(document.metadata, 'metadata'))
    groups = ('data', 'binary_data') if kind is Kind.CONFIG else (
        'data', 'string_data')
    for name in groups:
        alias = type(document).model_fields[name].alias or name
        found += _key_faults(getattr(document, name) or {}, alias)
    if kind is Kind.CONFIG:
        found += _twice(typing.cast(ConfigMap, document))
    size = sum(len(key) + len(value)
               for key, value in document.entries().items())
    if size > MAX_BYTES:
        found.append(FieldError('data', 'must have at most '
                                f'{MAX_BYTES} bytes in all'))
    return found


def _key_faults(entries: Mapping[str, str], at: str) -> Iterator[FieldError]:
    for key in entries:
        if key == '.' or key.startswith('..'):
            yield FieldError(paths.join(at, key),
                             "the key must not be '.' nor begin with '..'")


def _twice(document: ConfigMap) -> Iterator[FieldError]:
    for key in sorted((document.data or {}).keys()
                      & (document.binary_data or {}).keys()):
        yield FieldError(paths.join('binaryData', key),
                         'is also in data')
