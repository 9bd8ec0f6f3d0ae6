"""What a pod asks of the host it is to run on."""
import dataclasses
from collections.abc import Mapping

from zun_lite.pod import capabilities
from zun_lite.pod import spec


@dataclasses.dataclass(frozen=True, slots=True)
class PodRequest:
    """`uses`: each capability that is needed, with the paths that need it."""
    cpu_millis: int = 0
    memory_bytes: int = 0
    node_selector: Mapping[str, str] = dataclasses.field(
        default_factory=dict)
    uses: Mapping[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict)

    @classmethod
    def of(cls, asked: spec.PodSpec) -> 'PodRequest':
        cpu_millis, memory_bytes = asked.requested
        return cls(cpu_millis, memory_bytes, asked.node_selector or {},
                   capabilities.used_by(asked))
