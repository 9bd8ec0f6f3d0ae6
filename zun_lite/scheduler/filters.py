"""Whether a host can take a pod; each filter is one reason why not.

A filter is a function of a host and a request. It returns None where the
host passes, else a `Refusal`. They are in `FILTERS`, in the order in which
reasons are told.
"""
import dataclasses
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.pod import capabilities
from zun_lite.pod import host as pod_host
from zun_lite.pod import paths
from zun_lite.scheduler import affinity
from zun_lite.scheduler import around
from zun_lite.scheduler import request as scheduler_request
from zun_lite.scheduler.around import LABEL_ZONE
from zun_lite.scheduler.refusal import Effort
from zun_lite.scheduler.refusal import Refusal

LABEL_DRIVER = 'zun-lite/driver'
LABEL_HOST = 'zun-lite/host'

_SELECTOR = 'spec.nodeSelector'
_CONTAINERS = 'spec.containers'


Filter = Callable[[pod_host.HostSummary, scheduler_request.PodRequest],
                  Refusal | None]


def heard_from(host: pod_host.HostSummary,
               _request: scheduler_request.PodRequest) -> Refusal | None:
    if host.live:
        return None
    return Refusal('silent', 'the host has fallen silent',
                   f'bring host {host.name} back', Effort.OPERATOR)


def enabled(host: pod_host.HostSummary,
            _request: scheduler_request.PodRequest) -> Refusal | None:
    if not host.disabled:
        return None
    return Refusal('disabled', 'an administrator has disabled the host',
                   f'enable host {host.name}', Effort.OPERATOR)


def engine_works(host: pod_host.HostSummary,
                 _request: scheduler_request.PodRequest) -> Refusal | None:
    if host.engine_error is None:
        return None
    return Refusal('without a working engine',
                   f'its engine cannot be used: {host.engine_error}',
                   f'repair the engine of host {host.name}', Effort.OPERATOR)


def labels_of(host: pod_host.HostSummary) -> Mapping[str, str]:
    """What a nodeSelector compares: ours cannot be overridden."""
    zone = CONF.containers.default_availability_zone
    return {LABEL_ZONE: zone, **host.labels, LABEL_DRIVER: host.driver,
            LABEL_HOST: host.name}


def _on_nodes(host: pod_host.HostSummary,
              selector: Mapping[str, str]) -> Refusal | None:
    """Keys that are not ours choose among a cluster's own machines."""
    asked = {key: value for key, value in selector.items()
             if not key.startswith(capabilities.LABEL_PREFIX)}
    if host.nodes is None or not asked or host.nodes.satisfy(asked):
        return None
    absent = {key: value for key, value in asked.items()
              if value not in host.nodes.values(key)}
    shown = ', '.join(f'{key}={value}'
                      for key, value in sorted((absent or asked).items()))
    message = ('no node of this cluster has it' if absent
               else 'no node of this cluster has all of them')
    return Refusal(
        'excluded by nodeSelector', f'it has no node with {shown}',
        f'drop {shown} from nodeSelector', Effort.SELECTOR,
        len(absent or asked), tuple(
            exceptions.FieldError(paths.join(_SELECTOR, key), message)
            for key in sorted(absent or asked)))


def _on_host(host: pod_host.HostSummary,
             selector: Mapping[str, str]) -> Mapping[str, str]:
    """What of a selector is for the host as a whole to have."""
    if host.nodes is None:
        return selector
    return {key: value for key, value in selector.items()
            if key.startswith(capabilities.LABEL_PREFIX)}


def selected(host: pod_host.HostSummary,
             request: scheduler_request.PodRequest) -> Refusal | None:
    if not request.node_selector:
        return None
    asked = _on_host(host, request.node_selector)
    labels = labels_of(host)
    faults = tuple(
        exceptions.FieldError(
            paths.join(_SELECTOR, key),
            f'asks for {value!r}, and this host has '
            + (repr(labels[key]) if key in labels else 'no such label'))
        for key, value in sorted(asked.items())
        if labels.get(key) != value)
    if not faults:
        return _on_nodes(host, request.node_selector)
    shown = ', '.join(f'{key}={value}' for key, value
                      in sorted(asked.items())
                      if labels.get(key) != value)
    return Refusal('excluded by nodeSelector', f'it is not {shown}',
                   f'drop {shown} from nodeSelector', Effort.SELECTOR,
                   len(faults), faults)


