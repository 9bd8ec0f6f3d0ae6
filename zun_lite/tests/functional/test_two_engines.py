"""The same pod on a Docker Engine and on a Kubernetes, under one API."""
import copy
import pathlib
import typing
import unittest
import uuid

import yaml

from zun_lite import rpc
from zun_lite.compute import service as compute
from zun_lite.drivers.kubernetes import names
from zun_lite.tests import neighbours
from zun_lite.tests.contract.engines import real_docker
from zun_lite.tests.contract.engines import real_kubernetes
from zun_lite.tests.functional import stack

DEMO = pathlib.Path(__file__).parents[3] / 'etc/zun_lite/demo-pod.yaml'
DRIVERS = ('docker', 'kubernetes')
CHOICE = 'zun-lite/driver'
REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'

Json = dict[str, typing.Any]


class TwoEngines(stack.Stack):
    def __init__(self) -> None:
        super().__init__()
        unique = uuid.uuid4().hex[:8]
        self.hosts = {driver: f'{driver}-{unique}' for driver in DRIVERS}
        self.docker = real_docker.DockerEngine()
        self.kubernetes = real_kubernetes.KubernetesEngine()

    def agents(self, bus: rpc.Bus) -> list[compute.ComputeService]:
        return [compute.ComputeService(bus, engine.driver(host), host)
                for host, engine in ((self.hosts['docker'], self.docker),
                                     (self.hosts['kubernetes'],
                                      self.kubernetes))]

    def stop(self) -> None:
        super().stop()
        self.docker.close()
        self.kubernetes.close()


class EnginesTest(unittest.TestCase):
    """A service of two hosts, and a project of its own for each test."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        neighbours.need('DOCKER_HOST')
        neighbours.need('KUBECONFIG')
        cls.stack = TwoEngines()
        cls.stack.start()
        cls.addClassCleanup(cls.stack.stop)

    def setUp(self):
        self.project = f'two-{uuid.uuid4().hex[:8]}'
        self.made = []
        self.client = self.of(self.project)

    def tearDown(self):
        for pod in self.made:
            self.stack.client.delete(f'/v1/pods/{pod}?all_projects=true')
        for pod in self.made:
            self.until(lambda pod=pod: self.stack.client.get(
                f'/v1/pods/{pod}?all_projects=true').status == 404, 120)

    def of(self, project, roles='member'):
        return self.stack.client.with_headers(
            X_Project_Id=project, X_User_Id='u', X_Roles=roles)

    def until(self, check, timeout_s=90):
        return stack.wait_for(check, timeout_s)

    def document(self, driver='', **spec) -> Json:
        """The demonstration's file, as it is but for the choice."""
        found = yaml.safe_load(DEMO.read_text())
        if driver:
            found['spec']['nodeSelector'] = {CHOICE: driver}
        found['spec'] |= spec
        return found

    def create(self, document, client=None):
        answer = (client or self.client).post('/v1/pods', document)
        self.assertEqual(202, answer.status, answer.body)
        self.made.append(answer.json['metadata']['uid'])
        return self.made[-1]

    def get(self, pod):
        return self.client.get(f'/v1/pods/{pod}').json

    def ready(self, pod):
        return any(c['type'] == 'Ready' and c['status'] == 'True'
                   for c in self.get(pod)['status'].get('conditions', ()))

    def act(self, pod, action, phase):
        answer = self.client.post(f'/v1/pods/{pod}/{action}')
        self.assertEqual(202, answer.status, answer.body)
        self.until(lambda: self.get(pod)['status']['phase'] == phase, 120)

    def text(self, answer):
        self.assertEqual(200, answer.status, answer.body)
        return answer.body.decode()


