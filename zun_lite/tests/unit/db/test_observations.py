import datetime
import json
import random

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import actions
from zun_lite.db import assignments
from zun_lite.db import claims
from zun_lite.db import events
from zun_lite.db import hosts
from zun_lite.db import observations
from zun_lite.db import pods
from zun_lite.pod import spec
from zun_lite.pod import status
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples

AT = '2026-01-31T12:00:00Z'

# One of each: host's epoch, pods, update, removal and its claims, actions
# and three results, events and three changes of them, and two for containers
# that go.
MOST_STATEMENTS = 16


class Base(databases.DatabaseTest):
    def setUp(self) -> None:
        super().setUp()
        with db.writer() as session:
            samples.host(session, max_pods=500, cpu_millis=10**6,
                         memory_bytes=2**50)
            samples.host(session, 'h2')
        self.sequence = 0

    def placed(self, on: str = 'h1', **columns) -> pods.PodRow:
        with db.writer() as session:
            row = samples.placed(session, on)
            if columns:
                pods.update(session, row.id, **columns)
            return row._replace(**columns)

    def seen(self, row: pods.PodRow, phase: Phase | None = Phase.RUNNING,
             *, generation: int = 1, sequence: int | None = None,
             **more) -> observations.Observation:
        """`phase` None: the pod is gone."""
        self.sequence += 1
        return observations.Observation(
            row.uuid, generation,
            self.sequence if sequence is None else sequence, phase is None,
            None if phase is None else status.PodStatus(phase=phase, **more))

    def store(self, *seen, host: str = 'h1', epoch: int = 1,
              told=()) -> observations.Intake:
        with db.writer() as session:
            return observations.store(session, host, epoch, seen, told)

    def get(self, row: pods.PodRow) -> pods.PodRow | None:
        with db.reader() as session:
            try:
                return pods.get_row(session, row.uuid)
            except exceptions.PodNotFound:
                return None

    def phase(self, row: pods.PodRow) -> Phase:
        return self.get(row).phase

    def unsettled(self) -> list[int]:
        with db.reader() as session:
            return [w.id for w in assignments.waiting(session, 0, 1000)]


