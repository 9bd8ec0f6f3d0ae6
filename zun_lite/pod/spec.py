"""The pod as its owner asks for it: Kubernetes' v1.Pod, frozen and typed.

These classes are the one description of the document: they validate its
shape, give the JSON Schema that the OpenAPI document serves, and are what
drivers receive. Attributes are the wire names in snake_case; the unit is in
the name (`_seconds`) or the type (`Quantity`). A field that is not here is
refused with its path. Meaning across fields is in `validation.py`.

Source: Kubernetes API reference, v1.Pod (v1.33) for names and defaults.
"""
import enum
import typing

import pydantic

from zun_lite.pod import affinity as affinity_module
from zun_lite.pod import fields
from zun_lite.pod import limits
from zun_lite.pod import linux
from zun_lite.pod import plain as plain_module
from zun_lite.pod import quantities
from zun_lite.pod import registries
from zun_lite.pod import states
from zun_lite.pod import supplies as supplies_module
from zun_lite.pod.part import also
from zun_lite.pod.part import at_most
from zun_lite.pod.part import Document
from zun_lite.pod.part import exactly_one_of

Words = typing.Annotated[tuple[fields.Argument, ...], at_most(4096)]
Command = typing.Annotated[Words, pydantic.Field(json_schema_extra={
    'prefixItems': [{
        'type': 'string', 'minLength': 1, 'pattern': fields.TEXT,
        'maxLength': linux.MAX_ARGUMENT}]})]


class RestartPolicy(enum.StrEnum):
    ALWAYS = 'Always'
    ON_FAILURE = 'OnFailure'
    NEVER = 'Never'


class PullPolicy(enum.StrEnum):
    ALWAYS = 'Always'
    IF_NOT_PRESENT = 'IfNotPresent'
    NEVER = 'Never'


class Protocol(enum.StrEnum):
    TCP = 'TCP'
    UDP = 'UDP'
    SCTP = 'SCTP'


class Medium(enum.StrEnum):
    DISK = ''
    MEMORY = 'Memory'


class Scheme(enum.StrEnum):
    HTTP = 'HTTP'
    HTTPS = 'HTTPS'


class MessagePolicy(enum.StrEnum):
    FILE = 'File'
    LOGS_ON_ERROR = 'FallbackToLogsOnError'


class DnsPolicy(enum.StrEnum):
    CLUSTER_FIRST = 'ClusterFirst'
    DEFAULT = 'Default'
    NONE = 'None'


class ObjectFieldSelector(Document):
    """A field of the pod itself, known when its container is made."""
    api_version: typing.Literal['v1'] | None = None
    field_path: fields.EnvOwnField


Amount = typing.Literal['limits.cpu', 'limits.memory', 'requests.cpu',
                        'requests.memory']


class ResourceFieldSelector(Document):
    """An amount of a container, in units of `divisor`, rounded up.

    A limit that is not set is what the host has; a request, the limit.
    """
    resource: Amount
    container_name: fields.Label | None = None      # default: this one
    divisor: quantities.Quantity | None = None      # default 1


class ConfigReference(Document):
    """A config of the project. `optional`: it need not be there."""
    name: fields.Subdomain
    optional: bool | None = None


class SecretReference(Document):
    """A secret of the project."""
    name: fields.Subdomain
    optional: bool | None = None


class ConfigKey(ConfigReference):
    """One entry of a config."""
    key: fields.DataKey


class SecretKey(SecretReference):
    """One entry of a secret."""
    key: fields.DataKey


class EnvVarSource(Document):
    """Where a value comes from; exactly one."""
    model_config = exactly_one_of('fieldRef', 'resourceFieldRef',
                                   'configMapKeyRef', 'secretKeyRef')
    field_ref: ObjectFieldSelector | None = None
    resource_field_ref: ResourceFieldSelector | None = None
    config_map_key_ref: ConfigKey | None = None
    secret_key_ref: SecretKey | None = None


