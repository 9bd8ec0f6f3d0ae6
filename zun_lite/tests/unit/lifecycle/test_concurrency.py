"""Many requests at once, on real databases: nothing is lost or doubled."""
import concurrent.futures
import json
import random
import threading
import typing
import unittest.mock

import sqlalchemy as sa

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import actions
from zun_lite.db import claims
from zun_lite.db import hosts
from zun_lite.db import pods
from zun_lite.pod.states import Desired
from zun_lite.tests import databases
from zun_lite.tests.unit.lifecycle import base

THREADS = 6
ROUNDS = 12


def together(*works: typing.Callable[[], object]) -> list[object]:
    """Run all at once; their results, or the first one's exception."""
    gate = threading.Barrier(len(works))

    def run(work: typing.Callable[[], object]) -> object:
        gate.wait(20)
        return work()
    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        return [f.result(120) for f in [pool.submit(run, w) for w in works]]


@databases.on_each
class Concurrency(base.LifecycleTest):

    def setUp(self) -> None:
        super().setUp()
        self.register()
        self.pod = self.lifecycle.create(base.ANN, base.manifest())

    def place(self) -> None:
        with db.writer() as session:
            claims.claim(session, self.pod, 'h1', self.pod.status)

    def test_no_generation_is_lost(self):
        self.place()

        def work() -> None:
            chosen = random.Random(threading.get_ident())
            for _ in range(ROUNDS):
                chosen.choice([self.lifecycle.start, self.lifecycle.stop])(
                    base.ANN, chosen.choice(['web', self.pod.uuid]))
        together(*[work] * THREADS)
        found = self.actions(self.pod)
        self.assertEqual(THREADS * ROUNDS + 1, len(found))
        changes = [a for a in found if a.message is None]
        self.assertEqual(list(range(1, len(changes) + 1)),
                         [a.generation for a in changes])
        self.assertEqual(len(changes), self.row(self.pod).generation)
        self.assertEqual([None], [a.result for a in changes if
                                  a.result != actions.SUPERSEDED])
        self.assertEqual(len(changes), len(self.bell.rung))

    def test_one_delete_wins_and_nothing_comes_after_it(self):
        self.place()
        refused: list[exceptions.Conflict] = []

        def change() -> None:
            for request in (self.lifecycle.stop, self.lifecycle.start) * 5:
                try:
                    request(base.ANN, self.pod.uuid)
                except exceptions.Conflict as e:
                    refused.append(e)

        def delete() -> None:
            self.lifecycle.delete(base.ANN, self.pod.uuid)
        together(change, delete, change, delete)
        row = self.row(self.pod)
        self.assertEqual(Desired.ABSENT, row.desired)
        last = [a for a in self.actions(row) if a.result is None]
        self.assertEqual([('delete', row.generation)],
                         [(a.action, a.generation) for a in last])
        self.assertEqual(20 + 2 + 1 - len(refused), len(self.actions(row)))

    def test_patches_and_observations_keep_what_is_not_theirs(self):
        self.place()

        def patch(who: int) -> None:
            for i in range(ROUNDS):
                self.lifecycle.update_metadata(
                    base.ANN, self.pod.uuid, {f'k{who}-{i}': 'v'},
                    {f'a{who}-{i}': 'v'})

        @db.retry
        def observe(number: int) -> None:
            table = pods.pods
            with db.writer() as session:
                session.execute(
                    sa.update(table)
                    .where(table.c.uuid == self.pod.uuid,
                           table.c.status_sequence < number)
                    .values(status_sequence=number,
                            status=json.dumps({'seen': number})))

        def observe_all() -> None:
            for number in range(1, ROUNDS * 2 + 1):
                observe(number)
        together(lambda: patch(1), lambda: patch(2), observe_all)
        row = self.row(self.pod)
        wanted = {f'{who}-{i}' for who in (1, 2) for i in range(ROUNDS)}
        self.assertEqual({f'k{w}' for w in wanted}, set(json.loads(
            row.labels)))
        self.assertEqual({f'a{w}' for w in wanted}, set(json.loads(
            row.annotations)))
        self.assertEqual({'seen': ROUNDS * 2}, json.loads(row.status))
        with db.reader() as session:
            found = session.execute(pods.pod_labels.select()).all()
        self.assertEqual({f'k{w}' for w in wanted}, {r.key for r in found})

    def test_a_delete_and_a_claim(self):
        """Either the pod is gone without a claim, or its host is asked."""
        def claim() -> None:
            try:
                with db.writer() as session:
                    claims.claim(session, pod, 'h1', pod.status)
            except claims.PodTaken:
                pass
        for _ in range(ROUNDS):
            pod = self.lifecycle.create(base.ANN, base.manifest('x'))
            together(claim, lambda: self.lifecycle.delete(
                base.ANN, pod.uuid))  # noqa: B023
            with db.reader() as session:
                self.assertEqual([], claims.differences(session))
                left = pods.list_page(session, 'alpha',
                                      filters={'name': 'x'})
            for row in left:
                self.assertEqual('h1', row.host)
                self.lifecycle.delete(base.ADMIN, row.uuid, force=True)

    def test_forced_deletes_give_back_once(self):
        self.place()

        def force() -> bool:
            try:
                self.lifecycle.delete(base.ADMIN, self.pod.uuid, force=True)
            except exceptions.PodNotFound:
                return False
            return True
        done = together(*[force] * THREADS)
        self.assertEqual(1, done.count(True))
        with db.reader() as session:
            self.assertEqual([], claims.differences(session))
            self.assertEqual(0, hosts.get(session, 'h1').pods_claimed)

    def test_creates(self):
        def create() -> None:
            for _ in range(ROUNDS):
                self.lifecycle.create(base.ANN, base.manifest(
                    labels={'a': 'b', 'c': 'd'}))
        together(*[create] * THREADS)
        with db.reader() as session:
            found = pods.list_page(session, 'alpha', limit=1000)
        self.assertEqual(THREADS * ROUNDS + 1, len(found))

    def test_readers_do_not_wait_for_a_writer(self):
        with db.writer() as session:
            pods.update(session, self.pod.id, generation=9)
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                seen = pool.submit(self.row, self.pod).result(5)
        self.assertEqual(1, seen.generation)
        self.assertEqual(9, self.row(self.pod).generation)


