"""API, conductor and compute agent in this process, as an all-in-one.

Everything is real but the container engine, which is simulated.
"""
import time
import typing
from collections.abc import Callable

from cryptography import fernet

from zun_lite import db
from zun_lite import lifecycle
from zun_lite import policy
from zun_lite import rpc
from zun_lite.api import app
from zun_lite.compute import service as compute
from zun_lite.conductor import service as conductor
from zun_lite.conf import CONF
from zun_lite.db import hosts
from zun_lite.drivers import fake
from zun_lite.tests import databases
from zun_lite.tests import wsgi

# What every command does first; policy looks for its files by it.
CONF([], project='zun_lite', default_config_files=[])

OPTIONS = {'api': {'auth_strategy': 'noauth'},
           'compute': {'host': 'sim1', 'heartbeat_interval': 0.5},
           'conductor': {'recast_after': 0.5, 'sweep_interval': 0.5},
           'secrets': {'encryption_keys': [
               fernet.Fernet.generate_key().decode()]}}


class Stack:
    """One service with one host, `sim1`, over an empty database.

    There is one database and one configuration in a process, so there is
    one of these at a time.
    """

    def __init__(self, **api_options: typing.Any) -> None:
        self._options = OPTIONS | {'api': OPTIONS['api'] | api_options}
        self.engine = fake.Engine()

    def start(self) -> None:
        for group, values in self._options.items():
            for name, value in values.items():
                CONF.set_override(name, value, group)
        db.configure(databases.make('Sqlite'))
        databases.empty()
        hosts.forget_live()
        policy.reset()
        self._bus = rpc.LocalBus()
        self._conductor = conductor.ConductorService(self._bus)
        self._agents = self.agents(self._bus)
        self._conductor.start()
        for agent in self._agents:
            agent.start()
        client = rpc.ConductorClient(self._bus)
        self.app = app.build(app.Services(
            lifecycle.Lifecycle(client), rpc.ComputeClient(self._bus),
            lifecycle.Containers(client)))
        wait_for(self._hosts_are_live)

    def agents(self, bus: rpc.Bus) -> list[compute.ComputeService]:
        """One for each host."""
        return [compute.make(bus, fake.FakeDriver(self.engine))]

    def stop(self) -> None:
        for agent in self._agents:
            agent.stop()
        self._conductor.stop()
        self._bus.close()
        db.dispose()
        hosts.forget_live()
        for group, values in self._options.items():
            for name in values:
                CONF.clear_override(name, group)

    @property
    def client(self) -> wsgi.Client:
        return wsgi.Client(self.app)

    def _hosts_are_live(self) -> bool:
        hosts.forget_live()
        with db.reader() as session:
            return len(hosts.live(session)) == len(self._agents)


def wait_for(condition: Callable[[], typing.Any],
             timeout_s: float = 20.0) -> typing.Any:
    """What `condition` returns as soon as it is true."""
    end = time.monotonic() + timeout_s
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f'{condition} is not true')
        time.sleep(0.02)
    return found
