import concurrent.futures
import json
import subprocess
import sys

import hypothesis
import sqlalchemy as sa
from hypothesis import stateful
from hypothesis import strategies as st

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import claims
from zun_lite.db import hosts
from zun_lite.db import models
from zun_lite.db import observations
from zun_lite.db import pods
from zun_lite.db import quotas
from zun_lite.pod import status
from zun_lite.pod.states import Desired
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples

PLACED = '{"phase":"Pending"}'

# What another process does in the race: claim every pod, tell how it went.
CLAIM_ALL = '''
import json, sys
from zun_lite import db
from zun_lite.tests.unit.db import test_claims
db.configure(sys.argv[1])
print(json.dumps([test_claims.claim(pod_id) for pod_id
                  in json.loads(sys.argv[2])]))
'''


@db.retry
def _claim(pod_id: int, host: str) -> None:
    with db.writer() as session:
        row = session.execute(
            sa.select(models.Pod.id, models.Pod.cpu_millis,
                      models.Pod.memory_bytes)
            .where(models.Pod.id == pod_id)).one()
        claims.claim(session, row, host, PLACED)


def claim(pod_id: int, host: str = 'h1') -> str:
    try:
        _claim(pod_id, host)
    except (claims.HostFull, claims.PodTaken) as exc:
        return type(exc).__name__
    return 'placed'


def differences() -> list[claims.Difference]:
    with db.reader() as session:
        return claims.differences(session)


@databases.on_each
class Claims(databases.DatabaseTest):

    def setUp(self) -> None:
        super().setUp()
        with db.writer() as session:
            samples.host(session)

    def pods(self, count: int, **columns) -> list[pods.PodRow]:
        with db.writer() as session:
            return [samples.pod(session, **columns) for _ in range(count)]

    def host(self) -> hosts.HostRow:
        with db.reader() as session:
            return hosts.get(session, 'h1')

    def claimed(self) -> tuple[int, int, int]:
        found = self.host()
        return (found.cpu_millis_claimed, found.memory_bytes_claimed,
                found.pods_claimed)

    def test_claim_and_release(self):
        (row,) = self.pods(1)
        self.assertEqual('placed', claim(row.id))
        self.assertEqual((100, 2**26, 1), self.claimed())
        with db.writer() as session:
            claims.remove(session, [pods.get_row(session, row.uuid)])
        self.assertEqual((0, 0, 0), self.claimed())

    def test_a_refusal_changes_nothing(self):
        (large,) = self.pods(1, cpu_millis=4001)
        self.assertEqual('HostFull', claim(large.id))
        with db.reader() as session:
            self.assertIsNone(pods.get_row(session, large.uuid).host)
        self.assertEqual(0, self.host().pods_claimed)

    def test_what_is_not_to_run_is_not_placed(self):
        for desired in (Desired.STOPPED, Desired.ABSENT):
            (row,) = self.pods(1, desired=desired)
            self.assertEqual('PodTaken', claim(row.id))
        self.assertEqual(0, self.host().pods_claimed)

    def test_only_live_hosts_with_a_working_engine(self):
        (row,) = self.pods(1)
        self.assertEqual('HostFull', claim(row.id, 'nowhere'))
        for columns in ({'state': models.HostState.SILENT},
                        {'engine_error': 'away'}):
            with db.writer() as session:
                session.execute(sa.update(models.Host).values(**{
                    'state': models.HostState.LIVE, 'engine_error': None,
                    **columns}))
            self.assertEqual('HostFull', claim(row.id))

    def test_what_asks_for_nothing_fits_an_overdrawn_host(self):
        (row,) = self.pods(1, cpu_millis=0, memory_bytes=0)
        with db.writer() as session:
            session.execute(sa.update(models.Host).values(
                cpu_millis=0, memory_bytes=0, cpu_millis_claimed=5))
        self.assertEqual('placed', claim(row.id))

    def test_several_are_claimed_together(self):
        rows = self.pods(4)
        claim(rows[0].id)
        with db.writer() as session:
            pods.update(session, rows[1].id, desired=Desired.ABSENT)
        with db.writer() as session:
            bound = claims.claim_all(session, {'h1': rows}, PLACED)
        self.assertEqual({row.id for row in rows[2:]}, bound)
        self.assertEqual((300, 3 * 2**26, 3), self.claimed())
        self.assertEqual([], differences())

    def test_pods_that_are_just_being_made_are_not_waited_for(self):
        rows = self.pods(40)
        with databases.unfinished(samples.pod), db.writer() as session:
            databases.wait_shortly(session)
            claims.claim_all(session, {'h1': rows[:5]}, PLACED)

    def test_no_room_for_all_of_them_is_room_for_none(self):
        rows = self.pods(11)                      # the host has room for 10
        with self.assertRaises(claims.HostFull), db.writer() as session:
            claims.claim_all(session, {'h1': rows}, PLACED)
        self.assertEqual(0, self.host().pods_claimed)
        self.assertEqual([], differences())

    def test_200_at_once_get_the_room_there_is(self):
        rows = self.pods(200)                     # the host has room for 10
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            found = list(pool.map(claim, [row.id for row in rows]))
        self.assertEqual((10, 190), (found.count('placed'),
                                     found.count('HostFull')))
        self.assertEqual(10, self.host().pods_claimed)
        self.assertEqual([], differences())

    def test_one_pod_is_claimed_once_whoever_tries(self):
        with db.writer() as session:
            for n in range(2, 9):
                samples.host(session, f'h{n}')
        (row,) = self.pods(1)
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            found = list(pool.map(lambda n: claim(row.id, f'h{n % 8 + 1}'),
                                  range(200)))
        self.assertEqual((1, 199), (found.count('placed'),
                                    found.count('PodTaken')))
        self.assertEqual([], differences())

    def test_processes_race(self):
        rows = self.pods(40)
        ids = json.dumps([row.id for row in rows])
        racing = [subprocess.Popen(
            [sys.executable, '-c', CLAIM_ALL, self.url, ids],
            stdout=subprocess.PIPE, text=True) for _ in range(4)]
        results = [json.loads(p.communicate(timeout=60)[0]) for p in racing]
        self.assertEqual(10, sum(r.count('placed') for r in results))
        self.assertEqual(10, self.host().pods_claimed)
        self.assertEqual([], differences())

    def test_claims_and_removals_at_once(self):
        rows = self.pods(60)

        @db.retry
        def remove(row: pods.PodRow) -> None:
            with db.writer() as session:
                found = pods.get_row(session, row.uuid, lock=True)
                claims.remove(session, [found])

        def work(row: pods.PodRow) -> str:
            result = claim(row.id)
            remove(row)
            return result
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(work, rows))
        self.assertEqual(0, self.host().pods_claimed)
        self.assertEqual([], differences())


