import os
import tempfile
import time
import unittest

import bcrypt

from zun_lite import exceptions
from zun_lite.api import auth
from zun_lite.api.auth import htpasswd
from zun_lite.api.auth import keystone
from zun_lite.api.auth import loopback
from zun_lite.tests import wsgi
from zun_lite.tests.unit.api import samples

HASH = bcrypt.hashpw(b'secret', bcrypt.gensalt(4)).decode()


class Loopback(unittest.TestCase):

    def test_addresses(self):
        for host in ('127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost'):
            self.assertTrue(loopback.is_loopback(host), host)
        for host in ('0.0.0.0', '::', '192.0.2.1', 'example.org', '',
                     '127.0.0.1.example.org', '::ffff:192.0.2.1'):
            self.assertFalse(loopback.is_loopback(host), host)


class NoAuth(samples.ApiTest):

    def test_it_listens_on_loopback_only(self):
        auth.check_bind('127.0.0.1')
        with self.assertRaises(exceptions.Invalid):
            auth.check_bind('0.0.0.0')

    def test_the_others_listen_anywhere(self):
        self.override('auth_strategy', 'http_basic')
        auth.check_bind('0.0.0.0')

    def test_nobody_else_is_answered(self):
        self.assertEqual(403, self.api.get(
            '/v1/pods', REMOTE_ADDR='192.0.2.1').status)
        self.assertEqual(200, self.api.get(
            '/v1/pods', REMOTE_ADDR='::1').status)

    def test_roles_imply_each_other(self):
        self.assertEqual(['admin', 'manager', 'member', 'reader'],
                         auth.implied(['admin']))
        self.assertEqual(['other'], auth.implied(['other']))


class Unscoped(samples.ApiTest):

    def test_no_project_is_403(self):
        found = self.as_roles('admin', project='').get('/v1/pods')
        self.assertEqual(403, found.status)
        self.assertIn('project', found.error['title'])


class Lines(unittest.TestCase):

    def test_a_whole_line(self):
        found = htpasswd.parse(f'ann:{HASH}:alpha:member,reader')
        self.assertEqual(('ann', 'alpha', ('member', 'reader')),
                         (found.name, found.project_id, found.roles))

    def test_what_htpasswd_prints(self):
        found = htpasswd.parse(f'ann:{HASH}')
        self.assertEqual(('default', ('member',)),
                         (found.project_id, found.roles))

    def test_malformed_lines_do_not_show_the_hash(self):
        for line in ('ann', 'ann:secret', f':{HASH}', f'ann:{HASH}:a:b:c',
                     f'ann:{HASH}:a b', f'ann:{HASH}:a:b c',
                     'ann:$apr1$secret'):
            with self.subTest(line), self.assertRaises(ValueError) as caught:
                htpasswd.parse(line)
            self.assertNotIn('secret', str(caught.exception))
            self.assertNotIn('$2b', str(caught.exception))

    def test_generated_ones_are_right(self):
        password, line = htpasswd.generate('ann', 'alpha', ('admin',))
        user = htpasswd.parse(line)
        self.assertTrue(bcrypt.checkpw(password.encode(),
                                       user.password_hash))
        self.assertGreaterEqual(len(password), 26)


