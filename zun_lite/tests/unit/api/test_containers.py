import json
import urllib.parse

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import pods
from zun_lite.tests import databases
from zun_lite.tests.unit.api import samples

IMAGE = {'image': 'nginx:1.27'}


class ContainersTest(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING)
        self.api = self.at('1.40')
        self.compute.answers = {'update': None, 'signal': None}

    def at(self, version):
        return self.api.with_headers(
            OpenStack_API_Version=f'container {version}')

    def row(self, uuid):
        with db.reader() as session:
            return pods.get_row(session, uuid)

    def create(self, **asked):
        found = self.api.post('/v1/containers', IMAGE | asked)
        self.assertEqual(202, found.status, found.body)
        return found.json

    def refused(self, status=400, version='1.40', **asked):
        found = self.at(version).post('/v1/containers', IMAGE | asked)
        self.assertEqual(status, found.status, found.body)
        return found.paths


class Create(ContainersTest):

    def test_the_pod_behind_it(self):
        made = self.create(
            name='Web_1.x', command=['-c', 'echo $(A) $$'], cpu=0.5,
            entrypoint=['sh'], environment={'A': '$(B)'}, memory=64,
            workdir='/srv', exposed_ports={'80/udp': {}, '443': {}},
            restart_policy={'Name': 'unless-stopped'}, interactive='true',
            tty=False, healthcheck={'cmd': 'true', 'interval': 5},
            hints={'label:disk': 'ssd', 'other': 'x'},
            availability_zone='az1', labels={'any thing': 'at all'})
        row = self.row(made['uuid'])
        spec = json.loads(row.spec)
        self.assertEqual(
            {'disk': 'ssd', 'zun-lite/availability-zone': 'az1'},
            spec['nodeSelector'])
        self.assertEqual('Always', spec['restartPolicy'])
        self.assertEqual({
            'name': 'main', 'image': 'nginx:1.27', 'command': ['sh'],
            'args': ['-c', 'echo $$(A) $$$$'], 'workingDir': '/srv',
            'env': [{'name': 'A', 'value': '$$(B)'}], 'stdin': True,
            'ports': [{'containerPort': 80, 'protocol': 'UDP'},
                      {'containerPort': 443, 'protocol': 'TCP'}],
            'readinessProbe': {'exec': {'command': ['/bin/sh', '-c',
                                                    'true']},
                               'periodSeconds': 5},
            'resources': {'requests': {'cpu': '500m'},
                          'limits': {'memory': '64Mi'}}},
            spec['containers'][0])
        plain = json.loads(row.extras)['plain']
        self.assertEqual({'any thing': 'at all'}, plain['labels'])
        self.assertTrue(plain['unlessStopped'])
        self.assertEqual(('created', 'container', 500, 64 * 2**20), (
            row.desired, row.origin, row.cpu_millis, row.memory_bytes))
        self.assertEqual([80, 443], made['ports'])

    def test_run_starts_it(self):
        for query, body in (('?run=true', {}), ('?run=True', {}),
                            ('', {'run': 'yes'})):
            found = self.api.post(f'/v1/containers{query}', IMAGE | body)
            self.assertEqual('running', self.row(found.json['uuid']).desired)

    def test_defaults(self):
        made = self.create()
        self.assertRegex(made['name'], r'^[a-z]+-\d+-container$')
        self.assertEqual((1.0, '512', 10, 'docker', 'shared'), tuple(
            made[k] for k in ('cpu', 'memory', 'disk', 'image_driver',
                              'cpu_policy')))

    def test_keys_of_administrators_have_their_types(self):
        made = self.create()
        self.assertIs(False, made['privileged'])
        self.assertEqual((None, None), (made['runtime'], made['host']))

    def test_a_host_is_one_that_there_is(self):
        """By name or UUID."""
        (host,) = self.api.get('/v1/hosts').json['hosts']
        for ident in ('one', host['uuid']):
            spec = json.loads(self.row(self.create(host=ident)['uuid']).spec)
            self.assertEqual({'zun-lite/host': 'one'}, spec['nodeSelector'])
        self.refused(404, host='nobody')

    def test_null_is_not_given(self):
        made = self.create(**dict.fromkeys((
            'name', 'command', 'cpu', 'memory', 'disk', 'nets', 'mounts',
            'restart_policy', 'environment', 'labels', 'tty')))
        self.assertEqual('512', made['memory'])

    def test_fields_are_as_old_as_zun_has_them(self):
        for name, value, version in (
                ('auto_remove', True, 3), ('hostname', 'h', 9),
                ('mounts', [{'size': 1, 'destination': '/d'}], 11),
                ('healthcheck', {'cmd': 'x'}, 22),
                ('exposed_ports', {'80': {}}, 24), ('host', 'one', 39),
                ('entrypoint', ['sh'], 40)):
            with self.subTest(name):
                self.assertEqual([name], self.refused(
                    version=f'1.{version - 1}', **{name: value}))
                found = self.at(f'1.{version}').post(
                    '/v1/containers', IMAGE | {name: value})
                self.assertEqual(202, found.status, found.body)

    def test_command_is_text_and_then_a_list(self):
        found = self.at('1.19').post('/v1/containers', IMAGE | {
            'command': 'sh -c "a b"'})
        self.assertEqual(['sh', '-c', 'a b'], found.json['command'])
        self.assertEqual(['command'], self.refused(
            version='1.19', command=['a']))
        self.assertEqual(['command'], self.refused(command='a'))
        self.assertEqual(['command'], self.refused(
            version='1.19', command='"a'))

    def test_interactive_brings_a_terminal_for_some_versions(self):
        for version, tty in (('1.19', False), ('1.20', True), ('1.35', True),
                             ('1.36', False)):
            found = self.at(version).post('/v1/containers', IMAGE | {
                'interactive': True})
            self.assertEqual(tty, found.json['tty'], version)

    def test_faults_are_told_in_the_words_of_the_request(self):
        self.assertEqual(['nets[0].network'],
                         self.refused(nets=[{'network': 'a'}]))
        self.assertEqual(['security_groups'],
                         self.refused(security_groups=['web']))
        self.assertEqual(['mounts[0].source'], self.refused(
            mounts=[{'source': 'v', 'destination': '/d'}]))
        self.assertEqual(['workdir'], self.refused(workdir='relative'))
        self.assertEqual(['labels.zun-lite/pod'], self.refused(
            labels={'zun-lite/pod': 'x'}))
        self.assertEqual(['hints.label:zun-lite/host'], self.refused(
            hints={'label:zun-lite/host': 'one'}))
        self.assertEqual(['memory'], self.refused(memory='512M'))
        self.assertEqual(['exposed_ports.x'], self.refused(
            exposed_ports={'x': {}}))
        self.assertEqual(['image_driver'],
                         self.refused(image_driver='glance'))
        self.assertEqual(['nonsense'], self.refused(nonsense=1))
        self.assertEqual(
            ['restart_policy.MaximumRetryCount'], self.refused(
                restart_policy={'Name': 'always', 'MaximumRetryCount': 1}))

    def test_the_default_group_is_what_there_is(self):
        self.create(security_groups=['default'])

    def test_privileges(self):
        for name, value in (('runtime', 'runc'), ('host', 'one'),
                            ('image_pull_policy', 'never')):
            found = self.as_roles('member').with_headers(
                OpenStack_API_Version='container 1.40').post(
                    '/v1/containers', IMAGE | {name: value})
            self.assertEqual(403, found.status, name)
        self.refused(403, privileged=False)

    def test_location(self):
        found = self.api.post('/v1/containers', IMAGE)
        self.assertEqual(
            f'http://api.test:9517/v1/containers/{found.json["uuid"]}',
            found.headers['location'])


