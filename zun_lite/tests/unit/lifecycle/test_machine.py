"""Any order of requests and observations keeps the records consistent."""
import json
import unittest

from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import stateful
from hypothesis import strategies as st

from zun_lite import db
from zun_lite import exceptions
from zun_lite import lifecycle
from zun_lite.db import actions
from zun_lite.db import claims
from zun_lite.db import hosts
from zun_lite.db import observations
from zun_lite.db import pods
from zun_lite.pod import status
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.tests import databases
from zun_lite.tests.unit.lifecycle import base

KEYS = st.sampled_from(['a', 'b', 'c'])
PATCHES = st.dictionaries(KEYS, st.one_of(st.none(), st.sampled_from('12')))


class Machine(stateful.RuleBasedStateMachine):
    """Users, a conductor and an agent at one pod, against a small model.

    `generation`, `desired`, `labels`: as they should be; `acted`: the newest
    generation that the agent has acted on.
    """

    def __init__(self) -> None:
        super().__init__()
        databases.use(databases.make('Sqlite'))
        databases.empty()
        hosts.forget_live()
        with db.writer() as session:
            self.epoch = hosts.register(
                session, name='h1', driver='docker', max_pods=10,
                capabilities=base.capabilities.ALL,
                inventory={'cpu_millis': 4000, 'memory_bytes': 2**33})
        hosts.forget_live()
        self.bell = base.Bell()
        self.lifecycle = lifecycle.Lifecycle(self.bell)
        self.sequence = 0
        self.uuids: list[str] = []
        self.uuid: str | None = None

    def row(self) -> pods.PodRow | None:
        with db.reader() as session:
            try:
                return pods.get_row(session, self.uuid or '')
            except exceptions.PodNotFound:
                return None

    def expect(self, change, *, always_told: bool = False) -> None:
        """Call a request, and hold it against the model's rules."""
        before, rung = self.row(), len(self.bell.rung)
        if before is None:
            with self.fails(exceptions.PodNotFound):
                change()
            return
        if before.desired is Desired.ABSENT:
            with self.fails(exceptions.Conflict):
                change()
            return
        after = change()
        self.changed = after.generation != before.generation
        assert after.generation - before.generation in (0, 1)
        told = len(self.bell.rung) - rung
        assert told <= 1
        # Whoever must act is told; a pod nobody has stops by itself.
        assert bool(told) == (always_told or (self.changed and not (
            after.host is None and after.desired is Desired.STOPPED)))

    fails = staticmethod(lambda error: unittest.TestCase().assertRaises(error))

    @stateful.precondition(lambda self: self.row() is None)
    @stateful.rule(labels=st.dictionaries(KEYS, st.sampled_from('12')))
    def create(self, labels: dict[str, str]) -> None:
        row = self.lifecycle.create(base.ANN, base.manifest(labels=labels))
        self.uuid, self.labels = row.uuid, labels
        self.uuids.append(row.uuid)

    @stateful.precondition(lambda self: self.uuid)
    @stateful.rule()
    def start(self) -> None:
        self.expect(lambda: self.lifecycle.start(base.ANN, self.uuid))

    @stateful.precondition(lambda self: self.uuid)
    @stateful.rule()
    def stop(self) -> None:
        self.expect(lambda: self.lifecycle.stop(base.ANN, self.uuid))

    @stateful.precondition(lambda self: self.row())
    @stateful.rule(force=st.booleans())
    def delete(self, force: bool) -> None:
        before = self.row()
        after = self.lifecycle.delete(base.ANN, self.uuid, force=force)
        gone = force or before.host is None
        assert (after is None) == gone == (self.row() is None)

    @stateful.precondition(lambda self: self.uuid)
    @stateful.rule(patch=PATCHES)
    def patch(self, patch: dict[str, str | None]) -> None:
        before = self.row()
        self.expect(lambda: self.lifecycle.update_metadata(
            base.ANN, self.uuid, patch), always_told=True)
        if before and before.desired is not Desired.ABSENT:
            self.labels = {k: v for k, v in {**self.labels, **patch}.items()
                           if v is not None}
            assert not self.changed

    @stateful.precondition(lambda self: self.row())
    @stateful.rule()
    def place(self) -> None:
        row = self.row()
        free = row.host is None and row.desired is Desired.RUNNING
        try:
            with db.writer() as session:
                claims.claim(session, row, 'h1', row.status)
        except claims.PodTaken:
            assert not free
        else:
            assert free

    @stateful.precondition(lambda self: self.row() and self.row().host)
    @stateful.rule(late=st.integers(0, 2), phase=st.sampled_from(Phase))
    def observe(self, late: int, phase: Phase) -> None:
        """The agent reports, perhaps on an older generation."""
        row = self.row()
        self.sequence += 1
        acted = max(row.observed_generation, row.generation - late)
        gone = row.desired is Desired.ABSENT and acted == row.generation
        with db.writer() as session:
            observations.store(session, 'h1', self.epoch, [
                observations.Observation(
                    row.uuid, acted, self.sequence, gone,
                    None if gone else status.PodStatus(phase=phase))])

    @stateful.invariant()
    def claims_are_the_sum_of_the_pods(self) -> None:
        with db.reader() as session:
            assert not claims.differences(session)

    @stateful.invariant()
    def the_record_of_actions_is_consistent(self) -> None:
        for uuid in self.uuids:
            with db.reader() as session:
                found = actions.list_page(session, None, uuid)[::-1]
            generations = [a.generation for a in found]
            assert generations == sorted(generations)
            still_open = [a for a in found if a.result is None]
            assert all((a.finished_at is None) == (a.result is None)
                       for a in found)
            row = self.row() if uuid == self.uuid else None
            assert len(still_open) <= (row is not None)
            if still_open:
                assert still_open[0].generation == row.generation
            changes = {a.generation for a in found}
            assert changes == set(range(1, max(changes) + 1))

    @stateful.invariant()
    def the_pod_is_consistent(self) -> None:
        row = self.row()
        if row is None:
            return
        assert 0 <= row.observed_generation <= row.generation
        assert (row.deleted_at is not None) == (
            row.desired is Desired.ABSENT)
        assert row.host is not None or row.desired is not Desired.ABSENT
        assert json.loads(row.labels or '{}') == self.labels
        with db.reader() as session:
            found = session.execute(pods.pod_labels.select()).all()
        assert {r.key: r.value for r in found} == self.labels


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None,
    suppress_health_check=list(HealthCheck))
