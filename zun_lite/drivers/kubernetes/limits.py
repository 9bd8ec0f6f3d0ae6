"""A project's quota as its namespace has it: a ResourceQuota.

Such a quota refuses pods whose containers ask for nothing at all, so a
LimitRange says that they ask for 0 then.
"""
import logging
import threading
import time
import typing

from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import MERGE_PATCH
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.pod.limits import ProjectLimits

LOG = logging.getLogger(__name__)

QUOTA, RANGE = 'zun-lite-quota', 'zun-lite-requests'

# How long the first pod of a namespace waits for the cluster to count what
# is used, as it refuses pods until then.
_COUNT_S, _ASK_S = 3.0, 0.05


def hard(limits: ProjectLimits) -> dict[str, str | None]:
    """A ResourceQuota's amounts; None: of this, any."""
    cpu, memory = limits.cpu_millis, limits.memory_bytes
    return {'pods': None if limits.pods is None else str(limits.pods),
            'requests.cpu': None if cpu is None else f'{cpu}m',
            'requests.memory': None if memory is None else str(memory)}


class Limiter:
    """Keeps the quotas of namespaces; remembers what it has set."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._set: dict[str, ProjectLimits] = {}

    def keep(self, namespace: str, limits: ProjectLimits | None) -> None:
        """Bring the namespace's quota up to date.

        `limits` None: not told, so nothing changes.

        :raises Refused:
        :raises EngineUnavailable:
        """
        if limits is None or self._set.get(namespace) == limits:
            return
        if limits == ProjectLimits():
            self._remove(namespace, 'resourcequotas', QUOTA)
            self._remove(namespace, 'limitranges', RANGE)
        else:
            self._put(namespace, 'limitranges', 'LimitRange', RANGE, {
                'limits': [{'type': 'Container', 'defaultRequest': {
                    'cpu': '0', 'memory': '0'}}]})
            self._put(namespace, 'resourcequotas', 'ResourceQuota', QUOTA,
                      {'hard': hard(limits)})
            self._wait_counted(namespace)
        with self._lock:
            self._set[namespace] = limits

    def forget(self, namespace: str) -> None:
        """It is gone, or may be."""
        with self._lock:
            self._set.pop(namespace, None)

    def _put(self, namespace: str, resource: str, kind: str, name: str,
             spec: Json) -> None:
        path = _path(namespace, resource)
        try:
            self._cluster.call('POST', path, {
                'apiVersion': 'v1', 'kind': kind, 'spec': _without_none(spec),
                'metadata': {'name': name,
                             'labels': {names.MANAGED: names.MANAGER}}})
        except Refused as refused:
            if refused.reason != 'AlreadyExists':
                raise
            self._cluster.call('PATCH', f'{path}/{name}', {'spec': spec},
                               content_type=MERGE_PATCH)

    def _remove(self, namespace: str, resource: str, name: str) -> None:
        try:
            self._cluster.call('DELETE', f'{_path(namespace, resource)}/'
                                         f'{name}')
        except Refused as refused:
            if refused.status != 404:
                raise

    def _wait_counted(self, namespace: str) -> None:
        path = f'{_path(namespace, "resourcequotas")}/{QUOTA}'
        deadline = time.monotonic() + _COUNT_S
        while time.monotonic() < deadline:
            found = self._cluster.call('GET', path)
            if (found.get('status') or {}).get('hard') == found[
                    'spec']['hard']:
                return
            time.sleep(_ASK_S)
        LOG.warning('Namespace %s: the cluster has not counted what is used '
                    'yet', namespace)


def _path(namespace: str, resource: str) -> str:
    return f'/api/v1/namespaces/{namespace}/{resource}'


def _without_none(part: typing.Any) -> typing.Any:
    if not isinstance(part, dict):
        return part
    return {key: _without_none(value) for key, value in part.items()
            if value is not None}
