import json

from zun_lite import db
from zun_lite.db import networks
from zun_lite.db import pods
from zun_lite.pod import capabilities
from zun_lite.pod.states import Action
from zun_lite.tests.unit.api import samples
from zun_lite.zun import networks as zun_networks

LACKING = [*capabilities.ALL, *(capabilities.action(a) for a in Action
                                if a not in (Action.NETWORKS,
                                             Action.IMAGES))]


class NetworkTest(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.api = self.api.with_headers(
            OpenStack_API_Version='container 1.41')

    def network(self, name: str = 'back', **more) -> dict:
        made = self.api.post('/v1/networks', {'name': name, **more})
        self.assertEqual(200, made.status, made.body)
        return made.json

    def paths(self, answer) -> list[str]:
        self.assertEqual(400, answer.status, answer.body)
        return [field['path'] for field in answer.error['fields']]

    def plain(self, uuid: str) -> dict:
        with db.reader() as session:
            return json.loads(pods.get_row(session, uuid).extras)['plain']


class TestNetworks(NetworkTest):

    def test_subnets_do_not_overlap(self):
        self.override('pool', '10.224.0.0/28', 'networks')
        self.override('prefix', 29, 'networks')
        found = {self.network(name)['cidr'] for name in ('n1', 'n2')}
        self.assertEqual({'10.224.0.0/29', '10.224.0.8/29'}, found)
        full = self.api.post('/v1/networks', {'name': 'n3'})
        self.assertEqual(409, full.status)
        self.assertIn('pool', full.error['detail'])

    def test_so_many_a_project(self):
        self.override('max_per_project', 1, 'networks')
        self.network()
        self.assertEqual(403, self.api.post(
            '/v1/networks', {'name': 'more'}).status)
        other = self.as_roles('member', project='other')
        self.assertEqual(200, other.post(
            '/v1/networks', {'name': 'back'}).status)

    def test_subnets_that_cannot_be(self):
        for cidr in ('10.224.0.0/30', '10.0.0.0/8', '10.224.0.1/24', '::/64'):
            with self.subTest(cidr):
                self.assertEqual(['cidr'], self.paths(self.api.post(
                    '/v1/networks', {'name': 'n1', 'cidr': cidr})))

    def test_names_and_uuids_of_others_are_nothing(self):
        made = self.network()
        other = self.as_roles('member', project='other').with_headers(
            OpenStack_API_Version='container 1.41')
        for ident in (made['uuid'], 'back'):
            self.assertEqual(404, other.get(f'/v1/networks/{ident}').status)
            self.assertEqual(404, other.delete(
                f'/v1/networks/{ident}').status)
        admin = self.as_roles('admin', project='other').with_headers(
            OpenStack_API_Version='container 1.41')
        self.assertEqual(404, admin.get('/v1/networks/back').status)
        self.assertEqual(200, admin.get(
            f'/v1/networks/{made["uuid"]}').status)


class TestContainers(NetworkTest):

    def setUp(self) -> None:
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING)

    def create(self, *nets, **more):
        return self.api.post('/v1/containers', {
            'image': 'nginx', 'nets': list(nets), **more})

    def running(self, **columns):
        return self.container(host='one', **columns)

    def attach(self, row, query: str = ''):
        return self.api.post(
            f'/v1/containers/{row.uuid}/network_attach{query}')

    def test_by_name_and_uuid(self):
        first, second = self.network('n1'), self.network('n2')
        made = self.create({'network': 'n1'}, {'network': second['uuid']})
        self.assertEqual(202, made.status, made.body)
        self.assertEqual([
            {'network': found['uuid'], 'cidr': found['cidr']}
            for found in (first, second)],
            self.plain(made.json['uuid'])['networks'])

    def test_only_its_own_is_as_none(self):
        own = zun_networks.default('default')
        made = self.create({'network': own})
        self.assertNotIn('networks', self.plain(made.json['uuid']))

    def test_its_own_beside_another(self):
        own = zun_networks.default('default')
        self.network('n1')
        made = self.create({'network': own}, {'network': 'n1'})
        self.assertEqual({'network': own},
                         self.plain(made.json['uuid'])['networks'][0])

    def test_addresses(self):
        self.network(cidr='10.224.0.0/28')
        for address in ('10.224.0.16', '10.224.0.0', '10.224.0.1',
                        '10.224.0.15', '::1', 'here'):
            with self.subTest(address):
                self.assertEqual(['nets[0].v4-fixed-ip'], self.paths(
                    self.create({'network': 'back',
                                 'v4-fixed-ip': address})))
        own = zun_networks.default('default')
        self.assertEqual(['nets[0].v4-fixed-ip'], self.paths(self.create(
            {'network': own, 'v4-fixed-ip': '10.208.0.5'})))
        fixed = {'network': 'back', 'v4-fixed-ip': '10.224.0.5',
                 'v6-fixed-ip': '::1'}
        self.assertEqual(202, self.create(fixed).status)
        self.assertEqual(['nets[0].v4-fixed-ip'],
                         self.paths(self.create(fixed)))
        with db.reader() as session:
            row = networks.get(session, 'default', 'back')
            self.assertTrue(networks.is_used(session, row))

    def test_a_refusal_leaves_nothing(self):
        self.network()
        self.assertEqual(400, self.create(
            {'network': 'back'}, {'network': 'none'}).status)
        self.assertEqual([], self.api.get('/v1/containers').json[
            'containers'])
        self.assertEqual(204, self.api.delete('/v1/networks/back').status)

    def test_a_driver_without_networks(self):
        """Kubernetes: told before anything is recorded, or asked of it."""
        self.host('one', capabilities=LACKING, driver='kubernetes')
        self.network()
        self.assertEqual(['nets'],
                         self.paths(self.create({'network': 'back'})))
        self.assertEqual(202, self.create().status)
        row = self.running()
        for found in (self.attach(row, '?network=back'), self.api.post(
                f'/v1/containers/{row.uuid}/network_detach'
                f'?network={zun_networks.default("default")}')):
            self.assertEqual(409, found.status)
            self.assertIn('kubernetes', found.error['detail'])
            self.assertIn('networks', found.error['detail'])
        found = self.api.post('/v1/images', {'repo': 'nginx', 'host': 'one'})
        self.assertEqual(409, found.status)
        self.assertIn('kubernetes', found.error['detail'])
        self.assertIn('images', found.error['detail'])
        self.assertEqual(409, self.api.get('/v1/images/nginx/search').status)

    def test_attached_beside_its_own(self):
        made = self.network()
        row = self.running()
        self.assertEqual(200, self.attach(row, '?network=back').status)
        plain = self.plain(row.uuid)
        self.assertEqual(2, plain['joined'])
        self.assertEqual([{'network': zun_networks.default('default')},
                          {'network': made['uuid'], 'cidr': made['cidr']}],
                         plain['networks'])
        self.assertEqual([row.uuid], self.bell.rung)
        self.assertEqual('network_attaching', self.api.get(
            f'/v1/containers/{row.uuid}').json['task_state'])
        self.assertEqual(400, self.attach(row).status)

    def test_what_has_ended_does_not_run_again(self):
        self.network()
        row = self.running(phase='Succeeded', status=json.dumps({
            'phase': 'Succeeded', 'containerStatuses': [{
                'name': 'main', 'image': 'nginx', 'state': {
                    'terminated': {'exitCode': 0, 'reason': 'Completed'}}}]}))
        self.assertEqual(200, self.attach(row, '?network=back').status)
        with db.reader() as session:
            self.assertEqual('stopped',
                             pods.get_row(session, row.uuid).desired)

    def test_what_leaves_is_let_go(self):
        self.network()
        row = self.running(desired='absent', phase='Running')
        self.assertEqual(409, self.attach(row, '?network=back').status)

    def test_a_network_and_a_port(self):
        self.network()
        self.assertEqual(['port'], self.paths(self.attach(
            self.running(), '?network=back&port=p')))
        self.assertEqual(['fixed_ip'], self.paths(self.attach(
            self.running(), '?network=back&fixed_ip=8.8.8.8')))
        self.assertEqual(['network'], self.paths(self.attach(
            self.running(), '?network=none')))

    def test_a_network_goes_when_its_containers_have(self):
        made = self.network()
        row = self.running()
        self.attach(row, '?network=back')
        self.assertEqual(409, self.api.delete('/v1/networks/back').status)
        port = zun_networks.port(row.uuid, made['uuid'], 'default')
        self.assertEqual(202, self.api.post(
            f'/v1/containers/{row.uuid}/network_detach?port={port}').status)
        self.assertEqual(204, self.api.delete('/v1/networks/back').status)
