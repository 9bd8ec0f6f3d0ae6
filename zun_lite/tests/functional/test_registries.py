"""A private registry, from the request to what runs on a real Docker."""
import pathlib
import unittest

import docker

from zun_lite.tests import neighbours
from zun_lite.tests.contract.engines import docker_images
from zun_lite.tests.contract.engines import local_registry
from zun_lite.tests.functional import stack
from zun_lite.tests.functional import test_all_in_one


class TestRegistries(unittest.TestCase):
    """Each test's images are new, so that no engine has them."""

    @classmethod
    def setUpClass(cls):
        engine = docker.DockerClient(neighbours.docker_host())
        cls.addClassCleanup(engine.close)
        docker_images.ensure(engine, neighbours.docker_host())
        cls.registry = local_registry.LocalRegistry(
            engine, docker_images.TEST_IMAGE)
        cls.addClassCleanup(cls.registry.close)
        cls.service = test_all_in_one.AllInOne()
        cls.addClassCleanup(cls.service.close)
        cls.client = cls.service.client()

    def setUp(self) -> None:
        self.image, self.login = self.registry.protected()
        self.domain, _, self.path = self.image.partition('/')

    def create_registry(self, password: str | None = None) -> str:
        """Of the image's domain; its URL."""
        made = self.client('POST', '/registries', status=201, json={
            'registry': {'name': 'corp', 'domain': self.domain,
                         'username': self.login.username,
                         'password': password or self.login.password}})
        uuid = made.json()['registry']['uuid']
        self.addCleanup(self.client, 'DELETE', f'/registries/{uuid}')
        return f'/registries/{uuid}'

    def run_container(self, **given: str) -> str:
        made = self.client(
            'POST', '/containers?run=true', status=202,
            headers={'OpenStack-API-Version': 'container 1.40'},
            json={'command': ['sleep', '3600'], 'memory': '32'} | given)
        uuid = made.json()['uuid']
        self.addCleanup(self.remove, uuid)
        return uuid

    def remove(self, uuid: str) -> None:
        """Wait for its end: its registry is free then."""
        def gone() -> bool:
            return self.client('GET', f'/containers/{uuid}'
                               ).status_code == 404
        self.client('DELETE', f'/containers/{uuid}?force=true', headers={
            'OpenStack-API-Version': 'container 1.40'})
        stack.wait_for(gone, 60)

    def wait(self, uuid: str, status: str) -> dict:
        def found() -> dict | None:
            shown = self.client.get(f'/containers/{uuid}')
            return shown if shown['status'] == status else None
        return stack.wait_for(found, 60)

    def test_a_container_that_names_it(self):
        self.create_registry()
        shown = self.wait(self.run_container(
            image=self.path, registry='corp'), 'Running')
        self.assertEqual(self.path, shown['image'])

    def test_an_image_of_its_domain(self):
        self.create_registry()
        self.wait(self.run_container(image=self.image), 'Running')

    def test_a_pod(self):
        self.create_registry()
        pod = self.client.create({
            'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'},
            'spec': {'containers': [{
                'name': 'main', 'image': self.image,
                'command': ['sleep', '3600']}]}})
        self.addCleanup(self.client, 'DELETE', f'/pods/{pod}')
        self.client.wait_ready(pod)

    def test_without_it_the_owner_learns_why(self):
        shown = self.wait(self.run_container(image=self.image), 'Error')
        self.assertIn('credentials', shown['status_reason'])

    def test_a_password_that_is_mended(self):
        url = self.create_registry('guessed')
        uuid = self.run_container(image=self.image)
        self.wait(uuid, 'Error')
        self.client('PATCH', url, status=200, json={
            'registry': {'password': self.login.password}})
        # The host hears of it with the container's next change.
        self.client('POST', f'/containers/{uuid}/reboot', status=202)
        self.wait(uuid, 'Running')

    def test_the_password_is_on_no_disk(self):
        """Neither in the service's state, nor in what Docker shows."""
        self.create_registry()
        self.wait(self.run_container(image=self.image), 'Running')
        secret = self.login.password.encode()
        for path in pathlib.Path(self.service.state).rglob('*'):
            if path.is_file():
                self.assertNotIn(secret, path.read_bytes(), path)
        engine = docker.DockerClient(neighbours.docker_host())
        self.addCleanup(engine.close)
        shown = [engine.api.inspect_container(found['Id']) for found
                 in engine.api.containers(all=True)]
        self.assertNotIn(secret.decode(), str([
            shown, engine.api.volumes(), engine.api.info()]))
