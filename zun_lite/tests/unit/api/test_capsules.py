import json

from zun_lite import db
from zun_lite.db import pods
from zun_lite.tests.unit.api import samples

MEMBER = {'image': 'nginx:1.27'}
NULLS = ('labels', 'annotations', 'addresses')


def template(*members, init=None, metadata=None, **spec):
    """A template in Zun's form."""
    if init is not None:
        spec['initContainers'] = init
    return {'kind': 'capsule', 'capsuleVersion': 'beta',
            'metadata': metadata or {'name': 'shop'},
            'spec': {'containers': list(members or (MEMBER,)), **spec}}


def status(phase, **states):
    """A pod's, with the state of each container by name."""
    return json.dumps({'phase': phase, 'podIP': '10.1.0.7',
                       'containerStatuses': [
                           {'name': name, 'image': 'x', 'state': state}
                           for name, state in states.items()]})


RUNNING = {'running': {'startedAt': '2026-01-05T09:12:44Z'}}


class CapsulesTest(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING)
        self.api = self.at('1.40')

    def at(self, version):
        return self.api.with_headers(
            OpenStack_API_Version=f'container {version}')

    def row(self, uuid):
        with db.reader() as session:
            return pods.get_row(session, uuid)

    def create(self, found):
        made = self.api.post('/v1/capsules', {'template': found})
        self.assertEqual(202, made.status, made.body)
        return made.json

    def refused(self, found, code=400):
        made = self.api.post('/v1/capsules', {'template': found})
        self.assertEqual(code, made.status, made.body)
        return made.paths

    def seen(self, uuid, phase, **states):
        """The host has told this."""
        with db.writer() as session:
            row = pods.get_row(session, uuid, lock=True)
            pods.update(session, row.id, phase=phase, host='one',
                        observed_generation=row.generation,
                        status=status(phase, **states))


