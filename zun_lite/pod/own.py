"""What a pod can be told about itself: its fields and its amounts. Pure.

Source: Kubernetes documentation, Downward API; kubernetes/kubernetes
pkg/api/v1/resource/helpers.go for amounts that are not given.
"""
import dataclasses
import math
from fractions import Fraction

from zun_lite.pod import fields
from zun_lite.pod import quantities
from zun_lite.pod import spec


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a pod runs. `cpu_millis`, `memory_bytes`: of the whole host."""
    host: str = ''
    host_ip: str = ''
    pod_ip: str = ''
    cpu_millis: int = 0
    memory_bytes: int = 0


def field(pod: spec.Pod, path: str, place: Place) -> str:
    """The value of a field; a label that is not there is empty."""
    labels = pod.metadata.labels or {}
    annotations = pod.metadata.annotations or {}
    entry = fields.OWN_ENTRY.fullmatch(path)
    if entry:
        return (labels if entry[1] == 'labels' else annotations).get(
            entry[2], '')
    return {
        'metadata.name': pod.metadata.name, 'metadata.uid': pod.uuid,
        'metadata.namespace': pod.project_id, 'spec.nodeName': place.host,
        'status.podIP': place.pod_ip, 'status.hostIP': place.host_ip,
        'metadata.labels': _lines(labels),
        'metadata.annotations': _lines(annotations)}[path]


def _lines(entries: dict[str, str]) -> str:
    """As the kubelet writes them: key="value", quoted as in Go."""
    return '\n'.join(f'{key}={_quoted(value)}'
                     for key, value in sorted(entries.items()))


def _quoted(text: str) -> str:
    escapes = {'\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r',
               '\t': '\\t', '\a': '\\a', '\b': '\\b', '\f': '\\f',
               '\v': '\\v'}
    return '"' + ''.join(
        escapes.get(c) or (c if c.isprintable() else f'\\u{ord(c):04x}'
                           if ord(c) < 2**16 else f'\\U{ord(c):08x}')
        for c in text) + '"'


def amount(pod: spec.PodSpec, container: spec.Container,
           asked: spec.ResourceFieldSelector, place: Place) -> str:
    """An amount in units of the divisor, rounded up."""
    name = asked.container_name or container.name
    of = next(c for c in pod.all_containers if c.name == name)
    kind, _, what = asked.resource.partition('.')
    if kind == 'limits':
        given = getattr(of.limits, what)
        whole = (Fraction(place.cpu_millis, 1000) if what == 'cpu'
                 else Fraction(place.memory_bytes))
        found = whole if given is None else quantities.parse(given)
    else:
        found = quantities.parse(getattr(of.requests, what) or '0')
    unit = quantities.parse(asked.divisor or '1') or 1
    return str(math.ceil(Fraction(found) / Fraction(unit)))


def variable(pod: spec.Pod, container: spec.Container,
             source: spec.EnvVarSource, place: Place) -> str:
    """The value of a variable that tells of the pod itself."""
    if source.field_ref is not None:
        return field(pod, source.field_ref.field_path, place)
    if source.resource_field_ref is not None:
        return amount(pod.spec, container, source.resource_field_ref, place)
    raise ValueError('the source does not tell of the pod')
