"""Environment variables and where their values come from."""
from collections.abc import Iterator
from collections.abc import Sequence

from zun_lite.exceptions import FieldError
from zun_lite.pod import linux
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Document
from zun_lite.pod.spec import EnvVar
from zun_lite.pod.spec import EnvVarSource
from zun_lite.pod.spec import ResourceFieldSelector

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
        yield from one_of(every, ('config_map_ref', 'secret_ref'),
                          f'{at}.envFrom[{index}]')


def _variable_faults(variable: EnvVar, at: str) -> Iterator[FieldError]:
    if variable.name == '.' or variable.name.startswith('..'):
        yield FieldError(f'{at}.name', "must not be '.' nor begin with '..'")
    entry = f'{variable.name}={variable.value or ""}'
    if len(entry.encode()) > linux.MAX_ARGUMENT:
        yield FieldError(f'{at}.value', TOO_LONG)
    if variable.value and variable.value_from is not None:
        yield FieldError(f'{at}.valueFrom', 'must not be given with value')


def _source_faults(source: EnvVarSource, names: frozenset[str],
                   at: str) -> Iterator[FieldError]:
    yield from one_of(source, tuple(type(source).model_fields), at)
    if source.resource_field_ref is not None:
        yield from amount_faults(source.resource_field_ref, names,
                                 f'{at}.resourceFieldRef')


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
