import json
import logging

import sqlalchemy as sa
from cryptography import fernet

from zun_lite import db
from zun_lite.conf import CONF
from zun_lite.db import registries
from zun_lite.lifecycle import registries as lifecycle
from zun_lite.tests import databases
from zun_lite.tests.unit.api import samples

LOG = logging.getLogger(__name__)
SECRET = 'correct horse battery'
GIVEN = {'name': 'corp', 'domain': 'registry.corp.example', 'username': 'ci',
         'password': SECRET}


def key() -> str:
    return fernet.Fernet.generate_key().decode()


@databases.on_each
class Registries(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.override('encryption_keys', [key()], 'secrets')
        self.api = self.api.with_headers(
            OpenStack_API_Version='container latest')

    def create(self, **given: str):
        found = self.api.post('/v1/registries', {'registry': GIVEN | given})
        self.assertEqual(201, found.status, found.body)
        return found.json['registry']

    def stored(self) -> list[str]:
        with db.reader() as session:
            return list(session.execute(sa.select(
                registries.registries.c.password)).scalars())

    def opened(self) -> str:
        with db.reader() as session:
            (found,) = registries.credentials(session, ['default'])
        return found.opened()

    def test_trap_12_one_is_wrapped_and_lists_are_not(self):
        made = self.api.post('/v1/registries', {'registry': GIVEN})
        uuid = made.json['registry']['uuid']
        url = f'/v1/registries/{uuid}'
        self.assertEqual((201, f'http://api.test:9517{url}'),
                         (made.status, made.headers['location']))
        shown = self.api.get(url)
        changed = self.api.patch(url, {'registry': {'username': 'robot'}})
        for found in (made, shown, changed):
            self.assertEqual(['registry'], list(found.json))
            self.assertIn('links', found.json['registry'])
        self.assertEqual((200, 'robot'), (
            changed.status, changed.json['registry']['username']))
        (listed,) = self.api.get('/v1/registries').json['registries']
        self.assertEqual({'uuid', 'name', 'domain', 'username', 'password',
                          'project_id', 'user_id'}, set(listed))

    def test_trap_16_deleting_a_registry_answers_204(self):
        found = self.api.delete(f'/v1/registries/{self.create()["uuid"]}')
        self.assertEqual((204, b''), (found.status, found.body))

    def test_the_password_is_nowhere(self):
        """Neither in answers, nor in the table, nor in what is logged."""
        with self.assertLogs(level=logging.DEBUG) as logged:
            LOG.debug('so that there is one')
            made = self.create()
            url = f'/v1/registries/{made["uuid"]}'
            told = [json.dumps(made), *(self.api.get(path).body.decode()
                                        for path in (url, '/v1/registries'))]
            told.append(self.api.patch(
                url, {'registry': {'password': SECRET * 2}}).body.decode())
            told.append(self.api.post('/v1/registries', {'registry': {
                'password': [SECRET], 'domain': 'a b'}}).body.decode())
        for text in [*told, *self.stored(), *logged.output]:
            self.assertNotIn(SECRET, text)
        self.assertEqual(SECRET * 2, self.opened())

    def test_no_key_no_password(self):
        CONF.set_override('encryption_keys', [], 'secrets')
        found = self.api.post('/v1/registries', {'registry': GIVEN})
        self.assertEqual(503, found.status)
        self.assertIn('encryption_keys', found.error['detail'])
        self.assertEqual([], self.stored())

    def test_sealed_with_another_key(self):
        self.create()
        before = self.stored()
        CONF.set_override('encryption_keys', [
            key(), *CONF.secrets.encryption_keys], 'secrets')
        self.assertEqual(1, lifecycle.reseal())
        CONF.set_override('encryption_keys',
                          CONF.secrets.encryption_keys[:1], 'secrets')
        self.assertNotEqual(before, self.stored())
        self.assertEqual(SECRET, self.opened())

    def test_pages_in_any_order(self):
        for domain in ('b.example', 'a.example', 'b.example', 'c.example'):
            self.create(domain=domain)
        for query, wanted in (
                ('sort_key=domain', ['a', 'b', 'b', 'c']),
                ('sort_key=domain&sort_dir=desc', ['c', 'b', 'b', 'a']),
                ('username=ci', ['b', 'a', 'b', 'c'])):
            found, url = [], f'/v1/registries?limit=1&{query}'
            while url:
                page = self.api.get(url.removeprefix(
                    'http://api.test:9517')).json
                found += [r['domain'][0] for r in page['registries']]
                url = page['next']
            self.assertEqual(wanted, found, query)

    def test_of_other_projects(self):
        uuid = self.create()['uuid']
        other = self.as_roles('member', project='beta')
        for found in (other.get(f'/v1/registries/{uuid}'),
                      other.get('/v1/registries/corp'),
                      other.delete(f'/v1/registries/{uuid}')):
            self.assertEqual(404, found.status)
        self.assertEqual([], other.get('/v1/registries').json['registries'])
        every = self.as_roles('admin', project='beta')
        self.assertEqual(1, len(every.get(
            '/v1/registries?all_projects=1').json['registries']))
        self.assertEqual(200, every.get(f'/v1/registries/{uuid}').status)

    def test_odd_names(self):
        for path in ('/v1/registries/a\0b', '/v1/registries?name=a%00b'):
            self.assertIn(self.api.get(path).status, (200, 404), path)
