"""Environment variables and where their values come from."""
import re
from collections.abc import Iterator
from collections.abc import Sequence

from zun_lite.exceptions import FieldError
from zun_lite.pod import fields
from zun_lite.pod import linux
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Document
from zun_lite.pod.spec import EnvVar
from zun_lite.pod.spec import EnvVarSource
from zun_lite.pod.spec import FileFieldSelector
from zun_lite.pod.spec import ObjectFieldSelector
from zun_lite.pod.spec import ResourceFieldSelector
from zun_lite.pod.validation import metadata

TOO_LONG = (f'must have at most {linux.MAX_ARGUMENT} bytes, with its name '
            'where it has one')
DIVISORS = {
    'cpu': ('1m', '1'),
    'memory': ('1', *(f'1{unit}{i}' for i in ('', 'i')
                      for unit in ('k' if not i else 'K', *'MGTPE')))}


def faults(container: Container, names: frozenset[str],
           at: str) -> Iterator[FieldError]:
    """Faults of a container's `env`; `names`: of all the pod's containers."""
    for index, variable in enumerate(container.env or ()):
        path = f'{at}.env[{index}]'
        yield from _variable_faults(variable, path)
        if variable.value_from is not None:
            yield from _source_faults(variable.value_from, names,
                                      f'{path}.valueFrom')
    for index, every in enumerate(container.env_from or ()):
        path = f'{at}.envFrom[{index}]'
        yield from one_of(every, ('config_map_ref', 'secret_ref'), path)
        yield from _dot_faults(every.prefix, f'{path}.prefix')


def _variable_faults(variable: EnvVar, at: str) -> Iterator[FieldError]:
    yield from _dot_faults(variable.name, f'{at}.name')
    entry = f'{variable.name}={variable.value or ""}'
    if len(entry.encode()) > linux.MAX_ARGUMENT:
        yield FieldError(f'{at}.value', TOO_LONG)
    if variable.value and variable.value_from is not None:
        yield FieldError(f'{at}.valueFrom', 'must not be given with value')


def _dot_faults(name: str | None, at: str) -> Iterator[FieldError]:
    """Of what could also be the name of a directory."""
    if name is not None and (name == '.' or name.startswith('..')):
        yield FieldError(at, "must not be '.' nor begin with '..'")


def _source_faults(source: EnvVarSource, names: frozenset[str],
                   at: str) -> Iterator[FieldError]:
    yield from one_of(source, tuple(type(source).model_fields), at)
    if source.field_ref is not None:
        yield from own_field_faults(source.field_ref, f'{at}.fieldRef')
    for name, entry in (('configMapKeyRef', source.config_map_key_ref),
                        ('secretKeyRef', source.secret_key_ref)):
        if entry is not None:
            yield from _dot_faults(entry.key, f'{at}.{name}.key')
    if source.resource_field_ref is not None:
        yield from amount_faults(source.resource_field_ref, names,
                                 f'{at}.resourceFieldRef')


def own_field_faults(asked: ObjectFieldSelector | FileFieldSelector,
                     at: str) -> Iterator[FieldError]:
    """Faults of a reference to a field: the key of a label or annotation."""
    entry = fields.OWN_ENTRY.fullmatch(asked.field_path)
    if entry is None:
        return
    pattern = (fields.LABEL_KEY if entry[1] == 'labels'
               else fields.ANNOTATION_KEY)
    if re.fullmatch(pattern, entry[2]):
        yield from metadata.prefix_faults(entry[2], f'{at}.fieldPath')
    else:
        yield FieldError(f'{at}.fieldPath',
                         f'the key {fields.MEANINGS[pattern]}')


def one_of(part: Document, names: Sequence[str],
           at: str) -> Iterator[FieldError]:
    """A fault unless exactly one of the fields is given."""
    if sum(getattr(part, name) is not None for name in names) != 1:
        told = (str(type(part).model_fields[name].alias) for name in names)
        yield FieldError(at, f'needs exactly one of {", ".join(told)}')


def amount_faults(asked: ResourceFieldSelector, names: frozenset[str],
                  at: str) -> Iterator[FieldError]:
    """Faults of a reference to an amount of a container."""
    if asked.container_name is not None and (
            asked.container_name not in names):
        yield FieldError(f'{at}.containerName', 'the pod has no container '
                         f'named {asked.container_name!r}')
    allowed = DIVISORS[asked.resource.partition('.')[2]]
    if asked.divisor not in (None, '0', *allowed):
        yield FieldError(f'{at}.divisor',
                         f'must be one of {", ".join(allowed)}')
