"""Probes and lifecycle hooks."""
import re
from collections.abc import Iterator

from zun_lite.exceptions import FieldError
from zun_lite.pod import fields
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import HttpGetAction
from zun_lite.pod.spec import Lifecycle
from zun_lite.pod.spec import Probe

_HANDLERS = ('exec', 'httpGet', 'tcpSocket')


def faults(container: Container, at: str) -> Iterator[FieldError]:
    """Faults of a container's probes and hooks."""
    named = {port.name for port in container.ports or () if port.name}
    for probe, name in ((container.liveness_probe, 'livenessProbe'),
                        (container.readiness_probe, 'readinessProbe'),
                        (container.startup_probe, 'startupProbe')):
        if probe is not None:
            yield from _probe_faults(probe, named, f'{at}.{name}')
            if name != 'readinessProbe' and probe.success_threshold not in (
                    None, 1):
                yield FieldError(f'{at}.{name}.successThreshold',
                                 f'must be 1 for a {name}')
    yield from _lifecycle_faults(container.lifecycle, f'{at}.lifecycle')


def _probe_faults(probe: Probe, named: set[str],
                  at: str) -> Iterator[FieldError]:
    given = [name for name, handler in zip(
        _HANDLERS, (probe.exec, probe.http_get, probe.tcp_socket),
        strict=True) if handler is not None]
    if len(given) != 1:
        yield FieldError(at, 'needs exactly one of exec, httpGet and '
                         f'tcpSocket, not {" and ".join(given) or "none"}')
    for handler, name in ((probe.http_get, 'httpGet'),
                          (probe.tcp_socket, 'tcpSocket')):
        if handler is not None and isinstance(handler.port, str) and (
                handler.port not in named):
            yield FieldError(f'{at}.{name}.port', 'the container has no port '
                             f'named {handler.port!r}')
    if probe.http_get is not None:
        yield from _header_faults(probe.http_get, f'{at}.httpGet')
    if probe.exec is not None and not probe.exec.command[0]:
        yield FieldError(f'{at}.exec.command[0]', 'must not be empty')


def _header_faults(action: HttpGetAction, at: str) -> Iterator[FieldError]:
    """Kubernetes takes fewer names than HTTP."""
    for index, header in enumerate(action.http_headers or ()):
        if not re.fullmatch(fields.PROBE_HEADER, header.name):
            yield FieldError(f'{at}.httpHeaders[{index}].name',
                             fields.MEANINGS[fields.PROBE_HEADER])


def _lifecycle_faults(lifecycle: Lifecycle | None,
                      at: str) -> Iterator[FieldError]:
    if lifecycle is None:
        return
    for hook, name in ((lifecycle.post_start, 'postStart'),
                       (lifecycle.pre_stop, 'preStop')):
        if hook is None:
            continue
        if hook.exec is None:
            yield FieldError(f'{at}.{name}', 'needs exec')
        elif not hook.exec.command[0]:
            yield FieldError(f'{at}.{name}.exec.command[0]',
                             'must not be empty')
