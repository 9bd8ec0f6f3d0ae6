"""securityContext in the engine's words."""
import typing

from zun_lite.pod.spec import SecurityContext


def user(context: SecurityContext, image_user: str) -> str | None:
    """``uid``, ``uid:gid`` or None for the image's own.

    Docker takes a group only together with a user.
    """
    uid, gid = context.run_as_user, context.run_as_group
    if uid is None and gid is None:
        return None
    who = image_user.partition(':')[0] or '0' if uid is None else str(uid)
    return who if gid is None else f'{who}:{gid}'


def host_config(context: SecurityContext) -> dict[str, typing.Any]:
    """The part of HostConfig that a security context decides."""
    capabilities = context.capabilities
    found: dict[str, typing.Any] = {
        'Privileged': bool(context.privileged),
        'ReadonlyRootfs': bool(context.read_only_root_filesystem)}
    if capabilities is not None:
        found['CapAdd'] = list(capabilities.add or ())
        found['CapDrop'] = list(capabilities.drop or ())
    if context.allow_privilege_escalation is False:
        found['SecurityOpt'] = ['no-new-privileges:true']
    return found


def root_fault(context: SecurityContext, image_user: str) -> str | None:
    """Why runAsNonRoot forbids a container; None: it does not."""
    if not context.run_as_non_root:
        return None
    if context.run_as_user is not None:
        return (None if context.run_as_user else
                "container's runAsUser breaks non-root policy")
    name = image_user.partition(':')[0]
    if name in ('', '0', 'root'):
        return 'container has runAsNonRoot and image will run as root'
    if not name.isdigit():
        return (f'container has runAsNonRoot and image has non-numeric user '
                f'({name}), cannot verify user is non-root')
    return None
