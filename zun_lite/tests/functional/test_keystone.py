"""Tokens of a real Keystone, validated by the API's processes."""
import json
import os
import pathlib
import typing
import unittest
import uuid

import requests

from zun_lite.tests import neighbours
from zun_lite.tests.functional import deployment
from zun_lite.tests.functional import main_job

IDENTITY = """\
[keystone_authtoken]
auth_type = password
auth_url = {auth_url}
www_authenticate_uri = {auth_url}
username = zun-lite
password = {password}
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = {region}
interface = internal
service_type = container
token_cache_time = {cache_s}
http_connect_timeout = 5
{cache}
"""


class Keystone:
    """Asks the Keystone of tools/services/keystone for tokens."""

    def __init__(self) -> None:
        file = pathlib.Path(neighbours.need('ZUN_LITE_TEST_KEYSTONE'))
        self.env = json.loads(file.read_text())

    def section(self, cache_s: int = 1) -> str:
        """[keystone_authtoken] for the service.

        `cache_s`: for how long it goes by what it knows of a token.
        """
        memcached = os.environ.get('ZUN_LITE_TEST_MEMCACHED')
        cache = f'memcached_servers = {memcached}' if memcached else ''
        return IDENTITY.format(cache=cache, cache_s=cache_s, **self.env)

    def _issue(self, identity: dict[str, typing.Any],
               scope: typing.Any = None) -> str:
        auth = {'identity': identity} | ({'scope': scope} if scope else {})
        answer = requests.post(f'{self.env["auth_url"]}/auth/tokens',
                               json={'auth': auth}, timeout=60)
        answer.raise_for_status()
        return answer.headers['X-Subject-Token']

    def token(self, user: str, scoped: bool = True) -> str:
        known = self.env['users'][user]
        return self._issue(
            {'methods': ['password'], 'password': {'user': {
                'id': known['id'], 'password': self.env['password']}}},
            {'project': {'id': known['project_id']}} if scoped
            else 'unscoped')

    def credential(self, name: str) -> str:
        return self._issue(
            {'methods': ['application_credential'],
             'application_credential': {
                 'id': self.env['application_credentials'][name],
                 'secret': self.env['password']}})

    def revoke(self, token: str) -> None:
        requests.delete(
            f'{self.env["auth_url"]}/auth/tokens', timeout=60,
            headers={'X-Auth-Token': token, 'X-Subject-Token': token},
            ).raise_for_status()


