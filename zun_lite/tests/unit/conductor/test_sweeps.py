import datetime
import time
from unittest import mock

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import assignments
from zun_lite.db import hosts
from zun_lite.db import models
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.tests import databases
from zun_lite.tests.unit.conductor import base


def age(host: str, seconds: float) -> None:
    """Let the last heartbeat of a host be that long ago."""
    with db.writer() as session:
        session.execute(sa.update(models.Host).where(
            models.Host.name == host).values(
            heartbeat_at=db.now() - datetime.timedelta(seconds=seconds)))


@databases.on_each
class LostMessages(base.ConductorTest):

    def test_a_lost_pod_changed_is_made_up_for(self):
        self.override('sweep_interval', 0.4)
        self.conductor()
        agent = self.register()
        row = self.pod()                              # nobody rings
        agent.wait(row.uuid)

    def test_a_lost_sync_pods_is_made_up_for(self):
        self.override('sweep_interval', 0.4)
        self.conductor()
        agent = self.register(serve=False)            # it hears nothing yet
        row = self.pod()
        self.client.pod_changed(row.uuid)
        base.wait_for(lambda: self.get(row).host)
        self.assertEqual([], agent.told[row.uuid])
        self.bus.serve(base.rpc.COMPUTE_TOPIC, 'h1', agent)
        agent.wait(row.uuid)

    def test_what_waits_its_turn_is_passed_over(self):
        service = self.conductor()
        row, hinted = self.pod(), self.pod()
        with mock.patch.object(service.sweeps, '_is_due',
                               lambda uuid: uuid == hinted.uuid):
            agent = self.register()
            service.sweeps.sweep()
            agent.wait(row.uuid)
            self.assertIsNone(self.get(hinted).host)
        service.sweeps.sweep()
        agent.wait(hinted.uuid)

    def test_until_the_host_confirms_and_no_longer(self):
        service = self.conductor()
        agent, row = self.register(), self.pod()
        for times in (1, 2, 3):
            service.sweeps.sweep()
            agent.wait(row.uuid, times)
        self.report(row)
        service.sweeps.sweep()
        self.want(row, Desired.ABSENT)
        service.sweeps.sweep()
        self.assertEqual('absent', agent.wait_generation(
            row.uuid, 2)['desired'])
        self.report(row, None, generation=2)
        self.assertTrue(self.is_gone(row))

    def test_a_change_is_left_to_its_message_for_a_moment(self):
        service = self.conductor()
        agent = self.register()
        self.override('recast_after', 60.0)
        row = self.pod()
        service.sweeps.sweep()
        self.assertIsNone(self.get(row).host)
        self.assertEqual({}, agent.told)

    def test_a_dead_conductor_is_made_up_for_by_another(self):
        self.conductor().stop()
        row = self.pod()
        self.client.pod_changed(row.uuid)             # nobody hears
        self.conductor('c2')
        agent = self.register()                       # wakes the sweeps
        agent.wait(row.uuid)

    def test_more_than_a_page(self):
        self.override('page_size', 7)
        service = self.conductor()
        self.register(max_pods=100)
        rows = [self.pod(cpu_millis=0) for _ in range(30)]
        service.sweeps.sweep()
        self.assertEqual({'h1'}, {self.get(row).host for row in rows})

    def test_a_pod_that_cannot_be_read_keeps_no_other_waiting(self):
        service, agent = self.conductor(), self.register()
        before, broken, after = self.pod(), self.pod(spec='{}'), self.pod()
        with self.assertLogs('zun_lite.conductor.placement', 'ERROR') as logs:
            service.sweeps.sweep()
        self.assertIn(f'pod number {broken.id} ', logs.output[0])
        for row in (before, after):
            agent.wait(row.uuid)
        self.assertIsNone(self.get(broken).host)

    def test_room_that_is_made_is_used_at_once(self):
        self.conductor()
        agent = self.register(max_pods=1)
        first, second = self.pod(), self.pod()
        for row in (first, second):
            self.client.pod_changed(row.uuid)
        base.wait_for(lambda: self.status(second).get('reason')
                      or self.status(first).get('reason'))
        if self.get(first).host is None:
            first, second = second, first
        self.want(first, Desired.ABSENT)
        self.report(first, None, generation=2)
        agent.wait(second.uuid)

    def test_a_settled_world_costs_four_reads(self):
        service = self.conductor()
        agent, row = self.register(), self.pod()
        service.sweeps.sweep()
        agent.wait(row.uuid)
        self.report(row)
        service.sweeps._listening_since = 0.0
        self.override('silent_after', 1000.0)
        with databases.Statements() as statements:
            service.sweeps.sweep()
        self.assertEqual(4, len(statements.seen), statements.seen)

    def test_sweeps_read_by_the_index(self):
        if self.kind != 'Sqlite':
            return
        statement = str(assignments._waiting.params(after=5, rows=9).compile(
            dialect=sqlite.dialect(), compile_kwargs={'literal_binds': True}))
        with db.reader() as session:
            plan = session.connection().exec_driver_sql(
                f'EXPLAIN QUERY PLAN {statement}').all()
        self.assertIn('pods_unsettled', str(plan))
        self.assertNotIn('TEMP B-TREE', str(plan))


