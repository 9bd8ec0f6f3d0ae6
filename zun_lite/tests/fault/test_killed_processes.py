"""Whichever process is killed whenever, what was accepted comes true, once.

Real processes on real neighbours, while users create, stop, start and delete
pods. ZUN_LITE_TEST_SEED repeats the order of events, not their moments.
"""
import collections
import os
import pathlib
import random
import signal
import time
import typing
import unittest

import pytest

from zun_lite.tests import neighbours
from zun_lite.tests.fault import starts
from zun_lite.tests.fault import users
from zun_lite.tests.fault.case import SEED
from zun_lite.tests.functional import deployment
from zun_lite.tests.functional import test_all_in_one

KILLS = 12
USERS = 3
SETTLE_S = 120.0
CLEAN_S = 30.0
PHASES = {'running': 'Running', 'stopped': 'Stopped'}


@pytest.mark.timeout(400)       # kills, SETTLE_S, and the end of all pods
class Killed(unittest.TestCase):
    """Inherited for each way to deploy; `victims` are what can be killed."""
    __test__ = False
    service: typing.Any
    victims: tuple[str, ...]

    def kill(self, victim: str) -> None:
        raise NotImplementedError

    def begin(self, victim: str) -> None:
        raise NotImplementedError

    def watch(self) -> collections.Counter[starts.Start]:
        watching = starts.Starts(self.service.host)
        self.addCleanup(watching.close)
        return watching.counted

    def test_what_was_accepted_comes_true_once(self):
        dice, started = random.Random(SEED), self.watch()
        everyone = [users.User(self.service.client(), f'{SEED}-{n}')
                    for n in range(USERS)]
        for user in everyone:
            user.start()
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.2, 2))
            victim = dice.choice(self.victims)
            self.kill(victim)
            time.sleep(dice.uniform(0, 0.5))
            self.begin(victim)
        for user in everyone:
            user.ended.set()
        for user in everyone:
            user.join()
        self.assertEqual([], [odd for u in everyone for odd in u.odd])
        wanted = {p: w for u in everyone for p, w in u.wanted.items()}
        self.check(wanted, {name for u in everyone for name in u.unsure})
        self.assertEqual(
            {}, {s: n for s, n in started.items() if n > 1}, f'{SEED=}')
        self.check_sums(wanted)
        self.check_end()

    def check(self, wanted: dict[str, str], unsure: set[str]) -> None:
        """Records and engine are what was promised, and nothing else."""
        client = self.service.client()

        def wrong() -> list[str]:
            found = {p['metadata']['uid']: p
                     for p in client.get('/pods')['items']}
            for uuid, pod in found.items():
                if pod['metadata']['name'] in unsure:
                    wanted.setdefault(uuid, 'running')
            return [f'{uuid}: {wanted.get(uuid)}, is {_told(found, uuid)}'
                    for uuid in wanted.keys() | found.keys()
                    if not _right(wanted.get(uuid), found.get(uuid))]
        end = time.monotonic() + SETTLE_S
        while faults := wrong():
            if time.monotonic() > end:
                self.fail(f'{SEED=}\n' + '\n'.join(faults))
            time.sleep(0.5)
        self.assertGreater(len(wanted), KILLS, 'the users did too little')
        self.assertEqual(
            collections.Counter((uuid, name) for uuid, w in wanted.items()
                                if w == 'running' for name in ('one', 'two')),
            self.running(), f'{SEED=}')

    def running(self) -> collections.Counter[tuple[str, str]]:
        with neighbours.engine() as engine:
            return collections.Counter(
                (c.labels['zun-lite/pod'], c.labels['zun-lite/container'])
                for c in neighbours.containers(
                    engine, f'zun-lite/host={self.service.host}',
                    'zun-lite/kind=container'))

    def check_sums(self, wanted: dict[str, str]) -> None:
        """The host's claims, and a result of everything that was asked."""
        client = self.service.client()
        placed = [p for p in client.get('/pods')['items']
                  if p['status'].get('host')]
        host = client.get(f'/hosts/{self.service.host}')
        self.assertEqual(
            (len(placed), len(placed) * users.CPU_MILLIS),
            (host['total_pods'], round(host['cpu_used'] * 1000)))
        for uuid in wanted:
            for action in client.get(f'/pods/{uuid}/actions')['actions']:
                self.assertIsNotNone(action['finishedAt'], (uuid, action))

    def check_end(self) -> None:
        """Nothing is left anywhere once all pods are deleted."""
        deployment.remove_all(self.service.client())
        end = time.monotonic() + CLEAN_S
        while (left := neighbours.left_on_engine(self.service.host)) and (
                time.monotonic() < end):
            time.sleep(0.1)
        self.assertEqual([], [name for name in left
                              if not neighbours.lost_count(name)])


def _right(wanted: str | None, pod: typing.Any) -> bool:
    if pod is None:
        return wanted == users.ABSENT
    return wanted in PHASES and (
        pod['status']['phase'] == PHASES[wanted]
        and pod['status']['observedGeneration']
        == pod['metadata']['generation'])


def _told(found: dict[str, typing.Any], uuid: str) -> str:
    return str(found[uuid]['status']) if uuid in found else 'not there'


class ThreeProcesses(Killed):
    """One of the three, or one of the workers of the API."""
    kind: str
    variable: str
    victims = ('api', 'conductor', 'compute', 'compute', 'worker')

    def setUp(self):
        neighbours.docker_host()
        neighbours.need(self.variable)
        self.service = deployment.Deployment(self.kind)
        client = self.service.client()
        self.addCleanup(self.service.close, client)
        self.addCleanup(self.revive)
        self.service.start()
        neighbours.wait_for('the host is live', lambda: (
            self.service.host_is_live(client)))

    def revive(self) -> None:
        """Pods can only be removed by processes that live."""
        for name, process in list(self.service.processes.items()):
            if process.exit_code is not None:
                self.service.start(name)

    def kill(self, victim: str) -> None:
        if victim != 'worker':
            self.service.processes[victim].kill()
            return
        master = self.service.processes['api'].pid
        workers = pathlib.Path(
            f'/proc/{master}/task/{master}/children').read_text().split()
        os.kill(int(workers[0]), signal.SIGKILL)

    def begin(self, victim: str) -> None:
        if victim != 'worker':          # gunicorn begins another by itself
            self.service.start(victim)


class TestOnMariaDB(ThreeProcesses):
    __test__ = True
    kind, variable = 'Pymysql', 'ZUN_LITE_TEST_MYSQL_URL'


class TestOnPostgreSQL(ThreeProcesses):
    __test__ = True
    kind, variable = 'Postgres', 'ZUN_LITE_TEST_POSTGRES_URL'


class TestAllInOne(Killed):
    """The one process, with all it does and its database in a file."""
    __test__ = True
    victims = ('all',)

    def setUp(self):
        neighbours.docker_host()
        self.service = test_all_in_one.AllInOne(
            more=test_all_in_one.NO_QUOTA)
        self.addCleanup(self.service.close)

    def kill(self, victim: str) -> None:
        self.service.process.kill()

    def begin(self, victim: str) -> None:
        self.service.start()