class EnvFrom(Document):
    """Every entry of a config or secret; exactly one of them."""
    model_config = exactly_one_of('configMapRef', 'secretRef')
    prefix: fields.EnvPrefix | None = None
    config_map_ref: ConfigReference | None = None
    secret_ref: SecretReference | None = None


class EnvVar(Document):
    """An environment variable. Without value and source it is empty."""
    name: fields.EnvName
    value: fields.Argument | None = None
    value_from: EnvVarSource | None = None


class ContainerPort(Document):
    """A port the container listens on; informative, as in Kubernetes."""
    container_port: fields.PortNumber
    name: fields.PortName | None = None
    protocol: Protocol | None = None


class ResourceList(Document):
    """Amounts of one container. cpu in cores, memory in bytes."""
    cpu: quantities.Quantity | None = None
    memory: quantities.Quantity | None = None

    @property
    def cpu_millis(self) -> int | None:
        """Thousandths of a core, rounded up; None where not given."""
        return None if self.cpu is None else quantities.millis(self.cpu)

    @property
    def memory_bytes(self) -> int | None:
        """Bytes, rounded up; None where not given."""
        return (None if self.memory is None
                else quantities.whole(self.memory))


class Resources(Document):
    """Limits are enforced; requests are what placement sets aside."""
    limits: ResourceList | None = None
    requests: ResourceList | None = None


class VolumeMount(Document):
    name: fields.Label
    mount_path: fields.MountPath
    read_only: bool | None = None
    sub_path: fields.InsidePath | None = None   # in the volume


class ExecAction(Document):
    """A command run in the container without a shell; 0 is success."""
    command: typing.Annotated[Command, pydantic.Field(min_length=1)]


class HttpHeader(Document):
    name: fields.HeaderName
    value: fields.HeaderValue


class HttpGetAction(Document):
    """A GET; 200 to 399 is success. `host` is the pod's IP unless given."""
    port: fields.Port
    path: fields.UrlPath | None = None          # default /
    host: fields.ProbeHost | None = None
    scheme: Scheme | None = None                # default HTTP
    http_headers: typing.Annotated[
        tuple[HttpHeader, ...], at_most(64)] | None = None


class TcpSocketAction(Document):
    """A connection that opens is success."""
    port: fields.Port
    host: fields.ProbeHost | None = None


class Probe(Document):
    """A repeated question to a container; one of exec, httpGet, tcpSocket."""
    model_config = exactly_one_of('exec', 'httpGet', 'tcpSocket')
    exec: ExecAction | None = None
    http_get: HttpGetAction | None = None
    tcp_socket: TcpSocketAction | None = None
    initial_delay_seconds: fields.Seconds | None = None      # default 0
    period_seconds: fields.PositiveSeconds | None = None     # default 10
    timeout_seconds: fields.PositiveSeconds | None = None    # default 1
    success_threshold: fields.Count | None = None            # default 1
    failure_threshold: fields.Count | None = None            # default 3


class LifecycleHandler(Document):
    model_config = exactly_one_of('exec')
    exec: ExecAction | None = None


SteadyProbe = typing.Annotated[Probe, also(
    successThreshold={'enum': [1, None]})]


class Lifecycle(Document):
    """Hooks: postStart right after the start, preStop before the signal."""
    post_start: LifecycleHandler | None = None
    pre_stop: LifecycleHandler | None = None


CapabilityNames = typing.Annotated[
    tuple[fields.CapabilityName, ...], at_most(64)]


class Capabilities(Document):
    """Linux capabilities, named without the CAP_ prefix."""
    add: CapabilityNames | None = None
    drop: CapabilityNames | None = None


class SecurityContext(Document):
    run_as_user: fields.UserId | None = None
    run_as_group: fields.UserId | None = None
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool | None = None
    allow_privilege_escalation: bool | None = None
    privileged: bool | None = None
    capabilities: Capabilities | None = None


SupplementalGroups = typing.Annotated[
    tuple[fields.UserId, ...], at_most(64)]