class Lists(ContainersTest):

    def test_pods_and_containers_are_apart(self):
        self.pod(name='web')
        mine = self.container(name='web')
        self.assertEqual([mine.uuid], self.uuids())
        self.assertEqual(mine.uuid, self.api.get(
            '/v1/containers/web').json['uuid'])
        found = self.api.with_headers(
            OpenStack_API_Version='container 1.41').get('/v1/pods').json
        self.assertEqual(1, len(found['items']))

    def uuids(self, query=''):
        found = self.api.get(f'/v1/containers{query}')
        self.assertEqual(200, found.status, found.body)
        return [c['uuid'] for c in found.json['containers']]

    def test_pages_in_each_order(self):
        rows = [self.container(name=n).uuid for n in ('b2', 'a1', 'c3')]
        by_name = [rows[1], rows[0], rows[2]]
        for query, order in (('', rows), ('&sort_dir=desc', rows[::-1]),
                             ('&sort_key=name', by_name),
                             ('&sort_key=name&sort_dir=desc',
                              by_name[::-1])):
            with self.subTest(query):
                page = self.api.get(f'/v1/containers?limit=2{query}').json
                rest = self.api.get(page['next'].removeprefix(
                    'http://api.test:9517')).json
                self.assertEqual(order, [c['uuid'] for c in (
                    *page['containers'], *rest['containers'])])
                self.assertIsNone(rest['next'])

    def test_the_next_page_behind_a_prefix(self):
        """Zun's clients put its path behind their endpoint's."""
        for _ in range(2):
            self.container()
        self.override('public_endpoint', 'https://cloud.test/container')
        for version, begins in (('1.40', 'https://cloud.test/v1/'), (
                '1.41', 'https://cloud.test/container/v1/')):
            found = self.api.with_headers(
                OpenStack_API_Version=f'container {version}').get(
                    '/v1/containers?limit=1').json
            self.assertTrue(found['next'].startswith(begins), found['next'])

    def test_filters(self):
        first = self.container(name='first', given={'memory': 64})
        self.container(name='other', phase='Stopped',
                       status='{"phase":"Stopped"}', host='one')
        self.assertEqual([first.uuid], self.uuids('?name=first'))
        self.assertEqual([first.uuid], self.uuids('?status=Running'))
        self.assertEqual([first.uuid], self.uuids('?memory=64&limit=1'))
        self.assertNotIn(first.uuid, self.uuids('?host=one'))
        self.assertEqual([], self.uuids('?auto_remove=true'))
        for query in ('sort_key=spec', 'limit=0', 'colour=red'):
            self.assertEqual(400, self.api.get(
                f'/v1/containers?{query}').status, query)
        self.assertEqual(404, self.api.get(
            '/v1/containers?marker=nothing').status)

    def test_reads_do_not_grow_with_the_page(self):
        for n in range(5):
            self.container(name=f'c{n}')
        with databases.Statements() as statements:
            self.api.get('/v1/containers')
        self.assertEqual(1, len([s for s in statements.seen
                                 if s.startswith('SELECT')]))


