"""Networks of projects, and images of a host, on a real Docker Engine."""
import typing
import unittest
import uuid

import docker

from zun_lite.api.auth import htpasswd
from zun_lite.tests import neighbours
from zun_lite.tests.contract.engines import local_registry
from zun_lite.tests.functional import test_all_in_one

VERSION = {'OpenStack-API-Version': 'container latest'}
WEB = 'mkdir -p /www; echo hello > /www/x; httpd -f -p 8080 -h /www'


class Service(test_all_in_one.AllInOne):
    """Its users `alpha` and `beta` are members of projects of these names."""

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[str, str] = {}
        with (self.state / 'htpasswd').open('a') as users:
            for name in ('alpha', 'beta'):
                self.passwords[name], line = htpasswd.generate(
                    name, name, ('member',))
                users.write(f'{line}\n')
        self.process.stop()
        self.start()

    def zun(self, name: str = '') -> neighbours.Client:
        """`name` '': the administrator's."""
        auth = ((name, self.passwords[name]) if name
                else self.client().auth)
        return neighbours.Client(self.openrc['OS_ENDPOINT'], auth, VERSION)


class Case(unittest.TestCase):
    service: typing.ClassVar[Service]

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        cls.service = Service()
        cls.addClassCleanup(cls.service.close)

    def run_web(self, client, *nets, **more) -> str:
        """A container that serves a page, once it runs."""
        made = client('POST', '/containers?run=true', status=202, json={
            'image': neighbours.IMAGE, 'command': ['sh', '-c', WEB],
            'cpu': 0.1, 'memory': 32, 'nets': list(nets), **more,
            }).json()['uuid']
        self.addCleanup(self.remove, client, made)
        self.wait(client, made, 'Running')
        return made

    def wait(self, client, ident: str, status: str) -> None:
        neighbours.wait_for(f'{ident} {status}', lambda: client.get(
            f'/containers/{ident}')['status'] == status)

    def remove(self, client, ident: str) -> None:
        client('DELETE', f'/containers/{ident}?stop=true')
        neighbours.wait_for(f'{ident} gone', lambda: client(
            'GET', f'/containers/{ident}').status_code == 404)

    def on(self, client, ident: str, *networks: str) -> dict[str, str]:
        """Its addresses, once it is on exactly these."""
        def found() -> dict[str, str] | None:
            told = client.get(f'/containers/{ident}')['addresses']
            return {net: told[net][0]['addr'] for net in told} \
                if set(told) == set(networks) else None
        return neighbours.wait_for(f'{ident} on {networks}', found)

    def fetches(self, client, ident: str, address: str) -> bool:
        found = client('POST', f'/containers/{ident}/execute', status=200,
                       json={'command': 'timeout 3 wget -q -O - '
                                        f'http://{address}:8080/x'}).json()
        return (found['exit_code'], found['output']) == (0, 'hello\n')