class PodSecurityContext(Document):
    """Of all containers; their own securityContext goes before it.

    `fs_group` owns the volumes, and every process is a member of it.
    """
    run_as_user: fields.UserId | None = None
    run_as_group: fields.UserId | None = None
    run_as_non_root: bool | None = None
    fs_group: fields.UserId | None = None
    supplemental_groups: SupplementalGroups | None = None

    @property
    def groups(self) -> tuple[int, ...]:
        """Of every process, beside its primary one."""
        own = () if self.fs_group is None else (self.fs_group,)
        return tuple(dict.fromkeys((*own, *(self.supplemental_groups or ()))))


class Container(Document):
    """One container. Absent command and args: the image's own."""
    name: fields.Label
    image: fields.Image
    command: Command | None = None
    args: Words | None = None
    working_dir: fields.WorkingDir | None = None
    env: typing.Annotated[tuple[EnvVar, ...], at_most(1024)] | None = None
    env_from: typing.Annotated[
        tuple[EnvFrom, ...], at_most(256)] | None = None
    ports: typing.Annotated[
        tuple[ContainerPort, ...], at_most(256)] | None = None
    resources: Resources | None = None
    volume_mounts: typing.Annotated[
        tuple[VolumeMount, ...], at_most(64)] | None = None
    image_pull_policy: PullPolicy | None = None
    tty: bool | None = None
    stdin: bool | None = None
    liveness_probe: SteadyProbe | None = None
    readiness_probe: Probe | None = None
    startup_probe: SteadyProbe | None = None
    lifecycle: Lifecycle | None = None
    security_context: SecurityContext | None = None
    termination_message_path: fields.MountPath | None = None
    termination_message_policy: MessagePolicy | None = None    # default File

    @property
    def is_sidecar(self) -> bool:
        """Whether it starts with init containers and goes on beside all."""
        return False

    @property
    def limits(self) -> ResourceList:
        """What is enforced; empty where nothing is."""
        return (self.resources and self.resources.limits) or ResourceList()

    @property
    def requests(self) -> ResourceList:
        """What placement counts: each request, or else the limit."""
        asked = (self.resources and self.resources.requests) or ResourceList()
        limits = self.limits
        return ResourceList(cpu=asked.cpu or limits.cpu,
                            memory=asked.memory or limits.memory)

    @property
    def effective_pull_policy(self) -> PullPolicy:
        """The given policy; else Always for `latest`, or IfNotPresent."""
        if self.image_pull_policy is not None:
            return self.image_pull_policy
        if '@' in self.image:
            return PullPolicy.IF_NOT_PRESENT
        tag = self.image.rpartition('/')[2].partition(':')[2]
        return (PullPolicy.ALWAYS if tag in ('', 'latest')
                else PullPolicy.IF_NOT_PRESENT)


class InitContainer(Container):
    """Runs to its end before the next one starts.

    With a `restart_policy` it is a sidecar: the next one starts once it is
    started, it goes on beside the containers, and is ended after them.
    """
    model_config = pydantic.ConfigDict(json_schema_extra={'anyOf': [
        {'required': ['restartPolicy'],
         'properties': {'restartPolicy': {'const': 'Always'}}},
        {'properties': {name: {'type': 'null'} for name in (
            'livenessProbe', 'readinessProbe', 'startupProbe',
            'lifecycle')}}]})
    restart_policy: typing.Literal['Always'] | None = None

    @property
    def is_sidecar(self) -> bool:
        return self.restart_policy is not None


class EmptyDir(Document):
    """A directory that lives as long as the pod."""
    medium: Medium | None = None
    size_limit: quantities.Quantity | None = None


class KeyToPath(Document):
    """Where in the volume an entry is."""
    key: fields.DataKey
    path: fields.InsidePath
    mode: fields.FileMode | None = None


Items = typing.Annotated[tuple[KeyToPath, ...], at_most(1024)]


class ConfigFiles(ConfigReference):
    """A file for each entry of a config, or for each of `items`."""
    items: Items | None = None