class DatabaseAway(base.ConductorTest):
    def test_a_sweep_that_fails_is_not_the_last(self):
        self.override('silent_after', 5.0)
        service = self.conductor()
        service.sweeps._listening_since = time.monotonic() - 100
        original = hosts.quiet

        def fail(*_args):
            raise exceptions.Unavailable
        hosts.quiet = fail
        self.addCleanup(setattr, hosts, 'quiet', original)
        with self.assertLogs('zun_lite.conductor.sweeps', 'WARNING'):
            service.sweeps.sweep()
        hosts.quiet = original
        # Nobody could tell us that he lives: not silent for that.
        agent, row = self.register(), self.pod()
        age('h1', 100)
        service.sweeps.sweep()
        agent.wait(row.uuid)


@databases.on_each
class Silence(base.ConductorTest):

    def setUp(self) -> None:
        super().setUp()
        self.override('silent_after', 5.0)
        self.service = self.conductor()
        self.service.sweeps._listening_since = time.monotonic() - 100
        self.agent = self.register()
        self.row = self.pod()
        self.client.pod_changed(self.row.uuid)
        self.agent.wait(self.row.uuid)
        self.report(self.row)

    def silence(self) -> None:
        age('h1', 6)
        with self.assertLogs('zun_lite.conductor.sweeps', 'WARNING'):
            self.service.sweeps.sweep()

    def test_unknown_and_never_run_elsewhere(self):
        other = self.register('h2')
        self.silence()
        self.assertEqual((Phase.UNKNOWN, 'h1'), (
            self.get(self.row).phase, self.get(self.row).host))
        self.assertEqual('HostSilent', self.status(self.row)['reason'])
        self.service.sweeps.sweep()
        self.client.pod_changed(self.row.uuid)
        self.agent.wait(self.row.uuid, 2)
        self.assertEqual({}, other.told)

    def test_no_new_pods(self):
        self.silence()
        new = self.pod()
        self.service.endpoint.pods_changed({}, {new.uuid: None})
        self.assertIn('1 silent', self.status(new)['message'])

    def test_nothing_is_cast_to_a_silent_host_again_and_again(self):
        self.silence()
        self.want(self.row, Desired.STOPPED)
        for _ in range(3):
            self.service.sweeps.sweep()
        self.assertEqual({1}, {told['generation'] for told
                               in self.agent.told[self.row.uuid]})

    def test_it_heals_on_return(self):
        self.silence()
        self.assertTrue(self.heartbeat())
        # The answer may have been lost: it is asked for until it is done.
        self.assertTrue(self.heartbeat())
        self.report(self.row)
        self.assertEqual(Phase.RUNNING, self.get(self.row).phase)
        self.assertFalse(self.heartbeat())

    def test_it_heals_when_the_agent_is_restarted(self):
        self.silence()
        self.register()
        self.report(self.row)
        self.assertEqual(Phase.RUNNING, self.get(self.row).phase)

    def test_not_before_we_have_listened_for_long_enough(self):
        self.service.sweeps._listening_since = time.monotonic()
        age('h1', 100)
        self.service.sweeps.sweep()
        self.assertEqual(Phase.RUNNING, self.get(self.row).phase)

    def test_a_sweep_that_died_half_way_is_finished_by_the_next(self):
        more = [self.pod() for _ in range(3)]
        for row in more:
            self.service.endpoint.pods_changed({}, {row.uuid: None})
        with db.writer() as session:
            hosts.silence(session, db.now() + datetime.timedelta(1))
        self.service.sweeps.sweep()
        self.assertEqual({Phase.UNKNOWN},
                         {self.get(row).phase for row in more})
