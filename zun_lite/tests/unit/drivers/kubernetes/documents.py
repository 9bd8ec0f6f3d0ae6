"""Kubernetes' documents, as an API server gives them."""
import typing
import uuid

from zun_lite.drivers.kubernetes import names

Json = dict[str, typing.Any]
UUID = '0f0e0d0c-0b0a-4999-8877-665544332211'


def pod(*, uid: str = '', version: int = 1, generation: int = 1,
        deleting: bool = False, **status: typing.Any) -> Json:
    """One of our pods; `status`: as v1.PodStatus names it."""
    metadata = {
        'name': names.pod(UUID), 'namespace': 'zun-p', 'uid': uid or str(
            uuid.uuid4()), 'resourceVersion': str(version),
        'labels': {names.POD: UUID, names.GENERATION: str(generation)},
        'annotations': {names.PROJECT: 'p'}}
    if deleting:
        metadata['deletionTimestamp'] = '2026-01-31T12:00:00Z'
    return {'metadata': metadata, 'status': status, 'spec': {
        'containers': [{'name': 'main', 'image': 'as/asked:1'}]}}


def container(name: str = 'main', restarts: int = 0, ready: bool = False,
              **state: typing.Any) -> Json:
    return {'name': name, 'image': 'other/name:2', 'imageID': 'docker://i',
            'ready': ready, 'restartCount': restarts, 'state': state,
            'lastState': {}}


def node(name: str, *, ready: bool = True, cordoned: bool = False,
         cpu: str = '2', memory: str = '1Gi', kubelet: str = 'v1.20.2',
         **labels: str) -> Json:
    return {
        'metadata': {'name': name, 'labels': {
            'kubernetes.io/os': 'linux', **labels}},
        'spec': {'unschedulable': True} if cordoned else {},
        'status': {
            'allocatable': {'cpu': cpu, 'memory': memory, 'pods': '110'},
            'conditions': [{'type': 'Ready',
                            'status': 'True' if ready else 'Unknown'}],
            'nodeInfo': {'kubeletVersion': kubelet, 'architecture': 'amd64',
                         'operatingSystem': 'linux', 'osImage': 'Debian',
                         'kernelVersion': '6.1'}}}
