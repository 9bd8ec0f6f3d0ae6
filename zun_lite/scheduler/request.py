"""What a pod asks of the host it is to run on."""
import dataclasses
import typing
from collections.abc import Iterable
from collections.abc import Mapping

from zun_lite.pod import capabilities
from zun_lite.pod import spec
from zun_lite.pod.states import Action
from zun_lite.scheduler import rules as scheduler_rules

if typing.TYPE_CHECKING:
    from zun_lite.scheduler.around import Around

_BESIDE = {'networks': (Action.NETWORKS, 'nets'),
           'files': (Action.PREPARE, 'mounts'),
           'runtime': (Action.PREPARE, 'runtime')}


def beside(plain: Mapping[str, object]) -> frozenset[str]:
    """The parts of a container's `Plain` that not every driver honours."""
    return frozenset(name for name in _BESIDE if plain.get(name))


def needs(parts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The capabilities that these take, with what a user calls them."""
    found: dict[str, tuple[str, ...]] = {}
    for part in sorted(parts):
        action, field = _BESIDE[part]
        name = capabilities.action(action)
        found[name] = (*found.get(name, ()), field)
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class PodRequest:
    """`uses`: each capability that is needed, with the paths that need it.

    `labels` are the pod's own. `around`: the pods that are placed; None:
    there is none that matters.
    """
    cpu_millis: int = 0
    memory_bytes: int = 0
    node_selector: Mapping[str, str] = dataclasses.field(
        default_factory=dict)
    uses: Mapping[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict)
    rules: scheduler_rules.Rules = scheduler_rules.Rules()
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    around: 'Around | None' = None

    @classmethod
    def of(cls, asked: spec.PodSpec,
           labels: Mapping[str, str] | None = None, *,
           parts: Iterable[str] = ()) -> 'PodRequest':
        """`parts`: of a container; see `beside`."""
        uses = capabilities.used_by(asked) | needs(parts)
        cpu_millis, memory_bytes = asked.requested
        return cls(cpu_millis, memory_bytes, asked.node_selector or {}, uses,
                   scheduler_rules.Rules.of(asked), labels or {})