class Basic(samples.ApiTest):

    def setUp(self):
        super().setUp()
        handle, self.path = tempfile.mkstemp()
        os.close(handle)
        self.addCleanup(os.unlink, self.path)
        self.write(f'# users\n\nann:{HASH}:alpha:member\n'
                   f'bob:{HASH}:beta:reader\n')
        self.override('auth_strategy', 'http_basic')
        self.override('http_basic_auth_user_file', self.path)
        self.api = wsgi.Client(self.application())

    def write(self, text):
        with open(self.path, 'w') as file:
            file.write(text)

    def get(self, name='ann', password='secret'):
        return self.api.as_user(name, password).get('/v1/pods')

    def test_the_right_password(self):
        for _ in range(2):
            self.assertEqual(200, self.get().status)

    def test_the_project_is_the_users(self):
        self.pod(project_id='alpha', name='hers')
        self.assertEqual(1, len(self.get().json['items']))
        self.assertEqual([], self.get('bob').json['items'])

    def test_wrong_ones_are_told_how_to_ask(self):
        self.get()
        for name, password in (('ann', 'wrong'), ('eve', 'secret'),
                               ('ann', ''), ('', ''), ('ann', 's' * 100),
                               ('ann', 'secret\0'), ('änn', 'secret')):
            found = self.get(name, password)
            self.assertEqual(401, found.status)
            self.assertTrue(found.headers['www-authenticate'].startswith(
                'Basic realm='))
            self.assertEqual('zun_lite.unauthorized', found.error['code'])
            self.assertNotIn(b'secret', found.body)

    def test_no_or_odd_credentials(self):
        for header in ({}, {'Authorization': 'Basic'},
                       {'Authorization': 'Basic ???'},
                       {'Authorization': 'Basic YQ=='},
                       {'Authorization': 'Basic /w=='},
                       {'Authorization': 'Bearer YTpi'},
                       {'X-Auth-Token': 'x', 'X-Project-Id': 'alpha',
                        'X-Roles': 'admin'}):
            with self.subTest(header):
                found = self.api.get('/v1/pods', headers=header)
                self.assertEqual(401, found.status)

    def test_identity_headers_are_not_believed(self):
        self.pod(project_id='beta')
        found = self.api.as_user('ann', 'secret').with_headers(
            X_Project_Id='beta', X_Roles='admin').get('/v1/pods')
        self.assertEqual([], found.json['items'])

    def test_public_paths_need_none(self):
        for path in ('/', '/v1', '/v1/', '//v1', '/healthcheck',
                     '/v1/openapi.json'):
            self.assertEqual(200, self.api.get(path).status, path)

    def test_what_is_not_there_is_not_told_to_strangers(self):
        self.assertEqual(401, self.api.get('/v1/pods/web').status)

    def test_a_changed_password_counts_at_once(self):
        self.assertEqual(200, self.get().status)
        other = bcrypt.hashpw(b'other', bcrypt.gensalt(4)).decode()
        self.write(f'ann:{other}:alpha:member\n')
        self.assertEqual(401, self.get().status)
        self.assertEqual(200, self.get(password='other').status)
        self.assertEqual(401, self.get('bob').status)

    def test_a_known_password_is_not_hashed_again(self):
        slow = bcrypt.hashpw(b'secret', bcrypt.gensalt(10)).decode()
        self.write(f'ann:{slow}:alpha:member\n')
        self.get()
        began = time.process_time()
        for _ in range(20):
            self.get()
        self.assertLess((time.process_time() - began) / 20, 0.02)

    def test_a_broken_file_is_told_at_the_start(self):
        self.write('ann:plain\n')
        with self.assertRaises(exceptions.Invalid) as caught:
            self.application()
        self.assertEqual('line 1', caught.exception.fields[0].path)

    def test_a_file_that_breaks_later_keeps_the_users(self):
        self.get()
        self.write('ann:plain\n')
        with self.assertLogs('zun_lite.api.auth.htpasswd', 'ERROR'):
            self.assertEqual(200, self.get().status)

    def test_an_absent_file_is_told_at_the_start(self):
        self.override('http_basic_auth_user_file', '/nowhere/users')
        with self.assertRaises(exceptions.Unavailable):
            self.application()


class TokenCache(unittest.TestCase):

    def test_what_was_set_is_had(self):
        cache = keystone.TokenCache()
        cache.set('a', b'x', time=60)
        self.assertEqual((b'x', None), (cache.get('a'), cache.get('b')))

    def test_it_ends(self):
        cache = keystone.TokenCache()
        cache.set('a', b'x', time=-1)
        self.assertIsNone(cache.get('a'))

    def test_it_is_bounded_and_keeps_what_is_used(self):
        cache = keystone.TokenCache(size=2)
        cache.set('a', 1, time=60)
        cache.set('b', 2, time=60)
        cache.get('a')
        cache.set('c', 3, time=60)
        self.assertEqual([1, None, 3], [cache.get(k) for k in 'abc'])
