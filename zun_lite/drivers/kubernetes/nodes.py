"""What a cluster's nodes have to give."""
import typing

from zun_lite.drivers import base
from zun_lite.pod import host
from zun_lite.pod import quantities

Json = dict[str, typing.Any]

_KEEPS_AWAY = frozenset({'NoSchedule', 'NoExecute'})


def usable(node: Json) -> bool:
    """Whether a pod may be placed there now; pods tolerate no taints."""
    spec = node.get('spec', {})
    if spec.get('unschedulable') or any(
            taint.get('effect') in _KEEPS_AWAY
            for taint in spec.get('taints') or ()):
        return False
    return any(c['type'] == 'Ready' and c['status'] == 'True'
               for c in node.get('status', {}).get('conditions', ()))


def inventory(nodes: list[Json], version: Json) -> base.Inventory:
    """The sum over the nodes; descriptions are the first one's."""
    nodes = [node for node in nodes if usable(node)]
    told = [node['status'].get('allocatable', {}) for node in nodes]
    info = nodes[0]['status']['nodeInfo'] if nodes else {}
    return base.Inventory(
        cpu_millis=sum(quantities.millis(t.get('cpu', '0')) for t in told),
        memory_bytes=sum(quantities.whole(t.get('memory', '0'))
                         for t in told),
        engine=f'Kubernetes {version.get("gitVersion", "")}'.strip(),
        architecture=info.get('architecture'),
        os_type=info.get('operatingSystem'), os=info.get('osImage'),
        kernel_version=info.get('kernelVersion'),
        nodes=labels([n['metadata'].get('labels', {}) for n in nodes]))


def labels(found: list[dict[str, str]]) -> host.NodeLabels:
    """What all have is told once, and each different rest once."""
    if not found:
        return host.NodeLabels()
    common = set(found[0].items()).intersection(
        *(one.items() for one in found[1:]))
    sets = {tuple(sorted(one.items() - common)) for one in found}
    return host.NodeLabels(dict(sorted(common)),
                           tuple(dict(one) for one in sorted(sets)))
