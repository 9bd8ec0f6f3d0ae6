"""Which configs and secrets a pod refers to."""
import typing
from collections.abc import Iterator

from zun_lite.pod import spec
from zun_lite.pod.configs import Kind


class Reference(typing.NamedTuple):
    """`optional`: the pod does without it."""
    kind: Kind
    name: str
    optional: bool = False


def _of(part: spec.Document) -> Reference | None:
    match part:
        case spec.ConfigReference():
            return Reference(Kind.CONFIG, part.name, bool(part.optional))
        case spec.SecretReference():
            return Reference(Kind.SECRET, part.name, bool(part.optional))
        case spec.SecretVolume():
            return Reference(Kind.SECRET, part.secret_name,
                             bool(part.optional))
    return None


def _walk(value: object) -> Iterator[Reference]:
    if isinstance(value, tuple):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, spec.Document):
        found = _of(value)
        if found is not None:
            yield found
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name))


def of(asked: spec.PodSpec) -> frozenset[Reference]:
    """Every reference of a pod."""
    found: set[Reference] = set()
    for container in asked.all_containers:
        found.update(_walk(container.env or ()))
        found.update(_walk(container.env_from or ()))
    found.update(_walk(asked.volumes or ()))
    return frozenset(found)