@databases.on_each
class Intake(Base):

    def test_stored(self):
        row = self.placed()
        self.assertEqual([row.id], self.unsettled())
        self.store(self.seen(row, pod_ip='10.0.0.7'))
        found = self.get(row)
        self.assertEqual((Phase.RUNNING, 1), (found.phase,
                                              found.observed_generation))
        self.assertEqual({'phase': 'Running', 'podIP': '10.0.0.7'},
                         {key: value for key, value
                          in json.loads(found.status).items() if value})
        self.assertEqual([], self.unsettled())

    def test_pods_that_are_just_being_made_are_not_waited_for(self):
        """Not even in a table that a database may read in whole."""
        rows = [self.placed() for _ in range(20)]
        with databases.unfinished(samples.pod), db.writer() as session:
            databases.wait_shortly(session)
            observations.store(session, 'h1', 1, [
                self.seen(row) for row in rows[:15]], [])
        self.assertIs(Phase.RUNNING, self.phase(rows[0]))

    def test_only_what_is_newer(self):
        row = self.placed()
        self.store(self.seen(row, Phase.RUNNING, sequence=5))
        for sequence in (4, 5):
            self.store(self.seen(row, Phase.FAILED, sequence=sequence))
            self.assertEqual(Phase.RUNNING, self.phase(row))
        self.store(self.seen(row, Phase.FAILED, sequence=6))
        self.assertEqual(Phase.FAILED, self.phase(row))

    def test_in_any_order_the_newest_stays(self):
        row = self.placed()
        reports = [self.seen(row, Phase.PENDING, sequence=n)
                   for n in range(20)]
        reports.append(self.seen(row, Phase.RUNNING, sequence=20))
        random.Random(1).shuffle(reports)
        for start in range(0, 21, 3):
            self.store(*reports[start:start + 3])
        self.assertEqual(Phase.RUNNING, self.phase(row))

    def test_a_new_epoch_begins_its_own_sequence(self):
        row = self.placed()
        self.store(self.seen(row, Phase.FAILED, sequence=900))
        with db.writer() as session:
            samples.host(session)
        self.store(self.seen(row, Phase.RUNNING, sequence=1), epoch=2)
        self.assertEqual(Phase.RUNNING, self.phase(row))

    def test_stale_epochs_and_unknown_hosts_are_refused(self):
        row = self.placed()
        with db.writer() as session:
            samples.host(session)
        with self.assertRaises(exceptions.StaleEpoch):
            self.store(self.seen(row))
        with self.assertRaises(exceptions.HostNotFound):
            self.store(self.seen(row), host='h9')
        self.assertEqual(Phase.PENDING, self.phase(row))

    def test_only_the_host_of_a_pod_has_a_say(self):
        row = self.placed()
        with db.writer() as session:
            free = samples.pod(session)
        told = [(row.uuid, status.PodEvent(reason='X', message='', at=AT))]
        intake = self.store(self.seen(row), self.seen(free), host='h2',
                            told=told)
        self.assertEqual({row.uuid, free.uuid}, set(intake.unknown))
        self.assertEqual(Phase.PENDING, self.phase(row))
        with db.reader() as session:
            self.assertEqual([], events.list_page(session, None, row.uuid))

    def test_what_nobody_knows_is_told_unless_it_is_gone(self):
        ghost = self.placed()._replace(uuid='ghost')
        self.assertEqual(['ghost'], self.store(self.seen(ghost)).unknown)
        self.assertEqual([], self.store(self.seen(ghost, None)).unknown)

    def test_generations_neither_fall_nor_run_ahead(self):
        row = self.placed(generation=3)
        for reported, kept in ((2, 2), (1, 2), (9, 3), (2, 3)):
            self.store(self.seen(row, generation=reported))
            self.assertEqual(kept, self.get(row).observed_generation)

    def test_settled_when_the_newest_generation_was_seen(self):
        row = self.placed(generation=2)
        self.store(self.seen(row, generation=1))
        self.assertEqual([row.id], self.unsettled())
        self.store(self.seen(row, generation=2))
        self.assertEqual([], self.unsettled())

    def test_a_pod_that_leaves_stays_unsettled_until_gone(self):
        row = self.placed(desired=Desired.ABSENT, generation=2)
        self.store(self.seen(row, generation=2))
        self.assertEqual([row.id], self.unsettled())

    def test_gone(self):
        row = self.placed(desired=Desired.ABSENT, generation=2)
        stays = self.placed()
        self.assertEqual(0, self.store(self.seen(row, None)).removed)
        self.assertIsNotNone(self.get(row))          # of an older generation
        self.assertEqual(1, self.store(
            self.seen(row, None, generation=2)).removed)
        self.assertIsNone(self.get(row))
        with db.reader() as session:
            found = hosts.get(session, 'h1')
            self.assertEqual(1, found.pods_claimed)
            self.assertEqual(stays.cpu_millis, found.cpu_millis_claimed)
            self.assertEqual([], claims.differences(session))

    def test_gone_and_claims_go_together_or_not_at_all(self):
        row = self.placed(desired=Desired.ABSENT)

        class Stop(Exception):
            pass
        try:
            with db.writer() as session:
                observations.store(session, 'h1', 1, [self.seen(row, None)])
                raise Stop
        except Stop:
            pass
        self.assertIsNotNone(self.get(row))
        with db.reader() as session:
            self.assertEqual(1, hosts.get(session, 'h1').pods_claimed)

    def test_gone_but_wanted_changes_nothing(self):
        row = self.placed()
        self.store(self.seen(row, None))
        self.assertEqual(Phase.PENDING, self.phase(row))

    def test_a_hundred_cost_a_bounded_number_of_statements(self):
        rows = [self.placed() for _ in range(80)]
        rows += [self.placed(desired=Desired.ABSENT) for _ in range(20)]
        with db.writer() as session:
            for row in rows:
                actions.insert(session, pod_uuid=row.uuid, project_id='alpha',
                               user_id='u', request_id='r', action='create',
                               generation=1)
        for turn in range(2):
            phases = [Phase.RUNNING, Phase.FAILED]
            seen = [self.seen(row, phases[n % 2 ^ turn] if n < 80 else None,
                              message=f'failed {n}') if n < 80
                    else self.seen(row, None) for n, row in enumerate(rows)]
            told = [(row.uuid, status.PodEvent(
                reason='Started', message=str(turn), at=AT))
                for row in rows]
            with databases.Statements() as statements:
                intake = self.store(*seen, told=told + told)
            self.assertLessEqual(len([s for s in statements.seen if 'BEGIN'
                                      not in s]), MOST_STATEMENTS)
            self.assertEqual(20 if turn == 0 else 0, intake.removed)
            self.assertEqual(phases[turn], self.phase(rows[0]))
            self.assertEqual(phases[1 - turn], self.phase(rows[1]))
        with db.reader() as session:
            self.assertEqual([], claims.differences(session))


