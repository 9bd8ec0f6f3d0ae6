import unittest

import jsonschema

from zun_lite.api import app
from zun_lite.api import microversion
from zun_lite.api import openapi
from zun_lite.api import operations
from zun_lite.tests.unit.api import samples


def references(part):
    """Every $ref in a document."""
    if isinstance(part, dict):
        yield from [part['$ref']] if isinstance(part.get('$ref'), str) else []
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


class Document(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        router = operations.Router(app.controllers(app.Services(None, None)))
        cls.operations = [operations.of(h) for h in router.handlers]
        cls.document = openapi.document(cls.operations)

    def parameters(self, operation):
        found = self.document['paths'][operation.path][
            operation.method.lower()]['parameters']
        return {p['name']: p for p in found}

    def each(self):
        for path, methods in self.document['paths'].items():
            for method, operation in methods.items():
                with self.subTest(f'{method} {path}'):
                    yield path, operation

    def test_every_operation_is_there(self):
        self.assertEqual(
            {(o.path, o.method.lower()) for o in self.operations},
            {(path, method) for path, methods
             in self.document['paths'].items() for method in methods})

    def test_ids_are_unique(self):
        found = [o['operationId'] for _, o in self.each()]
        self.assertEqual(sorted(set(found)), sorted(found))

    def test_all_answers_are_told(self):
        for path, operation in self.each():
            told = set(operation['responses'])
            self.assertLessEqual({'400', '406', '413', '500', '503'}, told)
            self.assertTrue(told & {'200', '201', '202', '204'})
            if operation['security']:
                self.assertLessEqual({'401', '403'}, told)
            if 'requestBody' in operation:
                self.assertIn('415', told)
            # Zun's clients know an unknown image by 400, and of projects and
            # classes there is nothing that could be unknown.
            if '{' in path and not path.startswith(
                    ('/v1/images/', '/v1/quotas/', '/v1/quota_classes/')):
                self.assertIn('404', told)

    def test_every_version_that_is_told_is_served(self):
        for operation in self.operations:
            told = self.parameters(operation).get(microversion.HEADER)
            with self.subTest(operation.name):
                self.assertEqual(operation.born is None, told is None)
                for header in told['schema']['enum'] if told else ():
                    microversion.effective(header, operation.born,
                                           operation.last)

    def test_the_range_of_versions_is_told(self):
        told = {o.name: self.parameters(o)[microversion.HEADER]
                for o in self.operations if o.born is not None}
        rename = told['containeractions.rename']
        self.assertEqual(['container 1.13'], rename['schema']['enum'])
        self.assertIn('1.1 to 1.13; without it, 1.1.', rename['description'])
        self.assertEqual(['container 1.41', 'container latest'],
                         told['pods.list']['schema']['enum'])
        self.assertEqual('Since 1.41; without it, 1.41.',
                         told['pods.list']['description'])
        self.assertIn('1.4 to 1.41; without it, 1.41.',
                      told['hosts.list']['description'])

    def test_what_a_path_names_is_told(self):
        told = {o.name: [p['description'] for p in self.parameters(o).values()
                         if p['in'] == 'path'] for o in self.operations}
        unique = 'UUID, or a name that is unique.'
        self.assertEqual([unique], told['pods.show'])
        self.assertEqual(['Name.'], told['configs.show'])
        self.assertEqual(['UUID.'], told['images.show'])
        self.assertIn('search', told['images.search'][0])
        self.assertEqual(unique, told['containeractions.action'][0])
        self.assertIn('Request-Id', told['containeractions.action'][1])

    def test_references_lead_somewhere(self):
        known = self.document['components']['schemas']
        for reference in references(self.document):
            self.assertIn(reference.removeprefix('#/components/schemas/'),
                          known)

    def test_schemas_are_schemas(self):
        for name, schema in self.document['components']['schemas'].items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_texts_that_are_sent_hold_no_nul(self):
        """In a body, and in a query that counts as one; so it is refused."""
        schemas = self.document['components']['schemas']
        reason = schemas['Disable']['properties']['disabled_reason']
        in_query = {p['name']: p['schema'] for p in self.document['paths'][
            '/v1/services/disable']['put']['parameters']}
        for told in (reason, in_query['disabled_reason'], schemas[
                'zun_lite__pod__spec__Metadata'][
                    'properties']['annotations']):
            with self.subTest(told=told):
                self.assertIn('x00]*$', str(told))
        stdout = schemas['ExecResult']['properties']['stdout']
        self.assertNotIn('pattern', stdout)

    def test_the_pod_that_is_sent_is_the_model_that_validates(self):
        body = self.document['paths']['/v1/pods']['post']['requestBody']
        self.assertEqual(
            {'$ref': '#/components/schemas/PodManifest'},
            body['content']['application/json']['schema'])
        self.assertIn('application/yaml', body['content'])
        container = self.document['components']['schemas']['Container']
        self.assertIn('livenessProbe', container['properties'])
        self.assertFalse(container['additionalProperties'])


class Answers(samples.ApiTest):
    """Real answers fit what is told of them."""

    def check(self, path, method, found):
        document = self.api.get('/v1/openapi.json').json
        answer = document['paths'][path][method]['responses'][
            str(found.status)]
        schema = answer['content']['application/json']['schema']
        jsonschema.Draft202012Validator(
            schema | {'components': document['components']},
            format_checker=jsonschema.FormatChecker()).validate(found.json)

    def test_a_pod_with_everything(self):
        self.pod(host='one', labels={'a': 'b'}, annotations='{"n":"x"}',
                 status='{"phase":"Running","podIP":"10.0.0.2",'
                        '"containerStatuses":[]}')
        self.check('/v1/pods/{pod}', 'get', self.api.get('/v1/pods/web'))
        self.check('/v1/pods', 'get', self.api.get('/v1/pods?limit=1'))

    def test_hosts_and_capabilities(self):
        self.host()
        self.check('/v1/hosts', 'get', self.api.get('/v1/hosts'))
        self.check('/v1/hosts/{host}', 'get', self.api.get('/v1/hosts/one'))
        self.check('/v1/capabilities', 'get',
                   self.api.get('/v1/capabilities'))

    def test_errors(self):
        self.check('/v1/pods/{pod}', 'get', self.api.get('/v1/pods/none'))
        self.check('/v1/pods', 'post', self.api.post('/v1/pods', {}))

    def test_versions(self):
        for path in ('/', '/v1', '/healthcheck'):
            self.check(path, 'get', self.api.get(path))

    def test_version_1_links_to_every_collection(self):
        names = {path.split('/')[2] for path in self.api.get(
            '/v1/openapi.json').json['paths'] if path.count('/') > 1}
        found = self.api.get('/v1').json
        self.assertEqual(names - {'openapi.json'}, found.keys() - {
            'id', 'links', 'media_types'})