def capable(host: pod_host.HostSummary,
            request: scheduler_request.PodRequest) -> Refusal | None:
    lacking = [path for name, found in request.uses.items()
               if name not in host.capabilities for path in found]
    # Of nested fields only the outermost, as validation reports them.
    outer = [path for path in lacking if not any(
        path.startswith((f'{other}.', f'{other}[')) for other in lacking)]
    if not outer:
        return None
    shown = ', '.join(outer)
    return Refusal(
        'unable to honour the spec',
        f'its driver ({host.driver}) does not support {shown}',
        f'do without {shown}', Effort.FIELDS, len(outer),
        tuple(exceptions.FieldError(
            path, f'not supported by driver {host.driver}')
            for path in outer))


def has_slot(host: pod_host.HostSummary,
             _request: scheduler_request.PodRequest) -> Refusal | None:
    if host.pods_free >= 1:
        return None
    return Refusal(
        'full of pods', f'it has its {host.max_pods} pods',
        f'remove a pod from host {host.name}', Effort.AMOUNT,
        (1 - host.pods_free) / max(host.max_pods, 1))


def has_cpu(host: pod_host.HostSummary,
            request: scheduler_request.PodRequest) -> Refusal | None:
    short = request.cpu_millis - max(host.cpu_millis_free, 0)
    if not request.cpu_millis or short <= 0:
        return None
    return _lacking('cpu', host.name, f'{request.cpu_millis}m',
                    f'{max(host.cpu_millis_free, 0)}m', f'{short}m',
                    short / max(host.cpu_millis, 1))


def has_memory(host: pod_host.HostSummary,
               request: scheduler_request.PodRequest) -> Refusal | None:
    short = request.memory_bytes - max(host.memory_bytes_free, 0)
    if not request.memory_bytes or short <= 0:
        return None
    return _lacking(
        'memory', host.name, amount(request.memory_bytes),
        amount(max(host.memory_bytes_free, 0), down=True), amount(short),
        short / max(host.memory_bytes, 1))


def _lacking(what: str, name: str, asked: str, free: str, short: str,
             relative: float) -> Refusal:
    message = f'{asked} {what} asked for, {free} free'
    return Refusal(
        f'short of {what}', message,
        f'ask for {short} less {what}, or free as much on host {name}',
        Effort.AMOUNT, relative,
        (exceptions.FieldError(_CONTAINERS, message),))


def amount(count: int, *, down: bool = False) -> str:
    """Bytes for people, in whole units; rounded up unless `down`."""
    for suffix, unit in (('Gi', 2**30), ('Mi', 2**20), ('Ki', 2**10)):
        if count >= 10 * unit or (count >= unit and count % unit == 0):
            return f'{count // unit if down else -(-count // unit)}{suffix}'
    return str(count)


FILTERS: tuple[Filter, ...] = (
    heard_from, enabled, engine_works, selected, capable, has_slot, has_cpu,
    has_memory, *affinity.FILTERS)


def among(request: scheduler_request.PodRequest,
          hosts: Sequence[pod_host.HostSummary],
          neighbours: Sequence[around.Neighbour],
          ) -> scheduler_request.PodRequest:
    """The request of a pod that looks at the placed pods of its project.

    Pods are spread over the hosts that could be chosen at all.
    """
    if not (neighbours or request.rules):
        return request
    possible = (heard_from, enabled, engine_works, selected, capable)
    open_to = [host for host in hosts if all(
        found(host, request) is None for found in possible)]
    return dataclasses.replace(request, around=around.Around(
        hosts, neighbours, open_to))


def has_room(host: pod_host.HostSummary, cpu_millis: int,
             memory_bytes: int) -> bool:
    """Whether a pod of this size fits; what else it asks for is not seen."""
    return (host.takes_pods and host.engine_error is None
            and host.pods_free >= 1
            and (not cpu_millis or cpu_millis <= host.cpu_millis_free)
            and (not memory_bytes
                 or memory_bytes <= host.memory_bytes_free))


def passes(host: pod_host.HostSummary,
           request: scheduler_request.PodRequest) -> bool:
    """Whether the host can take the pod now."""
    return all(found(host, request) is None for found in FILTERS)


def refusals(host: pod_host.HostSummary,
             request: scheduler_request.PodRequest) -> Iterator[Refusal]:
    """Every reason why the host cannot; none: it can."""
    for found in FILTERS:
        refusal = found(host, request)
        if refusal is not None:
            yield refusal
