"""What a container takes that is no pod's: files, a runtime, its removal."""
import base64
import json

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import pods
from zun_lite.tests.unit.api import samples

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

    def test_a_file(self):
        row = self.row(mounts=[FILE, {'size': 1, 'destination': '/data'}])
        extras = json.loads(row.extras)
        self.assertEqual([{'path': '/etc/app', 'content': CONTENT}],
                         extras['plain']['files'])
        self.assertNotIn(CONTENT, json.dumps(extras['mounts']))
        self.assertNotIn(CONTENT, row.document)
        volumes = json.loads(row.spec)['volumes']
        self.assertEqual(['mount-1'], [v['name'] for v in volumes])

    def test_an_empty_file(self):
        row = self.row(mounts=[FILE | {'source': ''}])
        self.assertEqual([{'path': '/etc/app', 'content': ''}],
                         json.loads(row.extras)['plain']['files'])

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

    def test_an_image(self):
        """It is kept among its host's images, by its project's id."""
        self.host('one', capabilities=samples.EVERYTHING)
        self.compute.answers = {'commit': 'sha256:abc'}
        row = self.container(host='one')
        found = self.commit(row, 'repository=mine')
        self.assertEqual((202, 'default/mine:latest'),
                         (found.status, found.json['image']))
        (method, args, _), = self.compute.asked
        self.assertEqual(
            ('commit', ('one', row.uuid, 'main', 'default/mine', 'latest')),
            (method, args))
        image = self.api.get(f'/v1/images/{found.json["uuid"]}',
                             headers=LATEST).json
        self.assertEqual(('default/mine', 'latest', 'sha256:abc'), (
            image['repo'], image['tag'], image['image_id']))
        self.assertEqual(('commit', None), (
            self.last_action(row)['action'],
            self.last_action(row)['message']))

    def test_an_engine_that_refuses(self):
        self.host('one', capabilities=samples.EVERYTHING)
        self.compute.answers = {'commit': exceptions.Invalid('no such name')}
        row = self.container(host='one')
        found = self.commit(row, 'repository=X&tag=1')
        self.assertEqual((400, 'no such name'),
                         (found.status, found.error['detail']))
        self.assertEqual('no such name', self.last_action(row)['message'])

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
