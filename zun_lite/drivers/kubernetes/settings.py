"""What a driver object was told, in one value."""
import dataclasses

from zun_lite.conf import CONF


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """The options of `[kubernetes]`; tests shorten the times."""
    kubeconfig: str | None = None
    context: str | None = None
    api_timeout: float = 30
    api_connections: int = 64
    pod_security: str = 'baseline'
    watch_timeout: int = 300
    retry_interval: float = 5
    removal_timeout: float = 90


def from_conf() -> Settings:
    """As configured now."""
    return Settings(**{field.name: CONF.kubernetes[field.name]
                       for field in dataclasses.fields(Settings)})
