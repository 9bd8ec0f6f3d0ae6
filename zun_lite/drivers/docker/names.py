"""Names of engine objects.

A name is used once in a pod's life: uuid, generation, what it is, attempt.
The engine refuses a second object of the same name, so a step that was
carried out just before a crash is found again instead of being repeated.
Dots separate; the underscore keeps the sandbox apart from a container that
is called so, as container names are DNS labels.
"""
import hashlib
import re

_PREFIX = 'zun-lite'
_PLAIN = re.compile(r'/?zun-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})')


def _of(uuid: str, generation: int) -> str:
    return f'{_PREFIX}-{uuid}.{generation}'


def sandbox(uuid: str, generation: int, attempt: int) -> str:
    return f'{_of(uuid, generation)}._sandbox.{attempt}'


def marked(sandbox_name: str, mark: str) -> str:
    """The name of a sandbox whose pod has come to its end by our doing.

    Labels of a container cannot be changed, but its name can: it is the one
    place on the engine where such a verdict outlives the agent.
    """
    return f'{sandbox_name}.{mark}'


def container(uuid: str, generation: int, name: str, attempt: int) -> str:
    return f'{_of(uuid, generation)}.{name}.{attempt}'


def volume(uuid: str, generation: int, name: str) -> str:
    return f'{_of(uuid, generation)}.{name}'


def plain(uuid: str) -> str:
    """A container that was made as one, as OpenStack Zun names it."""
    return f'zun-{uuid}'


def plain_uuid(name: str) -> str | None:
    """Whose container has that name; None: it is not one of these."""
    found = _PLAIN.fullmatch(name)
    return found[1] if found else None


def record(uuid: str, generation: int, run_id: str) -> str:
    """A note about a plain container: of one generation and container."""
    about = f'.{run_id[:12]}' if run_id else ''
    return _of(uuid, generation) + about


def _digest(host: str, project: str) -> str:
    return hashlib.sha256(f'{host}/{project}'.encode()).hexdigest()[:12]


def network(host: str, project: str) -> str:
    """A project's network on one agent's host; any project id will do."""
    return f'{_PREFIX}-{_digest(host, project)}'


def bridge(host: str, project: str) -> str:
    """The bridge of that network: 15 characters, the kernel's limit."""
    return f'zl-{_digest(host, project)}'


def bridge_of(network: str) -> str:
    """The bridge of a network that a project made."""
    return f'zl-{network.replace("-", "")[:12]}'
