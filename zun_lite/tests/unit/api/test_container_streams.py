"""Sessions and archives of containers, without a host behind them."""
import base64
import json

from zun_lite import exceptions
from zun_lite.api.v1.schemas import container_streams
from zun_lite.tests.unit.api import samples

NAME = '0a' * 32
BASE = 'ws://127.0.0.1:6784/'


class ContainerStreams(samples.ApiTest):

    def setUp(self):
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING)
        self.compute.answers = {
            'open_stream': {'url': 'ws://127.0.0.1:1/', 'token': 'T',
                            'session': NAME, 'ttl': 60},
            'resize_stream': None,
            'exec': {'exit_code': 3, 'stdout': b'out\n', 'stderr': b'\xff',
                     'truncated': False}}

    def at(self, version):
        return self.api.with_headers(
            OpenStack_API_Version=f'container {version}')

    def path(self, action, **columns):
        self.row = self.container(**{'host': 'one', 'name': 'web'} | columns)
        return f'/v1/containers/{self.row.uuid}/{action}'

    def asked(self):
        return self.compute.asked[-1]


class Execute(ContainerStreams):

    def test_to_its_end(self):
        url = self.path('execute')
        for path, body in (('?command=ls+"a+b"', b''),
                           ('', {'command': 'ls "a b"', 'run': 'true'}),
                           ('?command="ls"+"a+b"&interactive=True', b'')):
            found = self.api.post(url + path, body)
            self.assertEqual(
                {'output': 'out\n�', 'exit_code': 3, 'exec_id': None,
                 'proxy_url': None}, found.json)
            self.assertEqual(['ls', 'a b'], self.asked()[1][3])

    def test_a_session(self):
        found = self.api.post(self.path(
            'execute?command=sh&interactive=True&run=False'))
        uuid = self.row.uuid
        self.assertEqual({
            'output': None, 'exit_code': None, 'exec_id': NAME, 'proxy_url':
            f'{BASE}?token={uuid}.T&uuid={uuid}&exec_id={NAME}'}, found.json)
        self.assertEqual(
            ('open_stream', ('one', 'exec', uuid, 'main'),
             {'command': ['sh'], 'tty': True}), self.asked())
        done = self.api.get(f'/v1/containers/{uuid}/container_actions').body
        self.assertNotIn(b'.T', done)

    def test_without_a_terminal(self):
        self.api.post(self.path('execute?command=sh&run=False'))
        self.assertIs(False, self.asked()[2]['tty'])

    def test_what_is_refused(self):
        url = self.path('execute')
        for body in ({}, {'command': ''}, {'command': '"a'},
                     {'command': ' '}, {'command': 'ls', 'run': 'perhaps'},
                     {'command': 'ls', 'tty': True}):
            self.assertEqual(400, self.api.post(url, body).status, body)
        url = self.path('execute?command=ls', name='x', phase='Stopped',
                       status='{"phase":"Stopped"}')
        self.assertEqual(409, self.api.post(url).status)
        self.compute.answers['exec'] = exceptions.TimedOut('too slow')
        found = self.api.post(self.path('execute?command=ls', name='y'))
        self.assertEqual((409, 'too slow'),
                         (found.status, found.error['title']))


class Attach(ContainerStreams):

    def test_only_what_is_interactive(self):
        found = self.api.get(self.path('attach'))
        self.assertEqual(400, found.status)
        self.assertIn('interactive', found.error['title'])

    def test_only_what_runs(self):
        found = self.api.get(self.path(
            'attach', given={'interactive': True}, phase='Stopped',
            status='{"phase":"Stopped"}'))
        self.assertEqual(409, found.status)

    def test_only_where_the_driver_can(self):
        self.host('two')
        found = self.api.get(self.path(
            'attach', given={'interactive': True}, host='two'))
        self.assertEqual(409, found.status)
        self.assertIn('The driver fake', found.error['title'])

    def test_sizes(self):
        url = self.path('resize')
        for path, body in (('?w=80&h=24', b''), ('', {'w': '80', 'h': 24})):
            self.assertEqual(200, self.api.post(url + path, body).status)
            self.assertEqual({'width': 80, 'height': 24, 'session': None},
                             self.asked()[2])
        for body in ({}, {'w': 80}, {'w': 0, 'h': 1}, {'w': 'x', 'h': 1}):
            self.assertEqual(400, self.api.post(url, body).status, body)
        url = self.path('execute_resize', name='x')
        self.assertEqual(200, self.api.post(
            f'{url}?w=80&h=24&exec_id={NAME}').status)
        self.assertEqual(NAME, self.asked()[2]['session'])
        for path in ('?w=80&h=24', '?w=80&h=24&exec_id=x'):
            self.assertEqual(400, self.api.post(url + path).status)


class Archives(ContainerStreams):

    def test_what_is_refused(self):
        for path in ('get_archive', f'get_archive?path={"x" * 4097}',
                     'get_archive?path=None'):
            found = self.api.get(self.path(path))
            self.assertEqual((400, ['path']), (found.status, found.paths))
        url = self.path('put_archive')
        for path, body, fault in (
                ('', {'data': 'YQ=='}, ['path']), ('?path=/x', {}, ['data']),
                ('?path=/x', {'data': None}, ['data']), ('?path=/x', b'', []),
                ('?path=/x', b'[]', []),
                ('?path=/x', {'no': 1, 'data': ''}, ['no'])):
            found = self.api.post(url + path, body)
            self.assertEqual((400, fault), (found.status, found.paths), body)
        found = self.api('POST', f'{url}?path=/x', b'tar', {
            'Content-Type': 'application/x-tar'})
        self.assertEqual(415, found.status)

    def test_a_path_begins_at_the_root(self):
        for path in ('etc/hosts', '/etc/hosts', '//etc/hosts'):
            self.assertEqual('/etc/hosts', container_streams.GetArchive(
                path=path).path)

    def test_nothing_is_there(self):
        url = self.path('get_archive?path=/x')
        for error, status in ((exceptions.NotFound('Nothing.'), 400),
                              (exceptions.ContainerNotFound(), 409),
                              (exceptions.Conflict(), 409)):
            self.compute.answers['open_stream'] = error
            self.assertEqual(status, self.api.get(url).status)
            self.assertEqual(status, self.api.post(
                url.replace('get', 'put'), {'data': ''}).status)

    def test_not_before_it_is_made(self):
        found = self.api.get(self.path(
            'get_archive?path=/x', host=None, phase='Stopped',
            status='{"phase":"Stopped"}'))
        self.assertEqual(409, found.status)

    def test_what_is_large_is_not_refused_by_its_length(self):
        """Other bodies are, at this size."""
        self.override('max_body_bytes', 1024)
        data = json.dumps({'data': base64.b64encode(bytes(5000)).decode()})
        found = self.api.post(self.path('put_archive?path=/x'), data.encode())
        self.assertEqual(503, found.status, found.body)
        self.override('max_archive_bytes', 3000)
        found = self.api.post(self.path('put_archive?path=/x'), data.encode())
        self.assertEqual(413, found.status)
