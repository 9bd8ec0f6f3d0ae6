"""The all-in-one behind a real Keystone, with its catalogue."""
import typing
import uuid

import requests

from zun_lite.tests import neighbours
from zun_lite.tests.functional import test_all_in_one
from zun_lite.tests.functional import test_keystone

ZUN = {'OpenStack-API-Version': 'container 1.41'}


class Region:
    """A region of Keystone's catalogue: that Keystone, and our service."""

    def __init__(self, keystone: test_keystone.Keystone,
                 endpoint: str) -> None:
        self.name = f'zun-{uuid.uuid4().hex[:8]}'
        self._url = keystone.env['auth_url']
        self._session = requests.Session()
        self._session.headers['X-Auth-Token'] = keystone.token('admin')
        self._send('POST', 'regions', {'region': {'id': self.name}})
        self._endpoints = [self._offer('container', endpoint),
                           self._offer('identity', self._url)]

    def _offer(self, kind: str, url: str) -> str:
        """The id of a new endpoint of a service of this type."""
        (service,) = self._send('GET', f'services?type={kind}')['services']
        return self._send('POST', 'endpoints', {'endpoint': {
            'service_id': service['id'], 'interface': 'public',
            'region_id': self.name, 'url': url}})['endpoint']['id']

    def _send(self, method: str, path: str,
              body: typing.Any = None) -> typing.Any:
        answer = self._session.request(method, f'{self._url}/{path}',
                                       json=body, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def remove(self) -> None:
        for endpoint in self._endpoints:
            self._send('DELETE', f'endpoints/{endpoint}')
        self._send('DELETE', f'regions/{self.name}')


class Service(test_all_in_one.AllInOne):
    """Users are Keystone's; commands find it in the catalogue."""

    def __init__(self, keystone: test_keystone.Keystone,
                 driver: str = 'docker') -> None:
        self.keystone = keystone
        super().__init__(driver)
        self._region = Region(keystone, f'http://127.0.0.1:{self.port}/v1')

    def start(self) -> None:
        with (self.state / 'zun-lite.conf').open('a') as file:
            file.write('[api]\nauth_strategy = keystone\n'
                       + self.keystone.section(cache_s=60))
        super().start()

    @property
    def region(self) -> str:
        return self._region.name

    def client(self, user: str = 'admin') -> neighbours.Client:
        return neighbours.Client(
            f'http://127.0.0.1:{self.port}/v1', headers=ZUN | {
                'X-Auth-Token': self.keystone.token(user)})

    def ready(self) -> neighbours.Client:
        """An administrator's client, as soon as containers can be made."""
        admin = self.client()
        neighbours.wait_for('the host is live', lambda: any(
            host['hostname'] == self.host
            for host in admin.get('/hosts')['hosts']))
        return admin

    def openrc(self, user: str) -> dict[str, str]:
        """The environment of a shell of this user."""
        known = self.keystone.env['users'][user]
        return {'OS_AUTH_URL': self.keystone.env['auth_url'],
                'OS_USERNAME': user,
                'OS_PASSWORD': self.keystone.env['password'],
                'OS_PROJECT_NAME': known['project'],
                'OS_USER_DOMAIN_ID': 'default',
                'OS_PROJECT_DOMAIN_ID': 'default',
                'OS_IDENTITY_API_VERSION': '3',
                'OS_REGION_NAME': self.region}

    def close(self) -> None:
        """Remove what is left of containers and capsules first."""
        try:
            self.empty()
        finally:
            self._region.remove()
            super().close()

    def empty(self) -> None:
        """Remove every container and capsule."""
        client = self.client()
        everywhere = 'all_projects=true'

        def left() -> list[str]:
            return [f'/{noun}/{found["uuid"]}'
                    for noun in ('containers', 'capsules')
                    for found in client.get(f'/{noun}?{everywhere}')[noun]]
        def emptied() -> bool:
            # Again and again: what is being rebuilt cannot be deleted yet.
            for path in left():
                client('DELETE', f'{path}?{everywhere}&stop=true')
            return not left()
        neighbours.wait_for('nothing is left', emptied)
