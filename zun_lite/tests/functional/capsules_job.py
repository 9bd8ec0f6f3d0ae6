"""A capsule's life on a real engine, told once for every driver."""
import base64
import io
import tarfile
import typing
import uuid

from zun_lite.tests import neighbours
from zun_lite.tests import wsgi
from zun_lite.tests.functional import stack

ZUN = 'container 1.40'
DATA = [{'name': 'data', 'mountPath': '/data'}]
VISIT = ('while ! wget -qO- http://127.0.0.1:8080/state; do sleep 0.2; done; '
         'exec sleep 1000')


def template(name: str) -> dict[str, typing.Any]:
    """Two containers that talk over localhost; an init container before."""
    image = {'image': neighbours.IMAGE}
    return {
        'kind': 'capsule', 'capsuleVersion': 'beta',
        'metadata': {'name': name, 'labels': {'app': 'shop'},
                     'annotations': {'by': 'a test'}},
        'spec': {
            'restartPolicy': 'OnFailure',
            'initContainers': [image | {
                'name': 'prepare', 'volumeMounts': DATA,
                'command': ['sh', '-c', 'echo prepared > /data/state']}],
            'containers': [
                image | {
                    'name': 'web', 'volumeMounts': DATA, 'workDir': '/data',
                    'command': ['httpd', '-f'], 'args': ['-p', '8080'],
                    'env': {'PRICE': '$5 $(HOME)'},
                    'ports': [{'containerPort': 8080, 'protocol': 'TCP'}],
                    'resources': {'requests': {'cpu': 0.1, 'memory': 32}}},
                image | {'name': 'visitor',
                         'command': ['sh', '-c', VISIT]}],
            'volumes': [{'name': 'data', 'cinder': {
                'size': 1, 'autoRemove': True}}]}}


class CapsulesJob:
    """Mix into a TestCase whose `engine` has a started `stack`."""
    stack: stack.Stack

    def setUp(self: typing.Any) -> None:
        self.client: wsgi.Client = self.stack.client.with_headers(
            X_Project_Id=f'capsules-{uuid.uuid4().hex[:8]}', X_User_Id='u',
            X_Roles='member', OpenStack_API_Version=ZUN)

    def ask(self: typing.Any, method: str, path: str, status: int = 200,
            body: typing.Any = None) -> wsgi.Answer:
        found = self.client(method, path, body)
        self.assertEqual(status, found.status, found.body)
        return found

    def made(self: typing.Any, document: dict[str, typing.Any]) -> str:
        found = self.ask('POST', '/v1/capsules', 202,
                         {'template': document})
        path = f'/v1/capsules/{found.json["uuid"]}'
        self.addCleanup(self.gone, path)
        return path

    def gone(self: typing.Any, path: str) -> None:
        self.client.delete(path)
        stack.wait_for(lambda: self.client.get(path).status == 404, 120)

    def until(self: typing.Any, path: str, status: str) -> typing.Any:
        return stack.wait_for(lambda: (
            found := self.ask('GET', path).json)['status'] == status
            and found, 120)

    def test_from_zuns_template(self: typing.Any) -> None:
        path = self.made(template('shop'))
        found = self.until(path, 'Running')
        web, visitor = (f'/v1/containers/{member["uuid"]}'
                        for member in found['containers'])
        (init,) = found['init_containers']
        self.assertEqual(
            ('Stopped', ['Running', 'Running']),
            (init['status'], [m['status'] for m in found['containers']]))
        self.assertTrue(found['addresses'])
        # They share the volume and the network.
        stack.wait_for(lambda: self.ask(
            'GET', f'{visitor}/logs').json == 'prepared\n')
        told = self.ask('POST', f'{web}/execute?command=sh+-c+%27echo+'
                        '%22%24PRICE%22%3B+pwd%27').json
        self.assertEqual(('$5 $(HOME)\n/data\n', 0),
                         (told['output'], told['exit_code']))
        archive = self.ask('GET', f'{web}/get_archive?path=/data/state').json
        with tarfile.open(fileobj=io.BytesIO(
                base64.b64decode(archive['data']))) as tar:
            self.assertEqual(b'prepared\n',
                             tar.extractfile('state').read())
        self.ask('POST', f'{web}/stop', 409)
        self.gone(path)
        self.ask('GET', web, 404)

    def test_a_member_that_fails_is_started_again(self: typing.Any) -> None:
        document = template('shaky')
        document['spec']['containers'][1]['command'] = ['sh', '-c', 'exit 3']
        path = self.made(document)

        def restarts() -> bool:
            web, shaky = self.ask('GET', path).json['containers']
            return (web['status'], shaky['status']) == (
                'Running', 'Restarting')
        stack.wait_for(restarts, 120)

    def test_an_image_that_is_not_there(self: typing.Any) -> None:
        document = template('lost')
        document['spec']['containers'][0] |= {
            'image': 'zun-lite/none:1', 'imagePullPolicy': 'never'}
        found = self.until(self.made(document), 'Error')
        self.assertIn('ErrImageNeverPull', found['status_reason'])
        self.assertIn('ErrImageNeverPull',
                      found['containers'][0]['status_reason'])

    def test_from_a_pods_document(self: typing.Any) -> None:
        path = self.made({
            'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'job'},
            'spec': {'restartPolicy': 'Never', 'containers': [
                {'name': 'main', 'image': neighbours.IMAGE,
                 'command': ['sh', '-c', 'echo done; exit $CODE'],
                 'env': [{'name': 'CODE', 'value': '0'}]}]}})
        found = self.until(path, 'Stopped')
        (main,) = found['containers']
        self.assertEqual(
            ('Stopped', 'done\n'), (main['status'], self.ask(
                'GET', f'/v1/containers/{main["uuid"]}/logs').json))
