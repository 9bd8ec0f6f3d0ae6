"""A real Docker Engine, for the suite: the one that DOCKER_HOST names."""
import contextlib
import os
import typing
import urllib.parse
import uuid
from collections.abc import Iterator
from collections.abc import Mapping

import docker
import docker.errors

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.docker import driver
from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import settings
from zun_lite.pod import spec
from zun_lite.tests.contract.engines import base as engines
from zun_lite.tests.contract.engines import docker_images
from zun_lite.tests.contract.engines import local_registry
from zun_lite.tests.contract.engines import proxy


class DockerEngine(engines.TestEngine):
    driver_class: typing.ClassVar[type[base.PodDriver]] = driver.DockerDriver
    image = docker_images.TEST_IMAGE
    entry_image = docker_images.ENTRY_IMAGE
    named_user_image = docker_images.NAMED_USER_IMAGE
    tries_undeclared = True
    back_off_base_s = 0.8
    back_off_cap_s = 3.2
    patience = 2.0
    start_s = 6

    def __init__(self) -> None:
        self.client = docker.from_env()
        docker_images.ensure(self.client)
        self.registry = local_registry.LocalRegistry(self.client, self.image)
        self._proxy: proxy.UnixProxy | None = None
        self.has_every_capability = docker_images.unlimited()

    @staticmethod
    def answers() -> bool:
        with contextlib.suppress(docker.errors.DockerException):
            client = docker.from_env()
            client.close()
            return True
        return False

    def close(self) -> None:
        self.registry.close()
        if self._proxy is not None:
            self._proxy.close()
            self._proxy = None

    def _settings(self, url: str | None = None) -> settings.Settings:
        return settings.Settings(
            url=url, sandbox_image=docker_images.SANDBOX_IMAGE,
            restart_backoff_base=self.back_off_base_s,
            restart_backoff_cap=self.back_off_cap_s,
            retry_backoff_base=self.back_off_base_s,
            retry_backoff_cap=self.back_off_cap_s,
            volume_check_interval=0.5)

    def driver(self, host: str) -> base.PodDriver:
        return driver.DockerDriver(host, settings=self._settings())

    # What is there

    def _containers(self, **marks: str) -> list[typing.Any]:
        wanted = [f'zun-lite/{key}={value}' for key, value in marks.items()]
        return self.client.api.containers(all=True,
                                          filters={'label': wanted})

    def _of(self, pod: spec.Pod, **marks: str) -> list[typing.Any]:
        """Also a plain container, which is told by its name."""
        return self._containers(pod=pod.uuid, **marks) + (
            self.client.api.containers(all=True, filters={
                'name': f'^/{names.plain(pod.uuid)}$'}))

    def _volumes(self, pod: spec.Pod) -> list[str]:
        found = self.client.api.volumes(
            filters={'label': f'{labels.POD}={pod.uuid}'})
        return [volume['Name'] for volume in found['Volumes'] or ()]

    def leftovers(self, pod: spec.Pod) -> list[str]:
        containers = [c['Names'][0] for c in self._of(pod)]
        return containers + self._volumes(pod)

    def leftovers_of_project(self, host: str, project_id: str) -> list[str]:
        found = self.client.api.networks(filters={'label': [
            f'{labels.HOST}={host}', f'{labels.PROJECT}={project_id}']})
        return [network['Name'] for network in found]

    @contextlib.contextmanager
    def labelled(self, labels: Mapping[str, str]) -> Iterator[str]:
        name = f'zun-lite/contract-labels-{uuid.uuid4().hex[:8]}:1'
        docker_images.label(self.client, name, labels)
        try:
            yield name
        finally:
            self.client.images.remove(name)

    # What an operator does

    def _remove(self, containers: list[typing.Any]) -> None:
        for container in containers:
            with contextlib.suppress(docker.errors.NotFound):
                self.client.api.remove_container(container['Id'], force=True)

    def remove_behind_back(self, pod: spec.Pod, container: str) -> None:
        self._remove(self._of(pod, container=container))

    def remove_all_behind_back(self, pod: spec.Pod) -> None:
        self._remove(self._of(pod))
        for volume in self._volumes(pod):
            # The driver may have taken it up again already.
            with contextlib.suppress(docker.errors.APIError):
                self.client.api.remove_volume(volume, force=True)

    # The connection

    @property
    def proxy(self) -> proxy.UnixProxy:
        if self._proxy is None:
            where = urllib.parse.urlsplit(os.environ.get(
                'DOCKER_HOST', 'unix:///var/run/docker.sock'))
            if where.scheme != 'unix':
                raise RuntimeError('the suite can only cut an engine that '
                                   'listens on a Unix socket')
            self._proxy = proxy.UnixProxy(where.path)
        return self._proxy

    def fragile_driver(self, host: str) -> base.PodDriver:
        return driver.DockerDriver(host, settings=self._settings(
            f'unix://{self.proxy.path}'))

    def cut(self) -> None:
        self.proxy.cut()

    def restore(self) -> None:
        if self._proxy is not None:
            self._proxy.allow = None
            self._proxy.restore()

    def half_make(self, host: str, pod: spec.Pod, steps: int) -> bool:
        victim = self.fragile_driver(host)
        self.proxy.allow = steps
        try:
            victim.ensure_pod(pod)
            return False
        except exceptions.EngineUnavailable:
            return True
        finally:
            self.restore()
            victim.close()
