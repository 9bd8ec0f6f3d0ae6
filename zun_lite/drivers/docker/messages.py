"""Termination messages: what a container leaves in a file as it ends.

The file lies in a volume of the pod that only the sandbox mounts; each run
of a container gets one file of it. So the message outlives the container,
and no container sees another's.
"""
import io
import logging
import tarfile
import typing
from collections.abc import Iterable

import docker.errors

from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import logs
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.seen import Run
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import MessagePolicy
from zun_lite.pod.spec import Pod

LOG = logging.getLogger(__name__)

DEFAULT_PATH = '/dev/termination-log'
VOLUME = '_messages'                # no volume of a pod can be called so
MAX_BYTES = 4096
_MAX_READ = 2**20                   # a file that is larger is not searched
_LOG_BYTES, _LOG_LINES = 2048, 80


def volume(pod: Pod) -> str:
    return names.volume(pod.uuid, pod.generation, VOLUME)


def of_sandbox(pod: Pod, host: str, root: str) -> dict[str, typing.Any]:
    """The mount that makes and holds the volume."""
    return {'Type': 'volume', 'Target': f'{root}/{VOLUME}',
            'Source': volume(pod), 'VolumeOptions': {
                'NoCopy': True, 'DriverConfig': {'Name': 'local'},
                'Labels': labels.of_pod(pod, host) | {
                    labels.VOLUME: VOLUME}}}


def of_container(container: Container, directory: str,
                 attempt: int) -> list[dict[str, typing.Any]]:
    """The mount of a run's file; none where a volume takes its place."""
    target = container.termination_message_path or DEFAULT_PATH
    if any(mount.mount_path.rstrip('/') == target
           for mount in container.volume_mounts or ()):
        return []
    return [{'Type': 'bind', 'Target': target,
             'Source': f'{directory}/{_file(container.name, attempt)}'}]


def entries(names_of: Iterable[str], attempt: int = 0,
            ) -> list[tarfile.TarInfo]:
    """Empty files for a run of each container; to be unpacked at the root
    of the sandbox's volumes."""
    found = []
    for name in names_of:
        entry = tarfile.TarInfo(f'{VOLUME}/{_file(name, attempt)}')
        entry.mode = 0o666
        found.append(entry)
    return found


def _file(name: str, attempt: int) -> str:
    return f'{name}.{attempt}'


def read(engine: Engine, wanted: Container, run: Run, sandbox: Run,
         root: str) -> str:
    """What a run that has ended left; the end of it where it is long."""
    found = b''
    try:
        found = _last(engine, sandbox.id,
                      f'{root}/{VOLUME}/{_file(run.name, run.attempt)}')
        if not found and run.exit_code and (
                wanted.termination_message_policy
                is MessagePolicy.LOGS_ON_ERROR):
            found = logs.read(engine, run.id, tail=_LOG_LINES, since=None,
                              timestamps=False, limit_bytes=_LOG_BYTES)
    except docker.errors.APIError as exc:
        LOG.debug('No termination message of %s: %s', run.id, explain(exc))
    return found.decode(errors='replace')


def _last(engine: Engine, container_id: str, path: str) -> bytes:
    chunks, stat = engine.api.get_archive(container_id, path)
    packed = io.BytesIO()
    for chunk in chunks:
        packed.write(chunk)
        if packed.tell() > _MAX_READ:
            LOG.info('A termination message of %s bytes is not read',
                     stat.get('size'))
            return b''
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        member = archive.next()
        content = archive.extractfile(member) if member else None
        return content.read()[-MAX_BYTES:] if content else b''
