"""Why a container is not there yet, and when to look again."""
import dataclasses

from zun_lite.pod import status

SANDBOX_ERROR = 'CreatePodSandboxError'
CONFIG_ERROR = 'CreateContainerConfigError'


@dataclasses.dataclass(frozen=True, slots=True)
class NotYet:
    """`recheck_s` None: something will tell when it is time."""
    reason: str
    message: str
    recheck_s: float | None = None

    @property
    def state(self) -> status.Waiting:
        return status.Waiting(reason=self.reason, message=self.message)


@dataclasses.dataclass(slots=True)
class Retry:
    """Back-off of one thing that keeps failing."""
    base_s: float
    cap_s: float
    delay_s: float = 0.0
    at: float = 0.0

    def failed(self, now: float) -> float:
        """Note a failure; the seconds until the next try."""
        self.delay_s = min(self.cap_s, max(self.base_s, self.delay_s * 2))
        self.at = now + self.delay_s
        return self.delay_s