class TestNetworks(Case):

    def network(self, client, name: str = 'back') -> str:
        made = client('POST', '/networks', status=200,
                      json={'name': name}).json()['uuid']
        self.addCleanup(client, 'DELETE', f'/networks/{made}')
        return made

    def test_projects_are_apart(self):
        alpha, beta = self.service.zun('alpha'), self.service.zun('beta')
        ours, theirs = self.network(alpha), self.network(beta)
        web = self.run_web(alpha, {'network': 'back'})
        near = self.run_web(alpha, {'network': ours})
        own = self.run_web(alpha)
        far = self.run_web(beta, {'network': 'back'})
        farther = self.run_web(beta)
        address = self.on(alpha, web, ours)[ours]
        neighbours.wait_for('it is served', lambda: self.fetches(
            alpha, near, address))
        self.assertFalse(self.fetches(alpha, own, address))
        for other in (far, farther):
            self.assertFalse(self.fetches(beta, other, address))
        self.on(beta, far, theirs)
        for path, body in (
                ('/containers', {'image': neighbours.IMAGE,
                                 'nets': [{'network': ours}]}),
                (f'/containers/{far}/network_attach?network={ours}', None)):
            beta('POST', path, json=body, status=400)
        beta('DELETE', f'/networks/{ours}', status=404)
        alpha('GET', f'/containers/{far}', status=404)

    def test_attached_and_detached_while_it_goes_on(self):
        alpha = self.service.zun('alpha')
        back = self.network(alpha)
        web = self.run_web(alpha, {'network': 'back'})
        other = self.run_web(alpha)
        before = self.inspect(other)
        (own,) = alpha.get(f'/containers/{other}')['addresses']
        alpha('POST', f'/containers/{other}/network_attach?network=back',
              status=200)
        self.on(alpha, other, own, back)
        address = self.on(alpha, web, back)[back]
        neighbours.wait_for('it is served', lambda: self.fetches(
            alpha, other, address))
        alpha('POST', f'/containers/{other}/network_detach?network={own}',
              status=202)
        self.on(alpha, other, back)
        after = self.inspect(other)
        self.assertEqual(*((found['Id'], found['State']['StartedAt'])
                           for found in (before, after)))
        self.assertEqual([f'zun-lite-net-{back}'],
                         [*after['NetworkSettings']['Networks']])

    def inspect(self, ident: str) -> dict[str, typing.Any]:
        with neighbours.engine() as engine:
            return engine.api.inspect_container(f'zun-{ident}')

    def test_a_fixed_address_and_nothing_left(self):
        alpha = self.service.zun('alpha')
        back = self.network(alpha, 'fixed')
        cidr = alpha.get(f'/networks/{back}')['cidr']
        address = cidr.rpartition('.')[0] + '.77'
        web = self.run_web(alpha, {'network': 'fixed',
                                   'v4-fixed-ip': address})
        self.assertEqual({back: address}, self.on(alpha, web, back))
        alpha('DELETE', '/networks/fixed', status=409)
        self.remove(alpha, web)
        self.assertEqual([], neighbours.left_on_engine(self.service.host))
        alpha('DELETE', '/networks/fixed', status=204)


class TestImages(Case):

    def setUp(self) -> None:
        client = docker.from_env()
        self.addCleanup(client.close)
        self.registry = local_registry.LocalRegistry(client,
                                                     neighbours.IMAGE)
        self.addCleanup(self.registry.close)
        self.client = self.service.zun()

    def there(self, name: str) -> bool:
        with neighbours.engine() as engine:
            return bool(engine.api.images(name))

    def wait_status(self, ident: str, status: str) -> dict[str, typing.Any]:
        def found() -> dict[str, typing.Any] | None:
            told = self.client.get(f'/images/{ident}')
            return told if told['status'] == status else None
        return neighbours.wait_for(f'{ident} {status}', found)

    def pull(self, name: str) -> str:
        return self.client('POST', '/images', status=202, json={
            'repo': name, 'host': self.service.host}).json()['uuid']

    def test_a_pull_outlives_the_service(self):
        """Killed right after its answer, it does what it promised."""
        name = self.registry.published()
        ident = self.pull(name)
        self.service.process.kill()
        self.service.start()
        found = self.wait_status(ident, 'present')
        self.assertRegex(found['image_id'], '^sha256:')
        self.assertGreater(int(found['size']), 10**5)
        self.assertTrue(self.there(name))
        self.client('DELETE', f'/images/{ident}', status=200)
        self.service.process.kill()
        self.service.start()
        neighbours.wait_for('it is gone', lambda: self.client(
            'GET', f'/images/{ident}').status_code == 400)
        self.assertFalse(self.there(name))

    def test_one_that_cannot_be_had(self):
        for name, reason in (
                (self.registry.unpublished(), 'there is no such image'),
                (self.registry.private(), 'access was refused'),
                (self.registry.unreachable(), 'cannot be reached')):
            with self.subTest(reason):
                found = self.wait_status(self.pull(name), 'failed')
                self.assertIn(reason, found['status_reason'])

    def test_one_in_use_stays(self):
        name = self.registry.published()
        ident = self.pull(name)
        self.wait_status(ident, 'present')
        user = self.run_web(self.client, image=name,
                            name=f'user-{uuid.uuid4().hex[:8]}')
        self.client('DELETE', f'/images/{ident}', status=200)
        found = self.wait_status(ident, 'present')
        self.assertIn('could not be removed', found['status_reason'])
        self.remove(self.client, user)
        self.client('DELETE', f'/images/{ident}', status=200)
        neighbours.wait_for('it is gone', lambda: self.client(
            'GET', f'/images/{ident}').status_code == 400)
        self.assertFalse(self.there(name))
