"""The compute agent as a process of its own, to be killed:
python -m zun_lite.tests.fault.agent DIRECTORY HOST DRIVER"""
import logging
import sys

from zun_lite.cmd import process
from zun_lite.compute import service
from zun_lite.conf import CONF
from zun_lite.tests import neighbours
from zun_lite.tests.fault import socket_bus


def main() -> None:
    directory, host, driver = sys.argv[1:]
    logging.basicConfig(level=logging.INFO, format=(
        '%(asctime)s %(process)d %(levelname)s %(name)s %(message)s'))
    CONF([], project='zun_lite', default_config_files=[])
    for name, value in (('host', host), ('driver', driver),
                        ('heartbeat_interval', 0.5), ('retry_initial', 0.05),
                        ('retry_max', 0.5), ('resync_interval', 2)):
        CONF.set_override(name, value, 'compute')
    CONF.set_override('sandbox_image', neighbours.PAUSE, 'docker')
    made = service.make(socket_bus.SocketBus(directory))
    process.run(made, made.ended)


if __name__ == '__main__':
    main()