class Changes(ContainersTest):

    def test_amounts_are_claimed_and_told_to_the_host(self):
        row = self.container(host='one')
        found = self.api.patch(f'/v1/containers/{row.uuid}', {
            'memory': '200', 'cpu': 0.2, 'name': 'New', 'auto_heal': True})
        self.assertEqual((200, '200', 0.2, 'New', True), (
            found.status, *(found.json[k] for k in (
                'memory', 'cpu', 'name', 'auto_heal'))))
        self.assertEqual(
            [('update', ('one', row.uuid, 'main'),
              {'cpu_millis': 200, 'memory_bytes': 200 * 2**20})],
            self.compute.asked)
        after = self.row(row.uuid)
        self.assertEqual((200, 200 * 2**20, 1), (
            after.cpu_millis, after.memory_bytes, after.generation))

    def test_what_the_host_refuses_is_taken_back(self):
        row = self.container(host='one')
        self.compute.answers['update'] = exceptions.Conflict('in use')
        found = self.api.patch(f'/v1/containers/{row.uuid}',
                               {'memory': 200})
        self.assertEqual(409, found.status)
        after = self.row(row.uuid)
        self.assertEqual((row.spec, row.memory_bytes, row.document), (
            after.spec, after.memory_bytes, after.document))

    def test_a_driver_that_cannot(self):
        self.host('poor', driver='kubernetes', capabilities=[])
        row = self.container(host='poor')
        url = f'/v1/containers/{row.uuid}'
        for found in (self.api.patch(url, {'cpu': 1}),
                      self.api.post(f'{url}/pause'),
                      self.api.post(f'{url}/kill?signal=HUP'),
                      self.api.get(f'{url}/logs')):
            self.assertEqual(409, found.status)
            self.assertIn('kubernetes', found.error['title'])

    def test_since_is_a_time(self):
        row = self.container(host='one')
        for text in ('2026-99-99 00:00:00', '2026-02-30 00:00:00,123',
                     'yesterday', '\u0662\u0660'):
            found = self.api.get(f'/v1/containers/{row.uuid}/logs?since='
                                 + urllib.parse.quote(text))
            self.assertEqual((400, ['since']), (found.status, found.paths))

    def test_logs_of_one_stream(self):
        """Neither is both, as clients think of it."""
        row = self.container(host='one')
        self.compute.answers |= {'logs': b'both', 'logs_of': b'one'}
        for query, asked, args in (
                ('', 'logs', ()), ('?stdout=true&stderr=True', 'logs', ()),
                ('?stdout=False&stderr=False', 'logs', ()),
                ('?stdout=True&stderr=False', 'logs_of', (1,)),
                ('?stdout=no', 'logs_of', (2,))):
            found = self.api.get(f'/v1/containers/{row.uuid}/logs{query}')
            self.assertEqual(200, found.status, found.body)
            method, given, more = self.compute.asked[-1]
            self.assertEqual((asked, ('one', row.uuid, 'main', *args)),
                             (method, given))
            self.assertEqual({'tail', 'since', 'timestamps', 'limit_bytes'},
                             set(more))

    def test_an_engine_that_keeps_one_log(self):
        self.host('poor', driver='kubernetes', capabilities=['action:logs'])
        row = self.container(host='poor')
        self.compute.answers['logs'] = b''
        url = f'/v1/containers/{row.uuid}/logs'
        self.assertEqual(200, self.api.get(url).status)
        found = self.api.get(f'{url}?stderr=False')
        self.assertEqual((409, True, True), (
            found.status, 'kubernetes' in found.error['title'],
            'split_logs' in found.error['title']))

    def test_nothing_changes_nothing(self):
        row = self.container()
        found = self.api.patch(f'/v1/containers/{row.uuid}', {})
        self.assertEqual(200, found.status)
        self.assertEqual(row.updated_at, self.row(row.uuid).updated_at)

    def test_rename_is_old(self):
        row = self.container(name='web')
        url = f'/v1/containers/{row.uuid}/rename?name='
        self.assertEqual(406, self.at('1.14').post(f'{url}new').status)
        self.assertEqual('new', self.at('1.13').post(
            f'{url}new').json['name'])
        self.assertEqual(409, self.at('1.13').post(f'{url}new').status)

    def test_versions_of_actions(self):
        row = self.container()
        url = f'/v1/containers/{row.uuid}'
        self.assertEqual(406, self.at('1.18').post(
            f'{url}/resize_container', {}).status)
        self.assertEqual(406, self.at('1.12').get(
            f'{url}/network_list').status)
        self.assertEqual(400, self.at('1.6').delete(
            f'{url}?force=true').status)
        self.assertEqual(400, self.at('1.11').delete(
            f'{url}?stop=true').status)

    def test_signals(self):
        row = self.container(host='one')
        for text in ('SIGHUP', 'hup', '1'):
            self.api.post(f'/v1/containers/{row.uuid}/kill?signal={text}')
            self.assertEqual(('one', row.uuid, 'main', 'SIGHUP'),
                             self.compute.asked[-1][1])
        self.assertEqual(400, self.api.post(
            f'/v1/containers/{row.uuid}/kill?signal=NONSENSE').status)

    def test_kill_while_a_stop_goes_on(self):
        """It is hastened; where nothing goes on, the record does it."""
        for desired, answer, asked in (
                ('running', None, []), ('stopped', None, ['SIGKILL']),
                ('stopped', exceptions.Conflict(), ['SIGKILL'])):
            self.compute.asked.clear()
            self.compute.answers['signal'] = answer
            row = self.container(host='one', desired=desired)
            self.assertEqual(202, self.api.post(
                f'/v1/containers/{row.uuid}/kill').status)
            self.assertEqual(asked, [a[3] for _, a, _ in self.compute.asked])

    def test_the_time_for_an_end_is_that_actions_alone(self):
        """What was killed before is not killed when it goes later on."""
        key = 'terminationGracePeriodSeconds'
        for method, action, seconds in (
                ('POST', '/start', 10), ('POST', '/rebuild', 10),
                ('POST', '/reboot?timeout=3', 3), ('DELETE', '', 10)):
            row = self.container(host='one', phase='Stopped',
                                 status='{"phase":"Stopped"}')
            with db.writer() as session:
                pods.update(session, row.id, settled=True, spec=json.dumps(
                    json.loads(row.spec) | {key: 0}))
            found = self.api(method, f'/v1/containers/{row.uuid}{action}')
            self.assertIn(found.status, (202, 204), action)
            self.assertEqual(seconds,
                             json.loads(self.row(row.uuid).spec)[key], action)

    def test_delete_again_is_delete(self):
        row = self.container(host='one', phase='Stopped')
        for _ in range(2):
            self.assertEqual(204, self.api.delete(
                f'/v1/containers/{row.uuid}').status)
        self.assertEqual('Deleting', self.api.get(
            f'/v1/containers/{row.uuid}').json['status'])

    def test_delete_of_what_has_no_host_is_done(self):
        row = self.container(phase='Stopped', status='{"phase":"Stopped"}')
        self.assertEqual(204, self.api.delete(
            f'/v1/containers/{row.uuid}').status)
        self.assertEqual(404, self.api.get(
            f'/v1/containers/{row.uuid}').status)
