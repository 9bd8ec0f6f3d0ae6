"""A conductor on a database and a bus, with agents that only listen."""
import collections
import json
import threading
import time
import typing
import uuid
from collections.abc import Callable
from unittest import mock

from zun_lite import db
from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.conductor import service
from zun_lite.conf import CONF
from zun_lite.db import claims
from zun_lite.db import pods
from zun_lite.db import quotas
from zun_lite.pod.states import Desired
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples


class Agent:
    """Counts what it is told to run."""

    def __init__(self) -> None:
        self.told: dict[str, list[dict]] = collections.defaultdict(list)
        self.requests: dict[str, str | None] = {}
        self.news = threading.Condition()

    def sync_pods(self, ctx, pods, requests) -> None:
        with self.news:
            self.requests |= requests
            for pod in pods:
                self.told[pod['uuid']].append(pod)
            self.news.notify_all()

    def wait(self, uuid: str, times: int = 1, timeout_s: float = 20.0,
             ) -> dict[str, typing.Any]:
        """The last it was told of a pod, which was so many times."""
        with self.news:
            if not self.news.wait_for(lambda: len(self.told[uuid]) >= times,
                                      timeout_s):
                raise AssertionError(f'{uuid}: {self.told[uuid]}')
            return self.told[uuid][-1]

    def wait_told(self, uuid: str,
                  fits: Callable[[dict[str, typing.Any]], bool],
                  ) -> dict[str, typing.Any]:
        """The last it was told of a pod, once that fits: the same may be
        told any number of times."""
        with self.news:
            if not self.news.wait_for(lambda: self.told[uuid] and fits(
                    self.told[uuid][-1]), 20.0):
                raise AssertionError(f'{uuid}: {self.told[uuid]}')
            return self.told[uuid][-1]

    def wait_generation(self, uuid: str, generation: int,
                        ) -> dict[str, typing.Any]:
        """What it was told of this generation of a pod."""
        return self.wait_told(
            uuid, lambda pod: pod['generation'] == generation)


class ConductorTest(databases.DatabaseTest):
    """`conductor` answers; after the sweep that it begins with it sweeps
    where a test says so, and soon after a host has registered."""

    def setUp(self) -> None:
        super().setUp()
        self.override('sweep_interval', 3600.0)
        self.override('recast_after', 0.0)
        self.bus = rpc.LocalBus()
        self.addCleanup(self.bus.close)
        self.client = rpc.ConductorClient(self.bus)
        self.agents: dict[str, Agent] = {}
        self.epochs: dict[str, int] = {}
        self.sequence = 0

    def override(self, name: str, value: typing.Any) -> None:
        CONF.set_override(name, value, 'conductor')
        self.addCleanup(CONF.clear_override, name, 'conductor')

    def conductor(self, name: str = 'c1') -> service.ConductorService:
        CONF.set_override('name', name, 'conductor')
        self.addCleanup(CONF.clear_override, 'name', 'conductor')
        made = service.ConductorService(self.bus)
        swept, sweep = threading.Event(), made.sweeps.sweep

        def first() -> None:
            sweep()
            swept.set()
        self.addCleanup(made.stop)
        with mock.patch.object(made.sweeps, 'sweep', first):
            made.start()
            self.assertTrue(swept.wait(20))
        return made

    def register(self, host: str = 'h1', *, serve: bool = True,
                 **more) -> Agent:
        """An agent of `host`; `serve`: it hears what is cast."""
        inventory = samples.INVENTORY | {'labels': more.pop('labels', {})}
        self.epochs[host] = self.client.register_host(**{
            'host': host, 'driver': 'docker', 'inventory': inventory,
            'capabilities': sorted(samples.CAPABILITIES), 'max_pods': 10,
            **more})['epoch']
        if host not in self.agents:
            self.agents[host] = Agent()
            if serve:
                self.bus.serve(rpc.COMPUTE_TOPIC, host, self.agents[host])
        return self.agents[host]

    def heartbeat(self, host: str = 'h1') -> bool:
        """Whether the agent is to report everything again."""
        return self.client.heartbeat(
            host, self.epochs[host], None, sorted(samples.CAPABILITIES),
            None)['resync']

    def report(self, row: pods.PodRow, phase: str | None = 'Running',
               host: str = 'h1', generation: int = 1) -> list[str]:
        self.sequence += 1
        return self.client.report(host, self.epochs[host], [{
            'uuid': row.uuid, 'generation': generation,
            'sequence': self.sequence, 'gone': phase is None,
            'status': phase and {'phase': phase}}], [])['unknown']

    def pod(self, **columns: typing.Any) -> pods.PodRow:
        with db.writer() as session:
            return samples.pod(session, uuid=str(uuid.uuid4()), **columns)

    def want(self, row: pods.PodRow, desired: Desired) -> None:
        with db.writer() as session:
            now = pods.get_row(session, row.uuid, lock=True)
            pods.update(session, row.id, desired=desired, settled=False,
                        generation=now.generation + 1)

    def get(self, row: pods.PodRow) -> pods.PodRow:
        with db.reader() as session:
            return pods.get_row(session, row.uuid)

    def status(self, row: pods.PodRow) -> dict[str, typing.Any]:
        return json.loads(self.get(row).status)

    def is_gone(self, row: pods.PodRow) -> bool:
        try:
            self.get(row)
        except exceptions.PodNotFound:
            return True
        return False

    def assert_sums(self) -> None:
        with db.reader() as session:
            self.assertEqual([], claims.differences(session))
            self.assertEqual([], quotas.differences(session))


def wait_for(ask: Callable[[], typing.Any], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not ask():
        if time.monotonic() > deadline:
            raise AssertionError('not in time')
        time.sleep(0.01)
