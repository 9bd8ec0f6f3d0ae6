import concurrent.futures

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import quotas
from zun_lite.tests import databases
from zun_lite.tests.unit.api import samples


@databases.on_each
class Quotas(samples.ApiTest):
    """Requests, from the answer to what is left in the tables."""

    def setUp(self) -> None:
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING)
        self.api = self.api.with_headers(
            OpenStack_API_Version='container latest')

    def limit(self, **limits: int) -> None:
        self.assertEqual(200, self.api(
            'PUT', '/v1/quotas/default', limits).status)

    def in_use(self, name: str, project: str = 'default') -> float:
        return self.api.get(f'/v1/quotas/{project}?usages=1').json[
            name]['in_use']

    def check_sums(self) -> None:
        with db.reader() as session:
            self.assertEqual([], quotas.differences(session))

    def test_200_parallel_creates_are_exact(self):
        """Of containers, capsules and pods, which count alike."""
        self.limit(containers=23)

        def create(number: int) -> int:
            if number % 3 == 0:
                return self.api.post('/v1/containers',
                                     {'image': 'nginx'}).status
            if number % 3 == 1:
                return self.api.post('/v1/capsules', {'template': {
                    'kind': 'capsule', 'metadata': {'name': f'c{number}'},
                    'spec': {'containers': [{'image': 'nginx'}]}}}).status
            return self.api.post('/v1/pods', samples.manifest(
                f'p{number}')).status
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            found = list(pool.map(create, range(200)))
        self.assertEqual({202: 23, 403: 177}, {
            status: found.count(status) for status in set(found)})
        self.assertEqual(23, self.in_use('containers'))
        self.check_sums()

    def test_a_limit_in_query_and_body(self):
        """The query's counts; a wrong one in the body is not passed over."""
        url = '/v1/quotas/default?cpu=3'
        answer = self.api('PUT', url, {'cpu': 5, 'memory': 7})
        self.assertEqual((3, 7), (answer.json['cpu'], answer.json['memory']))
        refused = self.api('PUT', url, {'cpu': 2**31, 'memory': 9})
        self.assertEqual((400, ['cpu']), (refused.status, refused.paths))
        self.assertEqual(7, self.api.get('/v1/quotas/default').json['memory'])

    def test_what_is_given_more_is_counted(self):
        self.limit(cpu=2, memory=1024)
        row = self.container(given={'cpu': 1, 'memory': 512}, host='one')
        url = f'/v1/containers/{row.uuid}'
        self.compute.answers = {'update': None}
        for path, method in ((url, 'PATCH'),
                             (f'{url}/resize_container', 'POST')):
            refused = self.api(method, path, {'cpu': 2.5})
            self.assertEqual(403, refused.status, refused.body)
            self.assertIn('cpu has a limit of 2 cores, 1 are used and 1.5 '
                          'more', refused.error['title'])
        self.assertEqual(200, self.api.patch(
            url, {'cpu': 2, 'memory': 256}).status)
        self.assertEqual((2, 256), (self.in_use('cpu'),
                                    self.in_use('memory')))
        self.check_sums()

    def test_the_projects_quota_counts_not_the_administrators(self):
        self.limit(cpu=0)
        row = self.container(project_id='beta', given={'cpu': 1}, host='one')
        self.compute.answers = {'update': None}
        self.assertEqual(200, self.api.patch(
            f'/v1/containers/{row.uuid}', {'cpu': 2}).status)
        self.assertEqual(2, self.in_use('cpu', 'beta'))

    def test_what_the_engine_refuses_is_given_back(self):
        self.limit(cpu=4)
        row = self.container(given={'cpu': 3}, host='one')
        self.compute.answers = {'update': exceptions.Conflict('no')}
        self.assertEqual(409, self.api.patch(
            f'/v1/containers/{row.uuid}', {'cpu': 1}).status)
        self.assertEqual(3, self.in_use('cpu'))
        self.check_sums()

    def test_a_delete_gives_it_back(self):
        self.limit(containers=1, disk=10)
        made = self.api.post('/v1/containers', {'image': 'nginx'}).json
        self.assertEqual(403, self.api.post(
            '/v1/containers', {'image': 'nginx'}).status)
        self.assertEqual(204, self.api.delete(
            f'/v1/containers/{made["uuid"]}?force=true').status)
        self.assertEqual(0, self.in_use('disk'))
        self.assertEqual(202, self.api.post(
            '/v1/containers', {'image': 'nginx'}).status)

    def test_trap_16_deleting_a_quota_answers_200(self):
        self.limit(containers=1)
        found = self.api.delete('/v1/quotas/default')
        self.assertEqual((200, b'null'), (found.status, found.body))
        again = self.api.delete('/v1/quotas/default')
        self.assertEqual((200, b'null'), (again.status, again.body))

    def test_projects_that_cannot_be(self):
        for name in ('x' * 65, 'a\0b'):
            for method in ('GET', 'PUT', 'DELETE'):
                found = self.api(method, f'/v1/quotas/{name}')
                self.assertEqual((400, ['project']),
                                 (found.status, found.paths))
        self.assertEqual(400, self.api(
            'PUT', f'/v1/quota_classes/{"x" * 256}', {'cpu': 1}).status)
