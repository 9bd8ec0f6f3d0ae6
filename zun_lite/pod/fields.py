"""The kinds of single values a document is made of, with their bounds.

Each is a type that pydantic checks and that describes itself in the JSON
Schema, so the served OpenAPI document promises what is accepted. Patterns
keep to what Rust, ECMAScript and Python read alike: no look-around, no \\d.
"""
import ipaddress
import re
import typing

import pydantic
import pydantic_core

from zun_lite.pod import linux
from zun_lite.pod import quantities

DNS_LABEL = r'^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'
DNS_SUBDOMAIN = (r'^[a-z0-9]([-a-z0-9]*[a-z0-9])?'
                 r'(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')
PORT_NAME = r'^([0-9]-?)*[a-z](-?[a-z0-9])*$'
ENV_NAME = r'^[-._a-zA-Z][-._a-zA-Z0-9]*$'
ENV_PREFIX = r'^([-._a-zA-Z][-._a-zA-Z0-9]*)?$'
TEXT = r'^[^\x00]*$'
ABSOLUTE_PATH = r'^/[^\x00]*$'
MOUNT_PATH = r'^/[^:\x00]+$'
URL_PATH = r'^/[^\x00-\x20\x7f]*$'
HEADER_NAME = r"^[-A-Za-z0-9!#$%&'*+.^_`|~]+$"
PROBE_HEADER = r'^[-A-Za-z0-9]+$'
HEADER_VALUE = r'^[^\x00-\x08\x0a-\x1f\x7f]*$'
PROBE_HOST = r'^[-A-Za-z0-9.:_]+$'
DNS_SEARCH = DNS_SUBDOMAIN[:-1] + r'\.?$'
DNS_WORD = r'^[-A-Za-z0-9_.]+$'
DATA_KEY = r'^[-._a-zA-Z0-9]+$'
INSIDE_PATH = r'^[^/:\x00][^:\x00]*$'
LABEL_VALUE = r'^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'
_NAME_PART = r'[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'
LABEL_KEY = (r'^([a-z0-9]([-a-z0-9]*[a-z0-9])?'
             r'(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?' + _NAME_PART)
ANNOTATION_KEY = (r'^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?'
                  r'(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*/)?'
                  + _NAME_PART)
_HOST_PART = r'[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?'
_REPOSITORY_PART = r'[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*'
IMAGE = (rf'^(({_HOST_PART}(\.{_HOST_PART})*|\[[0-9a-fA-F:]+\])'
         rf'(:[0-9]{{1,5}})?/)?{_REPOSITORY_PART}(/{_REPOSITORY_PART})*'
         r'(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?'
         r'(@[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*'
         r':[0-9a-fA-F]{32,128})?$')

_QUALIFIED = ('must be a name of letters, digits, -, _ and . (at most 63, '
              'beginning and ending with a letter or digit), after an '
              'optional DNS domain and /')
MEANINGS: typing.Final[dict[str, str]] = {
    DNS_LABEL: 'must be made of lower-case letters, digits and -, and begin '
               'and end with a letter or digit',
    DNS_SUBDOMAIN: 'must be a DNS name: lower-case letters, digits, - and ., '
                   'each part beginning and ending with a letter or digit',
    PORT_NAME: 'must be made of lower-case letters, digits and single -, '
               'with at least one letter and no - at either end',
    ENV_NAME: 'must be made of letters, digits, _, - and ., and not begin '
              'with a digit',
    ENV_PREFIX: 'must be made of letters, digits, _, - and ., and not begin '
                'with a digit',
    TEXT: 'must not hold a NUL character',
    ABSOLUTE_PATH: 'must be an absolute path',
    MOUNT_PATH: "must be an absolute path without ':', other than /",
    URL_PATH: 'must begin with / and hold no spaces or control characters',
    HEADER_NAME: 'must be an HTTP header name',
    PROBE_HEADER: 'must be made of letters, digits and -',
    HEADER_VALUE: 'must not hold control characters',
    PROBE_HOST: 'must be a host name or an IP address',
    DNS_SEARCH: 'must be a DNS name: lower-case letters, digits, - and ., '
                'each part beginning and ending with a letter or digit',
    DNS_WORD: 'must be made of letters, digits, -, _ and .',
    DATA_KEY: 'must be made of letters, digits, -, _ and .',
    INSIDE_PATH: "must be a relative path without ':'",
    LABEL_VALUE: 'must be empty, or letters, digits, -, _ and . beginning '
                 'and ending with a letter or digit',
    LABEL_KEY: _QUALIFIED,
    ANNOTATION_KEY: _QUALIFIED,
    IMAGE: 'must be an image reference such as registry.example.org/'
           'team/app:1.2 (repositories are in lower case)',
    quantities.PATTERN: 'must be a quantity, not negative, such as 250m, '
                        '1.5 or 64Mi',
}

