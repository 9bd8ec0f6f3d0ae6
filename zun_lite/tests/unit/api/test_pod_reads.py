import json

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import hosts
from zun_lite.tests.unit.api import samples

TWO = json.dumps({'containers': [{'name': 'a', 'image': 'x'},
                                 {'name': 'b', 'image': 'x'}],
                  'initContainers': [{'name': 'first', 'image': 'x'}]})
ONE = json.dumps({'containers': [{'name': 'a', 'image': 'x'}],
                  'initContainers': [{'name': 'first', 'image': 'x'}]})
READS = (('GET', 'logs', None), ('GET', 'top', None), ('GET', 'stats', None),
         ('POST', 'exec', {'command': ['true']}))


class ReadsTest(samples.ApiTest):

    def setUp(self):
        super().setUp()
        self.host('one')
        self.compute.answers = {
            'logs': b'line\xff\n', 'stats': [{'name': 'a', 'pids': 3}],
            'top': {'titles': ['PID'], 'processes': [['1']]},
            'exec': {'exit_code': 3, 'stdout': b'out\xff', 'stderr': b'err',
                     'truncated': False}}

    def running(self, **columns):
        return self.pod(**{'host': 'one', 'phase': 'Running',
                           'spec': ONE} | columns)


class Reads(ReadsTest):

    def test_logs_are_text_as_it_was_written(self):
        row = self.running()
        found = self.api.get('/v1/pods/web/logs')
        self.assertEqual((200, b'line\xff\n', 'text/plain; charset=utf-8'), (
            found.status, found.body, found.headers['content-type']))
        self.assertEqual(('logs', ('one', row.uuid, 'a'), {
            'tail': None, 'since': None, 'timestamps': False,
            'previous': False, 'limit_bytes': 2**20}), self.compute.asked[0])

    def test_an_empty_log_is_an_answer(self):
        self.running()
        self.compute.answers['logs'] = b''
        found = self.api.get('/v1/pods/web/logs')
        self.assertEqual((200, b'', '0'), (
            found.status, found.body, found.headers['content-length']))

    def test_logs_are_json_where_nothing_else_is_accepted(self):
        self.pod(name='web', host='one', phase='Running')
        for accept, kind in (('application/json', 'application/json'),
                             ('application/json, */*;q=0.1', 'text/plain'),
                             ('text/plain', 'text/plain')):
            found = self.api.with_headers(Accept=accept).get(
                '/v1/pods/web/logs')
            self.assertEqual(200, found.status, accept)
            self.assertEqual(kind, found.headers['content-type'].partition(
                ';')[0])
        found = self.api.with_headers(Accept='application/json').get(
            '/v1/pods/web/logs')
        self.assertEqual('line\ufffd\n', found.json)
        self.assertEqual(406, self.api.with_headers(
            Accept='text/html').get('/v1/pods/web/logs').status)

    def test_what_of_the_logs(self):
        self.running()
        found = self.api.get(
            '/v1/pods/web/logs?container=first&tail=5&timestamps=true'
            '&previous=true&since=2026-01-31T12:00:00%2B01:00')
        self.assertEqual(200, found.status)
        _, args, more = self.compute.asked[0]
        self.assertEqual('first', args[2])
        self.assertEqual((5, '2026-01-31T11:00:00Z', True, True), (
            more['tail'], more['since'], more['timestamps'],
            more['previous']))

    def test_bad_parameters_are_all_told(self):
        self.running()
        found = self.api.get('/v1/pods/web/logs?tail=-1&since=yesterday'
                             '&timestamps=2&follow=maybe')
        self.assertEqual(400, found.status)
        self.assertEqual({'tail', 'since', 'timestamps', 'follow'},
                         set(found.paths))
        both = self.api.get('/v1/pods/web/logs?follow=true&previous=true')
        self.assertEqual((400, ['follow']), (both.status, both.paths))

    def test_top_and_stats(self):
        self.running()
        self.assertEqual(self.compute.answers['top'],
                         self.api.get('/v1/pods/web/top').json)
        [found] = self.api.get('/v1/pods/web/stats').json['containers']
        self.assertEqual(('a', 3, None), (
            found['name'], found['pids'], found['memoryLimitBytes']))

    def test_exec(self):
        row = self.running()
        found = self.api.post('/v1/pods/web/exec', {
            'command': ['sh', '-c', 'x'], 'timeout': 3})
        self.assertEqual({'exitCode': 3, 'stdout': 'out\ufffd',
                          'stderr': 'err', 'truncated': False}, found.json)
        self.assertEqual(('exec', ('one', row.uuid, 'a', ['sh', '-c', 'x']), {
            'timeout_s': 3.0, 'limit_bytes': 2**20}), self.compute.asked[0])

    def test_exec_is_recorded_without_the_command(self):
        self.running()
        asked = {'command': ['login', 'hunter2']}
        first = self.api.post('/v1/pods/web/exec', asked)
        self.compute.answers['exec'] = exceptions.TimedOut()
        self.api.post('/v1/pods/web/exec', asked)
        found = self.api.get('/v1/pods/web/actions')
        late, early = found.json['actions']
        self.assertEqual(('exec', 'success', 'a: exit code 3',
                          first.headers['x-openstack-request-id']), (
            early['action'], early['result'], early['message'],
            early['requestId']))
        self.assertEqual('error', late['result'])
        self.assertNotIn(b'hunter2', found.body)

    def test_exec_carries_any_bytes_in_base64(self):
        self.running()
        found = self.api.post('/v1/pods/web/exec', {
            'command': ['x'], 'encoding': 'base64'})
        self.assertEqual('b3V0/w==', found.json['stdout'])

    def test_bad_execs(self):
        self.running()
        for body, path in (
                ({}, 'command'), ({'command': []}, 'command'),
                ({'command': 'ls'}, 'command'),
                ({'command': ['x'], 'timeout': 0}, 'timeout'),
                ({'command': ['x'], 'timeout': 1e9}, 'timeout'),
                ({'command': ['x'], 'stdin': 'y'}, 'stdin'),
                ({'command': [1]}, 'command[0]'),
                ({'command': ['']}, 'command'),
                ({'command': ['a\0b']}, 'command[0]')):
            with self.subTest(body):
                found = self.api.post('/v1/pods/web/exec', body)
                self.assertEqual((400, [path]), (found.status, found.paths))
        self.assertEqual([], self.compute.asked)


