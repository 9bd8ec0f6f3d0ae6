"""Around auth_token; a real Keystone's tokens are in functional tests."""
import typing
import unittest.mock

from keystoneauth1 import exceptions as ksa_exceptions

from zun_lite.api.auth import keystone
from zun_lite.tests import wsgi
from zun_lite.tests.unit.api import samples

HEADERS = {
    'HTTP_X_USER_ID': 'ann', 'HTTP_X_PROJECT_ID': 'alpha',
    'HTTP_X_ROLES': 'member, reader', 'HTTP_X_USER_NAME': 'Ann'}


class Protocol:
    """Stands for auth_token.AuthProtocol; `act` is what it does."""
    act: typing.ClassVar[typing.Any] = None

    def __init__(self, app, conf):
        self.app = app
        self.conf = conf

    def __call__(self, environ, start_response):
        return type(self).act(self, environ, start_response)


class Around(samples.ApiTest):

    def client(self, act):
        protocol = type('Acting', (Protocol,), {'act': staticmethod(act)})
        self.override('auth_strategy', 'keystone')
        with unittest.mock.patch.object(keystone.auth_token, 'AuthProtocol',
                                        protocol):
            return wsgi.Client(self.application())

    def accept(self, **more):
        def act(protocol, environ, start_response):
            environ.update(HEADERS | more)
            return protocol.app(environ, start_response)
        return self.client(act)

    def test_the_caller_is_who_the_token_says(self):
        self.pod(project_id='alpha')
        self.pod(project_id='beta', name='other')
        found = self.accept().get('/v1/pods', headers={
            'X-Project-Id': 'beta', 'X-Roles': 'admin'})
        self.assertEqual(['web'], [p['metadata']['name']
                                   for p in found.json['items']])

    def test_roles_are_not_made_up(self):
        found = self.accept(HTTP_X_ROLES='member').get('/v1/hosts')
        self.assertEqual(403, found.status)

    def test_unscoped_and_system_tokens_are_403(self):
        for more in ({'HTTP_X_PROJECT_ID': ''},
                     {'HTTP_X_PROJECT_ID': '', 'HTTP_X_DOMAIN_ID': None,
                      'HTTP_OPENSTACK_SYSTEM_SCOPE': 'all',
                      'HTTP_X_ROLES': 'admin'}):
            found = self.accept(**more).get('/v1/pods')
            self.assertEqual(403, found.status)

    def test_a_refusal_is_told_in_our_shape_with_its_challenge(self):
        def act(protocol, environ, start_response):
            start_response('401 Unauthorized', [
                ('Content-Type', 'text/html'), ('Content-Length', '1'),
                ('WWW-Authenticate', 'Keystone uri="http://ks"')])
            return [b'x']
        found = self.client(act).get('/v1/pods')
        self.assertEqual((401, 'Keystone uri="http://ks"'), (
            found.status, found.headers['www-authenticate']))
        self.assertEqual('zun_lite.unauthorized', found.error['code'])

    def test_an_absent_keystone_is_503(self):
        def say(protocol, environ, start_response):
            start_response('503 Service Unavailable', [])
            return [b'']

        def let_escape(protocol, environ, start_response):
            raise ksa_exceptions.ConnectTimeout('of http://secret')
        for act in (say, let_escape):
            client = self.client(act)
            with self.assertLogs('zun_lite.api', 'WARNING'):
                found = client.get('/v1/pods')
            self.assertEqual(503, found.status)
            self.assertNotIn(b'secret', found.body)
            self.assertEqual(200, client.get('/').status)

    def test_our_own_errors_stay_ours(self):
        self.compute.answers['logs'] = OSError('x')
        self.host('one')
        self.pod(project_id='alpha', host='one', phase='Running')
        with self.assertLogs('zun_lite.api.errors', 'ERROR'):
            found = self.accept().get('/v1/pods/web/logs')
        self.assertEqual(500, found.status)

    def test_tokens_are_remembered_here_unless_shared(self):
        seen = []

        def act(protocol, environ, start_response):
            seen.append(environ[keystone.CACHE])
            environ.update(HEADERS)
            return protocol.app(environ, start_response)
        self.client(act).get('/v1/pods')
        keystone.set_defaults()
        self.override('memcached_servers', ['127.0.0.1:1'],
                      'keystone_authtoken')
        self.client(act).get('/v1/pods')
        self.assertIsInstance(seen[0], keystone.TokenCache)
        self.assertIsNone(seen[1])
