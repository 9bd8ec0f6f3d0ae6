"""What containers use, as the cluster's metrics service measures it.

It knows of processors and memory only; the rest of `base.Stats` is None.
"""
import typing

from zun_lite import exceptions
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.pod import quantities

GROUP = 'metrics.k8s.io'
_UNKNOWN = dict.fromkeys(
    ('rx_bytes', 'tx_bytes', 'read_bytes', 'write_bytes', 'pids'))

Entry = dict[str, typing.Any]


def stats(cluster: Cluster, known: Json) -> list[Entry]:
    """An entry for each container that runs and was measured.

    :raises NotSupported: the cluster measures nothing.
    :raises Unavailable: this pod has not been measured yet.
    """
    path = names.pods_path(known['namespace'], known['name'])
    try:
        measured = cluster.call('GET', path.replace(
            '/api/v1', f'/apis/{GROUP}/v1beta1', 1))
    except Refused as refused:
        raise _unmeasured(refused) from refused
    limits = _limits(cluster.call('GET', path)['spec'])
    running = _running(known)
    return [_entry(one, limits.get(one['name']))
            for one in measured['containers'] if one['name'] in running]


def _unmeasured(refused: Refused) -> exceptions.ZunLiteError:
    if refused.status != 404:
        return refused
    if refused.reason == 'NotFound' and GROUP in refused.message:
        return exceptions.Unavailable(
            'The cluster has not measured the pod yet; ask again in a '
            'minute.')
    return exceptions.NotSupported('The cluster has no metrics service.')


def _limits(spec: Json) -> dict[str, int]:
    """Of memory, by the container's name."""
    found = {}
    for container in (*spec['containers'], *(spec.get('initContainers')
                                             or ())):
        given = (container.get('resources') or {}).get('limits') or {}
        if 'memory' in given:
            found[container['name']] = quantities.whole(given['memory'])
    return found


def _running(known: Json) -> set[str]:
    told = known['status']
    return {one['name'] for kind in (
        'initContainerStatuses', 'containerStatuses')
        for one in told.get(kind) or () if one['state'].get('running')}


def _entry(measured: Json, limit: int | None) -> Entry:
    used = measured['usage']
    return {'name': measured['name'],
            'cpu_millis': quantities.millis(used['cpu']),
            'memory_bytes': quantities.whole(used['memory']),
            'memory_limit_bytes': limit, **_UNKNOWN}
