"""What a pod gets from the configs and secrets that it refers to. Pure."""
import base64
import re
import typing
from collections.abc import Iterator

from zun_lite.pod import fields
from zun_lite.pod import own
from zun_lite.pod import spec
from zun_lite.pod.configs import Kind
from zun_lite.pod.supplies import Supplies

DEFAULT_MODE = 0o644
_NAME = re.compile(fields.ENV_NAME)


class Missing(Exception):
    """Something that must be there is not; the message names it."""


class File(typing.NamedTuple):
    """A file of a volume. `path`: relative to the volume."""
    path: str
    content: bytes
    mode: int


def _entries(pod: spec.Pod, kind: Kind, name: str,
             optional: bool | None) -> dict[str, str] | None:
    supplies = pod.supplies or Supplies()
    known = supplies.configs if kind is Kind.CONFIG else supplies.secrets
    if name not in known and not optional:
        raise Missing(f'{kind} "{name}" not found')
    return known.get(name)


def _text(encoded: str, what: str) -> str:
    try:
        found = base64.b64decode(encoded).decode()
    except UnicodeDecodeError:
        raise Missing(f'{what} is not text') from None
    if '\0' in found:
        raise Missing(f'{what} holds a NUL character')
    return found


def variable(pod: spec.Pod, container: spec.Container,
             source: spec.EnvVarSource, place: own.Place) -> str | None:
    """The value of a variable; None: it is optional, and is not there.

    :raises Missing:
    """
    if source.config_map_key_ref is not None:
        return _one(pod, Kind.CONFIG, source.config_map_key_ref)
    if source.secret_key_ref is not None:
        return _one(pod, Kind.SECRET, source.secret_key_ref)
    return own.variable(pod, container, source, place)


def _one(pod: spec.Pod, kind: Kind,
         asked: spec.ConfigKey | spec.SecretKey) -> str | None:
    entries = _entries(pod, kind, asked.name, asked.optional)
    what = f'key "{asked.key}" of {kind} "{asked.name}"'
    if entries is not None and asked.key in entries:
        return _text(entries[asked.key], what)
    if not asked.optional:
        raise Missing(f'{what} not found')
    return None


def variables(pod: spec.Pod, container: spec.Container) -> dict[str, str]:
    """What `envFrom` gives; entries whose key is no name are left out.

    :raises Missing:
    """
    found: dict[str, str] = {}
    for source in container.env_from or ():
        for kind, asked in ((Kind.CONFIG, source.config_map_ref),
                            (Kind.SECRET, source.secret_ref)):
            if asked is None:
                continue
            entries = _entries(pod, kind, asked.name, asked.optional)
            for key, value in (entries or {}).items():
                name = f'{source.prefix or ""}{key}'
                if _NAME.fullmatch(name):
                    found[name] = _text(
                        value, f'key "{key}" of {kind} "{asked.name}"')
    return found


def is_supplied(volume: spec.Volume) -> bool:
    """Whether its files are written by the agent."""
    return volume.empty_dir is None


def files(pod: spec.Pod, volume: spec.Volume,
          place: own.Place) -> list[File]:
    """The files of a volume, each path once, in the order of paths.

    :raises Missing:
    """
    found = {one.path: one for one in _files(pod, volume, place)}
    return [found[path] for path in sorted(found)]


def _files(pod: spec.Pod, volume: spec.Volume,
           place: own.Place) -> Iterator[File]:
    config, secret = volume.config_map, volume.secret
    if config is not None:
        yield from _copies(pod, Kind.CONFIG, config.name, config,
                           config.default_mode)
    if secret is not None:
        yield from _copies(pod, Kind.SECRET, secret.secret_name, secret,
                           secret.default_mode)
    if volume.downward_api is not None:
        yield from _own(pod, volume.downward_api, place,
                        volume.downward_api.default_mode)
    projected = volume.projected or spec.ProjectedVolume()
    for source in projected.sources or ():
        if source.config_map is not None:
            yield from _copies(pod, Kind.CONFIG, source.config_map.name,
                               source.config_map, projected.default_mode)
        if source.secret is not None:
            yield from _copies(pod, Kind.SECRET, source.secret.name,
                               source.secret, projected.default_mode)
        if source.downward_api is not None:
            yield from _own(pod, source.downward_api, place,
                            projected.default_mode)


def _mode(own_mode: int | None, default: int | None) -> int:
    return next((m for m in (own_mode, default) if m is not None),
                DEFAULT_MODE)


def _copies(pod: spec.Pod, kind: Kind, name: str,
            asked: spec.ConfigFiles | spec.SecretFiles | spec.SecretVolume,
            mode: int | None) -> Iterator[File]:
    entries = _entries(pod, kind, name, asked.optional)
    if entries is None:
        return
    if not asked.items:
        for key, value in entries.items():
            yield File(key, base64.b64decode(value), _mode(None, mode))
    for item in asked.items or ():
        if item.key in entries:
            yield File(item.path, base64.b64decode(entries[item.key]),
                       _mode(item.mode, mode))
        elif not asked.optional:
            raise Missing(f'key "{item.key}" of {kind} "{name}" not found')


def _own(pod: spec.Pod, asked: spec.OwnFiles, place: own.Place,
         mode: int | None) -> Iterator[File]:
    for item in asked.items or ():
        if item.field_ref is not None:
            text = own.field(pod, item.field_ref.field_path, place)
        else:
            # Validation: then it is this one, and names its container.
            amount = typing.cast(spec.ResourceFieldSelector,
                                 item.resource_field_ref)
            text = own.amount(pod.spec, pod.spec.containers[0], amount,
                              place)
        yield File(item.path, text.encode(), _mode(item.mode, mode))
