"""Volumes whose files the service writes: where they are, and what of."""
import posixpath
from collections.abc import Iterator
from collections.abc import Sequence

from zun_lite.exceptions import FieldError
from zun_lite.pod.spec import ConfigFiles
from zun_lite.pod.spec import KeyToPath
from zun_lite.pod.spec import OwnFile
from zun_lite.pod.spec import OwnFiles
from zun_lite.pod.spec import SecretFiles
from zun_lite.pod.spec import SecretVolume
from zun_lite.pod.spec import Volume
from zun_lite.pod.validation import environment
from zun_lite.pod.validation import repeats

Source = ConfigFiles | SecretFiles | SecretVolume | OwnFiles


def faults(volume: Volume, names: frozenset[str],
           at: str) -> Iterator[FieldError]:
    """Faults of a volume's sources; `names`: the pod's containers."""
    for alias, source in (('configMap', volume.config_map),
                          ('secret', volume.secret),
                          ('downwardAPI', volume.downward_api)):
        if source is not None:
            yield from _directory_faults([(f'{at}.{alias}', source)], names)
    together: list[tuple[str, Source]] = []
    projected = volume.projected.sources if volume.projected else None
    for index, one in enumerate(projected or ()):
        path = f'{at}.projected.sources[{index}]'
        yield from environment.one_of(one, tuple(type(one).model_fields),
                                      path)
        together += [(f'{path}.{alias}', source) for alias, source in (
            ('configMap', one.config_map), ('secret', one.secret),
            ('downwardAPI', one.downward_api)) if source is not None]
    yield from _directory_faults(together, names)


def _directory_faults(sources: Sequence[tuple[str, Source]],
                      names: frozenset[str]) -> Iterator[FieldError]:
    """Faults of (path, source) that fill one directory: no two items, of
    whichever sources, may have one path."""
    for path, source in sources:
        yield from _source_faults(source, names, path)
    yield from repeats.faults(
        ((f'{path}.items[{index}].path', posixpath.normpath(item.path))
         for path, source in sources
         for index, item in enumerate(_items(source))), 'the path')


def _items(source: Source) -> Sequence[KeyToPath | OwnFile]:
    return source.items or ()


def _source_faults(source: Source, names: frozenset[str],
                   at: str) -> Iterator[FieldError]:
    for index, item in enumerate(_items(source)):
        path = f'{at}.items[{index}]'
        if '..' in item.path.split('/') or item.path.startswith('..'):
            yield FieldError(f'{path}.path',
                             "must not contain '..' nor begin with it")
        if isinstance(item, OwnFile):
            yield from _own_faults(item, names, path)


def _own_faults(item: OwnFile, names: frozenset[str],
                at: str) -> Iterator[FieldError]:
    yield from environment.one_of(item, ('field_ref', 'resource_field_ref'),
                                  at)
    if item.field_ref is not None:
        yield from environment.own_field_faults(item.field_ref,
                                                f'{at}.fieldRef')
    amount = item.resource_field_ref
    if amount is not None:
        path = f'{at}.resourceFieldRef'
        if amount.container_name is None:
            yield FieldError(f'{path}.containerName',
                             'is required in a volume')
        yield from environment.amount_faults(amount, names, path)
