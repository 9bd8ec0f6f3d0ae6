"""Which parts of a pod need more than the right to create one."""
from collections.abc import Iterator

from zun_lite import context
from zun_lite import exceptions
from zun_lite import policy
from zun_lite.exceptions import FieldError
from zun_lite.pod import spec

HOST_LABEL = 'zun-lite/host'

Need = tuple[str, str]        # (rule, path)


def needs(pod: spec.PodSpec) -> Iterator[Need]:
    """The rules a pod must pass beside pod:create, and what for."""
    if HOST_LABEL in (pod.node_selector or {}):
        yield 'pod:create:on_host', f'spec.nodeSelector[{HOST_LABEL}]'
    for name, containers in (('containers', pod.containers),
                             ('initContainers', pod.init_containers or ())):
        for index, container in enumerate(containers):
            path = f'spec.{name}[{index}]'
            if container.security_context is not None:
                yield from _security(container.security_context,
                                     f'{path}.securityContext')
            yield from _probes(container, path)


def _security(asked: spec.SecurityContext, path: str) -> Iterator[Need]:
    if asked.privileged:
        yield 'pod:create:privileged', f'{path}.privileged'
    if asked.allow_privilege_escalation:
        yield ('pod:create:allow_privilege_escalation',
               f'{path}.allowPrivilegeEscalation')
    if asked.capabilities and asked.capabilities.add:
        yield 'pod:create:add_capabilities', f'{path}.capabilities.add'


def _probes(container: spec.Container, path: str) -> Iterator[Need]:
    """The agent asks probes, from where it can reach more than a pod can."""
    for name, probe in (('livenessProbe', container.liveness_probe),
                        ('readinessProbe', container.readiness_probe),
                        ('startupProbe', container.startup_probe)):
        if probe is None:
            continue
        for kind, asked in (('httpGet', probe.http_get),
                            ('tcpSocket', probe.tcp_socket)):
            if asked is not None and asked.host:
                yield 'pod:create:probe_host', f'{path}.{name}.{kind}.host'


def enforce(caller: context.RequestContext, pod: spec.PodSpec) -> None:
    """Refuse a pod that asks for more than the caller may have.

    :raises Forbidden: with the path of everything that is too much.
    """
    refused = [FieldError(path, f'policy does not allow {rule}')
               for rule, path in needs(pod)
               if not policy.allowed(rule, caller)]
    if refused:
        raise exceptions.Forbidden(
            'Policy does not allow parts of this pod.', fields=refused)