class Sums(stateful.RuleBasedStateMachine):
    """Whatever is done in whatever order, claims equal the records."""
    rows = stateful.Bundle('rows')

    def __init__(self) -> None:
        super().__init__()
        db.configure(databases.make('Sqlite'))
        databases.empty()
        self.epochs: dict[str, int] = {}
        self.sequence = 0
        for name in ('h1', 'h2'):
            self.register(name)

    @stateful.rule(name=st.sampled_from(['h1', 'h2']))
    def register(self, name):
        with db.writer() as session:
            self.epochs[name] = samples.host(session, name, max_pods=3)

    @stateful.rule(target=rows, cpu=st.integers(0, 3000))
    def create(self, cpu):
        with db.writer() as session:
            return samples.pod(session, cpu_millis=cpu)

    @stateful.rule(row=rows, name=st.sampled_from(['h1', 'h2', 'h3']))
    def place(self, row, name):
        with db.reader() as session:
            try:
                pods.get_row(session, row.uuid)
            except exceptions.PodNotFound:
                return
        claim(row.id, name)

    @stateful.rule(row=rows, desired=st.sampled_from(list(Desired)))
    def want(self, row, desired):
        with db.writer() as session:
            pods.update(session, row.id, desired=desired)

    @stateful.rule(row=rows, name=st.sampled_from(['h1', 'h2']),
                   gone=st.booleans(), generation=st.integers(0, 2))
    def report(self, row, name, gone, generation):
        self.sequence += 1
        with db.writer() as session:
            observations.store(session, name, self.epochs[name], [
                observations.Observation(
                    row.uuid, generation, self.sequence, gone,
                    None if gone else status.PodStatus(phase='Running'))])

    @stateful.rule(row=rows)
    def force(self, row):
        with db.writer() as session:
            try:
                found = pods.get_row(session, row.uuid, lock=True)
            except exceptions.PodNotFound:
                return
            claims.release(session, found)
            pods.delete(session, found.id)

    @stateful.invariant()
    def sums_agree(self):
        assert differences() == []
        with db.reader() as session:
            assert quotas.differences(session) == []


Sums.TestCase.settings = hypothesis.settings(
    max_examples=25, stateful_step_count=30, deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck))
TestSums = Sums.TestCase
