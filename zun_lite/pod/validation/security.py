"""What a container may and may not do, where two wishes contradict."""
from collections.abc import Iterator

from zun_lite.exceptions import FieldError
from zun_lite.pod.spec import Capabilities
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import PodSpec
from zun_lite.pod.spec import SecurityContext

_ROOT = 'must not be 0 (root) with runAsNonRoot'
_ESCALATING = frozenset({'ALL', 'SYS_ADMIN'})


def faults(context: SecurityContext | None, at: str) -> Iterator[FieldError]:
    """Faults of a container's securityContext."""
    if context is None:
        return
    if context.allow_privilege_escalation is False:
        added = (context.capabilities or Capabilities()).add or ()
        if context.privileged:
            yield FieldError(f'{at}.allowPrivilegeEscalation',
                             'must not be false with privileged')
        if _ESCALATING & set(added):
            yield FieldError(f'{at}.allowPrivilegeEscalation', 'must not be '
                             'false with the capability SYS_ADMIN')


def root_faults(spec: PodSpec, container: Container,
                at: str) -> Iterator[FieldError]:
    """A container that must not be root, and is to be.

    Told where the container says either; else it is the pod's fault.
    """
    held, own = spec.security_of(container), container.security_context
    if held.run_as_non_root and held.run_as_user == 0 and own is not None:
        if own.run_as_user is not None:
            yield FieldError(f'{at}.securityContext.runAsUser', _ROOT)
        elif own.run_as_non_root is not None:
            yield FieldError(f'{at}.securityContext.runAsNonRoot',
                             'must not be true with runAsUser 0 (root)')


def pod_faults(spec: PodSpec, at: str) -> Iterator[FieldError]:
    """Faults of the pod's own securityContext."""
    context = spec.security_context
    if context and context.run_as_non_root and context.run_as_user == 0:
        yield FieldError(f'{at}.securityContext.runAsUser', _ROOT)