class Create(CapsulesTest):

    def test_the_pod_behind_it(self):
        made = self.create(template(
            {'image': 'nginx:1.27', 'name': 'web', 'command': ['a', '$(B)'],
             'args': ['c'], 'env': {'D': 1}, 'workDir': '/srv',
             'imagePullPolicy': 'ifnotpresent', 'stdin': 'true',
             'resources': {'requests': {'cpu': 0.5, 'memory': '64'}},
             'ports': [{'containerPort': 80, 'hostPort': 80, 'name': 'x'},
                       {'containerPort': 53, 'protocol': 'UDP'}],
             'volumeMounts': [{'name': 'Data_1', 'mountPath': '/data',
                               'readOnly': True}]},
            {'image': 'redis:7'}, init=[{'image': 'busybox:1'}],
            restartPolicy='OnFailure', volumes=[
                {'name': 'Data_1', 'cinder': {'size': 2,
                                              'autoRemove': True}}]))
        row = self.row(made['uuid'])
        spec = json.loads(row.spec)
        self.assertEqual({
            'name': 'web', 'image': 'nginx:1.27',
            'args': ['a', '$$(B)', 'c'], 'workingDir': '/srv',
            'env': [{'name': 'D', 'value': '1'}], 'stdin': True,
            'imagePullPolicy': 'IfNotPresent',
            'ports': [{'containerPort': 80, 'protocol': 'TCP'},
                      {'containerPort': 53, 'protocol': 'UDP'}],
            'resources': {'requests': {'cpu': '500m'},
                          'limits': {'memory': '64Mi'}},
            'volumeMounts': [{'name': 'data-1', 'mountPath': '/data',
                              'readOnly': True}]}, spec['containers'][0])
        self.assertEqual([{'name': 'data-1', 'emptyDir': {
            'sizeLimit': '2Gi'}}], spec['volumes'])
        self.assertEqual('OnFailure', spec['restartPolicy'])
        self.assertEqual(1, len(spec['initContainers']))
        self.assertEqual(('capsule', 'running', 500, 64 * 2**20), (
            row.origin, row.desired, row.cpu_millis, row.memory_bytes))
        self.assertEqual([row.uuid], self.bell.rung)

    def test_the_answer(self):
        made = self.create(template(
            {'image': 'nginx', 'name': 'web', 'args': ['$x'],
             'resources': {'requests': {'cpu': 1, 'memory': 256}}},
            {'image': 'redis:7', 'resources': {'requests': {
                'cpu': 0.5, 'memory': 512}}}, init=[MEMBER],
            metadata={'name': 'shop', 'labels': {'app': 'shop'},
                      'annotations': {'owner': 'ops'}}))
        self.assertEqual(
            ('shop', 'Creating', None, 1.5, '768', {'app': 'shop'},
             {'owner': 'ops'}, {'Name': 'always', 'MaximumRetryCount': '0'}),
            tuple(made[key] for key in (
                'name', 'status', 'status_reason', 'cpu', 'memory', 'labels',
                'annotations', 'restart_policy')))
        web, redis = made['containers']
        self.assertEqual(
            ('capsule-shop-web', 'nginx', ['$x'], 1.0, '256', 'Creating',
             'container_creating', None), tuple(web[key] for key in (
                 'name', 'image', 'command', 'cpu', 'memory', 'status',
                 'task_state', 'image_driver')))
        self.assertRegex(redis['name'], r'^capsule-shop-[a-z]+-\d+$')
        self.assertNotIn('links', web)
        (init,) = made['init_containers']
        self.assertEqual('on-failure', init['restart_policy']['Name'])
        self.assertEqual(
            f'http://api.test:9517/v1/capsules/{made["uuid"]}',
            made['links'][0]['href'])

    def test_members_have_the_keys_of_containers(self):
        made = self.create(template())
        one = self.api.post('/v1/containers', {'image': 'nginx'}).json
        self.assertEqual(set(one) - {'links'}, set(made['containers'][0]))

    def test_location(self):
        found = self.api.post('/v1/capsules/', {'template': template()})
        self.assertEqual(
            f'http://api.test:9517/v1/capsules/{found.json["uuid"]}',
            found.headers['location'])

    def test_a_template_may_be_text(self):
        text = json.dumps(template())
        self.assertEqual('shop', self.create(text)['name'])
        self.assertEqual('cap', self.create(
            'kind: Capsule\nmetadata: {name: cap}\n'
            'spec: {containers: [{image: nginx}]}')['name'])
        for bad in ('{', '[]', ''):
            self.refused(bad)

    def test_a_template_may_be_a_pod(self):
        made = self.create({
            'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {
                'name': 'web', 'labels': {'a': 'b'}},
            'spec': {'restartPolicy': 'Never', 'containers': [{
                'name': 'main', 'image': 'nginx:1.27', 'command': ['sh'],
                'args': ['-c', 'echo'], 'tty': True,
                'env': [{'name': 'A', 'value': 'b'},
                        {'name': 'S', 'valueFrom': {'secretKeyRef': {
                            'name': 's', 'key': 'k'}}}],
                'resources': {'limits': {'cpu': '250m',
                                         'memory': '1Gi'}}}]}})
        (main,) = made['containers']
        self.assertEqual(
            ('capsule-web-main', ['sh'], ['-c', 'echo'], {'A': 'b'}, True,
             0.25, '1024', 'no'), (
                main['name'], main['entrypoint'], main['command'],
                main['environment'], main['tty'], main['cpu'],
                main['memory'], main['restart_policy']['Name']))
        self.assertEqual(['spec.containers[0].colour'], self.refused({
            'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'},
            'spec': {'containers': [{'name': 'a', 'image': 'b',
                                     'colour': 'red'}]}}))

    def test_what_a_pod_may_not_a_capsule_may_not(self):
        found = self.as_roles('member').post('/v1/capsules', {'template': {
            'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'},
            'spec': {'containers': [{
                'name': 'a', 'image': 'b', 'securityContext': {
                    'privileged': True}}]}}})
        self.assertEqual(403, found.status, found.body)

    def test_restart_policies_in_both_places(self):
        old = template() | {'restartPolicy': 'Never'}
        self.assertEqual('no', self.create(old)['restart_policy']['Name'])
        new = template(restartPolicy='OnFailure')
        self.assertEqual('on-failure',
                         self.create(new)['restart_policy']['Name'])

    def test_a_name_is_made_where_none_is_given(self):
        for metadata in ({'name': None}, {'labels': {}}):
            made = self.create(template(metadata=metadata))
            self.assertRegex(made['name'], r'^[a-z]+-\d+-capsule$')

    def test_names_of_members_that_no_pod_can_have(self):
        made = self.create(template(
            MEMBER | {'name': 'Web_1'}, MEMBER | {'name': 'same'},
            MEMBER | {'name': 'same'}))
        found = [c['name'] for c in made['containers']]
        self.assertEqual('capsule-shop-same', found[1])
        for name in (found[0], found[2]):
            self.assertRegex(name, r'^capsule-shop-[a-z]+-\d+$')

    def test_faults_are_told_where_the_template_has_them(self):
        for path, found in {
                'kind': template() | {'kind': 'Deployment'},
                'spec': {'kind': 'capsule', 'metadata': {}},
                'metadata': {'kind': 'capsule', 'spec': {
                    'containers': [MEMBER]}},
                'spec.containers': template() | {'spec': {
                    'containers': []}},
                'spec.containers[0].image': template({}),
                'spec.containers[0].colour': template(
                    MEMBER | {'colour': 'red'}),
                'spec.initContainers[0].image': template(init=[{}]),
                'spec.containers[0].workDir': template(
                    MEMBER | {'workDir': 'relative'}),
                'spec.containers[0].resources.requests.memory': template(
                    MEMBER | {'resources': {'requests': {'memory': 1}}}),
                'spec.containers[0].ports[0].containerPort': template(
                    MEMBER | {'ports': [{'containerPort': 0}]}),
                'spec.containers[0].volumeMounts[0].name': template(
                    MEMBER | {'volumeMounts': [
                        {'name': 'none', 'mountPath': '/x'}]}),
                'spec.volumes[0].name': template(volumes=[
                    {'name': 'idle', 'cinder': {'size': 1,
                                                'autoRemove': True}}]),
                'metadata.labels[a b]': template(
                    metadata={'labels': {'a b': 'c'}}),
                }.items():
            with self.subTest(path):
                self.assertEqual([path], self.refused(found))

    def test_volumes_that_nobody_can_give(self):
        mounted = MEMBER | {'volumeMounts': [
            {'name': 'data', 'mountPath': '/data'}]}
        for path, cinder in (
                ('spec.volumes[0].cinder', {}),
                ('spec.volumes[0].cinder', {'size': 1, 'volumeID': 'x'}),
                ('spec.volumes[0].cinder.volumeID', {'volumeID': 'x'}),
                ('spec.volumes[0].cinder.autoRemove', {
                    'size': 1, 'autoRemove': False})):
            with self.subTest(path):
                self.assertEqual([path], self.refused(template(
                    mounted, volumes=[{'name': 'data', 'cinder': cinder}])))

    def test_nothing_else_is_in_the_body(self):
        for body in ({}, {'template': template(), 'name': 'x'},
                     {'template': 1}):
            self.assertEqual(400, self.api.post(
                '/v1/capsules', body).status, body)