@databases.on_each
class Actions(Base):

    def act(self, row: pods.PodRow, generation: int = 1) -> None:
        with db.writer() as session:
            actions.insert(session, pod_uuid=row.uuid, project_id='alpha',
                           user_id='u', request_id='r', action='start',
                           generation=generation)

    def results(self, row: pods.PodRow) -> list[tuple[str | None, ...]]:
        with db.reader() as session:
            return [(a.result, a.message) for a in
                    actions.list_page(session, None, row.uuid)]

    def test_running_is_success(self):
        row = self.placed()
        self.act(row)
        self.store(self.seen(row, Phase.PENDING))
        self.assertEqual([(None, None)], self.results(row))
        self.store(self.seen(row, Phase.RUNNING))
        self.assertEqual([('success', None)], self.results(row))

    def test_failing_is_an_error_with_its_reason(self):
        row, other = self.placed(), self.placed()
        self.act(row)
        self.act(other)
        self.store(self.seen(row, Phase.FAILED, reason='Error',
                             message='it broke'),
                   self.seen(other, Phase.FAILED))
        self.assertEqual([('error', 'Error: it broke')], self.results(row))
        self.assertEqual([('error', None)], self.results(other))

    def test_stopped(self):
        row = self.placed(desired=Desired.STOPPED, generation=2)
        self.act(row, 2)
        self.store(self.seen(row, Phase.STOPPED, generation=1))
        self.assertEqual([(None, None)], self.results(row))
        self.store(self.seen(row, Phase.STOPPED, generation=2))
        self.assertEqual([('success', None)], self.results(row))

    def test_deleted(self):
        row = self.placed(desired=Desired.ABSENT, generation=2)
        self.act(row, 1)
        self.act(row, 2)
        self.store(self.seen(row, None, generation=2))
        self.assertEqual([('success', None), ('superseded', None)],
                         self.results(row))


