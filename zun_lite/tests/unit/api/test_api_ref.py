"""api-ref/ says what the OpenAPI document says, and its samples are true."""
import json
import pathlib
import re
import unittest

import jsonschema
import yaml

import zun_lite
from zun_lite.api import app
from zun_lite.api import openapi
from zun_lite.api import operations

SOURCE = pathlib.Path(zun_lite.__file__).parents[1] / 'api-ref' / 'source'
METHOD = re.compile(r'^\.\. rest_method:: (\S+) (\S+)$', re.M)
STATUS = re.compile(r'^   - (\d{3})$', re.M)
PARAMETER = re.compile(r'^   - ([\w.-]+): (\w+)$', re.M)
SAMPLE = re.compile(r'literalinclude:: samples/(\S+)-(request|response)\.json')


def sections():
    """(method, path) -> the text below it, of every page."""
    found = {}
    for page in SOURCE.glob('*.rst'):
        parts = METHOD.split(page.read_text())[1:]
        for method, path, text in zip(*[iter(parts)] * 3, strict=True):
            found[method.lower(), path] = text
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

    def test_parameters(self):
        known = yaml.safe_load((SOURCE / 'parameters.yaml').read_text())
        for operation, text in self.each():
            named = dict(PARAMETER.findall(text))
            self.assertEqual(
                {p['name']: p['in'] for p in operation['parameters']},
                {name: known[key]['in'] for name, key in named.items()
                 if known[key]['in'] != 'body'})

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