class Show(CapsulesTest):

    def test_by_name_and_by_uuid_with_doubled_slashes(self):
        made = self.create(template())
        for path in ('/v1/capsules/shop', f'/v1/capsules//{made["uuid"]}',
                     f'/capsules/{made["uuid"]}/'):
            self.assertEqual(made['uuid'], self.api.get(path).json['uuid'])
        self.assertEqual(404, self.api.get('/v1/capsules/none').status)
        self.assertEqual(404, self.api.get('/v1/containers/shop').status)

    def test_it_runs(self):
        made = self.create(template(MEMBER | {'name': 'a'},
                                    MEMBER | {'name': 'b'}))
        self.seen(made['uuid'], 'Running', a=RUNNING, b={'waiting': {
            'reason': 'ImagePullBackOff', 'message': 'no such image'}})
        found = self.api.get('/v1/capsules/shop').json
        self.assertEqual('Running', found['status'])
        self.assertEqual(
            [('Running', None), ('Error', 'ImagePullBackOff: no such image')],
            [(c['status'], c['status_reason'])
             for c in found['containers']])
        (address,) = found['addresses'].values()
        self.assertEqual('10.1.0.7', address[0]['addr'])
        self.assertEqual(found['addresses'],
                         found['containers'][0]['addresses'])

    def test_states(self):
        ended = {'terminated': {'exitCode': 1, 'reason': 'Error'}}
        for phase, state, words in (
                ('Pending', {}, ('Creating', 'Creating')),
                ('Pending', {'waiting': {'reason': 'ErrImagePull'}},
                 ('Error', 'Error')),
                ('Running', {'waiting': {'reason': 'CrashLoopBackOff'}},
                 ('Running', 'Restarting')),
                ('Succeeded', {'terminated': {
                    'exitCode': 0, 'reason': 'Completed'}},
                 ('Stopped', 'Stopped')),
                ('Failed', ended, ('Error', 'Stopped')),
                ('Stopped', {}, ('Stopped', 'Stopped')),
                ('Unknown', RUNNING, ('Unknown', 'Unknown'))):
            with self.subTest(phase):
                made = self.create(template(MEMBER | {'name': 'a'}))
                self.seen(made['uuid'], phase, a=state)
                found = self.api.get(f'/v1/capsules/{made["uuid"]}').json
                self.assertEqual(words, (
                    found['status'], found['containers'][0]['status']))

    def test_keys_before_1_32(self):
        made = self.create(template(metadata={'name': 'shop',
                                              'labels': {'a': 'b'}}))
        old = self.at('1.31').get('/v1/capsules/shop').json
        self.assertLessEqual({
            'meta_name': 'shop', 'meta_labels': {'a': 'b'},
            'restart_policy': 'always', 'capsule_version': '',
            'volumes_info': {}, 'init_containers_uuids': [],
            'containers_uuids': [made['containers'][0]['uuid']],
            }.items(), old.items())
        self.assertFalse({'name', 'labels'} & set(old))
        new = self.at('1.32').get('/v1/capsules/shop').json
        self.assertFalse({'capsule_version', 'containers_uuids'} & set(new))
        # zun-ui asks for the newest version and reads these all the same.
        self.assertLessEqual({'meta_name': 'shop', 'meta_labels': {'a': 'b'},
                              'volumes_info': {}}.items(), new.items())

    def test_keys_for_administrators(self):
        self.create(template())
        member = self.as_roles('member')
        found = member.get('/v1/capsules/shop').json
        self.assertNotIn('host', found)
        self.assertFalse({'host', 'privileged', 'runtime'}
                         & set(found['containers'][0]))
        self.assertIn('host', self.api.get('/v1/capsules/shop').json)

    def test_a_pod_by_its_uuid(self):
        made = self.create(template())
        found = self.at('1.41').get(f'/v1/pods/{made["uuid"]}')
        self.assertEqual(200, found.status, found.body)
        self.assertEqual('shop', found.json['metadata']['name'])
        self.assertEqual(404, self.at('1.41').get('/v1/pods/shop').status)
        listed = self.at('1.41').get('/v1/pods').json
        self.assertEqual([], listed['items'])


