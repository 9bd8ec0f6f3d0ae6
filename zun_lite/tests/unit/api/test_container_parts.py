"""What a container takes that is no pod's: files, a runtime, its removal."""
import base64
import json

from cryptography import fernet

from zun_lite import db
from zun_lite.conductor import supplies
from zun_lite.db import actions
from zun_lite.db import pods
from zun_lite.lifecycle import injected
from zun_lite.pod.states import Desired
from zun_lite.tests.unit.api import samples
from zun_lite.zun import networks

KEY, OTHER = (fernet.Fernet.generate_key().decode() for _ in range(2))
CONTENT = base64.b64encode(b'secret').decode()
FILE = {'type': 'bind', 'destination': '/etc/app', 'source': CONTENT}
LATEST = {'OpenStack-API-Version': 'container 1.40'}


class TestParts(samples.ApiTest):
    def post(self, status=202, **asked):
        found = self.api.post('/v1/containers', {'image': 'nginx'} | asked,
                              headers=LATEST)
        self.assertEqual(status, found.status, found.body)
        return found

    def row(self, **asked):
        made = self.post(**asked).json
        with db.reader() as session:
            return pods.get_row(session, made['uuid'])

    def refused(self, **asked):
        return self.post(400, **asked).paths

    def setUp(self):
        super().setUp()
        self.override('encryption_keys', [KEY], 'secrets')

    def handed(self, row):
        """The files as they go to the host."""
        (pod,) = supplies.on_wire([row])
        return pod['plain']['files']

    def test_a_file(self):
        """Its content is encrypted where it is stored."""
        row = self.row(mounts=[FILE, {'size': 1, 'destination': '/data'}])
        self.assertNotIn(CONTENT, row.extras)
        self.assertNotIn(CONTENT, row.document)
        self.assertEqual([{'path': '/etc/app'}],
                         json.loads(row.extras)['plain']['files'])
        self.assertEqual([{'path': '/etc/app', 'content': CONTENT}],
                         self.handed(row))
        volumes = json.loads(row.spec)['volumes']
        self.assertEqual(['mount-1'], [v['name'] for v in volumes])

    def test_an_empty_file(self):
        row = self.row(mounts=[FILE | {'source': ''}])
        self.assertEqual([{'path': '/etc/app', 'content': ''}],
                         self.handed(row))

    def test_a_file_without_a_key(self):
        self.override('encryption_keys', [], 'secrets')
        found = self.post(503, mounts=[FILE])
        self.assertIn('[secrets] encryption_keys', found.error['detail'])
        self.assertEqual([], self.api.get('/v1/containers').json[
            'containers'])

    def test_a_file_whose_key_is_gone(self):
        """It is withheld, so that nothing is made without it."""
        row = self.row(mounts=[FILE])
        self.override('encryption_keys', [OTHER], 'secrets')
        with self.assertLogs(supplies.LOG, 'ERROR'):
            self.assertEqual([{'path': '/etc/app'}], self.handed(row))
        gone = row._replace(desired=Desired.ABSENT)
        with self.assertNoLogs(supplies.LOG, 'ERROR'):
            self.handed(gone)

    def test_a_file_and_a_new_key(self):
        row = self.row(mounts=[FILE])
        self.row()
        self.override('encryption_keys', [OTHER, KEY], 'secrets')
        self.assertEqual(1, injected.reseal(batch=1))
        self.override('encryption_keys', [OTHER], 'secrets')
        with db.reader() as session:
            row = pods.get_row(session, row.uuid)
        self.assertEqual([{'path': '/etc/app', 'content': CONTENT}],
                         self.handed(row))
        self.assertEqual('/etc/app', json.loads(row.extras)['mounts'][0][
            'destination'])

    def test_files_outlive_other_changes(self):
        row = self.row(mounts=[FILE])
        self.api.patch(f'/v1/containers/{row.uuid}', {'auto_heal': True},
                       headers=LATEST)
        self.api.post(f'/v1/containers/{row.uuid}/network_detach?network='
                      f'{networks.default("default")}', headers=LATEST)
        with db.reader() as session:
            row = pods.get_row(session, row.uuid)
        self.assertEqual([{'path': '/etc/app', 'content': CONTENT}],
                         self.handed(row))

    def test_faults_of_files(self):
        for change, path in (
                ({'source': 'not base64!'}, 'mounts[0].source'),
                ({'destination': 'relative'}, 'mounts[0].destination'),
                ({'destination': '/dir/'}, 'mounts[0].destination'),
                ({'size': 1}, 'mounts[0].size'),
                ({'type': 'tmpfs'}, 'mounts[0].type')):
            with self.subTest(path):
                self.assertEqual([path], self.refused(mounts=[
                    FILE | change]))

    def test_one_that_is_removed_does_not_restart(self):
        self.assertEqual(['auto_remove'], self.refused(
            auto_remove=True, restart_policy={'Name': 'always'}))
        row = self.row(auto_remove=True, restart_policy={'Name': 'no'})
        self.assertTrue(json.loads(row.extras)['plain']['remove'])

    def test_what_no_backend_honours(self):
        """As on Kubernetes, where containers are pods."""
        self.host('one', driver='kubernetes',
                  capabilities=[c for c in samples.EVERYTHING
                                if c != 'action:prepare'])
        self.assertEqual(['mounts'], self.refused(mounts=[FILE]))
        self.assertEqual(['runtime'], self.refused(runtime='runc'))
        self.host('two', capabilities=samples.EVERYTHING)
        row = self.row(mounts=[FILE], runtime='runc')
        self.assertEqual('runc', json.loads(row.extras)['plain']['runtime'])