class Containers(ReadsTest):

    def test_one_of_several_must_be_named(self):
        self.running(spec=TWO)
        found = self.api.get('/v1/pods/web/logs')
        self.assertEqual((400, ['container']), (found.status, found.paths))
        self.assertIn('a, b, first', found.error['title'])
        self.assertEqual(200, self.api.get(
            '/v1/pods/web/logs?container=b').status)

    def test_unknown_ones_are_404(self):
        self.running()
        found = self.api.get('/v1/pods/web/top?container=c')
        self.assertEqual((404, 'zun_lite.container.not_found'),
                         (found.status, found.error['code']))


class Refusals(ReadsTest):

    def each(self, status, code=None):
        for method, action, body in READS:
            with self.subTest(action):
                found = self.api(method, f'/v1/pods/web/{action}', body)
                self.assertEqual(status, found.status)
                if code:
                    self.assertEqual(code, found.error['code'])
        self.assertEqual([], self.compute.asked)

    def test_a_pod_without_a_host(self):
        self.running(host=None)
        self.each(409, 'zun_lite.conflict')

    def test_a_phase_that_does_not_fit(self):
        self.running(phase='Stopped')
        self.assertEqual(200, self.api.get('/v1/pods/web/logs').status)
        for method, action, body in READS[1:]:
            found = self.api(method, f'/v1/pods/web/{action}', body)
            self.assertEqual(409, found.status)
            self.assertIn('Stopped', found.error['title'])

    def test_a_driver_that_lacks_it(self):
        self.host('one', capabilities=[])
        self.running()
        self.each(409, 'zun_lite.driver.not_supported')

    def test_a_silent_host(self):
        self.running(phase='Unknown')
        with db.writer() as session:
            hosts.silence(session, db.now().replace(year=2099))
        self.each(503, 'zun_lite.unavailable')

    def test_a_host_that_was_removed(self):
        self.running(host='gone')
        self.each(503)

    def test_what_the_far_side_raises_is_answered(self):
        self.running()
        for error, status in (
                (exceptions.TimedOut(), 504), (exceptions.Conflict(), 409),
                (exceptions.EngineUnavailable(), 503),
                (exceptions.ContainerNotFound(), 404),
                (exceptions.ZunLiteError('secret'), 500)):
            self.compute.answers['logs'] = error
            found = self.api.get('/v1/pods/web/logs')
            self.assertEqual(status, found.status)
            self.assertNotIn(b'secret', found.body)
