"""An engine in memory, as far as a whole driver needs one."""
import itertools
import types

import docker.errors
import requests

from zun_lite.drivers.docker import driver
from zun_lite.drivers.docker import settings

AT = '2026-01-31T12:00:00Z'


def refusal(status: int, text: str = 'no') -> docker.errors.APIError:
    answer = requests.Response()
    answer.status_code = status
    kind = docker.errors.NotFound if status == 404 else docker.errors.APIError
    return kind(text, response=answer, explanation=text)


class Api:
    """`image_labels`: of every image. `fails`: by the call and its object,
    what is raised before (or after, in `fails_after`) the call is carried
    out; each is raised once. `hooks`: what was executed where.
    """

    def __init__(self, **image_labels):
        self.image_labels = image_labels
        self.made = {}
        self.fails, self.fails_after = {}, {}
        self.hooks = []
        self._count = itertools.count(1)

    def _called(self, call, body, act):
        key = call, _name(body)
        if key in self.fails:
            raise self.fails.pop(key)
        act()
        if key in self.fails_after:
            raise self.fails_after.pop(key)

    def _find(self, key):
        for body in self.made.values():
            if key in (body['Id'], body['Name'], body['Name'][1:]):
                return body
        raise refusal(404)

    def state(self, name):
        """How it stands with the only run of a container."""
        found, = [body['State']['Status'] for body in self.made.values()
                  if _name(body) == name]
        return found

    def create_container_from_config(self, asked, name):
        made = f'id-{next(self._count)}'
        self.made[made] = {
            'Id': made, 'Name': f'/{name}', 'Created': AT, 'Image': 'sha256:',
            'Config': {'Image': asked['Image'], 'Labels': {
                **self.image_labels, **asked.get('Labels', {})}},
            'State': {'Status': 'created', 'StartedAt': AT, 'FinishedAt': AT,
                      'ExitCode': 0, 'OOMKilled': False, 'Error': ''},
            'NetworkSettings': {'Networks': {'n': {
                'IPAddress': '10.0.0.2'}}}}
        return {'Id': made}

    def containers(self, all, filters):
        wanted = [label.partition('=')[::2] for label in filters['label']]
        return [{
            'Id': body['Id'], 'Names': [body['Name']], 'Created': 1.0,
            'Image': body['Config']['Image'], 'ImageID': body['Image'],
            'State': body['State']['Status'],
            'Labels': body['Config']['Labels'],
            'NetworkSettings': body['NetworkSettings'],
        } for body in self.made.values() if all and wanted == [
            (key, body['Config']['Labels'].get(key)) for key, _ in wanted]]

    def inspect_container(self, key):
        return self._find(key)

    def start(self, key):
        body = self._find(key)
        self._called('start', body, lambda: body['State'].update(
            Status='running'))

    def stop(self, key, timeout):
        body = self._find(key)
        self._called('stop', body, lambda: body['State'].update(
            Status='exited', ExitCode=143))

    def kill(self, key):
        self.stop(key, 0)

    def rename(self, key, name):
        self._find(key)['Name'] = f'/{name}'

    def remove_container(self, key, v, force):
        del self.made[self._find(key)['Id']]

    def exec_create(self, key, command):
        self.hooks.append((_name(self._find(key)), command))
        return {'Id': 'exec'}

    def exec_stream(self, key, timeout_s):
        return types.SimpleNamespace(
            raw=types.SimpleNamespace(read1=lambda size: b''),
            close=lambda: None)

    def exec_inspect(self, key):
        return {'ExitCode': 0}

    def inspect_image(self, name):
        return {'Id': 'sha256:', 'Config': {}}

    def volumes(self, filters):
        return {'Volumes': []}

    def networks(self, **_asked):
        return []

    def create_network(self, *_given, **_asked):
        pass

    def remove_network(self, name):
        pass

    def put_archive(self, key, path, data):
        pass

    def get_archive(self, key, path):
        raise refusal(404)

    def info(self):
        return {'NCPU': 1, 'MemTotal': 2**30, 'DockerRootDir': '/nowhere'}

    def close(self):
        pass


def _name(body) -> str:
    """The container's, of a pod's; '_sandbox' is the sandbox."""
    return (body['Name'].split('.') + [''] * 2)[2]


def driver_of(api: Api, host: str = 'h') -> driver.DockerDriver:
    made = driver.DockerDriver(host, settings=settings.Settings(
        host_ip='192.0.2.1'))
    made._engine._api = api
    return made
