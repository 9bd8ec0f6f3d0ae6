"""zun-lite-conductor: placement, intake of observations, sweeps."""
from zun_lite import rpc
from zun_lite.cmd import process
from zun_lite.conductor import service
from zun_lite.conf import CONF


def main() -> None:
    process.configure('zun-lite-conductor')
    bus = rpc.connect(CONF)
    process.run(service.ConductorService(bus))
    bus.close()
