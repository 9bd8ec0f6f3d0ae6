"""What breaks Zun's clients first, trap by trap, by the trap's number."""
import json

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import actions
from zun_lite.db import pods
from zun_lite.tests.unit.api import samples

RUNNING = json.dumps({
    'phase': 'Running', 'podIP': '10.1.0.7', 'containerStatuses': [{
        'name': 'main', 'image': 'nginx', 'containerID': 'docker://0f6c2a7b9d'
        '11aaaaaaaa', 'state': {'running': {
            'startedAt': '2026-01-05T09:12:44Z'}}}]})
SESSION = {'url': 'ws://127.0.0.1:1/', 'token': 'T', 'session': '0a' * 32,
           'ttl': 60}
MAPS = ('labels', 'environment', 'addresses', 'restart_policy',
        'healthcheck')
LISTS = ('security_groups', 'command', 'entrypoint', 'ports')


class Traps(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING)
        self.api = self.api.with_headers(
            OpenStack_API_Version='container 1.40')
        self.compute.answers = {
            'logs': b'hello\n', 'signal': None, 'update': None,
            'top': {'titles': ['PID', 'CMD'], 'processes': [['1', 'sh']]}}

    def running(self, **columns):
        return self.container(host='one', status=RUNNING, **columns)

    def capsule(self):
        return self.pod(origin='capsule', host='one', phase='Running',
                        container_uuids='{"web":"1"}', status=RUNNING)

    def test_trap_1_doubled_and_trailing_slashes(self):
        row = self.running()
        for path in (f'/v1/containers//{row.uuid}',
                     f'/v1/containers/{row.uuid}/', '/v1/containers/?limit=1',
                     f'/v1/containers//{row.uuid}/logs',
                     f'/v1/capsules//{self.capsule().uuid}', '/v1/capsules/',
                     f'/containers/{row.uuid}'):
            self.assertEqual(200, self.api.get(path).status, path)

    def test_trap_2_arguments_in_the_query_or_in_the_body(self):
        for path, body in (('?timeout=3', b''), ('', {'timeout': 3}),
                           ('', {'timeout': '3'}), ('?timeout=3', {})):
            row = self.running()
            found = self.api.post(f'/v1/containers/{row.uuid}/stop{path}',
                                  body)
            self.assertEqual((202, b'null'), (found.status, found.body))
            with db.reader() as session:
                spec = pods.get_row(session, row.uuid).spec
            self.assertEqual(
                3, json.loads(spec)['terminationGracePeriodSeconds'])

    def test_trap_3_none_is_not_given(self):
        row = self.running()
        url = f'/v1/containers/{row.uuid}'
        self.assertEqual(200, self.api.get(f'{url}/top?ps_args=None').status)
        self.assertEqual(200, self.api.get(
            f'{url}/logs?since=None&tail=all').status)
        self.assertEqual(202, self.api.post(f'{url}/kill?signal=None').status)

    def test_trap_4_the_version_is_echoed(self):
        row = self.running()
        for version in ('1.1', '1.12', '1.40'):
            api = self.api.with_headers(
                OpenStack_API_Version=f'container {version}')
            for found in (api.get('/v1/containers'),
                          api.get(f'/v1/containers/{row.uuid}'),
                          api.get('/v1/containers/nothing')):
                self.assertEqual(f'container {version}',
                                 found.headers['openstack-api-version'])
        gone = self.container(phase='Stopped', status='{"phase":"Stopped"}')
        found = self.api.delete(f'/v1/containers/{gone.uuid}')
        self.assertEqual((204, 'container 1.40', b''), (
            found.status, found.headers['openstack-api-version'],
            found.body))

    def test_trap_5_every_error_has_a_title(self):
        for found in (self.api.get('/v1/containers/none'),
                      self.api.post('/v1/containers', {}),
                      self.api.get('/v1/nothing')):
            self.assertIn('title', found.error)

    def test_trap_6_no_null_maps_and_lists(self):
        made = self.api.post('/v1/containers', {'image': 'nginx'})
        shown = self.api.get(f'/v1/containers/{made.json["uuid"]}').json
        (listed,) = self.api.get('/v1/containers').json['containers']
        for found in (made.json, shown, listed):
            for name in MAPS:
                self.assertEqual({}, found[name], name)
            for name in LISTS:
                self.assertEqual([], found[name], name)

    def test_trap_7_types(self):
        made = self.api.post('/v1/containers', {
            'image': 'nginx', 'memory': 256, 'cpu': '0.5', 'restart_policy': {
                'Name': 'on-failure', 'MaximumRetryCount': 2}}).json
        self.assertEqual(('256', 0.5), (made['memory'], made['cpu']))
        self.assertEqual({'Name': 'on-failure', 'MaximumRetryCount': '2'},
                         made['restart_policy'])

    def test_trap_8_statuses_are_words(self):
        made = self.api.post('/v1/containers', {'image': 'nginx'}).json
        self.assertEqual('Creating', made['status'])
        row = self.running()
        self.assertEqual('Running', self.api.get(
            f'/v1/containers/{row.uuid}').json['status'])

    def test_trap_9_actions_by_request_id(self):
        row = self.running()
        url = f'/v1/containers/{row.uuid}'
        ident = self.api.post(f'{url}/rebuild').headers[
            'x-openstack-request-id']
        found = self.api.get(f'{url}/container_actions/{ident}').json
        self.assertEqual(('rebuild', None), (
            found['action'], found['finish_time']))
        with db.writer() as session:
            actions.finish(session, row.uuid, up_to_generation=9)
        found = self.api.get(f'{url}/container_actions/{ident}').json
        self.assertRegex(found['finish_time'], r'^\d{4}-.*T.*\.\d{6}$')
        self.assertIsNone(found['message'])
        self.assertEqual(('compute__do_container_rebuild', 'Success'), (
            found['events'][0]['event'], found['events'][0]['result']))
        self.assertEqual(404, self.api.get(
            f'{url}/container_actions/req-none').status)

    def test_trap_10_logs_are_one_string(self):
        row = self.running()
        self.assertEqual('hello\n', self.api.get(
            f'/v1/containers/{row.uuid}/logs').json)

    def test_trap_10_attach_is_one_string(self):
        row = self.running(given={'interactive': True})
        self.compute.answers['open_stream'] = SESSION
        found = self.api.get(f'/v1/containers/{row.uuid}/attach')
        self.assertEqual(
            (200, f'ws://127.0.0.1:6784/?token={row.uuid}.T&uuid={row.uuid}'),
            (found.status, found.json))

    def test_trap_13_paths_without_a_version(self):
        """Of capsules clients leave it out."""
        ident = self.capsule().uuid
        for path in (f'/capsules/{ident}', '/capsules/', '/containers',
                     '/images/', '/hosts/', '/services', '/registries'):
            found = self.api.get(path)
            self.assertEqual(200, found.status, path)
            self.assertEqual(found.body, self.api.get(f'/v1{path}').body)
        self.assertEqual(204, self.api.delete(f'/capsules/{ident}').status)

    def test_trap_14_versions_are_open(self):
        found = self.api.get('/').json['versions'][0]
        self.assertLessEqual(
            {'status': 'CURRENT', 'min_version': '1.1'}.items(),
            found.items())

    def test_trap_15_keys_for_administrators(self):
        row = self.running()
        keys = {'host', 'runtime', 'privileged', 'image_pull_policy'}
        url = f'/v1/containers/{row.uuid}'
        self.assertLessEqual(keys, set(self.api.get(url).json))
        member = self.api.with_headers(X_Roles='member',
                                       X_Project_Id='default')
        self.assertFalse(keys & set(member.get(url).json))
        (listed,) = member.get('/v1/containers').json['containers']
        self.assertFalse(keys & set(listed))

    def test_trap_16_deleting_an_image_answers_200(self):
        self.compute.answers['sync_images'] = None
        made = self.api.post('/v1/images/', {'repo': 'nginx', 'host': 'one'})
        found = self.api.delete(f'/v1/images//{made.json["uuid"]}')
        self.assertEqual((200, b'null', 'container 1.40'), (
            found.status, found.body,
            found.headers['openstack-api-version']))

    def test_trap_16_what_networks_answer(self):
        row = self.running()
        made = self.api.post('/v1/networks', {'name': 'back'}).json
        at = f'/v1/containers/{row.uuid}/network'
        for verb, status in (('attach', 200), ('detach', 202)):
            found = self.api.post(f'{at}_{verb}?network=back')
            self.assertEqual((status, b'null'), (found.status, found.body))
            asked = found.headers['x-openstack-request-id']
            action = self.api.get(f'/v1/containers/{row.uuid}/'
                                  f'container_actions/{asked}').json
            self.assertEqual(f'compute__do_network_{verb}',
                             action['events'][0]['event'])
        found = self.api.delete(f'/v1/networks/{made["uuid"]}')
        self.assertEqual((204, b'', 'container 1.40'), (
            found.status, found.body,
            found.headers['openstack-api-version']))

    def test_trap_18_deleting_a_network_of_neutrons(self):
        for version in ('1.27', '1.40'):
            api = self.api.with_headers(
                OpenStack_API_Version=f'container {version}')
            self.assertEqual(404, api.delete(
                '/v1/networks//1f2e0d3c-0000-4a00-8000-00000000aaaa').status)

    def test_trap_19_an_empty_source_is_a_new_volume(self):
        made = self.api.post('/v1/containers', {
            'image': 'nginx', 'mounts': [
                {'source': '', 'size': '1', 'destination': '/d'}]})
        self.assertEqual(202, made.status, made.body)
        with db.reader() as session:
            spec = json.loads(pods.get_row(
                session, made.json['uuid']).spec)
        self.assertEqual({'sizeLimit': '1Gi'}, spec['volumes'][0]['emptyDir'])

    def test_trap_20_old_versions(self):
        old = self.api.with_headers(OpenStack_API_Version='container 1.12')
        made = old.post('/v1/containers?run=true', {
            'image': 'nginx', 'command': '"sleep 10"', 'cpu': 0.1,
            'security_groups': [], 'interactive': True})
        self.assertEqual(202, made.status, made.body)
        self.assertEqual((['sleep 10'], False),
                         (made.json['command'], made.json['tty']))
        self.assertEqual(204, old.delete(
            f'/v1/containers/{self.running().uuid}?stop=True').status)

    def test_trap_22_a_session_that_cannot_be_resized_is_400(self):
        row = self.running()
        self.compute.answers['resize_stream'] = exceptions.Conflict()
        url = f'/v1/containers/{row.uuid}'
        for path in (f'execute_resize?w=80&h=24&exec_id={"0a" * 32}',
                     'resize?w=80&h=24'):
            self.assertEqual(400, self.api.post(f'{url}/{path}').status)
        self.compute.answers['resize_stream'] = None
        found = self.api.post(
            f'{url}/execute_resize?w=80&h=24&exec_id={"0a" * 32}')
        self.assertEqual((200, b'null'), (found.status, found.body))
