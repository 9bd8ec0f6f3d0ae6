"""Labels and annotations of a Kubernetes pod, which follow those of ours.

Others may add to them in the cluster. The keys that we set are kept there as
well, so that any agent can remove what the owner has removed since.
"""
import hashlib
import json
import logging

from zun_lite.drivers.kubernetes import environment
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import MERGE_PATCH
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.drivers.kubernetes.known import Known
from zun_lite.pod.spec import Pod

LOG = logging.getLogger(__name__)

KEYS = 'zun-lite/keys'              # {'labels': [key, ...], 'annotations': …}

Described = dict[str, dict[str, str]]


def described(pod: Pod, host: str) -> Described:
    """What we set: {'labels': {...}, 'annotations': {...}}."""
    annotations = dict(pod.metadata.annotations or {})
    annotations |= environment.annotations(pod)
    annotations[names.PROJECT] = pod.project_id
    found = {'labels': names.labels(pod, host), 'annotations': annotations}
    annotations[KEYS] = json.dumps(
        {kind: sorted(entries) for kind, entries in found.items()})
    annotations[names.DIGEST] = _digest(found)
    return found


def _digest(found: Described) -> str:
    text = json.dumps(found, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def patch(asked: Described, found: Json) -> Json:
    """The merge patch that makes `found`, a pod's metadata, as asked."""
    held = json.loads((found.get('annotations') or {}).get(KEYS, '{}'))
    return {'metadata': {'uid': found['uid']} | {
        kind: dict.fromkeys(set(held.get(kind, ())) - set(entries)) | entries
        for kind, entries in asked.items()}}


class Describer:
    """Passes on what the owner changed of a pod that is there."""

    def __init__(self, cluster: Cluster, known: Known, host: str) -> None:
        self._cluster, self._known, self._host = cluster, known, host

    def keep(self, pod: Pod, known: Json) -> Json:
        """Bring it up to date; what is known of the pod then.

        :raises EngineUnavailable:
        """
        asked = described(pod, self._host)
        if known['deleting'] or (
                known['digest'] == asked['annotations'][names.DIGEST]):
            return known
        path = names.pods_path(known['namespace'], known['name'])
        try:
            change = patch(asked, self._cluster.call('GET', path)['metadata'])
            return self._known.put(self._cluster.call(
                'PATCH', path, change, content_type=MERGE_PATCH))
        except Refused as refused:
            LOG.warning('Pod %s: the cluster refuses its labels or '
                        'annotations: %s', pod.uuid, refused.message)
            return known
