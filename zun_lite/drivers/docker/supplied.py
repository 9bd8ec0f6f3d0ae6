"""Volumes whose files the agent writes: configs, secrets, what a pod is.

They are in memory, mounted by the sandbox, and written once it runs. As the
kubelet does it, a file is a link to its content by way of ``..data``, which
is turned in one step, so that a reader never sees half of a change:

    colour -> ..data/colour     ..data -> ..1     ..1/colour

A change is written to the one of ``..1`` and ``..2`` that is not in use. A
file that is no more leaves a link that leads nowhere.
"""
import hashlib
import io
import posixpath
import tarfile
import typing
from collections.abc import Callable

from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.pod import own
from zun_lite.pod import supply
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Pod
from zun_lite.pod.spec import Volume
from zun_lite.pod.supply import File

DATA = '..data'
_GROUP_MAY_READ = 0o440

Contents = dict[str, list[File]]        # by volume


def volumes(pod: Pod) -> list[Volume]:
    return [v for v in pod.spec.volumes or () if supply.is_supplied(v)]


def contents(pod: Pod, place: own.Place) -> Contents:
    """What is to be in each of them.

    :raises Missing: a config or secret is not there.
    """
    return {volume.name: supply.files(pod, volume, place)
            for volume in volumes(pod)}


def digest(found: Contents) -> str:
    """Tells whether contents are the same, and nothing of them."""
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()


def of_sandbox(pod: Pod, host: str, root: str) -> list[dict[str, typing.Any]]:
    """Mounts that make and hold the volumes."""
    return [{'Type': 'volume', 'Target': f'{root}/{volume.name}',
             'Source': names.volume(pod.uuid, pod.generation, volume.name),
             'VolumeOptions': {
                 'NoCopy': True, 'DriverConfig': {
                     'Name': 'local', 'Options': {
                         'type': 'tmpfs', 'device': 'tmpfs',
                         'o': 'mode=0755'}},
                 'Labels': labels.of_pod(pod, host) | {
                     labels.VOLUME: volume.name}}}
            for volume in volumes(pod)]


def of_container(pod: Pod, container: Container,
                 directory: Callable[[str], str],
                 ) -> list[dict[str, typing.Any]]:
    """Mounts as the container asks, never writable.

    A single file is mounted from where the engine keeps the volume
    (`directory`, by the volume's name): nobody else can put links there. It
    does not follow changes.
    """
    ours = {volume.name for volume in volumes(pod)}
    found: list[dict[str, typing.Any]] = []
    for mount in container.volume_mounts or ():
        if mount.name not in ours:
            continue
        name = names.volume(pod.uuid, pod.generation, mount.name)
        part = _normal(mount.sub_path or '')
        mounted = {'Target': mount.mount_path, 'ReadOnly': True}
        if part in ('', '.'):
            found.append(mounted | {
                'Type': 'volume', 'Source': name,
                'VolumeOptions': {'NoCopy': True}})
        else:
            found.append(mounted | {
                'Type': 'bind', 'Source': f'{directory(name)}/{part}'})
    return found


def archive(found: Contents, turn: int, group: int | None) -> bytes:
    """To be unpacked at the root of the sandbox's volumes.

    `turn`: which directory, 1 or 2. `group`: who may read beside root.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w') as out:
        for volume, files in found.items():
            data = f'{volume}/..{turn}'
            # In the place of a directory a file removes all of it.
            out.addfile(_entry(data, tarfile.REGTYPE, 0))
            out.addfile(_entry(data, tarfile.DIRTYPE, 0o755))
            for directory in _directories(files):
                out.addfile(_entry(f'{data}/{directory}', tarfile.DIRTYPE,
                                   0o755))
            for file in files:
                _add(out, f'{data}/{file.path}', file, group)
            out.addfile(_link(f'{volume}/{DATA}', f'..{turn}'))
            for first in sorted({_normal(f.path).split('/')[0]
                                 for f in files}):
                out.addfile(_link(f'{volume}/{first}', f'{DATA}/{first}'))
    return packed.getvalue()


def _normal(path: str) -> str:
    return posixpath.normpath(path)


def _directories(files: list[File]) -> list[str]:
    found: set[str] = set()
    for file in files:
        parent = posixpath.dirname(_normal(file.path))
        while parent:
            found.add(parent)
            parent = posixpath.dirname(parent)
    return sorted(found)


def _entry(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = kind, mode
    return entry


def _link(name: str, target: str) -> tarfile.TarInfo:
    entry = _entry(name, tarfile.SYMTYPE, 0o777)
    entry.linkname = target
    return entry


def _add(out: tarfile.TarFile, name: str, file: File,
         group: int | None) -> None:
    entry = _entry(_normal(name), tarfile.REGTYPE, file.mode)
    if group is not None:
        entry.gid, entry.mode = group, file.mode | _GROUP_MAY_READ
    entry.size = len(file.content)
    out.addfile(entry, io.BytesIO(file.content))
