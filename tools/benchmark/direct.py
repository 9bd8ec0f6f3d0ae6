"""The same pods made straight through the Kubernetes API."""
import concurrent.futures
import json
import time
import typing

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
        self.remove_all(wait=False)
        self._api.delete_namespace(self._namespace)

    def create(self, pod: dict[str, typing.Any]) -> None:
        # What the service sets, too.
        spec = pod['spec'] | {'automountServiceAccountToken': False,
                                   'enableServiceLinks': False}
        self._api.create_namespaced_pod(
            self._namespace, pod | {'spec': spec},
            _preload_content=False)

    def create_many(self, count: int) -> set[str]:
        """The names of pods made by eight clients at once."""
        names = [f'burst{number}' for number in range(count)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: self.create(manifest(name)), names))
        return set(names)

    def wait_running(self, names: set[str]) -> None:
        """Watch until all of them run."""
        left = set(names)
        for pod in self._pods(self._namespace):
            if pod['status'].get('phase') == 'Running':
                left.discard(pod['metadata']['name'])
            if not left:
                return
        raise TimeoutError(f'{len(left)} pods do not run')

    def note_running(self, known: dict[str, float]) -> None:
        """Note when the cluster knew the service's pods to run, by uid.

        Goes on for five minutes.
        """
        for pod in self._pods(None):
            uid = pod['metadata'].get('labels', {}).get('zun-lite/pod')
            if uid and uid not in known and (
                    pod['status'].get('phase') == 'Running'):
                known[uid] = time.monotonic()

    def _pods(self, namespace: str | None) -> typing.Iterator[
            dict[str, typing.Any]]:
        """Pods that are, and each change, for five minutes."""
        options = {'watch': True, 'timeout_seconds': 300,
                   '_preload_content': False}
        stream = (self._api.list_namespaced_pod(namespace, **options)
                  if namespace
                  else self._api.list_pod_for_all_namespaces(**options))
        rest = b''
        for piece in stream.stream(amt=None):
            *lines, rest = (rest + piece).split(b'\n')
            for line in lines:
                yield json.loads(line)['object']

    def remove_all(self, *, wait: bool = True) -> None:
        self._api.delete_collection_namespaced_pod(
            self._namespace, grace_period_seconds=0, _preload_content=False)
        while wait and self._count():
            time.sleep(0.1)

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