INT32_MAX = 2**31 - 1


def _text(pattern: str, longest: int, shortest: int = 1) -> typing.Any:
    return pydantic.Field(pattern=pattern, max_length=longest,
                          min_length=shortest)


def _whole(value: object) -> object:
    """JSON Schema, like JavaScript, calls 1.0 an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


_NATURAL: typing.Any = pydantic.Field(ge=0, le=INT32_MAX)
_POSITIVE: typing.Any = pydantic.Field(ge=1, le=INT32_MAX)
_WHOLE = pydantic.BeforeValidator(_whole)

Label = typing.Annotated[str, _text(DNS_LABEL, 63)]
Subdomain = typing.Annotated[str, _text(DNS_SUBDOMAIN, 253)]
PortNumber = typing.Annotated[int, pydantic.Field(ge=1, le=65535), _WHOLE]
PortName = typing.Annotated[str, _text(PORT_NAME, 15)]
Seconds = typing.Annotated[int, _NATURAL, _WHOLE]
PositiveSeconds = typing.Annotated[int, _POSITIVE, _WHOLE]
Count = typing.Annotated[int, _POSITIVE, _WHOLE]
TerminalCells = typing.Annotated[
    int, pydantic.Field(ge=1, le=10_000), _WHOLE]
UserId = typing.Annotated[int, _NATURAL, _WHOLE]
Image = typing.Annotated[str, _text(IMAGE, 512)]
EnvName = typing.Annotated[str, _text(ENV_NAME, 255)]
EnvPrefix = typing.Annotated[str, _text(ENV_PREFIX, 255, 0)]
Argument = typing.Annotated[str, _text(TEXT, linux.MAX_ARGUMENT, 0)]
WorkingDir = typing.Annotated[str, _text(ABSOLUTE_PATH, 4096)]
MountPath = typing.Annotated[str, _text(MOUNT_PATH, 4096)]
InsidePath = typing.Annotated[str, _text(INSIDE_PATH, 4096)]
DataKey = typing.Annotated[str, _text(DATA_KEY, 253)]
FileMode = typing.Annotated[int, pydantic.Field(ge=0, le=0o777), _WHOLE]
DnsSearch = typing.Annotated[str, _text(DNS_SEARCH, 253)]
DnsWord = typing.Annotated[str, _text(DNS_WORD, 255)]
UrlPath = typing.Annotated[str, _text(URL_PATH, 4096)]
# What is stored may have any header; what is sent, only these.
HeaderName = typing.Annotated[
    str, _text(HEADER_NAME, 256),
    pydantic.Field(json_schema_extra={'pattern': PROBE_HEADER})]
HeaderValue = typing.Annotated[str, _text(HEADER_VALUE, 4096, 0)]
ProbeHost = typing.Annotated[str, _text(PROBE_HOST, 253)]
LabelKey = typing.Annotated[str, _text(LABEL_KEY, 317)]
LabelValue = typing.Annotated[str, _text(LABEL_VALUE, 63, 0)]
AnnotationKey = typing.Annotated[str, _text(ANNOTATION_KEY, 317)]
AnnotationValue = typing.Annotated[str, _text(TEXT, 2**18, 0)]



def by_names(schema: dict[str, typing.Any]) -> None:
    """Say of a map what JSON Schema says of maps: one rule for all keys."""
    (pattern, value), = schema.pop('patternProperties').items()
    schema['propertyNames'] = schema['propertyNames'] | {'pattern': pattern}
    schema['additionalProperties'] = value


Labels = typing.Annotated[dict[LabelKey, LabelValue], pydantic.Field(
    max_length=64, json_schema_extra=by_names)]
Annotations = typing.Annotated[
    dict[AnnotationKey, AnnotationValue], pydantic.Field(
        max_length=256, json_schema_extra=by_names)]


def _port(value: object) -> int | str:
    value = _whole(value)
    if isinstance(value, str):
        if len(value) <= 15 and re.fullmatch(PORT_NAME[1:-1], value):
            return value
    elif isinstance(value, int) and not isinstance(value, bool) \
            and 1 <= value <= 65535:
        return value
    raise pydantic_core.PydanticCustomError(
        'port', 'must be a port number from 1 to 65535, or the name of one '
        'of the container\'s ports')


# One validator, not a union: a union would report a fault for each branch.
Port = typing.Annotated[int | str, pydantic.PlainValidator(
    _port, json_schema_input_type=PortNumber | PortName)]


def _ip(value: str) -> str:
    try:
        if '%' in value:
            raise ValueError
        ipaddress.ip_address(value)
    except ValueError:
        raise pydantic_core.PydanticCustomError(
            'ip', 'must be an IPv4 or IPv6 address') from None
    return value


IpAddress = typing.Annotated[
    str, pydantic.Field(max_length=45, json_schema_extra={
        'anyOf': [{'format': 'ipv4'}, {'format': 'ipv6'}]}),
    pydantic.AfterValidator(_ip)]


def _capability(value: str) -> str:
    if value == 'ALL' or value in linux.CAPABILITIES:
        return value
    plain = value.upper().removeprefix('CAP_')
    if plain in linux.CAPABILITIES or plain == 'ALL':
        raise pydantic_core.PydanticCustomError(
            'capability', 'must be written {name}', {'name': plain})
    raise pydantic_core.PydanticCustomError(
        'capability', 'must be a Linux capability such as NET_ADMIN, '
        'without CAP_, or ALL')


CapabilityName = typing.Annotated[
    str, pydantic.Field(max_length=64, json_schema_extra={
        'enum': ['ALL', *sorted(linux.CAPABILITIES)]}),
    pydantic.AfterValidator(_capability)]


_OWN_ALWAYS = ('metadata.name', 'metadata.namespace', 'metadata.uid')
_OWN_ENV = (*_OWN_ALWAYS, 'spec.nodeName', 'status.podIP', 'status.hostIP')
_OWN_FILE = (*_OWN_ALWAYS, 'metadata.labels', 'metadata.annotations')
OWN_ENTRY = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
_ENTRY_SCHEMA = (
    rf"^metadata\.(labels\['{LABEL_KEY[1:-1]}'\]"
    rf"|annotations\['{ANNOTATION_KEY[1:-1]}'\])$")


def _own_field(names: tuple[str, ...]) -> typing.Any:
    def check(value: str) -> str:
        if value in names or OWN_ENTRY.fullmatch(value):
            return value
        raise pydantic_core.PydanticCustomError('own_field', (
            f"must be {', '.join(names)}, metadata.labels['<key>'] or "
            "metadata.annotations['<key>']"))
    return pydantic.AfterValidator(check)


def _own_schema(names: tuple[str, ...]) -> typing.Any:
    return pydantic.Field(max_length=400, json_schema_extra={'anyOf': [
        {'enum': list(names)}, {'pattern': _ENTRY_SCHEMA}]})


# What a pod may be told of itself, in its environment and in files.
EnvOwnField = typing.Annotated[
    str, _own_schema(_OWN_ENV), _own_field(_OWN_ENV)]
FileOwnField = typing.Annotated[
    str, _own_schema(_OWN_FILE), _own_field(_OWN_FILE)]
