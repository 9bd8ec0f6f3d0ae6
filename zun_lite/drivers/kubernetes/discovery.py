"""What a cluster can do, asked of it rather than assumed."""
import logging
import re

from zun_lite import exceptions
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.pod import capabilities
from zun_lite.pod import states

LOG = logging.getLogger(__name__)

Version = tuple[int, int]
METRICS = 'metrics.k8s.io'

SINCE: dict[str, Version] = {
    # The size of such a volume bounds it (SizeMemoryBackedVolumes); before,
    # a pod that exceeds it is evicted some time later.
    'spec.volumes.emptyDir.medium=Memory.sizeLimit': (1, 22),
    # Before, it is an alpha feature, and they are not ended last.
    'spec.initContainers.restartPolicy': (1, 29),
}
"""Fields that are younger than 1.20, by the release that brought them."""


def version(text: str) -> Version:
    """(1, 20) from v1.20.2 or v1.33.1-gke.3; (0, 0) where it tells none."""
    found = re.match(r'v?(\d+)\.(\d+)', text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def lacking(oldest: Version, groups: frozenset[str]) -> frozenset[str]:
    """Capabilities that a cluster with such an oldest part has not."""
    found = {name for name, since in SINCE.items() if oldest < since}
    if METRICS not in groups:
        found.add(capabilities.action(states.Action.STATS))
    return frozenset(found)


class Discovery:
    """The cluster's answers; asked again with every inventory."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lacking: frozenset[str] | None = None

    def learn(self, nodes: list[Json], server: Json) -> None:
        """From the nodes, the server's version, and its API groups."""
        told = [node['status']['nodeInfo']['kubeletVersion']
                for node in nodes if 'nodeInfo' in node.get('status', {})]
        oldest = min(map(version, [server.get('gitVersion', ''), *told]))
        groups = frozenset(group['name'] for group in self._cluster.call(
            'GET', '/apis').get('groups') or ())
        self._lacking = lacking(oldest, groups)

    def lacking(self) -> frozenset[str]:
        """As last learned; all that may be lacking where nothing was."""
        if self._lacking is None:
            try:
                self.learn(self._cluster.call('GET', '/api/v1/nodes')['items'],
                           self._cluster.call('GET', '/version'))
            except (exceptions.EngineUnavailable, Refused) as exc:
                LOG.warning('What the cluster can do is not known: %s', exc)
                return lacking((0, 0), frozenset())
        return self._lacking or frozenset()
