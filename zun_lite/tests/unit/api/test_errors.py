import logging
import unittest
import unittest.mock

from webob import exc as webob_exc

from zun_lite import exceptions
from zun_lite.api import errors
from zun_lite.api import microversion
from zun_lite.db import pods
from zun_lite.pod import manifest
from zun_lite.tests.unit.api import samples

LOG = logging.getLogger(__name__)


class Document(unittest.TestCase):

    def test_every_field_is_there(self):
        fields = [exceptions.FieldError('a.b', 'is wrong')]
        found = errors.document(
            exceptions.Invalid('Bad.', fields=fields), 'req-1')
        self.assertEqual({'errors': [{
            'request_id': 'req-1', 'code': 'zun_lite.request.invalid',
            'status': 400, 'title': 'Bad. a.b: is wrong',
            'detail': 'Bad. a.b: is wrong', 'links': [],
            'fields': [{'path': 'a.b', 'message': 'is wrong'}]}]}, found)

    def test_the_title_tells_one_fault_and_the_detail_all(self):
        fields = [exceptions.FieldError(f'f{n}', 'x') for n in range(3)]
        found = errors.document(
            exceptions.Invalid(fields=fields), '')['errors'][0]
        self.assertEqual('The request is invalid. f0: x (and 2 more faults)',
                         found['title'])
        self.assertEqual('The request is invalid. f0: x; f1: x; f2: x',
                         found['detail'])
        self.assertEqual(3, len(found['fields']))

    def test_nothing_is_said_twice(self):
        for body, title, detail in (
                (b'', 'The body is empty', 'The body is empty'),
                (b'[]', 'The body must be a map', 'The body must be a map'),
                (b'{"spec": {}, "kind": "Pod", "apiVersion": "v1"}',
                 'metadata: is required (and 1 more fault)',
                 'metadata: is required; spec.containers: is required')):
            with self.subTest(body):
                with self.assertRaises(exceptions.Invalid) as caught:
                    manifest.parse(body, 'application/json')
                found = errors.document(caught.exception, '')['errors'][0]
                self.assertEqual((title, detail),
                                 (found['title'], found['detail']))

    def test_a_500_tells_nothing_but_its_id(self):
        error = exceptions.ZunLiteError('password=hunter2', fields=[
            exceptions.FieldError('secret', 'secret')])
        found = str(errors.document(error, 'req-1'))
        self.assertNotIn('hunter2', found)
        self.assertNotIn('secret', found)
        self.assertIn('req-1', found)

    def test_every_status_of_the_tree_has_a_line(self):
        def tree(cls):
            yield cls
            for child in cls.__subclasses__():
                yield from tree(child)
        for cls in tree(exceptions.ZunLiteError):
            if cls in (errors.MethodNotAllowed, errors.HttpError) or (
                    not cls.__module__.startswith(('zun_lite.exceptions',
                                                   'zun_lite.api'))):
                continue    # takes more than a message, or stays on a host
            with self.subTest(cls.__name__):
                with self.assertLogs(level='DEBUG'):
                    LOG.debug('one at least')
                    status, headers, body = errors.render(cls(), 'req-1')
                self.assertEqual(cls.status, status)
                self.assertIn(('Content-Type', 'application/json'), headers)

    def test_an_absent_part_tells_when_to_come_back(self):
        for version, told in ((microversion.MAX, True), (None, False),
                              (microversion.Version(1, 40), False)):
            _, headers, _ = errors.render(exceptions.Unavailable(), 'req-1',
                                          version)
            self.assertIs(told, 'Retry-After' in dict(headers), version)

    def test_the_frameworks_errors(self):
        self.assertEqual(404, errors.known(webob_exc.HTTPNotFound()).status)
        self.assertEqual(400, errors.known(webob_exc.HTTPBadRequest()).status)
        self.assertEqual(500, errors.known(
            webob_exc.HTTPInternalServerError('x')).status)
        self.assertEqual(500, errors.known(KeyError('x')).status)


class OnTheWire(samples.ApiTest):

    def test_unknown_paths(self):
        for path in ('/nothing', '/v1/nothing', '/v1/pods/a/nothing',
                     '/v1/pods/a/logs/b', '/v1/__class__', '/v1/pods/a/index',
                     '/v2', '/v1/v1/pods'):
            with self.subTest(path):
                found = self.api.get(path)
                self.assertEqual(404, found.status)
                self.assertEqual('zun_lite.not_found', found.error['code'])
                self.assertEqual('application/json',
                                 found.headers['content-type'])

    def test_wrong_methods_tell_the_right_ones(self):
        for method, path, allow in (
                ('PUT', '/v1/pods', 'GET, HEAD, OPTIONS, POST'),
                ('DELETE', '/v1/pods', 'GET, HEAD, OPTIONS, POST'),
                ('POST', '/v1/pods/a', 'DELETE, GET, HEAD, OPTIONS, PATCH'),
                ('GET', '/v1/pods/a/start', 'OPTIONS, POST'),
                ('TRACE', '/', 'GET, HEAD, OPTIONS')):
            with self.subTest(f'{method} {path}'):
                found = self.api(method, path)
                self.assertEqual((405, allow), (
                    found.status, found.headers.get('allow')))
                self.assertEqual('zun_lite.request.method',
                                 found.error['code'])

    def test_a_bug_is_logged_under_the_id_it_is_answered_with(self):
        def broken(*args, **kwargs):
            raise RuntimeError('the secret of the house')
        with unittest.mock.patch.object(pods, 'resolve', broken), \
                self.assertLogs('zun_lite.api.errors', 'ERROR') as logs:
            found = self.api.get('/v1/pods/web')
        self.assertEqual(500, found.status)
        self.assertNotIn(b'secret', found.body)
        request_id = found.headers['x-openstack-request-id']
        self.assertEqual(request_id, found.error['request_id'])
        self.assertIn(request_id, found.error['detail'])
        self.assertIn(request_id, logs.output[0])
        self.assertIn('the secret of the house', logs.output[0])

    def test_types_that_are_not_offered(self):
        for path, accept in (('/v1/pods', 'text/html'),
                             ('/v1/pods', 'application/json;q=0'),
                             ('/v1/pods/a/logs', 'image/png')):
            with self.subTest(path):
                found = self.api.get(path, headers={'Accept': accept})
                self.assertEqual(406, found.status)

    def test_types_that_leave_room(self):
        for accept in ('*/*', 'application/*', 'text/html, */*;q=0.1',
                       'application/json; charset=utf-8', 'nonsense'):
            with self.subTest(accept):
                found = self.api.get('/v1/pods', headers={'Accept': accept})
                self.assertEqual(200, found.status)
