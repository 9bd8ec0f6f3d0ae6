"""The same pods made straight through the Kubernetes API."""
import concurrent.futures
import json
import time
import typing

from benchmark import sight
from benchmark.manifests import manifest
from kubernetes import client
from kubernetes import config

NODE = {'metadata': {'name': 'bench'}}
AMOUNTS = {'cpu': '100000', 'memory': '100Ti', 'pods': '100000'}


class Kubernetes:
    """One namespace of a cluster; its pods go with it."""

    def __init__(self, kubeconfig: str, namespace: str = 'bench') -> None:
        self._api = client.CoreV1Api(
            config.new_client_from_config(kubeconfig))
        self._namespace = namespace

    def __enter__(self) -> typing.Self:
        name = {'metadata': {'name': self._namespace}}
        self._api.create_namespace(name)
        try:
            self._api.create_namespaced_service_account(
                self._namespace, {'metadata': {'name': 'default'}})
        except client.ApiException as error:
            if error.status != 409:     # the cluster's own controller was
                raise                   # faster
        return self

    def __exit__(self, *_: object) -> None:
        self.remove_all()
        self._api.delete_namespace(self._namespace)

    def create(self, pod: dict[str, typing.Any]) -> None:
        # What the service sets, too.
        spec = pod['spec'] | {'automountServiceAccountToken': False,
                              'enableServiceLinks': False}
        # Read, so that the connection is used again.
        self._api.create_namespaced_pod(
            self._namespace, pod | {'spec': spec},
            _preload_content=False).read()

    def create_many(self, count: int, what: str) -> set[str]:
        """The names of pods made by eight clients at once."""
        names = [f'{what}{number}' for number in range(count)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: self.create(manifest(name)), names))
        return set(names)

    def sight(self) -> sight.Sight:
        """Of the pods that are measured, whoever made them."""
        return sight.Sight(self._api, 'bench=yes')

    def remove_all(self) -> None:
        """Ask for their end, with the time to end that the service gives.

        With none they would go from the API before they end on the node.
        """
        self._api.delete_collection_namespaced_pod(
            self._namespace, grace_period_seconds=1, _preload_content=False)

    def _count(self) -> int:
        answer = self._api.list_namespaced_pod(
            self._namespace, resource_version='0', _preload_content=False)
        return len(json.loads(answer.data)['items'])

    def wait_known(self, count: int, timeout_s: float = 600) -> None:
        """Wait until there are so many pods."""
        end = time.monotonic() + timeout_s
        while (found := self._count()) < count:
            if time.monotonic() > end:
                raise TimeoutError(f'{found} of {count} pods')
            time.sleep(1)

    def add_node(self) -> None:
        """A node that only seems to be there."""
        self._api.create_node(NODE)
        self._api.patch_node_status('bench', {'status': {
            'allocatable': AMOUNTS, 'capacity': AMOUNTS,
            'conditions': [{'type': 'Ready', 'status': 'True'}]}})
