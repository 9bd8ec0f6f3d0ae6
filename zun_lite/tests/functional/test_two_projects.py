"""Two projects on one host, of either kind: neither notices the other."""
import base64
import uuid

from zun_lite.drivers.kubernetes import names
from zun_lite.tests.functional import test_two_engines

SCRIPT = 'echo "$COLOUR $PASSWORD"; exec sleep 3600'
DRIVERS = test_two_engines.DRIVERS


class TestTwoProjects(test_two_engines.EnginesTest):

    def setUp(self):
        super().setUp()
        self.others = f'{self.project}-other'
        self.other = self.of(self.others)

    def keep(self, client, colour, password):
        """A config and a secret, by the same names in each project."""
        for noun, kind, entries in (
                ('configs', 'ConfigMap', {'data': {'colour': colour}}),
                ('secrets', 'Secret', {'stringData': {
                    'password': password}})):
            name = noun.removesuffix('s')
            made = client.post(f'/v1/{noun}', {
                'apiVersion': 'v1', 'kind': kind,
                'metadata': {'name': name}, **entries})
            self.assertEqual(201, made.status, made.body)
            self.addCleanup(client.delete, f'/v1/{noun}/{name}')

    def referring(self, driver):
        image = self.document()['spec']['containers'][0]['image']
        found = self.document(driver)
        found['spec'] = {
            'nodeSelector': found['spec']['nodeSelector'],
            'containers': [{
                'name': 'web', 'image': image,
                'imagePullPolicy': 'IfNotPresent',
                'command': ['sh', '-c', SCRIPT],
                'env': [
                    {'name': 'COLOUR', 'valueFrom': {'configMapKeyRef': {
                        'name': 'config', 'key': 'colour'}}},
                    {'name': 'PASSWORD', 'valueFrom': {'secretKeyRef': {
                        'name': 'secret', 'key': 'password'}}}]}]}
        return found

    def log(self, pod, client):
        answer = client.get(f'/v1/pods/{pod}/logs?container=web')
        return answer.body.decode() if answer.status == 200 else ''

    def test_what_is_referred_to(self):
        """The same names are each project's own, and never the other's."""
        mine, theirs = (uuid.uuid4().hex for _ in range(2))
        self.keep(self.client, 'blue', mine)
        for driver in DRIVERS:
            with self.subTest(driver):
                pod = self.create(self.referring(driver))
                waits = self.create(self.referring(driver), self.other)
                self.until(lambda pod=pod: self.log(pod, self.client)
                           == f'blue {mine}\n')
                self.until(lambda pod=waits: 'not found' in str(
                    self.other.get(f'/v1/pods/{pod}').json['status'].get(
                        'message')))
                self.assertEqual('', self.log(waits, self.other))
        self.keep(self.other, 'red', theirs)
        for pod in self.made:
            client = self.client if self.client.get(
                f'/v1/pods/{pod}').status == 200 else self.other
            expected = (f'blue {mine}\n' if client is self.client
                        else f'red {theirs}\n')
            self.until(lambda p=pod, c=client, e=expected: self.log(
                p, c) == e, 120)

    def test_nothing_of_it_can_be_reached(self):
        """By name or UUID, to read, to run, to stream or to change."""
        password = uuid.uuid4().hex
        self.keep(self.client, 'blue', password)
        pods = [self.create(self.referring(driver)) for driver in DRIVERS]
        for pod in pods:
            self.until(lambda pod=pod: self.log(pod, self.client))
        uids = [self.client.get(f'/v1/{path}').json['metadata']['uid']
                for path in ('configs/config', 'secrets/secret')]
        for role in ('member', 'admin'):
            other = self.of(self.others, role)
            for pod in pods:
                at = f'/v1/pods/{pod}'
                answers = [other.get(at), other.delete(at)]
                answers += [other.get(at + path) for path in (
                    '/logs?container=web', '/logs?container=web&follow=true',
                    '/events', '/actions', '/stats',
                    '/archive?container=web&path=/etc/hosts')]
                answers += [other.post(at + path, body) for path, body in (
                    ('/exec', {'container': 'web', 'command': ['id']}),
                    ('/stop', None), ('/start', None))]
                for answer in answers:
                    self.refused(answer, password)
            for path in ('configs/config', 'secrets/secret',
                         f'configs/{uids[0]}', f'secrets/{uids[1]}'):
                self.refused(other.get(f'/v1/{path}'), password)
                self.refused(other.delete(f'/v1/{path}'), password)
            for noun in ('pods', 'configs', 'secrets'):
                self.assertEqual([], other.get(f'/v1/{noun}').json['items'])
        for pod in pods:
            self.assertEqual('Running', self.get(pod)['status']['phase'])

    def refused(self, answer, password):
        self.assertEqual(404, answer.status, answer.body)
        encoded = base64.b64encode(password.encode())
        self.assertNotIn(password.encode(), answer.body)
        self.assertNotIn(encoded, answer.body)

    def test_namespaces_of_a_cluster(self):
        """Each has one of its own, with its own pods and secrets only."""
        self.keep(self.client, 'blue', 'mine')
        self.keep(self.other, 'red', 'theirs')
        pods = {self.project: self.create(self.referring('kubernetes')),
                self.others: self.create(self.referring('kubernetes'),
                                         self.other)}
        admin = self.stack.kubernetes.access.admin
        for project, password in ((self.project, b'mine'),
                                  (self.others, b'theirs')):
            self.until(lambda p=project: self.log(pods[p], self.of(p)))
            namespace = names.namespace(project)
            found = admin.call('GET', names.pods_path(namespace))['items']
            self.assertEqual([pods[project]], [
                p['metadata']['labels'][names.POD] for p in found])
            kept = admin.call('GET', f'/api/v1/namespaces/{namespace}'
                              '/secrets')['items']
            values = [value for s in kept if names.POD in (
                s['metadata'].get('labels') or {})
                for value in (s.get('data') or {}).values()]
            self.assertEqual([password], [
                base64.b64decode(value) for value in values])
