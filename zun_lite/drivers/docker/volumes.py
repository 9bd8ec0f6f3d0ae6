"""emptyDir volumes as the engine's local volumes.

The sandbox mounts every volume of its pod, which makes them (with labels) and
keeps a volume in memory alive while containers restart. The engine makes
a directory for root alone; Kubernetes lets every user write, hence `opening`.

A directory that some container mounts by subPath is a volume of its own,
mounted inside the volume it is a part of wherever that is mounted. Its place
on the host is thus never a path that containers have a hand in: a link that
they put there would lead the engine out of the volume.
"""
import hashlib
import io
import posixpath
import tarfile
import typing
from collections.abc import Iterable

from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.pod import quantities
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Medium
from zun_lite.pod.spec import Pod
from zun_lite.pod.spec import Volume
from zun_lite.pod.spec import VolumeMount

ROOT = '/zun-lite'                  # in the sandbox
KEPT = 0            # generation of what a plain container keeps

Mount = dict[str, typing.Any]


def on_disk(pod: Pod) -> list[Volume]:
    return [v for v in pod.spec.volumes or ()
            if v.empty_dir is not None and not _in_memory(v)]


def limits(pod: Pod) -> dict[str, int]:
    """Bytes allowed, by name, of the volumes on disk that have a limit."""
    return {v.name: quantities.whole(v.empty_dir.size_limit)
            for v in on_disk(pod)
            if v.empty_dir is not None and v.empty_dir.size_limit}


def parts(pod: Pod, volume: str) -> list[str]:
    """Paths of a volume that are volumes of their own; '' is the whole."""
    found = {_part(mount) for container in pod.spec.all_containers
             for mount in container.volume_mounts or ()
             if mount.name == volume}
    return sorted(found | {''})


def name(pod: Pod, volume: str, part: str = '') -> str:
    """The engine's name for a volume or a part of it."""
    if part:
        volume += '_' + hashlib.sha256(part.encode()).hexdigest()[:12]
    generation = pod.generation if pod.plain is None else KEPT
    return names.volume(pod.uuid, generation, volume)


def _part(mount: VolumeMount) -> str:
    path = posixpath.normpath(mount.sub_path or '')
    return '' if path == '.' else path


def _below(path: str, part: str) -> str:
    return posixpath.join(path, part) if part else path


def _in_memory(volume: Volume) -> bool:
    return (volume.empty_dir is not None
            and volume.empty_dir.medium is Medium.MEMORY)


def _driver(volume: Volume, group: int | None) -> Mount:
    if not _in_memory(volume):
        return {'Name': 'local'}
    options = ['mode=0777'] if group is None else [
        'mode=2777', f'gid={group}']
    if volume.empty_dir is not None and volume.empty_dir.size_limit:
        size = quantities.whole(volume.empty_dir.size_limit)
        options.append(f'size={size}')
    return {'Name': 'local', 'Options': {
        'type': 'tmpfs', 'device': 'tmpfs', 'o': ','.join(options)}}


def of_sandbox(pod: Pod, host: str) -> list[Mount]:
    """Mounts that make and hold all volumes of the pod."""
    return [{'Type': 'volume',
             'Target': _below(f'{ROOT}/{volume.name}', part),
             'Source': name(pod, volume.name, part),
             'VolumeOptions': {
                 'NoCopy': True,
                 'DriverConfig': _driver(volume, pod.spec.fs_group),
                 'Labels': labels.of_pod(pod, host) | {
                     labels.VOLUME: volume.name}}}
            for volume in pod.spec.volumes or ()
            if volume.empty_dir is not None
            for part in parts(pod, volume.name)]


def of_container(pod: Pod, container: Container) -> list[Mount]:
    """Mounts as the container asks. NoCopy: a volume begins empty."""
    taken = {mount.mount_path.rstrip('/')
             for mount in container.volume_mounts or ()}
    ours = {volume.name for volume in pod.spec.volumes or ()
            if volume.empty_dir is not None}
    return [found for mount in container.volume_mounts or ()
            if mount.name in ours for found in _mounts(pod, mount, taken)]


def _mounts(pod: Pod, mount: VolumeMount, taken: set[str]) -> list[Mount]:
    """A mount, and inside it those of the parts that it holds."""
    whole = _part(mount)
    found = [_mount(pod, mount, whole, mount.mount_path)]
    for part in parts(pod, mount.name):
        if part != whole and (not whole or part.startswith(f'{whole}/')):
            target = _below(mount.mount_path,
                            posixpath.relpath(part, whole or '.'))
            if target not in taken:
                found.append(_mount(pod, mount, part, target))
    return found


def _mount(pod: Pod, mount: VolumeMount, part: str, target: str) -> Mount:
    return {'Type': 'volume', 'Target': target,
            'Source': name(pod, mount.name, part),
            'ReadOnly': bool(mount.read_only),
            'VolumeOptions': {'NoCopy': True}}


def at(pod: Pod) -> dict[str, str]:
    """The engine's names of the volumes on disk, by their path at `ROOT`."""
    return {_below(volume.name, part): name(pod, volume.name, part)
            for volume in on_disk(pod) for part in parts(pod, volume.name)}


def opening(pod: Pod) -> list[tarfile.TarInfo]:
    """Entries that, unpacked at `ROOT`, let all users write."""
    found = []
    for volume in on_disk(pod):
        for part in parts(pod, volume.name):
            entry = tarfile.TarInfo(_below(volume.name, part))
            entry.type, entry.mode = tarfile.DIRTYPE, 0o777
            if pod.spec.fs_group is not None:
                entry.mode, entry.gid = 0o2777, pod.spec.fs_group
            found.append(entry)
    return found


def packed(entries: Iterable[tarfile.TarInfo]) -> bytes:
    """An archive of directories and empty files."""
    found = io.BytesIO()
    with tarfile.open(fileobj=found, mode='w') as archive:
        for entry in entries:
            archive.addfile(entry)
    return found.getvalue()