class TestCommit(samples.ApiTest):
    def commit(self, row, query):
        return self.api.post(f'/v1/containers/{row.uuid}/commit?{query}',
                             b'', headers=LATEST)

    def last_action(self, row):
        return self.api.get(f'/v1/containers/{row.uuid}/container_actions',
                            headers=LATEST).json['containerActions'][0]

    def setUp(self):
        super().setUp()
        self.compute.answers = {'sync_images': None}

    def test_an_image(self):
        """It is kept among its host's images, by its project's id, and the
        host is told to make it."""
        self.host('one', capabilities=samples.EVERYTHING)
        row = self.container(host='one')
        found = self.commit(row, 'repository=mine')
        self.assertEqual((202, 'default/mine:latest'),
                         (found.status, found.json['image']))
        uuid = found.json['uuid']
        self.assertEqual([('sync_images', ('one', [{
            'uuid': uuid, 'generation': 1, 'image': 'default/mine:latest',
            'state': 'committing', 'container': row.uuid}]), {})],
            self.compute.asked)
        image = self.api.get(f'/v1/images/{uuid}', headers={
            'OpenStack-API-Version': 'container latest'}).json
        self.assertEqual(('default/mine', 'latest', 'committing'), (
            image['repo'], image['tag'], image['status']))
        action = self.last_action(row)
        self.assertEqual(('commit', None, None), (
            action['action'], action['finish_time'], action['message']))

    def test_other_changes_do_not_end_it(self):
        """It is of no generation: only its host's answer ends it."""
        self.host('one', capabilities=samples.EVERYTHING)
        row = self.container(host='one')
        self.commit(row, 'repository=mine')
        self.api.post(f'/v1/containers/{row.uuid}/pause', b'',
                      headers=LATEST)
        with db.writer() as session:
            actions.finish(session, row.uuid, up_to_generation=9)
        with db.reader() as session:
            self.assertEqual([('pause', 'success'), ('commit', None)], [
                (a.action, a.result) for a in actions.list_page(
                    session, None, row.uuid)])

    def test_the_same_name_again(self):
        """The one before is waited for no longer."""
        self.host('one', capabilities=samples.EVERYTHING)
        row = self.container(host='one')
        first, second = (self.commit(row, 'repository=mine').json['uuid']
                         for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual(2, self.compute.asked[-1][1][1][0]['generation'])
        with db.reader() as session:
            self.assertEqual([None, 'superseded'], [
                a.result for a in actions.list_page(
                    session, None, row.uuid)])

    def test_one_that_is_to_be_removed_before_it_is_made(self):
        self.host('one', capabilities=samples.EVERYTHING)
        row = self.container(host='one')
        uuid = self.commit(row, 'repository=mine').json['uuid']
        self.assertEqual(409, self.api.post('/v1/images', {
            'repo': 'default/mine', 'host': 'one'}, headers=LATEST).status)
        self.assertEqual(200, self.api.delete(
            f'/v1/images/{uuid}', headers=LATEST).status)
        self.assertIsNotNone(self.last_action(row)['finish_time'])

    def test_names_that_no_image_can_have(self):
        row = self.container(host='one')
        for query, paths in (
                ('repository=X', ['repository']),
                ('repository=a:1', ['repository']),
                ('repository=a/&tag=-', ['repository', 'tag'])):
            found = self.commit(row, query)
            self.assertEqual((400, paths), (found.status, found.paths))
        self.assertEqual([], self.compute.asked)

    def test_what_is_not_made_yet(self):
        row = self.container(host=None, phase='Stopped',
                             status='{"phase":"Stopped"}')
        self.assertEqual(409, self.commit(row, 'repository=mine').status)

    def test_a_driver_that_cannot(self):
        """409 at once, naming driver and action."""
        self.host('one', driver='kubernetes', capabilities=[
            c for c in samples.EVERYTHING if c != 'action:commit'])
        row = self.container(host='one')
        found = self.commit(row, 'repository=mine')
        self.assertEqual(409, found.status)
        self.assertIn('kubernetes', found.error['detail'])
        self.assertIn('commit', found.error['detail'])
        self.assertEqual([], self.compute.asked)
