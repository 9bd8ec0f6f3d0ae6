"""Why a field is refused: set by the service, not supported yet, or unknown.

Source: Kubernetes API reference, v1.Pod (v1.34), for the names.
"""
import difflib
import typing
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

import pydantic

from zun_lite.pod import affinity
from zun_lite.pod import spec

Model = type[pydantic.BaseModel]

_NAMES: Mapping[Model, str] = {
    spec.Metadata: 'generateName ownerReferences finalizers',
    spec.PodSpec: '''
        automountServiceAccountToken
        enableServiceLinks ephemeralContainers hostIPC hostNetwork hostPID
        hostUsers hostnameOverride imagePullSecrets os overhead
        preemptionPolicy priority priorityClassName readinessGates
        resourceClaims resources runtimeClassName schedulerName
        schedulingGates serviceAccount serviceAccountName
        setHostnameAsFQDN subdomain tolerations
        ''',
    spec.Container: '''
        resizePolicy restartPolicy restartPolicyRules stdinOnce
        volumeDevices''',
    affinity.Affinity: 'nodeAffinity',
    affinity.PodAffinityTerm:
        'matchLabelKeys mismatchLabelKeys namespaceSelector namespaces',
    affinity.TopologySpreadConstraint:
        'matchLabelKeys minDomains nodeAffinityPolicy nodeTaintsPolicy',
    spec.EnvVarSource: 'fileKeyRef',
    spec.ContainerPort: 'hostPort hostIP',
    spec.Resources: 'claims',
    spec.ResourceList: 'ephemeral-storage storage pods',
    spec.VolumeMount:
        'mountPropagation recursiveReadOnly subPathExpr',
    spec.Probe: 'grpc terminationGracePeriodSeconds',
    spec.Lifecycle: 'stopSignal',
    spec.LifecycleHandler: 'httpGet tcpSocket sleep',
    spec.SecurityContext: '''
        appArmorProfile procMount seLinuxOptions seccompProfile
        windowsOptions''',
    spec.PodSecurityContext: '''
        appArmorProfile fsGroupChangePolicy seLinuxChangePolicy
        seLinuxOptions seccompProfile supplementalGroupsPolicy sysctls
        windowsOptions''',
    spec.Projection: 'clusterTrustBundle podCertificate serviceAccountToken',
    spec.Volume: '''
        awsElasticBlockStore azureDisk azureFile cephfs cinder csi ephemeral
        fc flexVolume flocker gcePersistentDisk gitRepo glusterfs hostPath
        image iscsi nfs persistentVolumeClaim photonPersistentDisk
        portworxVolume quobyte rbd scaleIO storageos vsphereVolume''',
}
_NOT_SUPPORTED = {model: frozenset(names.split())
                  for model, names in _NAMES.items()}

_SET_BY_SERVICE: Mapping[Model, frozenset[str]] = {
    spec.PodManifest: frozenset({'status', 'links'}),
    spec.Metadata: frozenset({
        'uid', 'namespace', 'resourceVersion', 'generation', 'selfLink',
        'creationTimestamp', 'deletionTimestamp',
        'deletionGracePeriodSeconds', 'managedFields'}),
    spec.PodSpec: frozenset({'nodeName'}),
}


def explain(place: tuple[int | str, ...], model: Model | None) -> str:
    """Why the field at `place` is refused; `model` is the whole document."""
    name = str(place[-1])
    holder = _holder(place[:-1], model)
    if holder is None:
        return 'unknown field'
    if _is_told(name, _SET_BY_SERVICE, holder):
        return ('is set by the service; choose with nodeSelector'
                if name == 'nodeName' else 'is set by the service')
    if _is_told(name, _NOT_SUPPORTED, holder) or (
            holder is spec.ResourceList
            and ('/' in name or name.startswith('hugepages-'))):
        return 'not supported by this service'
    known = [f.alias or n for n, f in holder.model_fields.items()]
    return f'unknown field{suggestion(name, known)}'


def _is_told(name: str, names: Mapping[Model, frozenset[str]],
             holder: Model) -> bool:
    """Whether a name is among those of a class or of what it is made from."""
    return any(name in names.get(model, ()) for model in holder.__mro__)


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'image'?` where a known name is near, else nothing."""
    folded = {_folded(k): k for k in known}
    near = difflib.get_close_matches(_folded(name), folded, n=1, cutoff=0.75)
    return f"; did you mean '{folded[near[0]]}'?" if near else ''


def _folded(name: str) -> str:
    return name[:64].replace('_', '').replace('-', '').lower()


def _holder(place: tuple[int | str, ...],
            model: Model | None) -> Model | None:
    """The class of the part of a document that `place` leads to."""
    for part in place:
        if model is None:
            return None
        if isinstance(part, int):
            continue
        by_alias = {f.alias or n: f for n, f in model.model_fields.items()}
        model = next(_models(by_alias[part].annotation), None) \
            if part in by_alias else None
    return model


def _models(annotation: object) -> Iterator[Model]:
    if isinstance(annotation, type) and issubclass(annotation,
                                                   pydantic.BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)
