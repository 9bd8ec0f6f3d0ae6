"""The OpenAPI 3.1 document, from the models that validate."""
import re
import typing
from collections.abc import Iterable
from collections.abc import Mapping

import pydantic
from pydantic import json_schema

from zun_lite.api import microversion
from zun_lite.api import operations
from zun_lite.api.v1.schemas import common
from zun_lite.pod import fields

REF = '#/components/schemas/{model}'
PHRASES = {
    200: 'Success', 201: 'Created',
    202: 'Accepted: recorded, and then made true',
    204: 'Nothing is left of it',
    400: 'A field is wrong, or no backend can honour it',
    401: 'The credentials are missing or wrong',
    403: 'Policy does not allow it', 404: 'There is no such resource',
    406: 'The version or media type cannot be served',
    409: 'It does not fit the state, or the driver lacks it',
    413: 'The body is too large', 415: 'The type of the body is unknown',
    500: 'A fault of the service', 503: 'A part of it does not answer',
    504: 'It did not finish in time'}
SECURITY = {
    'token': {'type': 'apiKey', 'in': 'header', 'name': 'X-Auth-Token'},
    'basic': {'type': 'http', 'scheme': 'basic'}}

# Of paths: what variables name; the others take a UUID or a name.
_VARIABLES = {
    'config': 'Name.', 'secret': 'Name.', 'image': 'UUID.',
    'host': 'UUID or name.', 'project': 'ID of a project.',
    'quota_class': 'Name of a class of quotas.',
    'request_id': 'X-Openstack-Request-Id of the answer to the request.'}
_UNIQUE = 'UUID, or a name that is unique.'
_TERM = 'What to search for; it may hold slashes.'

_NARROWER = frozenset({'pattern', 'enum', 'const', 'format'})

Schema = dict[str, typing.Any]
Schemas = Mapping[tuple[typing.Any, json_schema.JsonSchemaMode], Schema]

# One mode for what comes in and goes out, so that a pod is one schema.
MODE: typing.Literal['validation'] = 'validation'


def document(found: Iterable[operations.Operation]) -> Schema:
    """The document of these operations."""
    known = sorted(found, key=lambda o: (o.path, o.method))
    schemas, definitions = json_schema.models_json_schema(
        [(m, MODE) for m in sorted(_models(known), key=lambda m: m.__name__)],
        ref_template=REF)
    components = definitions.get('$defs', {})
    told: set[str] = set()
    for operation in known:
        if operation.body is not None:
            _tell_text(schemas[operation.body, MODE], components, told)
    paths: Schema = {}
    for operation in known:
        paths.setdefault(operation.path, {})[operation.method.lower()] = (
            _operation(operation, schemas))
    return {
        'openapi': '3.1.0',
        'info': {'title': 'zun_lite', 'version': str(microversion.MAX),
                 'description': 'Pods on Docker and Kubernetes.',
                 'license': {'name': 'Apache-2.0',
                             'identifier': 'Apache-2.0'}},
        'paths': paths,
        'components': {'schemas': components,
                       'securitySchemes': SECURITY}}


def _models(known: Iterable[operations.Operation]) -> set[operations.Model]:
    """The models of all bodies."""
    found: set[operations.Model] = {common.Errors}
    for operation in known:
        found |= {model for model in (operation.body,
                                      *operation.answers.values())
                  if model is not None}
    return found


def _tell_text(schema: Schema, components: Schema, told: set[str]) -> None:
    """Say of each text that is sent that it holds no NUL: `pod.tree` refuses
    it in all documents, whatever their model. `told`: by reference."""
    reference = schema.get('$ref')
    if reference is not None and reference not in told:
        told.add(reference)
        _tell_text(components[reference.rpartition('/')[2]], components, told)
    if schema.get('type') == 'string' and not schema.keys() & _NARROWER:
        schema['pattern'] = fields.TEXT
    inner = [*schema.get('properties', {}).values(),
             *schema.get('anyOf', ()), *schema.get('oneOf', ()),
             schema.get('items'), schema.get('additionalProperties')]
    for part in inner:
        if isinstance(part, dict):
            _tell_text(part, components, told)


