"""zun-lite-compute: the agent of one container engine."""
from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.cmd import process
from zun_lite.compute import service
from zun_lite.conf import CONF


def main() -> None:
    process.configure('zun-lite-compute')
    bus = rpc.connect(CONF)
    try:
        agent = service.make(bus)
    except exceptions.ZunLiteError as exc:
        process.fail(exc.message)
    process.run(agent, agent.ended)
    bus.close()
