"""Containers that name a registry."""
import concurrent.futures
import json

from zun_lite import db
from zun_lite.db import pods
from zun_lite.db import registries
from zun_lite.tests import databases
from zun_lite.tests.unit.api import samples


@databases.on_each
class ContainerRegistries(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING)
        self.api = self.api.with_headers(
            OpenStack_API_Version='container 1.40')

    def registry(self, name: str = 'corp', project: str = 'default') -> str:
        with db.writer() as session:
            return registries.insert(
                session, project_id=project, user_id='ann', name=name,
                domain='corp.example:5000', username=None,
                password=None).uuid

    def image(self, uuid: str) -> str:
        with db.reader() as session:
            spec = json.loads(pods.get_row(session, uuid).spec)
        return spec['containers'][0]['image']

    def test_the_image_is_one_of_the_registry(self):
        uuid = self.registry()
        for ident in ('corp', uuid):
            made = self.api.post('/v1/containers', {
                'image': 'team/app:1', 'registry': ident})
            self.assertEqual((202, 'team/app:1', uuid), (
                made.status, made.json['image'], made.json['registry_id']))
            self.assertEqual('corp.example:5000/team/app:1',
                             self.image(made.json['uuid']))
        plain = self.api.post('/v1/containers', {'image': 'nginx'}).json
        self.assertIsNone(plain['registry_id'])

    def test_and_so_is_the_one_of_a_rebuild(self):
        self.registry()
        made = self.api.post('/v1/containers', {
            'image': 'app:1', 'registry': 'corp'}).json
        with db.writer() as session:
            row = pods.get_row(session, made['uuid'])
            pods.update(session, row.id, host='one', phase='Running',
                        status='{"phase":"Running"}', observed_generation=1)
        found = self.api.post(
            f'/v1/containers/{made["uuid"]}/rebuild?image=app:2')
        self.assertEqual(202, found.status, found.body)
        self.assertEqual('corp.example:5000/app:2', self.image(made['uuid']))
        self.assertEqual('app:2', self.api.get(
            f'/v1/containers/{made["uuid"]}').json['image'])

    def test_unknown_ones_and_those_of_others(self):
        self.registry('theirs', project='beta')
        for ident in ('none', 'theirs'):
            found = self.api.post('/v1/containers', {
                'image': 'app', 'registry': ident})
            self.assertEqual(404, found.status, found.body)

    def test_before_1_31(self):
        self.registry()
        old = self.api.with_headers(OpenStack_API_Version='container 1.30')
        found = old.post('/v1/containers', {'image': 'app',
                                            'registry': 'corp'})
        self.assertEqual((400, ['registry']), (found.status, found.paths))

    def test_one_that_is_used_stays(self):
        self.registry()
        made = self.api.post('/v1/containers', {
            'image': 'app', 'registry': 'corp'}).json
        refused = self.api.delete('/v1/registries/corp')
        self.assertEqual(409, refused.status)
        self.assertIn('Containers use', refused.error['title'])
        self.api.delete(f'/v1/containers/{made["uuid"]}?force=true')
        self.assertEqual(204, self.api.delete('/v1/registries/corp').status)

    def test_deleted_and_used_at_once(self):
        """Either the container has its registry, or it is refused."""
        for _ in range(5):
            uuid = self.registry('race')
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                made = pool.submit(self.api.post, '/v1/containers', {
                    'image': 'app', 'registry': uuid})
                gone = pool.submit(self.api.delete, f'/v1/registries/{uuid}')
            self.assertIn((made.result().status, gone.result().status),
                          [(202, 409), (404, 204)], made.result().body)
