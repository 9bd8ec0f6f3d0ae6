"""api-ref/ says what the OpenAPI document says, and its samples are true."""
import json
import pathlib
import re
import unittest

import jsonschema
import yaml

import zun_lite
from zun_lite import exceptions
from zun_lite.api import app
from zun_lite.api import errors
from zun_lite.api import microversion
from zun_lite.api import openapi
from zun_lite.api import operations

SOURCE = pathlib.Path(zun_lite.__file__).parents[1] / 'api-ref' / 'source'
METHOD = re.compile(r'^\.\. rest_method:: (\S+) (\S+)$', re.M)
STATUS = re.compile(r'^   - (\d{3})$', re.M)
PARAMETER = re.compile(r'^   - ([\w.-]+): (\w+)$', re.M)
CODE = re.compile(r'^   \* - (\d{3})\n     - ``(\S+)``$', re.M)
SAMPLE = re.compile(r'literalinclude:: samples/(\S+)-(request|response)\.json')


def sections():
    """(method, path) -> the text below it, of every page."""
    found = {}
    for page in SOURCE.glob('*.rst'):
        parts = METHOD.split(page.read_text())[1:]
        for method, path, text in zip(*[iter(parts)] * 3, strict=True):
            found[method.lower(), path] = text
    return found


def kinds(root):
    """The errors of the service's own tree, all the way down."""
    found = {root}
    for child in root.__subclasses__():
        if child.__module__ == exceptions.__name__:
            found |= kinds(child)
    return found


@unittest.skipUnless(SOURCE.exists(), 'installed without the documents')
class ApiRef(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        router = operations.Router(app.controllers(app.Services(None, None)))
        cls.document = openapi.document(map(operations.of, router.handlers))
        cls.operations = {
            (method, path): operation
            for path, methods in cls.document['paths'].items()
            for method, operation in methods.items()}
        cls.sections = sections()
        cls.known = yaml.safe_load((SOURCE / 'parameters.yaml').read_text())

    def each(self):
        for key, operation in self.operations.items():
            with self.subTest(' '.join(key)):
                yield operation, self.sections[key]

    def test_every_operation_is_written_about(self):
        self.assertEqual(set(self.operations), set(self.sections))

    def test_statuses(self):
        for operation, text in self.each():
            self.assertEqual(sorted(operation['responses']),
                             sorted(STATUS.findall(text)))

    def told(self, text):
        """(name, what parameters.yaml has of it), as a page lists them."""
        return [(name, self.known[key])
                for name, key in PARAMETER.findall(text)]

    def parameters(self):
        for operation, text in self.each():
            told = self.told(text)
            yield (operation, [p for p in told if p[1]['in'] != 'body'],
                   [p for p in told if p[1]['in'] == 'body'])

    def resolved(self, schema):
        name = schema.get('$ref', '').rpartition('/')[2]
        return self.document['components']['schemas'][name] if name \
            else schema

    def test_parameters(self):
        for operation, told, _ in self.parameters():
            self.assertEqual(
                sorted((p['name'], p['in'], p['required'],
                        self.resolved(p['schema'])['type'])
                       for p in operation['parameters']),
                sorted((name, p['in'], p['required'], p['type'])
                       for name, p in told))

    def test_bodies(self):
        """Each field is told, of the body or of the query it merges with;
        what is told of its parts is not looked at."""
        for operation, others, told in self.parameters():
            content = operation.get('requestBody', {}).get('content', {})
            schema = self.resolved(next(
                (c['schema'] for c in content.values() if c), {}))
            fields = schema.get('properties', {})
            in_query = {name for name, p in others if p['in'] == 'query'}
            heads = {name.partition('.')[0] for name, _ in told}
            self.assertEqual(fields.keys() - in_query, heads - in_query)
            self.assertLessEqual(heads, fields.keys())
            for name, p in told:
                if name in fields:
                    self.assertEqual(
                        (name, name in schema.get('required', ())),
                        (name, p['required']))

    def test_codes(self):
        known = {(cls.status, cls.code) for cls in (
            *kinds(exceptions.ZunLiteError), microversion.OutOfRange,
            errors.MethodNotAllowed)}
        told = CODE.findall((SOURCE / 'errors.rst').read_text())
        self.assertEqual(sorted(known),
                         sorted((int(status), code) for status, code in told))

    def schema_of(self, operation, kind):
        if kind == 'request':
            content = operation['requestBody']['content']
        else:
            return {'anyOf': [
                a['content']['application/json']['schema']
                for s, a in operation['responses'].items()
                if s in ('200', '201', '202')],
                'components': self.document['components']}
        return content['application/json']['schema'] | {
            'components': self.document['components']}

    def test_samples(self):
        checked = 0
        for operation, text in self.each():
            for name, kind in SAMPLE.findall(text):
                if name == 'pod-dry-run':
                    continue
                sample = json.loads(
                    (SOURCE / 'samples' / f'{name}-{kind}.json').read_text())
                jsonschema.Draft202012Validator(
                    self.schema_of(operation, kind)).validate(sample)
                checked += 1
        self.assertGreater(checked, 15)

    def test_no_sample_is_left_over(self):
        pages = ''.join(p.read_text() for p in SOURCE.glob('*.rst'))
        for sample in (SOURCE / 'samples').iterdir():
            self.assertIn(f'samples/{sample.name}', pages)
