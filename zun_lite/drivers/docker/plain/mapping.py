"""From a plain container to the body of POST /containers/create: pure.

Source: Docker Engine API 1.41, ContainerCreate. What it is called, its labels
and its limits are as OpenStack Zun makes them; people look at these.
"""
import typing
from collections.abc import Mapping
from collections.abc import Sequence

from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import mapping
from zun_lite.drivers.docker import security
from zun_lite.drivers.docker import volumes
from zun_lite.drivers.docker.network import Place
from zun_lite.drivers.docker.plain import endpoints
from zun_lite.drivers.docker.settings import Settings
from zun_lite.pod import expansion
from zun_lite.pod import plain as plain_module
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Pod
from zun_lite.pod.spec import Probe
from zun_lite.pod.spec import RestartPolicy

Body = dict[str, typing.Any]

_NS = 10**9
_SHELL = ('/bin/sh', '-c')


def container(pod: Pod, settings: Settings, host: str, *,
              networks: Sequence[Place], env: Mapping[str, str]) -> Body:
    """The container. `networks`: it begins on the first. `env`: its
    variables."""
    wanted, = pod.spec.containers
    asked = pod.plain or plain_module.Plain()
    command, args = expansion.command_and_args(wanted, env)
    given: Body = {
        'Entrypoint': list(command), 'Cmd': list(args),
        'WorkingDir': wanted.working_dir,
        'Healthcheck': healthcheck(wanted.readiness_probe),
        'ExposedPorts': {
            f'{port.container_port}/{(port.protocol or "TCP").lower()}': {}
            for port in wanted.ports or ()}}
    return {
        'Image': wanted.image, 'Hostname': mapping.hostname(pod),
        'Labels': dict(asked.labels or {}),
        'Env': [f'{name}={value}' for name, value in env.items()],
        'Tty': bool(wanted.tty), 'OpenStdin': bool(wanted.stdin),
        'HostConfig': _host_config(pod, wanted, asked, settings, host)
        | endpoints.host_config(networks), **endpoints.fixed(networks),
        **{key: value for key, value in given.items() if value}}


def _host_config(pod: Pod, wanted: Container, asked: plain_module.Plain,
                 settings: Settings, host: str) -> Body:
    found: Body = {
        'Mounts': mounts(pod, wanted, host), 'AutoRemove': asked.remove,
        'RestartPolicy': restart_policy(pod, asked),
        'LogConfig': mapping.log_config(settings),
        **security.host_config(pod.spec.security_of(wanted)),
        **amounts(wanted.requests.cpu_millis, wanted.limits.memory_bytes)}
    return found | {'Runtime': asked.runtime} if asked.runtime else found


def amounts(cpu_millis: int | None, memory_bytes: int | None) -> Body:
    """What it gets: a share of 1024 for each core, and memory, no swap."""
    found: Body = {}
    if cpu_millis:
        found['CpuShares'] = mapping.shares(cpu_millis)
    if memory_bytes:
        found |= {'Memory': memory_bytes, 'MemorySwap': memory_bytes}
    return found


def restart_policy(pod: Pod, asked: plain_module.Plain) -> Body:
    """The engine restarts it, and counts."""
    match pod.spec.effective_restart_policy:
        case RestartPolicy.ALWAYS:
            return {'Name': 'unless-stopped' if asked.unless_stopped
                    else 'always'}
        case RestartPolicy.ON_FAILURE:
            return {'Name': 'on-failure',
                    'MaximumRetryCount': asked.restart_limit or 0}
    return {'Name': 'no'}


def healthcheck(probe: Probe | None) -> Body | None:
    """A command that the engine runs now and then. What is not given is the
    engine's default; nothing given is the image's own."""
    if probe is None or probe.exec is None:
        return None
    command = tuple(probe.exec.command)
    test = (['CMD-SHELL', command[2]]
            if command[:2] == _SHELL and len(command) == len(_SHELL) + 1
            else ['CMD', *command])
    return {'Test': test, 'Interval': (probe.period_seconds or 0) * _NS,
            'Timeout': (probe.timeout_seconds or 0) * _NS,
            'Retries': probe.failure_threshold or 0}


def mounts(pod: Pod, wanted: Container, host: str) -> list[Body]:
    """Volumes are the container's own: it makes them, and they outlive it."""
    made = {mount['Source']: mount['VolumeOptions']
            for mount in volumes.of_sandbox(pod, host)}
    return [mount | {'VolumeOptions': made[mount['Source']] | {
                'Labels': labels.of_pod(pod, host) | {
                    labels.VOLUME: mount['Source']}}}
            for mount in volumes.of_container(pod, wanted)]
