"""Configs and secrets of a pod, as objects of the cluster.

Each pod has its own, under names that tell both what it is and whose, and
they belong to the pod: the cluster removes them with it.
"""
import base64
import contextlib
import hashlib
import json
import threading
import typing
from collections.abc import Iterator

from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.pod import registries
from zun_lite.pod.spec import Pod
from zun_lite.pod.supplies import Supplies

_REMEMBERED = 10_000        # pods; another is written once more
_LONGEST = 200              # of what is left of 253 beside the pod's name
_ADDRESSES = {registries.DOCKER_HUB: 'https://index.docker.io/v1/'}
_MADE = ('configMapKeyRef', 'secretKeyRef', 'configMapRef', 'secretRef',
         'configMap', 'secret')


def has_login(pod: Pod) -> bool:
    """Whether there is a login for a registry of its images."""
    return pod.supplies is not None and bool(pod.supplies.registries)


def object_name(uuid: str, name: str) -> str:
    if len(name) > _LONGEST:
        name = hashlib.sha256(name.encode()).hexdigest()[:40]
    return f'{name}.{names.pod(uuid)}'


def renamed(uuid: str, part: typing.Any) -> typing.Any:
    """A part of a pod's document that refers to the pod's own objects."""
    if isinstance(part, list):
        return [renamed(uuid, one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {key: renamed(uuid, value) for key, value in part.items()}
    for key in _MADE:
        if isinstance(found.get(key), dict):
            found[key] = _reference(uuid, found[key])
    return found


def _reference(uuid: str, source: Json) -> Json:
    return source | {key: object_name(uuid, source[key])
                     for key in ('name', 'secretName') if key in source}


def objects(pod: Pod, uid: str) -> Iterator[tuple[str, Json]]:
    """(resource, document) of each; `uid`: of the cluster's pod."""
    supplies = pod.supplies or Supplies()
    if supplies.registries:
        yield 'secrets', pull_secret(pod, uid)
    for resource, kind, entries_of, key in (
            ('configmaps', 'ConfigMap', supplies.configs, 'binaryData'),
            ('secrets', 'Secret', supplies.secrets, 'data')):
        for name, entries in sorted(entries_of.items()):
            yield resource, _object(pod, uid, kind, name) | _content(
                key, entries)


def pull_secret(pod: Pod, uid: str | None) -> Json:
    """The logins of a pod's registries, as the kubelet wants them.

    Source: Kubernetes, "Pull an Image from a Private Registry".
    """
    auths = {_ADDRESSES.get(domain, domain): login.model_dump()
             for domain, login in sorted((
                 pod.supplies or Supplies()).registries.items())}
    config = base64.b64encode(json.dumps({'auths': auths}).encode()).decode()
    return _object(pod, uid, 'Secret', '') | {
        'type': 'kubernetes.io/dockerconfigjson',
        'data': {'.dockerconfigjson': config}}


def _content(key: str, entries: dict[str, str]) -> Json:
    """A ConfigMap's texts must be text: variables are not made of bytes."""
    if key == 'data':
        return {key: entries}
    found: Json = {'data': {}, 'binaryData': {}}
    for name, encoded in entries.items():
        try:
            found['data'][name] = base64.b64decode(encoded).decode()
        except UnicodeDecodeError:
            found['binaryData'][name] = encoded
    return found


def _object(pod: Pod, uid: str | None, kind: str, name: str) -> Json:
    """`uid` None: the pod is not there yet. No name: the pull secret, which
    has a name that no secret of users gets."""
    owners = [] if uid is None else [{
        'apiVersion': 'v1', 'kind': 'Pod', 'name': names.pod(pod.uuid),
        'uid': uid}]
    return {'apiVersion': 'v1', 'kind': kind, 'metadata': {
        'name': object_name(pod.uuid, name) if name else names.pod(pod.uuid),
        'namespace': names.namespace(pod.project_id),
        'labels': {names.MANAGED: names.MANAGER, names.POD: pod.uuid},
        'ownerReferences': owners}}


class Supplier:
    """Makes and updates the objects of pods."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._done: dict[str, str] = {}     # digest, by the pod's uid

    def keep(self, pod: Pod, uid: str) -> None:
        """Bring the objects of a pod up to date.

        What is no more stays, as the pod has it already.

        :raises Refused:
        :raises EngineUnavailable:
        """
        if pod.supplies is None:
            return
        wanted = list(objects(pod, uid))
        state = hashlib.sha256(repr(wanted).encode()).hexdigest()
        if self._done.get(uid) == state:
            return
        for resource, document in wanted:
            self._put(resource, document)
        with self._lock:
            self._done[uid] = state
            while len(self._done) > _REMEMBERED:
                self._done.pop(next(iter(self._done)))

    def prepare(self, pod: Pod) -> None:
        """Put there what the pod's images are pulled with, before it is.

        The kubelet would try without, and then wait before it tries again.
        Once the pod is there, `keep` gives it to the pod.

        :raises Refused:
        :raises EngineUnavailable:
        """
        if has_login(pod):
            self._put('secrets', pull_secret(pod, None))

    def withdraw(self, pod: Pod) -> None:
        """Take back what was prepared for a pod that cannot be made."""
        if has_login(pod):
            with contextlib.suppress(Refused):
                self._cluster.call('DELETE', '/api/v1/namespaces/'
                                   f'{names.namespace(pod.project_id)}'
                                   f'/secrets/{names.pod(pod.uuid)}')

    def _put(self, resource: str, document: Json) -> None:
        metadata = document['metadata']
        path = f'/api/v1/namespaces/{metadata["namespace"]}/{resource}'
        try:
            self._cluster.call('POST', path, document)
        except Refused as refused:
            if refused.reason != 'AlreadyExists':
                raise
            self._cluster.call('PUT', f'{path}/{metadata["name"]}', document)