class TestTwoEngines(EnginesTest):

    def observed(self, driver: str) -> Json:
        """Everything its owner can see of the pod's life."""
        pod = self.create(self.document(driver))
        self.until(lambda: self.ready(pod))
        running = self.get(pod)
        log = self.until(lambda: self.text(self.client.get(
            f'/v1/pods/{pod}/logs?container=visitor')))
        seen = {
            'spec': {key: value for key, value in running['spec'].items()
                     if key not in ('nodeSelector', 'nodeName')},
            'phase': running['status']['phase'],
            'conditions': sorted((c['type'], c['status']) for c in
                                 running['status']['conditions']),
            'containers': [self.outline(c) for c in
                           running['status']['containerStatuses']],
            'init': [self.outline(c) for c in
                     running['status']['initContainerStatuses']],
            'log': log.splitlines()[0]}
        self.act(pod, 'stop', 'Stopped')
        seen['stopped'] = self.get(pod)['status'].get('reason')
        self.act(pod, 'start', 'Running')
        self.until(lambda: self.ready(pod))
        seen['generation'] = self.get(pod)['metadata']['generation']
        self.assertEqual(202, self.client.delete(f'/v1/pods/{pod}').status)
        self.until(lambda: self.client.get(
            f'/v1/pods/{pod}').status == 404, 120)
        return seen

    def outline(self, container):
        state, = (key for key, value in container['state'].items() if value)
        return (container['name'], container['image'], state,
                container['ready'], container['restartCount'])

    def test_one_file_two_engines(self):
        """Only nodeSelector differs, and nothing that can be seen does."""
        first, second = (self.observed(driver) for driver in DRIVERS)
        self.assertEqual(first, second)
        self.assertEqual('the web container says: hello from demo',
                         first['log'])

    def test_it_runs_where_it_was_asked_to(self):
        pods = {driver: self.create(self.document(driver))
                for driver in DRIVERS}
        for pod in pods.values():
            self.until(lambda pod=pod: self.ready(pod))
        admin = self.of(self.project, 'admin')
        hosts = {driver: admin.get(f'/v1/pods/{pod}').json['spec']['nodeName']
                 for driver, pod in pods.items()}
        self.assertEqual(self.stack.hosts, hosts)

    def lacks(self, name, path, **spec):
        """Where the cluster lacks a field of this spec, it is refused there
        with its path and accepted on the other; a dry run says that."""
        cluster = self.stack.kubernetes.driver('asked-only')
        self.addCleanup(cluster.close)
        lacking = name in cluster.lacking()
        document = self.document(**spec)
        answer = self.client.post('/v1/pods?dry_run=true', document)
        self.assertEqual(200, answer.status, answer.body)
        said = {v['driver']: v for v in answer.json['verdicts']}
        self.assertEqual((True, []), (said['docker']['accepted'],
                                      said['docker']['fields']))
        paths = [path] if lacking else []
        self.assertEqual((not lacking, paths), (
            said['kubernetes']['accepted'],
            [f['path'] for f in said['kubernetes']['fields']]))
        chosen = copy.deepcopy(document)
        chosen['spec']['nodeSelector'] = {CHOICE: 'kubernetes'}
        if lacking:
            refused = self.client.post('/v1/pods', chosen)
            self.assertEqual((400, [path]), (refused.status, refused.paths))
            self.assertEqual([], self.client.get('/v1/pods').json['items'])
        made = [self.create(document)]       # placed where it can be
        if not lacking:
            made.append(self.create(chosen))
        for pod in made:
            self.until(lambda pod=pod: self.ready(pod))

    def test_a_size_that_bounds_memory(self):
        """From 1.22."""
        self.lacks('spec.volumes.emptyDir.medium=Memory.sizeLimit',
                   'spec.volumes[0].emptyDir.sizeLimit',
                   volumes=[{'name': 'pages', 'emptyDir': {
                       'medium': 'Memory', 'sizeLimit': '1Mi'}}])

    def test_sidecars(self):
        """From 1.29."""
        first, = self.document()['spec']['initContainers']
        side = {'name': 'side', 'image': first['image'],
                'imagePullPolicy': first['imagePullPolicy'],
                'command': ['sleep', '3600'], 'restartPolicy': 'Always'}
        self.lacks('spec.initContainers.restartPolicy',
                   'spec.initContainers[1].restartPolicy',
                   initContainers=[first, side])

    def test_keys_of_a_clusters_nodes(self):
        """Other keys choose among the cluster's nodes."""
        document = self.document()
        document['spec']['nodeSelector'] = {'kubernetes.io/os': 'linux'}
        pod = self.create(document)
        self.until(lambda: self.ready(pod))
        admin = self.of(self.project, 'admin')
        self.assertEqual(self.stack.hosts['kubernetes'], admin.get(
            f'/v1/pods/{pod}').json['spec']['nodeName'])
        document['spec']['nodeSelector'] = {'kubernetes.io/os': 'plan9'}
        said = self.client.post('/v1/pods?dry_run=true', document).json
        self.assertFalse(said['accepted'])

    def looking(self, kind, label, driver='') -> Json:
        """A small pod that is to be near, or apart from, pods with a label
        that it has itself."""
        found = self.document(driver, initContainers=[], affinity={
            kind: {REQUIRED: [{
                'topologyKey': 'kubernetes.io/hostname',
                'labelSelector': {'matchLabels': {'set': label}}}]}})
        found['metadata']['labels'] = {'set': label}
        image = found['spec']['containers'][0]['image']
        found['spec']['containers'] = [{
            'name': 'web', 'image': image, 'command': ['sleep', '3600'],
            'imagePullPolicy': 'IfNotPresent'}]
        return found

    def hosts(self, *pods) -> list[str | None]:
        admin = self.of(self.project, 'admin')
        return [admin.get(f'/v1/pods/{pod}').json['spec'].get('nodeName')
                for pod in pods]

    def test_apart(self):
        """One on each host; the third is told what is in its way."""
        document = self.looking('podAntiAffinity', 'a')
        placed = [self.create(document), self.create(document)]
        self.until(lambda: all(map(self.ready, placed)))
        self.assertEqual(set(self.stack.hosts.values()),
                         set(self.hosts(*placed)))
        third = self.create(document)
        self.until(lambda: self.get(third)['status'].get('reason')
                   == 'Unschedulable')
        self.assertIn('2 near pods it must be apart from',
                      self.get(third)['status']['message'])
        said = self.client.post('/v1/pods?dry_run=true', document).json
        self.assertFalse(said['accepted'])
        for verdict in said['verdicts']:
            self.assertIn(f'spec.affinity.podAntiAffinity.{REQUIRED}[0]',
                          [f['path'] for f in verdict['fields']])

    def test_near(self):
        """All go where the first one is; and a cluster knows why."""
        for driver in DRIVERS:
            first = self.create(self.looking('podAffinity', driver, driver))
            self.until(lambda pod=first: self.ready(pod))
            second = self.create(self.looking('podAffinity', driver))
            self.until(lambda pod=second: self.ready(pod))
            self.assertEqual([self.stack.hosts[driver]] * 2,
                             self.hosts(first, second))
        found = self.stack.kubernetes.access.admin.call('GET', names.pods_path(
            names.namespace(self.project)))['items']
        self.assertEqual([[{'set': 'kubernetes'}]] * 2, [[
            t['labelSelector']['matchLabels'] for t in
            p['spec']['affinity']['podAffinity'][REQUIRED]] for p in found])

    def test_labels_follow(self):
        """What PATCH changes reaches files on both, and the cluster."""
        volume = {'name': 'pages', 'downwardAPI': {'items': [{
            'path': 'index.html', 'fieldRef': {
                'fieldPath': 'metadata.labels'}}]}}
        pods = [self.create(self.described(driver, volume))
                for driver in DRIVERS]
        for pod in pods:
            self.until(lambda pod=pod: self.ready(pod))
            answer = self.client.patch(f'/v1/pods/{pod}', {'metadata': {
                'labels': {'tier': 'front', 'app': None}}})
            self.assertEqual(200, answer.status, answer.body)
        for pod in pods:
            self.until(lambda pod=pod: self.shown(pod) == 'tier="front"')
        found, = self.stack.kubernetes.access.admin.call(
            'GET', names.pods_path(names.namespace(self.project)))['items']
        labels = found['metadata']['labels']
        self.assertEqual(('front', False),
                         (labels['tier'], 'app' in labels))

    def described(self, driver: str, volume: Json) -> Json:
        """A pod that shows a volume, with the label app=old."""
        return {
            'apiVersion': 'v1', 'kind': 'Pod',
            'metadata': {'name': f'shows-{driver}',
                         'labels': {'app': 'old'}},
            'spec': {'nodeSelector': {CHOICE: driver}, 'volumes': [volume],
                     'containers': [{
                         'name': 'web', 'image': self.stack.docker.image,
                         'command': ['sleep', '3600'], 'volumeMounts': [{
                             'name': 'pages', 'mountPath': '/pages'}]}]}}

    def shown(self, pod: str) -> str:
        answer = self.client.post(f'/v1/pods/{pod}/exec', {
            'container': 'web', 'command': ['cat', '/pages/index.html']})
        self.assertEqual(200, answer.status, answer.body)
        return answer.json['stdout']

    def test_two_projects_on_one_cluster(self):
        """Neither sees, reads, or runs anything in the other's pods."""
        pod = self.create(self.document('kubernetes'))
        self.until(lambda: self.ready(pod))
        other = self.of(f'{self.project}-other')
        mine = self.create(self.document('kubernetes'), other)
        for answer in (
                other.get(f'/v1/pods/{pod}'),
                other.get(f'/v1/pods/{pod}/logs?container=web'),
                other.get(f'/v1/pods/{pod}/events'),
                other.post(f'/v1/pods/{pod}/exec', {
                    'container': 'web', 'command': ['id']}),
                other.post(f'/v1/pods/{pod}/stop'),
                other.delete(f'/v1/pods/{pod}')):
            self.assertEqual(404, answer.status, answer.body)
        self.assertEqual([mine], [p['metadata']['uid'] for p in other.get(
            '/v1/pods').json['items']])
        admin = self.stack.kubernetes.access.admin
        for project, count in ((self.project, 1),
                               (f'{self.project}-other', 1)):
            namespace = names.namespace(project)
            self.until(lambda n=namespace, c=count: len(admin.call(
                'GET', names.pods_path(n))['items']) == c)
            policies = admin.call(
                'GET', '/apis/networking.k8s.io/v1/namespaces/'
                f'{namespace}/networkpolicies')['items']
            self.assertEqual([['Ingress']], [
                p['spec']['policyTypes'] for p in policies])
