"""Configs and secrets over HTTP."""
import base64
import logging
import typing

import sqlalchemy as sa
from cryptography import fernet

from zun_lite import db
from zun_lite.db import configs
from zun_lite.lifecycle import configs as lifecycle
from zun_lite.tests import wsgi
from zun_lite.tests.unit.api import samples

HIDDEN = 'correct horse battery staple'
ENCODED = base64.b64encode(HIDDEN.encode()).decode()


def config(name: str = 'app', **more: typing.Any) -> dict[str, typing.Any]:
    return {'apiVersion': 'v1', 'kind': 'ConfigMap',
            'metadata': {'name': name}, 'data': {'colour': 'blue'}, **more}


def secret(name: str = 'key', **more: typing.Any) -> dict[str, typing.Any]:
    return {'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': name},
            'stringData': {'password': HIDDEN}, **more}


class Bell(samples.Bell):
    def __init__(self) -> None:
        super().__init__()
        self.configs: list[tuple[str, str, str]] = []

    def config_changed(self, project_id: str, kind: str, name: str) -> None:
        self.configs.append((project_id, kind, name))


class ConfigTest(samples.ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.bell: Bell = Bell()
        self.keys = [fernet.Fernet.generate_key().decode()]
        self.override('encryption_keys', self.keys, 'secrets')
        self.api = wsgi.Client(self.application())


class TestConfigs(ConfigTest):
    def test_life(self):
        made = self.api('POST', '/v1/configs', config(
            metadata={'name': 'app', 'labels': {'a': 'b'}}))
        self.assertEqual(201, made.status, made.json)
        self.assertTrue(made.headers['location'].endswith('/v1/configs/app'))
        self.assertNotIn('data', made.json)
        shown = self.api('GET', '/v1/configs/app').json
        self.assertEqual({'colour': 'blue'}, shown['data'])
        self.assertEqual({'a': 'b'}, shown['metadata']['labels'])
        self.assertEqual(1, shown['metadata']['generation'])
        put = self.api('PUT', '/v1/configs/app', config(
            data={'colour': 'red'}, binaryData={'raw': 'AP8='}))
        self.assertEqual((200, 2), (
            put.status, put.json['metadata']['generation']))
        shown = self.api('GET', '/v1/configs/app').json
        self.assertEqual(({'colour': 'red'}, {'raw': 'AP8='}),
                         (shown['data'], shown['binaryData']))
        self.assertEqual(204, self.api('DELETE', '/v1/configs/app').status)
        self.assertEqual(404, self.api('GET', '/v1/configs/app').status)
        self.assertEqual([('default', 'config', 'app')] * 3,
                         self.bell.configs)

    def test_list_has_no_entries(self):
        for name in 'abc':
            self.api('POST', '/v1/configs', config(name))
        page = self.api('GET', '/v1/configs?limit=2').json
        self.assertEqual(['a', 'b'], [i['metadata']['name']
                                      for i in page['items']])
        self.assertNotIn('blue', str(page))
        rest = self.api('GET', page['next'].partition('api.test:9517')[2]).json
        self.assertEqual((['c'], None), (
            [i['metadata']['name'] for i in rest['items']], rest['next']))

    def test_a_name_is_taken_once_a_kind(self):
        self.api('POST', '/v1/configs', config('x'))
        self.assertEqual(409, self.api('POST', '/v1/configs',
                                            config('x')).status)
        self.assertEqual(201, self.api('POST', '/v1/secrets',
                                            secret('x')).status)

    def test_faults(self):
        answer = self.api('POST', '/v1/configs', config(
            data={'..a': 'x', 'b/c': 'y', 'd': 'z'},
            binaryData={'d': 'AA==', 'e': '!'}, immutable=True))
        self.assertEqual(400, answer.status)
        self.assertLessEqual(
            {'data[b/c]', 'binaryData.e', 'immutable'},
            set(answer.paths))
        self.assertEqual(400, self.api('POST', '/v1/configs', secret()).status)
        renamed = self.api('PUT', '/v1/configs/app', config('other'))
        self.assertEqual(['metadata.name'], renamed.paths)

    def test_size(self):
        answer = self.api('POST', '/v1/configs', config(
            data={'a': 'x' * 600_000, 'b': 'x' * 440_000}))
        self.assertEqual(201, answer.status)
        answer = self.api('POST', '/v1/configs', config(
            'more', data={'a': 'x' * 600_000, 'b': 'x' * 448_570}))
        self.assertIn(answer.status, (400, 413))

    def test_quota(self):
        self.override('max_per_project', 2, 'configs')
        self.override('max_bytes_per_project', 23, 'configs')
        self.assertEqual(201, self.api('POST', '/v1/configs',
                                            config('a')).status)
        self.assertEqual(201, self.api('POST', '/v1/configs',
                                            config('b')).status)
        self.assertEqual(403, self.api('POST', '/v1/configs',
                                            config('c')).status)
        answer = self.api('PUT', '/v1/configs/a', config(
            'a', data={'colour': 'burgundy'}))
        self.assertEqual(403, answer.status)
        self.assertEqual(200, self.api('PUT', '/v1/configs/a', config(
            'a', data={'c': '1'})).status)

    def test_projects_are_apart(self):
        self.api('POST', '/v1/configs', config())
        other = self.as_roles('admin', project='other')
        self.assertEqual([], other('GET', '/v1/configs').json['items'])
        for method in 'GET', 'DELETE':
            self.assertEqual(404, other(method, '/v1/configs/app').status)
        self.assertEqual(404, other('PUT', '/v1/configs/app', config()).status)

    def test_roles(self):
        reader = self.as_roles('reader')
        self.assertEqual(403, reader('POST', '/v1/configs', config()).status)
        self.api('POST', '/v1/configs', config())
        self.assertEqual({'colour': 'blue'}, reader('GET',
            '/v1/configs/app').json['data'])
        self.assertEqual(403, reader('DELETE', '/v1/configs/app').status)


class TestSecrets(ConfigTest):
    def stored(self) -> str:
        with db.reader() as session:
            return session.scalar(sa.select(configs.configs.c.content))

    def test_values(self):
        made = self.api('POST', '/v1/secrets', secret(
            data={'password': 'AA==', 'raw': 'AP8='}, type='mine'))
        self.assertEqual(201, made.status)
        self.assertNotIn('data', made.json)
        shown = self.api('GET', '/v1/secrets/key').json
        self.assertEqual({'password': ENCODED, 'raw': 'AP8='}, shown['data'])
        self.assertEqual('mine', shown['type'])
        listed = self.api('GET', '/v1/secrets')
        self.assertNotIn(ENCODED, listed.body.decode())
        self.assertNotIn('data', listed.json['items'][0])

    def test_encrypted_at_rest(self):
        self.api('POST', '/v1/secrets', secret())
        for text in (HIDDEN, ENCODED, 'password'):
            self.assertNotIn(text, self.stored())

    def test_readers_do_not_see_values(self):
        self.api('POST', '/v1/secrets', secret())
        shown = self.as_roles('reader')('GET', '/v1/secrets/key')
        self.assertEqual(200, shown.status)
        self.assertNotIn('data', shown.json)

    def test_values_are_in_no_log_and_no_fault(self):
        with self.assertLogs('zun_lite', logging.DEBUG) as logs:
            logging.getLogger('zun_lite').debug('begin')
            self.api('POST', '/v1/secrets', secret())
            wrong = self.api('POST', '/v1/secrets', secret(
                data={'a': HIDDEN}, stringData={'..': HIDDEN, 'b': 5}))
            self.api('GET', '/v1/secrets/key')
        self.assertEqual(400, wrong.status)
        self.assertNotIn(HIDDEN, wrong.body.decode())
        self.assertNotIn(HIDDEN, '\n'.join(logs.output))
        self.assertNotIn(ENCODED, '\n'.join(logs.output))

    def test_without_a_key(self):
        self.override('encryption_keys', [], 'secrets')
        self.override('key_file', None, 'secrets')
        self.assertEqual(503, self.api('POST', '/v1/secrets', secret()).status)
        self.assertEqual(201, self.api('POST', '/v1/configs', config()).status)

    def test_keys_can_be_changed(self):
        self.api('POST', '/v1/secrets', secret())
        new = fernet.Fernet.generate_key().decode()
        self.override('encryption_keys', [new, *self.keys], 'secrets')
        self.assertEqual(1, lifecycle.reseal())
        self.override('encryption_keys', [new], 'secrets')
        self.assertEqual({'password': ENCODED},
                         self.api('GET', '/v1/secrets/key').json['data'])
        self.override('encryption_keys', self.keys, 'secrets')
        self.assertEqual(503, self.api('GET', '/v1/secrets/key').status)

    def test_a_value_does_not_open_in_another_row(self):
        self.api('POST', '/v1/secrets', secret('a'))
        self.api('POST', '/v1/secrets', secret('b', stringData={'x': 'y'}))
        with db.writer() as session:
            table = configs.configs
            text = session.scalar(sa.select(table.c.content).where(
                table.c.name == 'a'))
            session.execute(sa.update(table).where(table.c.name == 'b')
                            .values(content=text))
        self.assertEqual(503, self.api('GET', '/v1/secrets/b').status)
