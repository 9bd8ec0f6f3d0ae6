"""Which optional spec fields exist, and which of them a pod uses.

A field is named by its path without indexes, beginning at `spec`:
``spec.containers.livenessProbe.httpGet``. Init containers use the names of
`containers`, so that a driver declares a container's field once; only what
they alone have is named by them. Where the value decides, it is appended:
``spec.volumes.emptyDir.medium=Memory``.

All of it is read off the classes in `spec.py`: a field added there is a new
capability, which no driver has before it says so.
"""
import enum
import typing
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

from zun_lite import exceptions
from zun_lite.pod import spec as spec_module
from zun_lite.pod import states

LABEL_PREFIX = 'zun-lite/'
"""nodeSelector keys that every host answers: driver, host."""

INIT = 'spec.initContainers'
OF_INIT: Mapping[str, str] = {
    name: field.alias or name
    for name, field in spec_module.InitContainer.model_fields.items()
    if name not in spec_module.Container.model_fields}
"""What only init containers have: wire names by attribute."""

_TRUE_WHEN_ABSENT = frozenset({'allowPrivilegeEscalation'})


TOGETHER: Mapping[type[spec_module.Document], tuple[str, str]] = {
    spec_module.EmptyDir: ('medium=Memory', 'sizeLimit')}
"""Two fields that ask for more when used together than each does alone: a
capability of its own, ``spec.volumes.emptyDir.medium=Memory.sizeLimit``."""


def _parts(annotation: object) -> Iterator[object]:
    """Every class an annotation is made of."""
    inner = typing.get_args(annotation)
    if not inner:
        yield annotation
    for part in inner:
        yield from _parts(part)


def classes_in(annotation: object, kind: type) -> list[typing.Any]:
    """The subclasses of `kind` that an annotation is made of."""
    return [part for part in _parts(annotation)
            if isinstance(part, type) and issubclass(part, kind)]


def _fields_of(model: type[spec_module.Document],
               at: str) -> Iterator[str]:
    if model in TOGETHER:
        yield '.'.join((at, *TOGETHER[model]))
    for name, field in model.model_fields.items():
        path = f'{at}.{field.alias or name}'
        if path == INIT:
            yield path
            yield from (f'{path}.{alias}' for alias in OF_INIT.values())
            continue
        enums = classes_in(field.annotation, enum.Enum)
        if not field.is_required():
            yield from ([f'{path}={m.value}' for m in enums[0] if m.value]
                        if enums else [path])
        for part in classes_in(field.annotation, spec_module.Document):
            yield from _fields_of(part, path)


ALL = frozenset(_fields_of(spec_module.PodSpec, 'spec'))


def action(name: states.Action) -> str:
    """The capability of an optional action: ``action:logs``."""
    return f'action:{name}'


def _is_idle(alias: str, value: object) -> bool:
    """Whether a value asks for nothing beyond what its absence gives."""
    match value:
        case bool():
            return value is (alias in _TRUE_WHEN_ABSENT)
        case dict():
            return all(key.startswith(LABEL_PREFIX) for key in value)
        case None | '' | ():
            return True
        case _:
            return False


def _uses(part: spec_module.Document, name: str,
          path: str) -> Iterator[tuple[str, str]]:
    """(capability, path) of every optional field that `part` makes use of."""
    yield from _together(part, name, path)
    init = isinstance(part, spec_module.InitContainer)
    for attribute, field in type(part).model_fields.items():
        value = getattr(part, attribute)
        alias = field.alias or attribute
        if _is_idle(alias, value):
            continue
        at = f'{INIT if init and attribute in OF_INIT else name}.{alias}'
        where = f'{path}.{alias}'
        if isinstance(value, enum.Enum):
            yield f'{at}={value.value}', where
            continue
        if not field.is_required():
            yield at, where
        if at == INIT:
            at = 'spec.containers'
        yield from _inside(value, at, where)


def _together(part: spec_module.Document, name: str,
              path: str) -> Iterator[tuple[str, str]]:
    joint = TOGETHER.get(type(part))
    if joint is None:
        return
    used = {f'{field.alias}={value.value}' if isinstance(value, enum.Enum)
            else field.alias for attribute, field
            in type(part).model_fields.items()
            if not _is_idle(field.alias or attribute,
                            value := getattr(part, attribute))}
    if used.issuperset(joint):
        yield '.'.join((name, *joint)), f'{path}.{joint[1]}'


def _inside(value: object, name: str, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, spec_module.Document):
        yield from _uses(value, name, path)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _inside(item, name, f'{path}[{index}]')


def used_by(spec: spec_module.PodSpec) -> dict[str, tuple[str, ...]]:
    """Each capability that a spec needs, with the paths that need it."""
    found: dict[str, list[str]] = {}
    for name, path in _uses(spec, 'spec', 'spec'):
        found.setdefault(name, []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}


def missing(spec: spec_module.PodSpec,
            capabilities: Collection[str]) -> list[exceptions.FieldError]:
    """A fault for each field of `spec` that a backend lacks.

    Of nested fields only the outermost is reported.
    """
    paths: list[str] = []
    for name, path in _uses(spec, 'spec', 'spec'):
        if name not in capabilities and not any(
                path.startswith((f'{known}.', f'{known}['))
                for known in paths):
            paths.append(path)
    return [exceptions.FieldError(path, 'not supported by this backend')
            for path in paths]
