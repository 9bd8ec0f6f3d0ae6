"""Names, labels and paths of what we keep in a cluster."""
import hashlib
import re

from zun_lite.pod.spec import Pod

MANAGED = 'app.kubernetes.io/managed-by'
MANAGER = 'zun-lite'
HOST = 'zun-lite/host'              # the agent that owns it
POD = 'zun-lite/pod'
DEPLOYMENT = 'zun-lite/deployment'
GENERATION = 'zun-lite/generation'
PROJECT = 'zun-lite/project'        # annotation: any text
DIGEST = 'zun-lite/digest'          # annotation: of labels and annotations

_LONGEST = 63                       # a name of a namespace is a DNS label
_PLAIN = re.compile('[a-z0-9]([-a-z0-9]*[a-z0-9])?')
_HASH_DIGITS = 10


def namespace(project_id: str) -> str:
    """The project's namespace, and no other project's.

    The ids of Keystone are names already. Of others only what fits is told,
    and a hash keeps apart those that have that in common.
    """
    plain = f'zun-{project_id}'
    if _PLAIN.fullmatch(project_id) and len(plain) <= _LONGEST:
        return plain
    digest = hashlib.sha256(project_id.encode()).hexdigest()[:_HASH_DIGITS]
    told = re.sub('[^a-z0-9]+', '-', plain.lower())
    return f'{told[:_LONGEST - _HASH_DIGITS - 1].strip("-")}-{digest}'


def pod(uuid: str) -> str:
    """One name for all generations: two can never run at once."""
    return f'zun-{uuid}'


def labels(pod: Pod, host: str) -> dict[str, str]:
    """The owner's labels, and ours."""
    ours = {MANAGED: MANAGER, HOST: host, POD: pod.uuid,
            GENERATION: str(pod.generation)}
    if pod.deployment is not None:
        ours[DEPLOYMENT] = pod.deployment
    return dict(pod.metadata.labels or {}) | ours


def selector(host: str) -> str:
    """Of this agent's pods: each has the label that tells which it is."""
    return f'{MANAGED}={MANAGER},{HOST}={host},{POD}'


def namespace_labels(host: str) -> dict[str, str]:
    return {MANAGED: MANAGER, HOST: host}


def pods_path(namespace: str, name: str = '', part: str = '') -> str:
    path = f'/api/v1/namespaces/{namespace}/pods'
    return '/'.join(p for p in (path, name, part) if p)


def uuid_of(name: str) -> str | None:
    """The uuid in a pod's name; None: not a name of ours."""
    found = name.removeprefix('zun-')
    return found if len(found) == 36 and found != name else None