class Lists(CapsulesTest):

    def test_pages(self):
        made = [self.create(template(metadata={'name': name}))['uuid']
                for name in ('b1', 'a1', 'c1')]
        for query, order in (
                ('', made), ('&sort_dir=desc', made[::-1]),
                ('&sort_key=name', [made[1], made[0], made[2]]),
                ('&colour=red', made)):
            with self.subTest(query):
                page = self.api.get(f'/v1/capsules/?limit=2{query}').json
                rest = self.api.get(page['next'].removeprefix(
                    'http://api.test:9517')).json
                self.assertEqual(order, [c['uuid'] for c in (
                    *page['capsules'], *rest['capsules'])])
                self.assertIsNone(rest['next'])
        for query, code in (('limit=0', 400), ('sort_key=spec', 400),
                            ('marker=none', 404)):
            self.assertEqual(code, self.api.get(
                f'/v1/capsules?{query}').status, query)

    def test_of_every_project(self):
        self.create(template())
        other = self.as_roles('admin', project='beta')
        self.assertEqual([], other.get('/v1/capsules').json['capsules'])
        (found,) = other.get('/v1/capsules?all_projects=1').json['capsules']
        self.assertEqual('default', found['project_id'])
        self.assertEqual(403, self.as_roles('member').get(
            '/v1/capsules?all_projects=1').status)


class Delete(CapsulesTest):

    def test_in_any_state(self):
        for phase in ('Pending', 'Running', 'Failed', 'Unknown'):
            made = self.create(template())
            self.seen(made['uuid'], phase)
            path = f'/v1/capsules//{made["uuid"]}'
            found = self.api.delete(path)
            self.assertEqual((204, b''), (found.status, found.body))
            shown = self.api.get(path).json
            self.assertEqual(
                ('Deleting', 'container_deleting'),
                (shown['status'], shown['containers'][0]['task_state']))
            self.assertEqual(204, self.api.delete(path).status)

    def test_one_without_a_host_is_gone_at_once(self):
        self.create(template())
        self.assertEqual(204, self.api.delete('/v1/capsules/shop').status)
        self.assertEqual(404, self.api.get('/v1/capsules/shop').status)
        self.assertEqual(404, self.api.delete('/v1/capsules/shop').status)


