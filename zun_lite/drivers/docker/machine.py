"""What the pods of a host are told of it."""
import functools
import socket

from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.settings import Settings
from zun_lite.pod import own

_ELSEWHERE = ('192.0.2.1', 9)       # nothing is sent there


class Machine:
    """The host behind an engine; asked for once."""

    def __init__(self, engine: Engine, settings: Settings, host: str):
        self._engine, self._settings, self._host = engine, settings, host

    def place(self, pod_ip: str | None) -> own.Place:
        cpu_millis, memory_bytes, _ = self._told
        return own.Place(
            host=self._host, host_ip=self._address, pod_ip=pod_ip or '',
            cpu_millis=cpu_millis, memory_bytes=memory_bytes)

    def directory(self, volume: str) -> str:
        """Where the engine keeps a volume of its local driver."""
        return f'{self._told[2]}/volumes/{volume}/_data'

    @functools.cached_property
    def _told(self) -> tuple[int, int, str]:
        info = self._engine.api.info()
        return info['NCPU'] * 1000, info['MemTotal'], info['DockerRootDir']

    @functools.cached_property
    def _address(self) -> str:
        if self._settings.host_ip:
            return self._settings.host_ip
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(_ELSEWHERE)
                return str(probe.getsockname()[0])
            except OSError:         # no route: the host is on its own
                return '127.0.0.1'