@databases.on_each
class Silence(Base):

    def silence(self) -> None:
        with db.writer() as session:
            hosts.silence(session, db.now() + datetime.timedelta(1))

    def make_unknown(self, limit: int = 100) -> int:
        with db.writer() as session:
            return observations.make_unknown(session, 'h1', limit, 'quiet')

    def test_what_may_run_becomes_unknown_and_what_ended_stays(self):
        running, ended, other = (self.placed(), self.placed(),
                                 self.placed('h2'))
        ready = status.Condition(type='Ready', status='True')
        self.store(self.seen(running, pod_ip='10.0.0.7',
                             conditions=(ready,)),
                   self.seen(ended, Phase.SUCCEEDED))
        self.silence()
        self.assertEqual(1, self.make_unknown())
        self.assertEqual(0, self.make_unknown())
        found = json.loads(self.get(running).status)
        self.assertEqual(('Unknown', 'HostSilent', 'quiet', '10.0.0.7',
                          'Unknown'), (
            found['phase'], found['reason'], found['message'],
            found['podIP'], found['conditions'][0]['status']))
        self.assertEqual(Phase.SUCCEEDED, self.phase(ended))
        self.assertEqual(Phase.PENDING, self.phase(other))
        self.assertEqual('h1', self.get(running).host)

    def test_a_host_that_returned_meanwhile_is_left_alone(self):
        row = self.placed()
        self.assertEqual(0, self.make_unknown())
        self.assertEqual(Phase.PENDING, self.phase(row))

    def test_a_few_at_a_time(self):
        for _ in range(5):
            self.placed()
        self.silence()
        self.assertEqual([2, 2, 1, 0],
                         [self.make_unknown(2) for _ in range(4)])

    def test_a_report_heals(self):
        row = self.placed()
        self.silence()
        self.make_unknown()
        with db.reader() as session:
            self.assertTrue(observations.any_unknown(session, 'h1'))
        self.store(self.seen(row))
        self.assertEqual(Phase.RUNNING, self.phase(row))
        with db.reader() as session:
            self.assertFalse(observations.any_unknown(session, 'h1'))

    def test_what_never_ran_is_told_so(self):
        """An agent takes what ran once, and is not there, for lost."""
        cases = ((Phase.PENDING, (None, None), 'Pending'),
                 (Phase.PENDING, ('docker://1', None), 'Unknown'),
                 (Phase.RUNNING, ('docker://1',), 'Unknown'),
                 (Phase.RUNNING, (), 'Unknown'))
        rows = [self.placed() for _ in cases]
        self.store(*[self.seen(row, phase, container_statuses=tuple(
            status.ContainerStatus(name='c', image='i', container_id=run)
            for run in ids))
            for row, (phase, ids, _) in zip(rows, cases, strict=True)])
        self.silence()
        self.assertEqual(len(cases), self.make_unknown())
        self.assertEqual(
            [expected for _, _, expected in cases],
            [assignments.on_wire(self.get(row))['lastPhase']
             for row in rows])


class Wire(Base):
    def test_on_wire_is_what_the_model_would_give(self):
        text = json.dumps(samples.SPEC)
        row = self.placed(labels='{"a":"b"}', spec=text,
                          container_uuids='{"web":"u1"}')
        plain = assignments.on_wire(self.get(row))
        pod = spec.Pod.model_validate_json(json.dumps(plain))
        self.assertEqual(pod.model_dump(mode='json', exclude_unset=True),
                         plain)
        self.assertIsNone(pod.last_phase)

    def test_the_phase_of_this_generation_is_told(self):
        row = self.placed()
        self.store(self.seen(row, Phase.SUCCEEDED))
        self.assertEqual('Succeeded', assignments.on_wire(
            self.get(row))['lastPhase'])


class AutoRemove(Base):
    """Containers that are to go once they have ended."""

    def test_what_ended_goes(self):
        for phase, document, gone in (
                (Phase.SUCCEEDED, '{"auto_remove":true}', True),
                (Phase.STOPPED, '{"auto_remove":true}', True),
                (Phase.RUNNING, '{"auto_remove":true}', False),
                (Phase.SUCCEEDED, '{"auto_remove":false}', False),
                (Phase.SUCCEEDED, '{"labels":{"a":"\\"auto_remove\\":'
                 'true"}}', False),
                (Phase.SUCCEEDED, None, False)):
            with self.subTest(f'{phase} {document}'):
                row = self.placed(document=document)
                taken = self.store(self.seen(row, phase))
                found = self.get(row)
                self.assertEqual([row.uuid] if gone else [], taken.leaving)
                self.assertEqual(
                    (Desired.ABSENT, 2) if gone else (row.desired, 1),
                    (found.desired, found.generation))
                self.assertEqual(gone, row.id in self.unsettled())

    def test_not_before_the_newest_generation_was_seen(self):
        row = self.placed(document='{"auto_remove":true}', generation=2)
        self.assertEqual([], self.store(
            self.seen(row, Phase.STOPPED)).leaving)