def _operation(operation: operations.Operation, schemas: Schemas) -> Schema:
    described: Schema = {
        'operationId': operation.name, 'summary': operation.summary,
        'tags': [operation.name.partition('.')[0]],
        'parameters': [*_path_parameters(operation),
                       *_query_parameters(operation),
                       *_version_parameter(operation)],
        'responses': _responses(operation, schemas),
        'security': [] if operation.public else [{'token': []},
                                                 {'basic': []}]}
    if operation.body is not None:
        schema = schemas[operation.body, MODE]
        described['requestBody'] = {
            'required': operation.body_required,
            'content': {t: {'schema': schema}
                        for t in operation.body_types}}
    elif operation.streamed:
        described['requestBody'] = {
            'required': True,
            'content': {t: {} for t in operation.body_types}}
    return described


def _path_parameters(operation: operations.Operation) -> list[Schema]:
    return [{'name': name, 'in': 'path', 'required': True,
             'description': _TERM if operation.spans
             else _VARIABLES.get(name, _UNIQUE),
             'schema': {'type': 'string', 'minLength': 1}}
            for name in re.findall(r'{(\w+)}', operation.path)]


def _query_parameters(operation: operations.Operation) -> list[Schema]:
    schema = pydantic.TypeAdapter(operation.query).json_schema(
        ref_template=REF)
    if operation.merged:        # then it is sent, as a body is
        _tell_text(schema, schema.get('$defs', {}), set())
    found = []
    for name, described in schema.get('properties', {}).items():
        described.pop('title', None)
        parameter = {'name': name, 'in': 'query',
                     'required': name in schema.get('required', ()),
                     'schema': _plain(described)}
        if 'description' in described:
            parameter['description'] = described.pop('description')
        found.append(parameter)
    return found


def _plain(schema: Schema) -> Schema:
    """Without null, which no query can say: absent is what it means."""
    options = [o for o in schema.get('anyOf', ())
               if o.get('type') != 'null']
    if schema.get('default', ...) is None:
        del schema['default']
    if len(options) == 1:
        del schema['anyOf']
        schema.update(options[0])
    return schema


def _version_parameter(operation: operations.Operation) -> list[Schema]:
    """Of the versions that serve it, those that the document is right for:
    fields and answers of older ones may differ."""
    if operation.born is None:
        return []
    versions = [str(operation.last or microversion.MAX)]
    if operation.last is None:
        versions.append('latest')
    return [{'name': microversion.HEADER, 'in': 'header', 'required': False,
             'description': _range(operation),
             'schema': {'type': 'string', 'enum': [
                 f'{microversion.SERVICE} {v}' for v in versions]}}]


def _range(operation: operations.Operation) -> str:
    """Which versions serve it, and which one without the header."""
    newest = operation.last or microversion.MAX
    default = f'without it, {operation.unversioned or operation.born}.'
    if operation.born == newest:
        return f'Since {operation.born}; {default}'
    return (f'{operation.born} to {newest}; {default} Told here is {newest}: '
            'with older ones, fields and answers may differ.')


def _responses(operation: operations.Operation, schemas: Schemas) -> Schema:
    error = {'application/json': {
        'schema': schemas[common.Errors, MODE]}}
    found = {str(s): _answer(s, m, operation, schemas)
             for s, m in operation.answers.items()}
    for status in _errors(operation):
        found[str(status)] = {'description': PHRASES[status],
                              'content': error}
    return dict(sorted(found.items()))


def _answer(status: int, model: operations.Model | None,
            operation: operations.Operation, schemas: Schemas) -> Schema:
    answer: Schema = {'description': PHRASES[status]}
    if model is not None:
        answer['content'] = {operation.produces: {
            'schema': schemas[model, MODE]}}
    elif status != 204:
        schema = {'type': 'object'} if operation.produces == operations.JSON \
            else {'type': 'string'}
        answer['content'] = {operation.produces: {'schema': schema}}
        if operation.or_json:
            answer['content'][operations.JSON] = {
                'schema': {'type': 'string'}}
    return answer


def _errors(operation: operations.Operation) -> set[int]:
    found = {400, 406, 413, 500, 503, *operation.errors}
    if not operation.public:
        found |= {401, 403}
    if operation.body is not None:
        found.add(415)
    return found
