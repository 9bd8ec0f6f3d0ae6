"""Volumes, and the mounts that refer to them."""
import posixpath
from collections.abc import Iterator

from zun_lite.exceptions import FieldError
from zun_lite.pod import quantities
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import PodSpec
from zun_lite.pod.spec import Volume
from zun_lite.pod.validation import files
from zun_lite.pod.validation import repeats
from zun_lite.pod.validation import resources


def faults(spec: PodSpec, at: str) -> Iterator[FieldError]:
    """Faults of the pod's volumes; mounts are `mount_faults`."""
    volumes = spec.volumes or ()
    names = frozenset(c.name for c in spec.all_containers)
    yield from repeats.faults(
        ((f'{at}.volumes[{i}].name', v.name)
         for i, v in enumerate(volumes)), 'the volume name')
    for index, volume in enumerate(volumes):
        yield from _volume_faults(volume, names, f'{at}.volumes[{index}]')


def _volume_faults(volume: Volume, names: frozenset[str],
                   at: str) -> Iterator[FieldError]:
    kinds = {name: str(field.alias) for name, field
             in type(volume).model_fields.items() if name != 'name'}
    given = [name for name in kinds if getattr(volume, name) is not None]
    if len(given) != 1:
        yield FieldError(at, 'needs exactly one source: '
                         f'{", ".join(kinds.values())}')
    if volume.empty_dir is not None and volume.empty_dir.size_limit:
        yield from _size_faults(volume.empty_dir.size_limit,
                                f'{at}.emptyDir.sizeLimit')
    yield from files.faults(volume, names, at)


def _size_faults(size: str, at: str) -> Iterator[FieldError]:
    if quantities.whole(size) < 1:
        yield FieldError(at, 'must be more than 0')
    elif quantities.whole(size) > resources.MAX_MEMORY_BYTES:
        yield FieldError(at, f'must be at most {resources.MAX_MEMORY}')


def mount_faults(container: Container, volumes: frozenset[str],
                 at: str) -> Iterator[FieldError]:
    """Faults of a container's mounts; `volumes`: the pod's volume names."""
    mounts = container.volume_mounts or ()
    for index, mount in enumerate(mounts):
        if mount.name not in volumes:
            yield FieldError(f'{at}.volumeMounts[{index}].name',
                             f'there is no volume {mount.name!r}')
        path = f'{at}.volumeMounts[{index}]'
        yield from _target_faults(mount.mount_path, f'{path}.mountPath')
        if '..' in (mount.sub_path or '').split('/'):
            yield FieldError(f'{path}.subPath', "must not contain '..'")
    targets = [(f'{at}.volumeMounts[{i}].mountPath', _clean(m.mount_path))
               for i, m in enumerate(mounts)]
    message = container.termination_message_path
    if message is not None:
        path = f'{at}.terminationMessagePath'
        yield from _target_faults(message, path)
        targets.append((path, _clean(message)))
    yield from repeats.faults(targets, 'the mount path')


def _target_faults(target: str, at: str) -> Iterator[FieldError]:
    if '..' in target.split('/'):
        yield FieldError(at, "must not contain '..'")
    elif _clean(target) == '/':
        yield FieldError(at, 'must not be the root directory')


def _clean(path: str) -> str:
    return posixpath.normpath('/' + path.lstrip('/'))