class Members(CapsulesTest):
    """What Zun lacks: they can be reached like containers."""

    def setUp(self) -> None:
        super().setUp()
        made = self.create(template(
            MEMBER | {'name': 'web', 'stdin': True},
            MEMBER | {'name': 'side'}, init=[MEMBER | {'name': 'first'}]))
        self.capsule = made['uuid']
        self.seen(self.capsule, 'Running', web=RUNNING, side=RUNNING)
        self.web, self.side = (c['uuid'] for c in made['containers'])
        self.compute.answers = {
            'logs': b'hello', 'top': {'titles': ['PID'], 'processes': []},
            'exec': {'exit_code': 0, 'stdout': b'out', 'stderr': b'',
                     'truncated': False},
            'stats': [dict.fromkeys((
                'cpu_millis', 'memory_bytes', 'memory_limit_bytes',
                'rx_bytes', 'tx_bytes', 'read_bytes', 'write_bytes'), 0)
                | {'name': name} for name in ('web', 'side')],
            'open_stream': {'url': 'ws://127.0.0.1:1/', 'token': 't',
                            'session': 's', 'ttl': 60}}

    def asked(self):
        """(method, pod, container) of the last call to the host."""
        method, (_, pod, container, *_), _ = self.compute.asked[-1]
        return method, pod, container

    def test_actions_are_its_own_and_those_of_all(self):
        ran = self.api.post(
            f'/v1/containers/{self.side}/execute?command=ls').headers[
                'x-openstack-request-id']
        for uuid, told in ((self.web, ['create']),
                           (self.side, ['exec', 'create'])):
            found = self.api.get(
                f'/v1/containers/{uuid}/container_actions').json
            self.assertEqual(
                [(name, uuid) for name in told],
                [(a['action'], a['container_uuid'])
                 for a in found['containerActions']])
        for uuid, status in ((self.web, 404), (self.side, 200)):
            self.assertEqual(status, self.api.get(
                f'/v1/containers/{uuid}/container_actions/{ran}').status)

    def test_uuids(self):
        self.assertTrue(self.capsule.endswith('00'))
        self.assertEqual([f'{self.capsule[:-2]}02', f'{self.capsule[:-2]}03'],
                         [self.web, self.side])

    def test_show(self):
        found = self.api.get(f'/v1/containers//{self.web.upper()}').json
        (listed, _) = self.api.get(
            f'/v1/capsules/{self.capsule}').json['containers']
        self.assertEqual(listed, {k: v for k, v in found.items()
                                  if k != 'links'})
        self.assertEqual(
            f'http://api.test:9517/v1/containers/{self.web}',
            found['links'][0]['href'])

    def test_reads(self):
        url = f'/v1/containers/{self.side}'
        self.assertEqual('hello', self.api.get(f'{url}/logs').json)
        self.assertEqual(('logs', self.capsule, 'side'), self.asked())
        self.assertEqual(['PID'], self.api.get(f'{url}/top').json['Titles'])
        self.assertEqual(('top', self.capsule, 'side'), self.asked())
        self.assertEqual('capsule-shop-side', self.api.get(
            f'{url}/stats').json['CONTAINER'])
        (net,) = self.api.get(f'{url}/network_list').json['networks']
        self.assertEqual('10.1.0.7', net['fixed_ips'][0]['ip_address'])

    def test_commands(self):
        url = f'/v1/containers/{self.side}'
        found = self.api.post(f'{url}/execute?command=ls')
        self.assertEqual('out', found.json['output'])
        self.assertEqual(('exec', self.capsule, 'side'), self.asked())
        (done, _) = self.at('1.41').get(
            f'/v1/pods/{self.capsule}/actions').json['actions']
        self.assertEqual('side: exit code 0', done['message'])

    def test_sessions(self):
        url = f'/v1/containers/{self.web}'
        self.assertIn('ws://', self.api.get(f'{url}/attach').json)
        self.assertEqual(400, self.api.get(
            f'/v1/containers/{self.side}/attach').status)
        self.assertEqual(200, self.api.post(
            f'{url}/execute?command=sh&run=false&interactive=true').status)

    def test_they_have_no_life_of_their_own(self):
        url = f'/v1/containers/{self.web}'
        for method, path in (('POST', '/stop'), ('POST', '/rebuild'),
                             ('DELETE', ''), ('PATCH', '?name=other')):
            found = self.api(method, f'{url}{path}')
            self.assertEqual(409, found.status, path)
            self.assertIn(self.capsule, found.error['title'])

    def test_what_has_ended(self):
        self.seen(self.capsule, 'Running', web=RUNNING, side={
            'terminated': {'exitCode': 1, 'reason': 'Error'}})
        url = f'/v1/containers/{self.side}'
        self.assertEqual(409, self.api.get(f'{url}/top').status)
        self.assertEqual('hello', self.api.get(f'{url}/logs').json)

    def test_nobody_else_finds_them(self):
        other = self.as_roles('member', project='beta')
        for path in ('', '/logs', '/stats'):
            self.assertEqual(404, other.get(
                f'/v1/containers/{self.web}{path}').status)
        self.assertEqual(404, self.api.get(
            f'/v1/containers/{self.capsule}').status)
        self.assertEqual(404, self.api.get(
            f'/v1/containers/{self.capsule[:-2]}7f').status)
        self.assertEqual(
            [], self.api.get('/v1/containers').json['containers'])
