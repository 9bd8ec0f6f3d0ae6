"""From our pod to Kubernetes' document; pure.

Our spec is a part of v1.Pod, so it goes over as it is. What is added are
the defaults that differ from Kubernetes': no service account's token and no
variables of services in the containers, and the pod's own name as hostname;
and what a pod is told of itself are the names that its owner knows.
"""
import typing

from zun_lite.drivers.kubernetes import environment
from zun_lite.drivers.kubernetes import metadata
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import supplied
from zun_lite.pod.spec import Pod

OURS = 'zun-lite/'                  # keys of nodeSelector that choose a host


def document(pod: Pod, host: str, *, restricted: bool = False,
             ) -> dict[str, typing.Any]:
    """What is sent to the API server.

    `restricted`: of the profiles of system calls ask for the runtime's own,
    which Docker hosts use anyway and that Pod Security level demands.
    """
    spec = pod.spec.model_dump(mode='json', exclude_none=True)
    spec |= {'automountServiceAccountToken': False,
             'enableServiceLinks': False,
             'hostname': pod.spec.hostname or hostname(pod.metadata.name)}
    for kind in 'containers', 'initContainers':
        if kind in spec:
            spec[kind] = [environment.with_our_names(
                pod, supplied.renamed(pod.uuid, container))
                for container in spec[kind]]
    if 'volumes' in spec:
        spec['volumes'] = [environment.with_our_files(
            pod, supplied.renamed(pod.uuid, volume))
            for volume in spec['volumes']]
    if supplied.has_login(pod):
        spec['imagePullSecrets'] = [{'name': names.pod(pod.uuid)}]
    selector = {key: value for key, value in (
        pod.spec.node_selector or {}).items() if not key.startswith(OURS)}
    spec.pop('nodeSelector', None)
    if restricted:
        spec['securityContext'] = spec.get('securityContext', {}) | {
            'seccompProfile': {'type': 'RuntimeDefault'}}
    if selector:
        spec['nodeSelector'] = selector
    return {'apiVersion': 'v1', 'kind': 'Pod', 'spec': spec, 'metadata': {
        'name': names.pod(pod.uuid),
        'namespace': names.namespace(pod.project_id),
        **metadata.described(pod, host)}}


def hostname(name: str) -> str:
    """A pod's name as a host's: its first 63 characters, dots as dashes."""
    return name.replace('.', '-')[:63].rstrip('-')
