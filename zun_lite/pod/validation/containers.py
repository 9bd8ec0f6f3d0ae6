"""Containers: names, commands, environment, and what init ones may have."""
from collections.abc import Iterator
from collections.abc import Sequence

from zun_lite.exceptions import FieldError
from zun_lite.pod import linux
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import PodSpec
from zun_lite.pod.validation import environment
from zun_lite.pod.validation import probes
from zun_lite.pod.validation import repeats
from zun_lite.pod.validation import resources
from zun_lite.pod.validation import security
from zun_lite.pod.validation import volumes


def faults(spec: PodSpec, at: str) -> Iterator[FieldError]:
    """Faults of every container of a pod."""
    placed = [*_placed(spec.containers, f'{at}.containers'),
              *_placed(spec.init_containers, f'{at}.initContainers')]
    known = frozenset(volume.name for volume in spec.volumes or ())
    names = frozenset(container.name for _, container in placed)
    for path, container in placed:
        yield from _container_faults(container, path)
        yield from environment.faults(container, names, path)
        yield from security.root_faults(spec, container, path)
        yield from volumes.mount_faults(container, known, path)
    for path, container in placed[len(spec.containers):]:
        yield from _init_faults(container, path)
    yield from repeats.faults(
        ((f'{path}.name', c.name) for path, c in placed),
        'the container name')


def _placed(containers: Sequence[Container] | None,
            at: str) -> list[tuple[str, Container]]:
    return [(f'{at}[{index}]', container)
            for index, container in enumerate(containers or ())]


def _container_faults(container: Container, at: str) -> Iterator[FieldError]:
    if container.command and not container.command[0]:
        yield FieldError(f'{at}.command[0]', 'must not be empty')
    yield from _length_faults(container, at)
    yield from repeats.faults(
        ((f'{at}.ports[{i}].name', port.name)
         for i, port in enumerate(container.ports or ()) if port.name),
        'the port name')
    yield from resources.faults(container.resources, f'{at}.resources')
    yield from probes.faults(container, at)
    yield from security.faults(container.security_context,
                               f'{at}.securityContext')


def _length_faults(container: Container, at: str) -> Iterator[FieldError]:
    """Shape counts characters, the kernel bytes."""
    for name, words in (('command', container.command),
                        ('args', container.args)):
        for index, word in enumerate(words or ()):
            if len(word.encode()) > linux.MAX_ARGUMENT:
                yield FieldError(f'{at}.{name}[{index}]',
                                 environment.TOO_LONG)


def _init_faults(container: Container, at: str) -> Iterator[FieldError]:
    """What runs to its end is not waited for to be ready; a sidecar is."""
    if container.is_sidecar:
        return
    for name, value in (('livenessProbe', container.liveness_probe),
                        ('readinessProbe', container.readiness_probe),
                        ('startupProbe', container.startup_probe),
                        ('lifecycle', container.lifecycle)):
        if value is not None:
            yield FieldError(f'{at}.{name}',
                             'is not allowed for an init container without '
                             'restartPolicy: Always')
