"""Termination messages: what a run leaves in a file as it ends."""
import posixpath
import typing

from zun_lite.drivers.fake import files
from zun_lite.pod import spec

if typing.TYPE_CHECKING:
    from zun_lite.drivers.fake.instance import Instance

DEFAULT_PATH = '/dev/termination-log'
MAX_BYTES = 4096
_LOG_BYTES, _LOG_LINES = 2048, 80


def path_of(container: spec.Container) -> str:
    return container.termination_message_path or DEFAULT_PATH


def mounts(container: spec.Container, root: files.Tree,
           ) -> list[files.Mount]:
    """The run's file; none where a volume takes its place."""
    path = path_of(container)
    if any(mount.mount_path.rstrip('/') == path
           for mount in container.volume_mounts or ()):
        return []
    root.mkdirs(posixpath.dirname(path))
    return [files.Mount(path, files.Tree('ext4', files={'/': files.File()}))]


def left(run: 'Instance') -> str | None:
    """The message of a run that has ended; the end of it where it is long.
    """
    try:
        found = run.view.read(path_of(run.container))[-MAX_BYTES:]
    except OSError:
        found = b''
    policy = run.container.termination_message_policy
    if not found and run.exit_code and (
            policy is spec.MessagePolicy.LOGS_ON_ERROR):
        lines = [bytes(line.text) for line in run.log.lines]
        found = b''.join(lines[-_LOG_LINES:])[-_LOG_BYTES:]
    return found.decode(errors='replace') or None