class TestKeystone(main_job.MainJob, unittest.TestCase):
    """The main job as a member, and what tokens may and may not do."""

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        cls.keystone = Keystone()
        cls.service = deployment.Deployment('Sqlite', cls.keystone.section())
        admin = cls.as_user('admin')
        cls.addClassCleanup(cls.service.close, admin)
        cls.host = cls.service.host
        cls.service.start()
        neighbours.wait_for('the host is live', lambda: (
            cls.service.host_is_live(admin)))
        cls.client = cls.as_user('alpha')

    @classmethod
    def with_token(cls, token: str) -> neighbours.Client:
        return neighbours.Client(cls.service.endpoint,
                                 headers={'X-Auth-Token': token})

    @classmethod
    def as_user(cls, user: str) -> neighbours.Client:
        return cls.with_token(cls.keystone.token(user))

    def pod(self) -> str:
        """A pod of alpha that need not run."""
        document = main_job.manifest(f'pod-{uuid.uuid4().hex[:8]}')
        document['spec']['nodeSelector'] = {'nowhere': 'here'}
        pod = self.client.create(document)
        self.addCleanup(self.client, 'DELETE', f'/pods/{pod}')
        return pod

    def test_no_token_and_bad_tokens_are_401(self):
        for client in (neighbours.Client(self.service.endpoint),
                       self.with_token('rubbish'),
                       self.with_token(self.keystone.token('alpha')[:-4])):
            answer = client('GET', '/pods', status=401)
            self.assertIn('Keystone', answer.headers['WWW-Authenticate'])
            self.assertEqual(401, answer.json()['errors'][0]['status'])

    def test_a_token_without_a_project_is_refused(self):
        token = self.keystone.token('alpha', scoped=False)
        answer = self.with_token(token)('GET', '/pods')
        self.assertIn(answer.status_code, (401, 403))

    def test_forged_headers_do_not_count(self):
        forger = neighbours.Client(self.service.endpoint, headers={
            'X-Auth-Token': self.keystone.token('alpha-reader'),
            'X-Roles': 'admin', 'X-Project-Id': 'another',
            'X-Identity-Status': 'Confirmed'})
        forger('GET', '/hosts', status=403)
        forger('POST', '/pods', status=403, json=main_job.manifest('no'))

    def test_a_reader_reads_only(self):
        pod, reader = self.pod(), self.as_user('alpha-reader')
        reader('GET', f'/pods/{pod}', status=200)
        reader('POST', '/pods', status=403, json=main_job.manifest('no'))
        reader('DELETE', f'/pods/{pod}', status=403)
        reader('POST', f'/pods/{pod}/exec', status=403, json={
            'container': 'web', 'command': ['true']})

    def test_another_project_finds_nothing(self):
        pod, beta = self.pod(), self.as_user('beta')
        self.assertEqual([], beta.get('/pods')['items'])
        for method, path in (('GET', ''), ('DELETE', ''), ('POST', '/stop'),
                             ('GET', '/logs?container=web'),
                             ('GET', '/events'), ('GET', '/actions')):
            beta(method, f'/pods/{pod}{path}', status=404)
        self.assertEqual(pod, self.client.get(
            f'/pods/{pod}')['metadata']['uid'])

    def test_an_administrator_sees_all_projects_where_asked(self):
        pod, admin = self.pod(), self.as_user('admin')
        admin('GET', f'/pods/{pod}', status=404)
        admin('GET', f'/pods/{pod}?all_projects=true', status=200)
        self.assertIn(pod, [p['metadata']['uid'] for p in admin.get(
            '/pods?all_projects=true')['items']])
        self.client('GET', '/pods?all_projects=true', status=403)

    def test_application_credentials(self):
        pod = self.pod()
        self.with_token(self.keystone.credential('alpha-app'))(
            'PATCH', f'/pods/{pod}', status=200,
            json={'metadata': {'labels': {'by': 'credential'}}})
        limited = self.with_token(self.keystone.credential('alpha-ro'))
        limited('GET', f'/pods/{pod}', status=200)
        limited('DELETE', f'/pods/{pod}', status=401)

    def test_a_revoked_token_ends_with_the_cache(self):
        token = self.keystone.token('alpha')
        client = self.with_token(token)
        client('GET', '/pods', status=200)
        self.keystone.revoke(token)
        neighbours.wait_for('the end of the cache', lambda: client(
            'GET', '/pods').status_code == 401)

    def test_the_project_is_the_namespace(self):
        pod = self.client.get(f'/pods/{self.pod()}')
        self.assertEqual(self.keystone.env['users']['alpha']['project_id'],
                         pod['metadata']['namespace'])


class TestKeystoneAway(unittest.TestCase):
    """Nothing answers where Keystone should be."""

    def test_503_and_the_health_check_goes_on(self):
        neighbours.need('ZUN_LITE_TEST_RABBIT_URL')
        section = Keystone().section().replace(
            'auth_url = ', 'auth_url = http://127.0.0.1:1/v3 # ')
        service = deployment.Deployment('Sqlite', section, driver='fake')
        self.addCleanup(service.close)
        service.start('api')
        client = neighbours.Client(service.endpoint, headers={
            'X-Auth-Token': 'x' * 40})
        answer = client('GET', '/pods', status=503)
        self.assertNotIn('Traceback', answer.text)
