"""A namespace for each project: made on first use, removed when empty."""
import collections
import contextlib
import logging
import threading
from collections.abc import Iterator

from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.drivers.kubernetes.limits import Limiter
from zun_lite.pod.spec import Pod

LOG = logging.getLogger(__name__)

_POLICY = 'zun-lite-own-project-only'


class Namespaces:
    """The projects' namespaces on one cluster.

    Other pods of the project may enter, nobody else's (a cluster whose
    network ignores NetworkPolicy objects does not keep that promise).
    Agents may share a cluster; each sweeps up what it made.
    """

    def __init__(self, cluster: Cluster, host: str,
                 pod_security: str) -> None:
        self._cluster, self._host = cluster, host
        self._level = pod_security
        self.limiter = Limiter(cluster)
        self._made: set[str] = set()
        self._using: collections.Counter[str] = collections.Counter()
        self._removing: set[str] = set()
        self._lock = threading.Condition()

    @contextlib.contextmanager
    def use(self, pod: Pod) -> Iterator[str]:
        """The name of its project's; it is not removed by this agent during
        the block.

        :raises Refused: it cannot be made now (it is being removed).
        """
        name = names.namespace(pod.project_id)
        with self._lock:
            self._lock.wait_for(lambda: name not in self._removing)
            self._using[name] += 1
        try:
            self._ensure(name, pod.project_id)
            self.limiter.keep(name, pod.project_limits)
            yield name
        finally:
            with self._lock:
                self._using[name] -= 1
                self._using += collections.Counter()    # drops zeroes

    def _ensure(self, name: str, project_id: str) -> None:
        if name in self._made:
            return
        self._create('/api/v1/namespaces', _namespace(
            name, project_id, self._host, self._level))
        self._create('/apis/networking.k8s.io/v1/namespaces/'
                     f'{name}/networkpolicies', _policy())
        with self._lock:
            self._made.add(name)

    def _create(self, path: str, body: Json) -> None:
        try:
            self._cluster.call('POST', path, body)
        except Refused as refused:
            if refused.reason != 'AlreadyExists':
                raise

    def forget(self, project_id: str) -> None:
        """It is not there any more, or may not be."""
        name = names.namespace(project_id)
        self.limiter.forget(name)
        with self._lock:
            self._made.discard(name)

    def remove_empty(self) -> None:
        """Remove what this agent made and nothing is in."""
        labels = names.namespace_labels(self._host)
        found = self._cluster.call('GET', '/api/v1/namespaces', query={
            'labelSelector': ','.join(f'{k}={v}' for k, v in labels.items())})
        for one in found['items']:
            if 'deletionTimestamp' not in one['metadata']:
                self._remove_if_empty(one['metadata']['name'])

    def remove_if_empty(self, name: str) -> None:
        """Remove a namespace of ours that holds no pods."""
        found = self._cluster.find(f'/api/v1/namespaces/{name}')
        if found is not None and 'deletionTimestamp' not in found[
                'metadata'] and found['metadata'].get('labels', {}).get(
                names.MANAGED) == names.MANAGER:
            self._remove_if_empty(name)

    def _remove_if_empty(self, name: str) -> None:
        with self._lock:
            if self._using[name] or name in self._removing:
                return
            self._removing.add(name)
        try:
            if not self._holds_anything(name):
                self._remove(name)
        finally:
            with self._lock:
                self._removing.discard(name)
                self._lock.notify_all()

    def _holds_anything(self, name: str) -> bool:
        """Pods, or limits that an operator has set for the project."""
        if self._cluster.call('GET', names.pods_path(name),
                              query={'limit': 1})['items']:
            return True
        return any(self._cluster.call(
            'GET', f'/api/v1/namespaces/{name}/{kind}', query={
                'limit': 1, 'labelSelector':
                f'{names.MANAGED}!={names.MANAGER}'})['items']
            for kind in ('resourcequotas', 'limitranges'))

    def _remove(self, name: str) -> None:
        with self._lock:
            self._made.discard(name)
        self.limiter.forget(name)
        try:
            self._cluster.call('DELETE', f'/api/v1/namespaces/{name}')
        except Refused as refused:
            if refused.status not in (404, 409):
                raise
            LOG.debug('Namespace %s is going already', name)


def _namespace(name: str, project_id: str, host: str, level: str) -> Json:
    security = 'pod-security.kubernetes.io'
    labels = names.namespace_labels(host)
    return {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {
        'name': name, 'annotations': {names.PROJECT: project_id},
        'labels': labels | {f'{security}/enforce': level,
                            f'{security}/warn': level}}}


def _policy() -> Json:
    return {'apiVersion': 'networking.k8s.io/v1', 'kind': 'NetworkPolicy',
            'metadata': {'name': _POLICY,
                         'labels': {names.MANAGED: names.MANAGER}},
            'spec': {'podSelector': {}, 'policyTypes': ['Ingress'],
                     'ingress': [{'from': [{'podSelector': {}}]}]}}
