"""A real Kubernetes, for the suite: the one that KUBECONFIG names.

Its containers must run on a Docker Engine that the suite can reach
(ZUN_LITE_TEST_KUBERNETES_ENGINE), to put images there and to remove
containers behind the cluster's back.
"""
import contextlib
import typing
from collections.abc import Iterable

import docker
import docker.errors

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.kubernetes import driver
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import settings
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.pod import spec
from zun_lite.tests.contract.engines import base as engines
from zun_lite.tests.contract.engines import docker_images
from zun_lite.tests.contract.engines import kubernetes_access
from zun_lite.tests.contract.engines import local_registry
from zun_lite.tests.contract.engines import proxy

_POD_UID = 'io.kubernetes.pod.uid'
_CONTAINER = 'io.kubernetes.container.name'


class KubernetesEngine(engines.TestEngine):
    driver_class: typing.ClassVar[type[base.PodDriver]] = (
        driver.KubernetesDriver)
    image = docker_images.TEST_IMAGE
    entry_image = docker_images.ENTRY_IMAGE
    named_user_image = docker_images.NAMED_USER_IMAGE
    tries_undeclared = True
    # The kubelet's own, which cannot be changed.
    back_off_base_s = 10
    back_off_cap_s = 300
    patience = 4.0
    start_s = 12
    # Kubelets clean up what never ran once a minute, and tell of what they
    # cleaned up every ten seconds.
    removal_s = 75
    tells_every_end = False
    isolates_projects = False

    def __init__(self) -> None:
        self.access = kubernetes_access.Access()
        self.client = docker.DockerClient(self.access.docker_url())
        docker_images.ensure(self.client, self.access.docker_url())
        self.registry = local_registry.LocalRegistry(self.client, self.image)
        self._proxy: proxy.TlsProxy | None = None
        self._files: dict[str, str] = {}
        self.has_every_capability = docker_images.unlimited()

    def close(self) -> None:
        self.registry.close()
        if self._proxy is not None:
            self._proxy.close()
        self.access.close()

    def _settings(self, server: str | None = None) -> settings.Settings:
        key = server or ''
        if key not in self._files:
            self._files[key] = self.access.agent_kubeconfig(server)
        return settings.Settings(kubeconfig=self._files[key],
                                 pod_security='privileged',
                                 retry_interval=0.5)

    def driver(self, host: str) -> base.PodDriver:
        return driver.KubernetesDriver(host, self._settings())

    def clean(self, host: str, pods: Iterable[spec.Pod]) -> None:
        """By force, as the cluster's own way takes its time."""
        for pod in pods:
            for found in self._pods(pod):
                self._delete(found, 0)
            with contextlib.suppress(Refused):
                self.access.admin.call('DELETE', '/api/v1/namespaces/'
                                       + names.namespace(pod.project_id))

    # What is there

    def _pods(self, pod: spec.Pod) -> list[dict[str, typing.Any]]:
        found: list[dict[str, typing.Any]] = self.access.admin.call(
            'GET', '/api/v1/pods',
            query={'labelSelector': f'{names.POD}={pod.uuid}'})['items']
        return found

    def leftovers(self, pod: spec.Pod) -> list[str]:
        return [found['metadata']['name'] for found in self._pods(pod)]

    def leftovers_of_project(self, host: str, project_id: str) -> list[str]:
        """Its namespace, unless it is going already."""
        found = self.access.admin.find(
            f'/api/v1/namespaces/{names.namespace(project_id)}')
        if found is None or 'deletionTimestamp' in found['metadata']:
            return []
        return [found['metadata']['name']]

    # What an operator does

    def _remove(self, pod: spec.Pod, **labels: str) -> None:
        wanted = [f'{key}={value}' for key, value in labels.items()]
        for found in self._pods(pod):
            uid = found['metadata']['uid']
            for container in self.client.api.containers(
                    all=True, filters={'label': [
                        f'{_POD_UID}={uid}', *wanted]}):
                with contextlib.suppress(docker.errors.NotFound):
                    self.client.api.remove_container(container['Id'],
                                                     force=True)

    def remove_behind_back(self, pod: spec.Pod, container: str) -> None:
        self._remove(pod, **{_CONTAINER: container})

    def remove_all_behind_back(self, pod: spec.Pod) -> None:
        for found in self._pods(pod):
            self._delete(found, 1)

    def _delete(self, found: dict[str, typing.Any], grace: int) -> None:
        with contextlib.suppress(Refused):
            self.access.admin.call('DELETE', names.pods_path(
                found['metadata']['namespace'], found['metadata']['name']),
                {'gracePeriodSeconds': grace})

    # The connection

    @property
    def proxy(self) -> proxy.TlsProxy:
        if self._proxy is None:
            server = self.access.server
            self._proxy = proxy.TlsProxy(
                str(server.hostname), server.port or 443, self.access.tls())
        return self._proxy

    def fragile_driver(self, host: str) -> base.PodDriver:
        return driver.KubernetesDriver(host, self._settings(
            f'http://127.0.0.1:{self.proxy.port}'))

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
