"""Labels on engine objects: whose they are, and what adoption needs.

The sandbox carries the pod's document without what only matters when a
container is made (commands, environment): with it a pod can be shown and
ended by an agent that knows nothing else of it.

The engine also puts an image's labels on a container, as far as the request
does not name them. So containers of ours name all that is read of one, ''
for none; that a container is ours at all, its name tells: see `seen.known`.
"""
from collections.abc import Mapping

from zun_lite.pod.spec import Pod

HOST = 'zun-lite/host'              # the agent that owns it
POD = 'zun-lite/pod'
PROJECT = 'zun-lite/project'
DEPLOYMENT = 'zun-lite/deployment'
GENERATION = 'zun-lite/generation'
KIND = 'zun-lite/kind'              # sandbox, init or container
CONTAINER = 'zun-lite/container'
CONTAINER_UUID = 'zun-lite/container-uuid'
ATTEMPT = 'zun-lite/attempt'        # how often it was started before
SANDBOX = 'zun-lite/sandbox'        # attempt of the sandbox it is joined to
BACKOFF = 'zun-lite/backoff'        # seconds this restart had to wait
STARTED = 'zun-lite/started'        # when the pod began, RFC 3339
DOCUMENT = 'zun-lite/document'
VOLUME = 'zun-lite/volume'
NETWORK = 'zun-lite/network'        # that a project made
NETWORKS = 'zun-lite/networks'      # those that a plain container names

_OF_CONTAINERS = (HOST, POD, PROJECT, DEPLOYMENT, GENERATION, KIND,
                  CONTAINER, CONTAINER_UUID, ATTEMPT, SANDBOX, BACKOFF,
                  STARTED, DOCUMENT)

_NOT_KEPT = {'__all__': {'env', 'command', 'args', 'working_dir', 'tty',
                         'stdin', 'security_context'}}


def document(pod: Pod) -> str:
    """The pod as JSON, without what only the making of containers needs."""
    return pod.model_dump_json(exclude_unset=True, exclude={
        'supplies': True, 'project_limits': True, 'deployment': True,
        'metadata': {'labels', 'annotations'},
        'spec': {'containers': _NOT_KEPT, 'init_containers': _NOT_KEPT}})


def of_pod(pod: Pod, host: str) -> dict[str, str]:
    """What every object of a pod carries."""
    found = {HOST: host, POD: pod.uuid, PROJECT: pod.project_id,
             GENERATION: str(pod.generation)}
    if pod.deployment is not None:
        found[DEPLOYMENT] = pod.deployment
    return found


def _nothing() -> dict[str, str]:
    """So that nothing is left for an image to say."""
    return dict.fromkeys(_OF_CONTAINERS, '')


def of_sandbox(pod: Pod, host: str, attempt: int,
               started: str) -> dict[str, str]:
    return _nothing() | of_pod(pod, host) | {
        KIND: 'sandbox', ATTEMPT: str(attempt), STARTED: started,
        DOCUMENT: document(pod)}


def of_run(pod: Pod, host: str, name: str, *, init: bool, attempt: int,
           sandbox: int, backoff_s: float | None) -> dict[str, str]:
    found = _nothing() | of_pod(pod, host) | {
        KIND: 'init' if init else 'container', CONTAINER: name,
        CONTAINER_UUID: pod.container_uuids.get(name, ''),
        ATTEMPT: str(attempt), SANDBOX: str(sandbox)}
    if backoff_s is not None:
        found[BACKOFF] = str(backoff_s)
    return found


def networks(marks: Mapping[str, str]) -> set[str]:
    """The networks that a pod is on, by what an object of it says; its
    project's own by the project."""
    named = marks.get(NETWORKS)
    if named is None:
        return {marks.get(PROJECT, '')}
    return set(filter(None, named.split(',')))


def owned(host: str, **more: str) -> dict[str, list[str]]:
    """The engine's filter for objects of this host: `owned(h, pod=uuid)`."""
    wanted = [f'{HOST}={host}']
    wanted += [f'zun-lite/{key}={value}' for key, value in more.items()]
    return {'label': wanted}
