"""Groups of optional fields that a driver honours together, or not at all.

A driver names the groups that it honours, so a field is refused until one
of them is told to hold it:

    fields = features.fields(features.CORE, features.PROBES)

A group tells each class of `spec.py` with the fields it has there, by their
wire names; where a value decides, the values. A nested field counts only
where what holds it is honoured too. Every field is in exactly one group.
"""
import enum
from collections.abc import Iterator
from collections.abc import Mapping

from zun_lite.pod import affinity
from zun_lite.pod import capabilities
from zun_lite.pod import spec

Model = type[spec.Document]
Group = Mapping[Model, str]

CORE: Group = {
    spec.PodSpec: '''initContainers restartPolicy=Always
        restartPolicy=OnFailure restartPolicy=Never
        terminationGracePeriodSeconds activeDeadlineSeconds hostname
        hostAliases shareProcessNamespace nodeSelector''',
    spec.HostAlias: 'hostnames',
    spec.Container: '''command args workingDir env ports resources
        imagePullPolicy=Always imagePullPolicy=IfNotPresent
        imagePullPolicy=Never tty stdin''',
    spec.EnvVar: 'value',
    spec.ContainerPort: 'name protocol=TCP protocol=UDP protocol=SCTP',
    spec.Resources: 'limits requests',
    spec.ResourceList: 'cpu memory'}
PROBES: Group = {
    spec.Container: 'livenessProbe readinessProbe startupProbe',
    spec.Probe: '''exec httpGet tcpSocket initialDelaySeconds periodSeconds
        timeoutSeconds successThreshold failureThreshold''',
    spec.HttpGetAction:
        'path host scheme=HTTP scheme=HTTPS httpHeaders',
    spec.TcpSocketAction: 'host'}
HOOKS: Group = {
    spec.Container: 'lifecycle',
    spec.Lifecycle: 'postStart preStop', spec.LifecycleHandler: 'exec'}
SECURITY: Group = {
    spec.Container: 'securityContext',
    spec.SecurityContext: '''runAsUser runAsGroup runAsNonRoot
        readOnlyRootFilesystem allowPrivilegeEscalation privileged
        capabilities''',
    spec.Capabilities: 'add drop'}
EMPTY_DIR: Group = {
    spec.PodSpec: 'volumes', spec.Container: 'volumeMounts',
    spec.VolumeMount: 'readOnly', spec.Volume: 'emptyDir',
    spec.EmptyDir: 'medium=Memory sizeLimit'}

OWN_FIELDS: Group = {
    spec.EnvVar: 'valueFrom',
    spec.EnvVarSource: 'fieldRef resourceFieldRef',
    spec.ObjectFieldSelector: 'apiVersion',
    spec.ResourceFieldSelector: 'containerName divisor'}
POD_SECURITY: Group = {
    spec.PodSpec: 'securityContext',
    spec.PodSecurityContext: '''runAsUser runAsGroup runAsNonRoot fsGroup
        supplementalGroups'''}
MESSAGES: Group = {
    spec.Container: '''terminationMessagePath
        terminationMessagePolicy=File
        terminationMessagePolicy=FallbackToLogsOnError'''}
DNS: Group = {
    spec.PodSpec: '''dnsPolicy=ClusterFirst dnsPolicy=Default
        dnsPolicy=None dnsConfig''',
    spec.DnsConfig: 'nameservers searches options',
    spec.DnsOption: 'value'}
SIDECARS: Group = {spec.InitContainer: 'restartPolicy'}
AFFINITY: Group = {
    spec.PodSpec: 'affinity topologySpreadConstraints',
    affinity.Affinity: 'podAffinity podAntiAffinity',
    affinity.PodAffinity: '''requiredDuringSchedulingIgnoredDuringExecution
        preferredDuringSchedulingIgnoredDuringExecution''',
    affinity.PodAffinityTerm: 'labelSelector',
    affinity.TopologySpreadConstraint: 'labelSelector',
    affinity.LabelSelector: 'matchLabels matchExpressions',
    affinity.LabelRequirement: 'values'}
SUB_PATH: Group = {spec.VolumeMount: 'subPath'}
CONFIGS: Group = {
    spec.EnvVarSource: 'configMapKeyRef secretKeyRef',
    spec.ConfigKey: 'optional', spec.SecretKey: 'optional',
    spec.Container: 'envFrom',
    spec.EnvFrom: 'prefix configMapRef secretRef',
    spec.ConfigReference: 'optional', spec.SecretReference: 'optional',
    spec.Volume: 'configMap secret',
    spec.ConfigVolume: 'items optional defaultMode',
    spec.SecretVolume: 'items optional defaultMode',
    spec.KeyToPath: 'mode'}
OWN_FILES: Group = {
    spec.Volume: 'downwardAPI', spec.OwnVolume: 'items defaultMode',
    spec.OwnFile: 'fieldRef resourceFieldRef mode',
    spec.FileFieldSelector: 'apiVersion'}
PROJECTED: Group = {
    spec.Volume: 'projected',
    spec.ProjectedVolume: 'sources defaultMode',
    spec.Projection: 'configMap secret downwardAPI',
    spec.ConfigFiles: 'items optional', spec.SecretFiles: 'items optional',
    spec.OwnFiles: 'items'}

FIRST = (CORE, PROBES, HOOKS, SECURITY, EMPTY_DIR)
"""What every driver needs to be of use."""


def fields(*groups: Group) -> frozenset[str]:
    """The fields of these groups, as `pod.capabilities` names them."""
    told: dict[Model, set[str]] = {}
    for group in groups:
        for model, names in group.items():
            told.setdefault(model, set()).update(names.split())
    return frozenset(_honoured(spec.PodSpec, 'spec', told))


def _honoured(model: Model, at: str,
              told: Mapping[Model, set[str]]) -> Iterator[str]:
    names = told.get(model, set())
    joint = capabilities.TOGETHER.get(model)
    if joint and names.issuperset(joint):
        yield '.'.join((at, *joint))
    for attribute, field in model.model_fields.items():
        alias = field.alias or attribute
        path = f'{at}.{alias}'
        values = [f'={m.value}' for kind in capabilities.classes_in(
            field.annotation, enum.Enum)[:1] for m in kind if m.value]
        given = [value for value in values or ['']
                 if f'{alias}{value}' in names]
        if not field.is_required():
            yield from (f'{path}{value}' for value in given)
        if path == capabilities.INIT and given:
            own = told.get(spec.InitContainer, ())
            yield from (f'{path}.{alias}' for alias in
                        capabilities.OF_INIT.values() if alias in own)
        if path == capabilities.INIT or not (given or field.is_required()):
            continue
        for part in capabilities.classes_in(field.annotation, spec.Document):
            yield from _honoured(part, path, told)
