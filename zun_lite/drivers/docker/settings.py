"""What a driver object was told, in one value."""
import dataclasses

from zun_lite.conf import CONF


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """The options of `[docker]`; tests shorten the times."""
    url: str | None = None
    host_ip: str | None = None
    api_timeout: int = 30
    api_connections: int = 64
    sandbox_image: str = 'registry.k8s.io/pause:3.9'
    project_network_pool: str = '10.208.0.0/12'
    project_network_prefix: int = 24
    restart_backoff_base: float = 10
    restart_backoff_cap: float = 300
    retry_backoff_base: float = 10
    retry_backoff_cap: float = 300
    pull_workers: int = 4
    probe_workers: int = 16
    volume_check_interval: float = 60
    log_max_size: str = '10m'
    log_max_files: int = 3


def from_conf() -> Settings:
    """As configured now."""
    return Settings(**{field.name: CONF.docker[field.name]
                       for field in dataclasses.fields(Settings)})
