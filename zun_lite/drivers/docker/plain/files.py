"""What is put into a container after it is made and before it starts.

All of it goes through the engine, wherever that is, which follows links as
the container's own processes would.
"""
import base64
import io
import posixpath
import tarfile
from collections.abc import Iterator

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers.docker import archives
from zun_lite.drivers.docker import volumes
from zun_lite.drivers.docker.client import Engine
from zun_lite.pod.plain import InjectedFile
from zun_lite.pod.spec import Pod

_MODE = 0o644


def check(pod: Pod) -> None:
    """Before anything is made of it.

    :raises Conflict: what a file holds is not known.
    """
    withheld = pod.plain.withheld if pod.plain else None
    if withheld:
        raise exceptions.Conflict(withheld)


def deliver(engine: Engine, pod: Pod, container_id: str) -> None:
    """Open its volumes to all users, and put its files in.

    :raises docker.errors.APIError: the engine refuses.
    :raises Conflict: there is no directory where one must be.
    """
    for path in _opened(pod):
        _put(engine, container_id, posixpath.dirname(path), [_directory(
            posixpath.basename(path), 0o777)])
    for file in pod.plain.files if pod.plain else ():
        _deliver(engine, container_id, file)


def _opened(pod: Pod) -> Iterator[str]:
    """Where the volumes on disk are mounted, without links in the way."""
    ours = {volume.name for volume in volumes.on_disk(pod)}
    for mount in pod.spec.containers[0].volume_mounts or ():
        if mount.name in ours:
            yield posixpath.normpath(mount.mount_path)


def _deliver(engine: Engine, container_id: str, file: InjectedFile) -> None:
    path = posixpath.normpath(file.path)
    above, missing = _existing(engine, container_id, posixpath.dirname(path))
    entries: list[tuple[tarfile.TarInfo, bytes]] = []
    at = ''
    for part in missing:
        at = posixpath.join(at, part)
        entries.append(_directory(at, 0o755))
    content = base64.b64decode(file.content or '')
    entry = tarfile.TarInfo(posixpath.join(at, posixpath.basename(path)))
    entry.mode, entry.size = _MODE, len(content)
    _put(engine, container_id, above, [*entries, (entry, content)])


def _existing(engine: Engine, container_id: str,
              path: str) -> tuple[str, list[str]]:
    """The nearest directory that is there, and what is missing below."""
    missing: list[str] = []
    while path != '/':
        try:
            if archives.is_directory(engine, container_id, path):
                break
            raise exceptions.Conflict(f'{path} is not a directory.')
        except docker.errors.NotFound:
            path, name = posixpath.split(path)
            missing.insert(0, name)
    return path, missing


def _directory(name: str, mode: int) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    return entry, b''


def _put(engine: Engine, container_id: str, path: str,
         entries: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w') as out:
        for entry, content in entries:
            out.addfile(entry, io.BytesIO(content))
    engine.api.put_archive(container_id, path, packed.getvalue())
