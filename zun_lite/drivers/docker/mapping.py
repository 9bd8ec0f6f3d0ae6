"""From a pod to the bodies of POST /containers/create: pure.

Source: Docker Engine API 1.41, ContainerCreate. CPU limits become a quota
per 100 ms rather than NanoCpus, which the engine refuses where they exceed
the machine; Kubernetes allows that.
"""
import typing
from collections.abc import Mapping
from collections.abc import Sequence

from zun_lite.drivers.docker import dns
from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import messages
from zun_lite.drivers.docker import security
from zun_lite.drivers.docker import supplied
from zun_lite.drivers.docker import volumes
from zun_lite.drivers.docker.settings import Settings
from zun_lite.pod import expansion
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Pod

Body = dict[str, typing.Any]

_PERIOD_US = 100_000
_MIN_QUOTA_US = 1_000               # the kernel's
_MIN_SHARES, _MAX_SHARES = 2, 262_144       # the kernel's
_HOSTNAME_MAX = 63


def hostname(pod: Pod) -> str:
    """The given one, or the pod's name cut to what a hostname may be."""
    return pod.spec.hostname or (
        pod.metadata.name[:_HOSTNAME_MAX].rstrip('-.'))


def sandbox(pod: Pod, settings: Settings, host: str, *, attempt: int,
            started: str, network: str,
            resolver: dns.Resolver = dns.Resolver()) -> Body:  # noqa: B008
    """The sandbox. `started`: when the pod began, RFC 3339."""
    aliases = pod.spec.host_aliases or ()
    return {
        'Image': settings.sandbox_image,
        'Hostname': hostname(pod),
        'Labels': labels.of_sandbox(pod, host, attempt, started),
        'HostConfig': {
            'NetworkMode': network, 'IpcMode': 'shareable',
            'CpuShares': _MIN_SHARES,
            'ExtraHosts': [f'{name}:{alias.ip}' for alias in aliases
                           for name in alias.hostnames or ()],
            'Mounts': [*volumes.of_sandbox(pod, host),
                       *supplied.of_sandbox(pod, host, volumes.ROOT),
                       messages.of_sandbox(pod, host, volumes.ROOT)],
            'LogConfig': {'Type': 'none'},
            'RestartPolicy': {'Name': 'no'},
            **dns.host_config(pod.spec, resolver)}}


def container(pod: Pod, wanted: Container, settings: Settings, host: str, *,
              sandbox_id: str, sandbox_attempt: int, attempt: int,
              backoff_s: float | None, image_user: str = '',
              env: Mapping[str, str], mounts: Sequence[Body] = ()) -> Body:
    """One run of a container, joined to the sandbox.

    `env`: its variables. `mounts`: beside those of the pod's volumes.

    Kubernetes' rules: `command` replaces the image's entrypoint and drops its
    arguments; `args` alone keeps the entrypoint. The image's health check is
    not ours to run.
    """
    context = pod.spec.security_of(wanted)
    command, args = expansion.command_and_args(wanted, env)
    init = wanted in (pod.spec.init_containers or ())
    body: Body = {
        'Image': wanted.image,
        'Env': [f'{name}={value}' for name, value in env.items()],
        'Tty': bool(wanted.tty), 'OpenStdin': bool(wanted.stdin),
        'Healthcheck': {'Test': ['NONE']},
        'Labels': labels.of_run(
            pod, host, wanted.name, init=init, attempt=attempt,
            sandbox=sandbox_attempt, backoff_s=backoff_s),
        'HostConfig': _host_config(pod, wanted, settings, sandbox_id)
        | security.host_config(context)}
    body['HostConfig']['Mounts'] += mounts
    if command:
        body['Entrypoint'] = list(command)
    if args:
        body['Cmd'] = list(args)
    if wanted.working_dir:
        body['WorkingDir'] = wanted.working_dir
    user = security.user(context, image_user)
    return body if user is None else body | {'User': user}


def _host_config(pod: Pod, wanted: Container, settings: Settings,
                 sandbox_id: str) -> Body:
    joined = f'container:{sandbox_id}'
    found: Body = {
        'NetworkMode': joined, 'IpcMode': joined,
        'Mounts': volumes.of_container(pod, wanted),
        'LogConfig': log_config(settings),
        'RestartPolicy': {'Name': 'no'}, **_resources(wanted)}
    if pod.spec.share_process_namespace:
        found['PidMode'] = joined
    if pod.spec.groups:
        found['GroupAdd'] = [str(group) for group in pod.spec.groups]
    return found


def _resources(wanted: Container) -> Body:
    found: Body = {}
    memory = wanted.limits.memory_bytes
    if memory:
        found |= {'Memory': memory, 'MemorySwap': memory}   # no swap
    limit = wanted.limits.cpu_millis
    if limit:
        found |= {'CpuPeriod': _PERIOD_US, 'CpuQuota': max(
            _MIN_QUOTA_US, limit * _PERIOD_US // 1000)}
    found['CpuShares'] = shares(wanted.requests.cpu_millis or 0)
    return found


def shares(cpu_millis: int) -> int:
    """A request's weight against others: 1024 for each core."""
    return min(_MAX_SHARES, max(_MIN_SHARES, cpu_millis * 1024 // 1000))


def log_config(settings: Settings) -> Body:
    return {'Type': 'json-file', 'Config': {
        'max-size': settings.log_max_size,
        'max-file': str(settings.log_max_files)}}
