from zun_lite.api import front
from zun_lite.tests import wsgi
from zun_lite.tests.unit.api import samples

ID = r'^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
SENT = 'req-0f0e0d0c-0b0a-4908-8706-050403020100'


class RequestIds(samples.ApiTest):

    def test_every_answer_has_one(self):
        for path in ('/', '/v1/pods', '/nothing', '/v1/pods/nothing'):
            found = self.api.get(path)
            self.assertRegex(found.headers['x-openstack-request-id'], ID)

    def test_errors_carry_it(self):
        found = self.api.get('/nothing')
        self.assertEqual(found.headers['x-openstack-request-id'],
                         found.error['request_id'])

    def test_the_callers_own_comes_back_beside_ours(self):
        found = self.api.get('/', headers={'X-Openstack-Request-Id': SENT})
        self.assertEqual(SENT,
                         found.headers['x-openstack-global-request-id'])
        self.assertNotEqual(SENT, found.headers['x-openstack-request-id'])

    def test_what_is_no_id_is_dropped(self):
        for sent in ('x', 'req-1', SENT + 'x', SENT.upper()):
            found = self.api.get('/', headers={'X-Openstack-Request-Id': sent})
            self.assertNotIn('x-openstack-global-request-id', found.headers)

    def test_actions_are_found_by_it(self):
        made = self.api.post('/v1/pods', samples.POD)
        [action] = self.api.get('/v1/pods/web/actions').json['actions']
        self.assertEqual(made.headers['x-openstack-request-id'],
                         action['requestId'])


class Paths(samples.ApiTest):

    def setUp(self):
        super().setUp()
        self.row = self.pod(name='web.txt')

    def test_slashes_and_the_version_do_not_matter(self):
        for path in (f'/v1/pods/{self.row.uuid}', '/v1/pods//web.txt',
                     '//v1///pods/web.txt/', '/pods/web.txt',
                     '/v1/pods/web.txt'):
            with self.subTest(path):
                found = self.api.get(path)
                self.assertEqual(200, found.status)
                self.assertEqual(self.row.uuid, found.json['metadata']['uid'])
        self.assertEqual(200, self.api.get('/v1/pods/?limit=1').status)

    def test_odd_bytes(self):
        for path in ('/v1/pods/\xff', '/v1/pods/\0', '/v1/pods/é',
                     '/v1/pods/' + 'é'.encode().decode('latin-1'),
                     '/v1/pods/' + 'a' * 5000, '/v1/pods/%2e%2e'):
            with self.subTest(path[:20]):
                self.assertIn(self.api.get(path).status, (400, 404))

    def test_head_is_get_without_a_body(self):
        get = self.api.get('/v1/pods/web.txt')
        head = self.api('HEAD', '/v1/pods/web.txt')
        self.assertEqual((200, b''), (head.status, head.body))
        self.assertEqual(str(len(get.body)), head.headers['content-length'])

    def test_options_tell_the_methods(self):
        found = self.api('OPTIONS', '/v1/pods')
        self.assertEqual((204, 'GET, HEAD, OPTIONS, POST'),
                         (found.status, found.headers['allow']))
        self.assertEqual(404, self.api('OPTIONS', '/nothing').status)


class Faults(samples.ApiTest):

    def test_a_fault_before_everything_is_answered_too(self):
        def broken(environ, start_response):
            raise RuntimeError('the secret of the house')
        api = wsgi.Client(front.Front(broken))
        with self.assertLogs('zun_lite.api.errors', 'ERROR'):
            found = api.get('/v1/pods')
        self.assertEqual(500, found.status)
        self.assertNotIn(b'secret', found.body)
        self.assertEqual(found.headers['x-openstack-request-id'],
                         found.error['request_id'])


class Links(samples.ApiTest):

    def test_the_mount_point_is_part_of_them(self):
        found = self.api.get('/', SCRIPT_NAME='/container')
        self.assertEqual('http://api.test:9517/container/v1/',
                         found.json['versions'][0]['links'][0]['href'])

    def test_the_public_endpoint_wins(self):
        self.override('public_endpoint', 'https://cloud.test/container/')
        made = self.api.post('/v1/pods', samples.POD)
        self.assertTrue(made.headers['location'].startswith(
            'https://cloud.test/container/v1/pods/'))

    def test_an_odd_host_header_stays_inside_its_string(self):
        self.pod()
        found = self.api.get('/v1/pods/web', HTTP_HOST='a"b')
        self.assertTrue(found.json['links'][0]['href'].startswith(
            'http://a"b/'))


class Proxies(samples.ApiTest):

    def test_cross_origin_requests_where_configured(self):
        from oslo_middleware import cors

        from zun_lite.conf import CONF
        CONF.register_opts(cors.OPTS, 'cors')
        self.override('allowed_origin', ['https://ui.test'], 'cors')
        api = wsgi.Client(self.application(), checked=False)
        found = api('OPTIONS', '/v1/pods', headers={
            'Origin': 'https://ui.test',
            'Access-Control-Request-Method': 'PATCH',
            'Access-Control-Request-Headers':
                'X-Auth-Token, OpenStack-API-Version'})
        self.assertEqual('https://ui.test',
                         found.headers['access-control-allow-origin'])
        self.assertIn('X-Auth-Token',
                      found.headers['access-control-allow-headers'])
