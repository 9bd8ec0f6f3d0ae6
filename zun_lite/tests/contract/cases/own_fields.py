"""What a container is told of its own pod, in its environment."""
import typing

from zun_lite.pod import spec
from zun_lite.tests.contract import documents
from zun_lite.tests.contract import harness


def field(name: str, path: str) -> documents.Doc:
    return {'name': name, 'valueFrom': {'fieldRef': {'fieldPath': path}}}


def amount(name: str, what: str, **more: str) -> documents.Doc:
    return {'name': name, 'valueFrom': {'resourceFieldRef': {
        'resource': what, **more}}}


class OwnFields(harness.Case):
    """Kubernetes documentation, Downward API."""

    def told(self, *env: documents.Doc, pod: typing.Any = None,
             **fields: typing.Any) -> tuple[spec.Pod, dict[str, str]]:
        """The pod, and the variables that its container has."""
        made = self.make(self.container(
            command=['env'], env=list(env), **fields),
            restartPolicy='Never', **(pod or {}))
        self.want(made)
        self.wait_phase(made, 'Succeeded')
        lines = self.logs(made).splitlines()
        return made, dict(line.split('=', 1) for line in lines if '=' in line)

    def test_name(self):
        _, env = self.told(field('X', 'metadata.name'),
                           pod={'name': 'my-own.name'})
        self.assertEqual('my-own.name', env['X'])

    def test_version_of_the_fields(self):
        _, env = self.told({'name': 'X', 'valueFrom': {'fieldRef': {
            'apiVersion': 'v1', 'fieldPath': 'metadata.name'}}},
            pod={'name': 'me'})
        self.assertEqual('me', env['X'])

    def test_uid(self):
        """metadata.uid: the pod's, by which the API knows it."""
        pod, env = self.told(field('X', 'metadata.uid'))
        self.assertEqual(pod.uuid, env['X'])

    def test_namespace(self):
        """metadata.namespace: the project."""
        pod, env = self.told(field('X', 'metadata.namespace'))
        self.assertEqual(pod.project_id, env['X'])

    def described(self, *env: documents.Doc) -> dict[str, str]:
        pod = self.make(self.container(command=['env'], env=list(env)),
                        restartPolicy='Never')
        pod = pod.model_copy(update={'metadata': spec.Metadata(
            name=pod.metadata.name, labels={'tier': 'web', 'a.b/c': 'd'},
            annotations={'note': 'two words'})})
        self.want(pod)
        self.wait_phase(pod, 'Succeeded')
        return dict(line.split('=', 1)
                    for line in self.logs(pod).splitlines())

    def test_label(self):
        env = self.described(field('X', "metadata.labels['tier']"),
                             field('Y', "metadata.labels['a.b/c']"))
        self.assertEqual(('web', 'd'), (env['X'], env['Y']))

    def test_label_that_is_not_there(self):
        env = self.described(field('X', "metadata.labels['none']"))
        self.assertEqual('', env['X'])

    def test_annotation(self):
        env = self.described(field('X', "metadata.annotations['note']"))
        self.assertEqual('two words', env['X'])

    def test_pod_ip(self):
        """status.podIP: the same as in the pod's status."""
        pod = self.start(self.sh('echo "ip $X"; sleep 3600', env=[
            field('X', 'status.podIP')]))
        seen = self.wait_for(pod, lambda s: bool(s.pod_ip) and s.ready)
        self.assertIn(f'ip {seen.pod_ip}\n', self.wait_logs(pod, 'ip '))

    def test_host(self):
        _, env = self.told(field('NODE', 'spec.nodeName'),
                           field('IP', 'status.hostIP'))
        self.assertTrue(env['NODE'])
        self.assertRegex(env['IP'], r'^[0-9a-f.:]+$')

    def test_in_other_values(self):
        """$(NAME) may stand for such a variable, also in args."""
        pod = self.start(self.container(
            command=['echo', '$(X)', '$(Y)'], env=[
                field('X', 'metadata.name'),
                {'name': 'Y', 'value': 'at-$(X)'}]),
            restartPolicy='Never', name='me')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('me at-me\n', self.logs(pod))

    def test_a_value_is_not_expanded_again(self):
        pod = self.make(self.container(command=['env'], env=[
            {'name': 'A', 'value': '1'},
            field('X', "metadata.annotations['odd']")]),
            restartPolicy='Never')
        pod = pod.model_copy(update={'metadata': spec.Metadata(
            name=pod.metadata.name, annotations={'odd': '$(A) $$'})})
        self.want(pod)
        self.wait_phase(pod, 'Succeeded')
        self.assertIn('X=$(A) $$\n', self.logs(pod))

    # Amounts

    RESOURCES: typing.ClassVar[documents.Doc] = {
        'limits': {'cpu': '1500m', 'memory': '64Mi'},
        'requests': {'cpu': '250m', 'memory': '32Mi'}}

    def test_limits(self):
        _, env = self.told(
            amount('CPU', 'limits.cpu'), amount('MEMORY', 'limits.memory'),
            resources=self.RESOURCES)
        self.assertEqual(('2', str(64 * 2**20)), (env['CPU'], env['MEMORY']))

    def test_requests(self):
        _, env = self.told(
            amount('CPU', 'requests.cpu'),
            amount('MEMORY', 'requests.memory'), resources=self.RESOURCES)
        self.assertEqual(('1', str(32 * 2**20)), (env['CPU'], env['MEMORY']))

    def test_divisor(self):
        _, env = self.told(
            amount('CPU', 'limits.cpu', divisor='1m'),
            amount('MEMORY', 'limits.memory', divisor='1Mi'),
            resources=self.RESOURCES)
        self.assertEqual(('1500', '64'), (env['CPU'], env['MEMORY']))

    def test_limits_that_are_not_set(self):
        """What the host has."""
        _, env = self.told(amount('CPU', 'limits.cpu'),
                           amount('MEMORY', 'limits.memory'))
        self.assertGreaterEqual(int(env['CPU']), 1)
        self.assertGreater(int(env['MEMORY']), 2**20)

    def test_of_another_container(self):
        pod = self.start(
            self.sh('echo "$X"', env=[amount('X', 'limits.memory',
                                             containerName='b')]),
            self.sh('true', 'b', resources={'limits': {'memory': '48Mi'}}),
            restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual(f'{48 * 2**20}\n', self.logs(pod))
