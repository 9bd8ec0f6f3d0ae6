"""What a container takes that is no pod's: files, a runtime, its removal."""
import base64
import json

from zun_lite import db
from zun_lite.db import actions
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
