"""Names, labels and paths of what we keep in a cluster."""
from zun_lite.pod.spec import Pod

MANAGED = 'app.kubernetes.io/managed-by'
MANAGER = 'zun-lite'
HOST = 'zun-lite/host'              # the agent that owns it
POD = 'zun-lite/pod'
DEPLOYMENT = 'zun-lite/deployment'
GENERATION = 'zun-lite/generation'
PROJECT = 'zun-lite/project'        # annotation: any text
DIGEST = 'zun-lite/digest'          # annotation: of labels and annotations


def namespace(project_id: str) -> str:
    """The project's namespace. Keystone's ids are names already."""
    return f'zun-{project_id.lower()}'[:63].rstrip('-')


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
    return f'{MANAGED}={MANAGER},{HOST}={host}'


def namespace_labels(host: str) -> dict[str, str]:
    return {MANAGED: MANAGER, HOST: host}


def pods_path(namespace: str, name: str = '', part: str = '') -> str:
    path = f'/api/v1/namespaces/{namespace}/pods'
    return '/'.join(p for p in (path, name, part) if p)


def uuid_of(name: str) -> str | None:
    """The uuid in a pod's name; None: not a name of ours."""
    found = name.removeprefix('zun-')
    return found if len(found) == 36 and found != name else None