@databases.on_each
class Conflicts(base.LifecycleTest):

    def test_a_deadlock_is_tried_again(self):
        """Two transactions lock two rows, each in its own order."""
        rows = [self.lifecycle.create(base.ANN, base.manifest(name))
                for name in ('a', 'b')]
        tries: list[int] = []
        both = threading.Barrier(2)

        @db.retry
        def swap(first: pods.PodRow, second: pods.PodRow) -> None:
            tries.append(1)
            with db.writer() as session:
                for row in (first, second):
                    found = pods.get_row(session, row.uuid, lock=True)
                    pods.update(session, row.id,
                                generation=found.generation + 1)
                    if len(tries) <= 2 and row is first:
                        try:
                            both.wait(1)
                        except threading.BrokenBarrierError:
                            pass     # SQLite: one writer at a time
        together(lambda: swap(*rows), lambda: swap(*rows[::-1]))
        self.assertEqual([3, 3], [self.row(r).generation for r in rows])
        if self.kind != 'Sqlite':
            self.assertEqual(3, len(tries))

    def test_in_the_end_it_is_given_up(self):
        tries: list[int] = []

        @db.retry
        def never() -> None:
            tries.append(1)
            with db.writer() as session:
                session.execute(sa.text('SELECT 1'))
                raise db.engine.oslo.DBDeadlock()
        with unittest.mock.patch('time.sleep'):
            with self.assertRaises(exceptions.Unavailable) as caught:
                never()
        self.assertEqual(db.engine.ATTEMPTS, len(tries))
        self.assertIn('busy', caught.exception.message)