class SecretFiles(SecretReference):
    """The same of a secret."""
    items: Items | None = None


class FileFieldSelector(Document):
    """A field of the pod itself that may be a file."""
    api_version: typing.Literal['v1'] | None = None
    field_path: fields.FileOwnField


class OwnFile(Document):
    """A file that tells of the pod itself."""
    model_config = exactly_one_of('fieldRef', 'resourceFieldRef')
    path: fields.InsidePath
    field_ref: FileFieldSelector | None = None
    resource_field_ref: ResourceFieldSelector | None = None
    mode: fields.FileMode | None = None


class OwnFiles(Document):
    items: typing.Annotated[
        tuple[OwnFile, ...], at_most(256)] | None = None


class Projection(Document):
    """One source of a projected volume."""
    model_config = exactly_one_of('configMap', 'secret', 'downwardAPI')
    config_map: ConfigFiles | None = None
    secret: SecretFiles | None = None
    downward_api: OwnFiles | None = pydantic.Field(
        default=None, alias='downwardAPI')


class ConfigVolume(ConfigFiles):
    default_mode: fields.FileMode | None = None         # default 0644


class SecretVolume(Document):
    """As `configMap`, but for the name's name."""
    secret_name: fields.Subdomain
    items: Items | None = None
    optional: bool | None = None
    default_mode: fields.FileMode | None = None         # default 0644


class OwnVolume(OwnFiles):
    default_mode: fields.FileMode | None = None         # default 0644


class ProjectedVolume(Document):
    """Several sources in one directory.

    No two items have one path. Where an entry of a source without items has
    the name of another file, the last one wins.
    """
    sources: typing.Annotated[
        tuple[Projection, ...], at_most(64)] | None = None
    default_mode: fields.FileMode | None = None         # default 0644


class Volume(Document):
    """Files for containers to mount; exactly one kind."""
    model_config = exactly_one_of('emptyDir', 'configMap', 'secret',
                                   'downwardAPI', 'projected')
    name: fields.Label
    empty_dir: EmptyDir | None = None
    config_map: ConfigVolume | None = None
    secret: SecretVolume | None = None
    downward_api: OwnVolume | None = pydantic.Field(
        default=None, alias='downwardAPI')
    projected: ProjectedVolume | None = None


class HostAlias(Document):
    """A line of /etc/hosts."""
    ip: fields.IpAddress
    hostnames: typing.Annotated[
        tuple[fields.Subdomain, ...], at_most(64)] | None = None


class DnsOption(Document):
    """An option of the resolver: ndots with value 2."""
    name: fields.DnsWord
    value: fields.DnsWord | None = None


class DnsConfig(Document):
    """Added to what `dnsPolicy` gives."""
    nameservers: typing.Annotated[
        tuple[fields.IpAddress, ...], at_most(3)] | None = None
    searches: typing.Annotated[
        tuple[fields.DnsSearch, ...], at_most(32)] | None = None
    options: typing.Annotated[
        tuple[DnsOption, ...], at_most(32)] | None = None


