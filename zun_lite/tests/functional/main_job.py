"""The product's main job, told once for every way to deploy it."""
import typing
import uuid

from zun_lite.tests import neighbours

IMAGE = {'image': neighbours.IMAGE, 'imagePullPolicy': 'IfNotPresent'}


def manifest(name: str) -> dict[str, typing.Any]:
    """Two containers that talk over localhost; an init container before."""
    mount = {'name': 'pages', 'mountPath': '/pages'}
    return {
        'apiVersion': 'v1', 'kind': 'Pod',
        'metadata': {'name': name, 'labels': {'app': name}},
        'spec': {
            'terminationGracePeriodSeconds': 1,
            'volumes': [{'name': 'pages', 'emptyDir': {}}],
            'initContainers': [IMAGE | {
                'name': 'write', 'volumeMounts': [mount],
                'command': ['sh', '-c', 'echo made > /pages/index.html']}],
            'containers': [
                IMAGE | {
                    'name': 'web', 'volumeMounts': [mount],
                    'command': ['httpd', '-f', '-p', '8080', '-h', '/pages'],
                    'readinessProbe': {'httpGet': {'port': 8080},
                                       'periodSeconds': 1}},
                IMAGE | {
                    'name': 'visitor', 'command': [
                        'sh', '-c', 'while sleep 0.5; do wget -qO- '
                        'http://127.0.0.1:8080/; done']}]}}


class MainJob:
    """Mix into a TestCase with `client` and the agent's `host`."""
    client: neighbours.Client
    host: str

    def test_a_pod_from_create_to_delete(self: typing.Any) -> None:
        client, name = self.client, f'job-{uuid.uuid4().hex[:8]}'
        pod = client.create(manifest(name))
        client.wait_ready(pod)
        self._look(pod)
        self._change(pod, name)
        client('POST', f'/pods/{pod}/stop', status=202)
        client.wait_phase(pod, 'Stopped')
        client('POST', f'/pods/{name}/start', status=202)
        client.wait_ready(name)
        client('DELETE', f'/pods/{pod}', status=202)
        client.wait_gone(pod)
        self.assertEqual([], neighbours.left_on_engine(self.host))
        self._history(pod)

    def _look(self: typing.Any, pod: str) -> None:
        """Everything that can be read of a running pod."""
        client = self.client
        neighbours.wait_for('the page in the log', lambda: client(
            'GET', f'/pods/{pod}/logs?container=visitor&tail=1',
            status=200).text == 'made\n')
        answer = client('POST', f'/pods/{pod}/exec', status=200, json={
            'container': 'visitor', 'command': [
                'sh', '-c', 'echo out; echo err >&2; exit 3']}).json()
        self.assertEqual((3, 'out\n', 'err\n'), (
            answer['exitCode'], answer['stdout'], answer['stderr']))
        processes = client.get(f'/pods/{pod}/top?container=web')['processes']
        self.assertIn('httpd', str(processes))
        stats = client.get(f'/pods/{pod}/stats')['containers']
        self.assertEqual({'web', 'visitor'}, {s['name'] for s in stats})
        neighbours.wait_for('the events', lambda: (
            {'Scheduled', 'Created', 'Started'} <= {
                e['reason'] for e in client.get(
                    f'/pods/{pod}/events')['events']}))

    def _change(self: typing.Any, pod: str, name: str) -> None:
        """Labels, and lists that are filtered by them."""
        client = self.client
        client('PATCH', f'/pods/{pod}', status=200, json={
            'metadata': {'labels': {'tier': 'front', 'app': None}}})
        found = client.get(f'/pods?labelSelector=tier=front&name={name}')
        self.assertEqual([pod], [p['metadata']['uid']
                                 for p in found['items']])
        self.assertEqual({'tier': 'front'},
                         found['items'][0]['metadata']['labels'])
        self.assertEqual([], client.get(
            f'/pods?labelSelector=app={name}')['items'])

    def _history(self: typing.Any, pod: str) -> None:
        """Who did what can be read after the pod is gone."""
        actions = self.client.get(f'/pods/{pod}/actions')['actions']
        self.assertEqual(
            ['create', 'delete', 'exec', 'start', 'stop', 'update'],
            sorted(a['action'] for a in actions))
        self.assertEqual({'success'}, {a['result'] for a in actions})
