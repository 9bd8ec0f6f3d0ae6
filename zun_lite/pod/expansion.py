"""Command line and environment of a container, by Kubernetes' rules.

`command` replaces the image's entrypoint, and with it the image's own
arguments; `args` replaces only those. `$(NAME)` in command, args and values
of env stands for a variable of the container; `$$(NAME)` is the text
`$(NAME)`; a name that is not known stays as it was written.
Source: Kubernetes API reference, v1.Container (command, args, env.value).
"""
import re
from collections.abc import Mapping
from collections.abc import Sequence

from zun_lite.pod import own
from zun_lite.pod import spec
from zun_lite.pod import supply

_REFERENCE = re.compile(r'\$(\$|\(([^)]*)\))')


def expand(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] == '$':
            return '$'
        return variables.get(found[2], found[0])
    return _REFERENCE.sub(value, text)


def environment(pod: spec.Pod, container: spec.Container,
                place: own.Place) -> dict[str, str]:
    """The variables of `envFrom` and `env`; each of the latter may refer to
    those before it.

    :raises Missing: a config or secret is not there.
    """
    found = supply.variables(pod, container)
    for variable in container.env or ():
        if variable.value_from is None:
            found[variable.name] = expand(variable.value or '', found)
            continue
        value = supply.variable(pod, container, variable.value_from, place)
        if value is not None:
            found[variable.name] = value
    return found


def command_and_args(container: spec.Container, variables: Mapping[str, str],
                     ) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the pod gives of both, expanded; empty: the image's own."""
    def expanded(words: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(expand(word, variables) for word in words or ())
    return expanded(container.command), expanded(container.args)


def resolve(container: spec.Container, variables: Mapping[str, str],
            image_env: Mapping[str, str], image_entrypoint: Sequence[str],
            image_command: Sequence[str],
            ) -> tuple[dict[str, str], tuple[str, ...]]:
    """(environment, command line) of a container made from an image."""
    command, args = command_and_args(container, variables)
    if command:
        argv = (*command, *args)
    else:
        argv = (*image_entrypoint, *(args or image_command))
    return {**image_env, **variables}, argv