class PodSpec(Document):
    """What runs together, sharing one network and IPC namespace."""
    containers: typing.Annotated[
        tuple[Container, ...], pydantic.Field(min_length=1, max_length=64)]
    init_containers: typing.Annotated[
        tuple[InitContainer, ...], at_most(64)] | None = None
    volumes: typing.Annotated[
        tuple[Volume, ...], at_most(64)] | None = None
    restart_policy: RestartPolicy | None = None           # default Always
    termination_grace_period_seconds: fields.Seconds | None = None  # 30
    active_deadline_seconds: fields.PositiveSeconds | None = None
    hostname: fields.Label | None = None
    host_aliases: typing.Annotated[
        tuple[HostAlias, ...], at_most(256)] | None = None
    share_process_namespace: bool | None = None
    node_selector: fields.Labels | None = None
    affinity: affinity_module.Affinity | None = None
    topology_spread_constraints: typing.Annotated[
        tuple[affinity_module.TopologySpreadConstraint, ...],
        at_most(16)] | None = None
    security_context: PodSecurityContext | None = None
    dns_policy: DnsPolicy | None = None                # default ClusterFirst
    dns_config: DnsConfig | None = None

    def security_of(self, container: Container) -> SecurityContext:
        """What holds for a container: its own words, then the pod's."""
        own = container.security_context or SecurityContext()
        ours = self.security_context or PodSecurityContext()
        names = ('run_as_user', 'run_as_group', 'run_as_non_root')
        return own.model_copy(update={
            name: getattr(ours, name) for name in names
            if getattr(own, name) is None})

    @property
    def groups(self) -> tuple[int, ...]:
        """Of every process, beside its primary one."""
        return self.security_context.groups if self.security_context else ()

    @property
    def fs_group(self) -> int | None:
        ours = self.security_context
        return ours.fs_group if ours is not None else None

    @property
    def effective_restart_policy(self) -> RestartPolicy:
        return self.restart_policy or RestartPolicy.ALWAYS

    @property
    def grace_period_s(self) -> int:
        """Seconds between asking a container to end and killing it."""
        grace = self.termination_grace_period_seconds
        return 30 if grace is None else grace

    @property
    def all_containers(self) -> tuple[Container, ...]:
        """Init containers first, in the order in which they start."""
        return (self.init_containers or ()) + self.containers

    @property
    def sidecars(self) -> tuple[Container, ...]:
        """In the order in which they start."""
        return tuple(c for c in self.init_containers or () if c.is_sidecar)

    @property
    def requested(self) -> tuple[int, int]:
        """(cpu_millis, memory_bytes) that placement sets aside."""
        return (self._most(lambda asked: asked.cpu_millis or 0),
                self._most(lambda asked: asked.memory_bytes or 0))

    def _most(self, amount: typing.Callable[[ResourceList], int]) -> int:
        """What is asked for at the moment when it is most.

        Init containers run one by one before the others, beside the sidecars
        that were started before them.
        """
        beside = most = 0
        for container in self.init_containers or ():
            asked = amount(container.requests)
            most = max(most, beside + asked)
            beside += asked if container.is_sidecar else 0
        return max(most, beside + sum(
            amount(c.requests) for c in self.containers))


class Metadata(Document):
    """What names and describes a pod."""
    name: fields.Subdomain
    labels: fields.Labels | None = None
    annotations: fields.Annotations | None = None


class PodManifest(Document):
    """The whole document a user sends."""
    api_version: typing.Literal['v1']
    kind: typing.Literal['Pod']
    metadata: Metadata
    spec: PodSpec


class Pod(Document):
    """A stored pod as the conductor hands it to an agent, and it to a driver.

    `generation` counts changes of `desired`; an engine object that carries an
    older one is replaced when the pod is to run. `container_uuids` maps
    every container's name, init ones included, to its UUID. `last_phase` is
    the phase on record for this generation (absent: none yet): an agent that
    lost its memory must not run again what has ended. Drivers ignore it.
    `supplies` may be secret: it is for containers, and for no log or label.
    `plain`: it was made as a container of its own. `project_limits`: absent
    where nobody told of any. `deployment`: whose pod it is; an engine, and
    even a host's name, may be shared by several.
    """
    uuid: str
    project_id: str
    generation: int
    desired: typing.Literal['running', 'created', 'paused', 'stopped',
                            'absent']
    metadata: Metadata
    spec: PodSpec
    container_uuids: dict[str, str]
    last_phase: states.Phase | None = None
    supplies: supplies_module.Supplies | None = pydantic.Field(
        default=None, repr=False)
    plain: plain_module.Plain | None = None
    project_limits: limits.ProjectLimits | None = None
    deployment: str | None = None

    def login(self, image: str) -> supplies_module.Login | None:
        """What to pull this image with; None: without a password."""
        known = self.supplies.registries if self.supplies else {}
        return known.get(registries.domain_of(image))
