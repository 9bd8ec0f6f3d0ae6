"""Configs and secrets reach a host with the pods that refer to them."""
import base64
import json
import unittest.mock

from cryptography import fernet

from zun_lite import context
from zun_lite import db
from zun_lite.conductor import supplies
from zun_lite.conf import CONF
from zun_lite.db import configs as db_configs
from zun_lite.lifecycle import configs
from zun_lite.lifecycle import quotas
from zun_lite.pod import configs as documents
from zun_lite.pod import references
from zun_lite.pod import spec
from zun_lite.pod.configs import Kind
from zun_lite.tests.unit.conductor import base
from zun_lite.tests.unit.db import samples

CTX = context.RequestContext(user_id='ann', project_id='alpha')
REFERRING = {'containers': [{
    'name': 'web', 'image': 'nginx:1.27',
    'envFrom': [{'configMapRef': {'name': 'app'}}],
    'env': [{'name': 'K', 'valueFrom': {'secretKeyRef': {
        'name': 'key', 'key': 'k'}}}]}]}


def config(value: str, name: str = 'app') -> documents.Config:
    return documents.parse(Kind.CONFIG, json.dumps({
        'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': name},
        'data': {'colour': value}}).encode(), 'application/json')


def secret(value: str) -> documents.Config:
    return documents.parse(Kind.SECRET, json.dumps({
        'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 'key'},
        'stringData': {'k': value}}).encode(), 'application/json')


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class TestSupplies(base.ConductorTest):
    def setUp(self) -> None:
        super().setUp()
        CONF.set_override('encryption_keys', [
            fernet.Fernet.generate_key().decode()], 'secrets')
        self.addCleanup(CONF.clear_override, 'encryption_keys', 'secrets')
        self.configs = configs.Configs(self.client)
        self.conductor()
        self.agent = self.register()

    def pod(self, document=None, **columns):
        document = document or REFERRING
        asked = spec.PodSpec.model_validate_json(json.dumps(document))
        with db.writer() as session:
            row = samples.pod(session, spec=json.dumps(document), **columns)
            db_configs.refer(session, row.id, {
                (r.kind, r.name) for r in references.of(asked)})
        self.client.pod_changed(row.uuid)
        return row

    def test_a_pod_gets_what_it_refers_to(self):
        self.configs.create(CTX, Kind.CONFIG, config('blue'))
        self.configs.create(CTX, Kind.CONFIG, config('other', 'unused'))
        self.configs.create(CTX, Kind.SECRET, secret('hidden'))
        told = self.agent.wait(self.pod().uuid)
        self.assertEqual(
            {'configs': {'app': {'colour': encoded('blue')}},
             'secrets': {'key': {'k': encoded('hidden')}}}, told['supplies'])
        self.assertNotIn('hidden', repr(
            spec.Pod.model_validate_json(json.dumps(told))))

    def test_nothing_of_other_projects(self):
        self.configs.create(CTX, Kind.CONFIG, config('blue'))
        told = self.agent.wait(self.pod(project_id='beta').uuid)
        self.assertEqual({'configs': {}, 'secrets': {}}, told['supplies'])

    def test_a_pod_that_refers_to_nothing(self):
        told = self.agent.wait(self.pod(samples.SPEC).uuid)
        self.assertNotIn('supplies', told)

    def test_a_change_is_handed_over(self):
        uuid = self.pod().uuid
        self.agent.wait(uuid)
        self.configs.create(CTX, Kind.CONFIG, config('blue'))
        self.wait_colour(uuid, {'app': {'colour': encoded('blue')}})
        self.configs.replace(CTX, Kind.CONFIG, 'app', config('red'))
        self.wait_colour(uuid, {'app': {'colour': encoded('red')}})
        self.configs.delete(CTX, Kind.CONFIG, 'app')
        self.wait_colour(uuid, {})

    def wait_colour(self, uuid, configs):
        self.agent.wait_told(
            uuid, lambda pod: pod['supplies']['configs'] == configs)

    def test_the_limits_of_the_project(self):
        CONF.set_override('cpu', 7, 'quota')
        self.addCleanup(CONF.clear_override, 'cpu', 'quota')
        quotas.update('alpha', {'memory': 64, 'cpu': -1, 'containers': 5})
        mine = self.agent.wait(self.pod().uuid)
        other = self.agent.wait(self.pod(project_id='beta').uuid)
        self.assertEqual(
            {'pods': 5, 'cpuMillis': None, 'memoryBytes': 64 * 2**20},
            mine['projectLimits'])
        self.assertEqual(7000, other['projectLimits']['cpuMillis'])

    def test_a_secret_that_does_not_open_is_withheld(self):
        self.configs.create(CTX, Kind.SECRET, secret('hidden'))
        CONF.set_override('encryption_keys', [
            fernet.Fernet.generate_key().decode()], 'secrets')
        told = self.agent.wait(self.pod().uuid)
        self.assertEqual({}, told['supplies']['secrets'])

    def test_pages_are_bounded(self):
        self.configs.create(CTX, Kind.CONFIG, config('x' * 1000))
        uuids = [self.pod().uuid for _ in range(5)]
        for uuid in uuids:
            self.agent.wait(uuid)
        listed, marker, pages = [], None, 0
        with unittest.mock.patch.object(supplies, 'BUDGET_BYTES', 3000):
            while marker is not None or not pages:
                page = self.client.list_pods('h1', self.epochs['h1'], marker,
                                             100)
                listed += [pod['uuid'] for pod in page['pods']]
                marker, pages = page['next'], pages + 1
        self.assertEqual((uuids, 3), (listed, pages))
