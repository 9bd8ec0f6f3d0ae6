import json
import unittest.mock

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import hosts
from zun_lite.db import pods
from zun_lite.pod import selectors
from zun_lite.pod import spec
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.tests import databases
from zun_lite.tests.unit.lifecycle import base


@databases.on_each
class Create(base.LifecycleTest):

    def test_what_is_stored(self):
        asked = base.manifest(labels={'app': 'shop'}, restartPolicy='Never')
        row = self.lifecycle.create(base.ANN, asked)
        self.assertEqual(row, self.row(row))
        self.assertEqual(('alpha', 'ann', 'web', None, 0, 1),
                         (row.project_id, row.user_id, row.name, row.host,
                          row.observed_generation, row.generation))
        self.assertEqual((Desired.RUNNING, Phase.PENDING),
                         (row.desired, row.phase))
        self.assertEqual((250, 64 * 2**20), (row.cpu_millis,
                                             row.memory_bytes))
        self.assertEqual({'app': 'shop'}, json.loads(row.labels))
        self.assertEqual(
            asked.spec, spec.PodSpec.model_validate_json(row.spec))
        self.assertEqual('Pending', json.loads(row.status)['phase'])

    def test_only_what_was_written_is_stored(self):
        row = self.lifecycle.create(base.ANN, base.manifest())
        self.assertEqual({'containers'}, set(json.loads(row.spec)))

    def test_every_container_has_a_uuid(self):
        row = self.lifecycle.create(base.ANN, base.manifest(
            initContainers=[{'name': 'first', 'image': 'busybox'}]))
        found = json.loads(row.container_uuids)
        self.assertEqual({'first', 'web'}, set(found))
        self.assertEqual(2, len(set(found.values())))

    def test_labels_can_be_selected(self):
        row = self.lifecycle.create(base.ANN, base.manifest(
            labels={'app': 'shop'}))
        with db.reader() as session:
            self.assertEqual([row], pods.list_page(
                session, 'alpha',
                label_selector=selectors.parse('app=shop')))

    def test_the_action_goes_on(self):
        row = self.lifecycle.create(base.ANN, base.manifest())
        (action,) = self.actions(row)
        self.assertEqual(
            ('create', 'ann', base.ANN.request_id, 1, None, None),
            (action.action, action.user_id, action.request_id,
             action.generation, action.finished_at, action.result))

    def test_the_bell_rings_after_the_commit(self):
        class Conductor:
            def pod_changed(_self, uuid):
                with db.reader() as session:
                    self.seen = pods.get_row(session, uuid)
        self.lifecycle = type(self.lifecycle)(Conductor())
        row = self.lifecycle.create(base.ANN, base.manifest())
        self.assertEqual(row, self.seen)

    def test_names_may_repeat(self):
        uuids = {self.lifecycle.create(base.ANN, base.manifest()).uuid
                 for _ in range(2)}
        self.assertEqual(2, len(uuids))

    def test_three_inserts_the_quota_and_nothing_more(self):
        self.lifecycle.create(base.ANN, base.manifest())    # live hosts
        with databases.Statements() as sent:
            self.lifecycle.create(base.ANN, base.manifest(
                labels={f'k{i}': 'v' for i in range(9)}))
        self.assertEqual(
            ['INSERT', 'INSERT', 'INSERT', 'UPDATE'],
            [text.split()[0] for text in sent.seen
             if not text.startswith('BEGIN')])

    def test_no_live_host_is_no_refusal(self):
        self.lifecycle.create(base.ANN, base.manifest(hostname='shop'))

    def test_refused_with_the_paths(self):
        self.register(able=['spec.containers.resources',
                            'spec.containers.resources.limits',
                            'spec.containers.resources.limits.cpu',
                            'spec.containers.resources.limits.memory'])
        with self.assertRaises(exceptions.Invalid) as caught:
            self.lifecycle.create(base.ANN, base.manifest(
                hostname='shop', shareProcessNamespace=True))
        self.assertEqual(['spec.hostname', 'spec.shareProcessNamespace'],
                         sorted(f.path for f in caught.exception.fields))
        with db.reader() as session:
            self.assertEqual([], pods.list_page(session, None))
        self.assertEqual([], self.bell.rung)

    def test_one_able_host_is_enough(self):
        self.register('poor', able=[])
        self.register('rich')
        self.lifecycle.create(base.ANN, base.manifest(hostname='shop'))

    def test_the_refusal_of_the_one_that_lacks_least(self):
        self.register('poor', able=[])
        self.register('rich', able=base.capabilities.ALL - {'spec.hostname'})
        with self.assertRaises(exceptions.Invalid) as caught:
            self.lifecycle.create(base.ANN, base.manifest(hostname='shop'))
        self.assertEqual(['spec.hostname'],
                         [f.path for f in caught.exception.fields])

    def test_only_selected_hosts_count(self):
        self.register('rich', driver='docker')
        self.register('poor', driver='fake', able=['spec.nodeSelector'])
        for key, value in (('driver', 'fake'), ('host', 'poor')):
            with self.assertRaises(exceptions.Invalid):
                self.lifecycle.create(base.ANN, base.manifest(
                    nodeSelector={f'zun-lite/{key}': value}))
        self.lifecycle.create(base.ANN, base.manifest(
            nodeSelector={'zun-lite/driver': 'docker'}))

    def test_a_host_that_is_not_there_can_be_waited_for(self):
        self.register(able=[])
        self.lifecycle.create(base.ANN, base.manifest(
            nodeSelector={'zun-lite/host': 'tomorrow'}))

    def test_a_silent_host_does_not_count(self):
        self.register('poor', able=[])
        with db.writer() as session:
            hosts.silence(session, before=db.now().replace(year=9999))
        hosts.forget_live()
        self.lifecycle.create(base.ANN, base.manifest(hostname='shop'))


@databases.on_each
class DryRun(base.LifecycleTest):

    def test_verdicts(self):
        self.register('able')
        self.register('poor', able=[], driver='fake')
        self.register('small', cpu_millis=100)
        able, poor, small = self.lifecycle.dry_run(
            base.ANN, base.manifest(hostname='shop'))
        self.assertEqual(('able', 'docker', True, (), None),
                         (able.host, able.driver, able.accepted,
                          able.fields, able.reason))
        self.assertFalse(poor.accepted)
        self.assertIn('spec.hostname', [f.path for f in poor.fields])
        self.assertFalse(small.accepted)
        self.assertIn('cpu', small.reason)

    def test_nothing_is_written(self):
        self.register()
        with databases.Statements() as sent:
            self.lifecycle.dry_run(base.ANN, base.manifest())
        self.assertEqual({'SELECT'}, {t.split()[0] for t in sent.seen})
        self.assertEqual([], self.bell.rung)

    def test_no_host_no_verdict(self):
        self.assertEqual([], self.lifecycle.dry_run(
            base.ANN, base.manifest()))


@databases.on_each
class StartAndStop(base.LifecycleTest):

    def setUp(self) -> None:
        super().setUp()
        self.pod = self.lifecycle.create(base.ANN, base.manifest())
        self.place(self.pod)
        self.bell.rung.clear()

    def observed(self, phase: Phase) -> None:
        """As if the host had reported on the present generation."""
        row = self.row(self.pod)
        self.change(row, phase=phase, observed_generation=row.generation,
                    settled=True)

    def test_stop(self):
        row = self.lifecycle.stop(base.ANN, 'web')
        self.assertEqual((Desired.STOPPED, 2, Phase.PENDING),
                         (row.desired, row.generation, row.phase))
        self.assertEqual(row, self.row(row))
        self.assertEqual([row.uuid], self.bell.rung)
        self.assertEqual([('create', 'superseded'), ('stop', None)],
                         self.results(row))

    def test_what_changes_is_no_longer_settled(self):
        self.observed(Phase.RUNNING)
        self.lifecycle.stop(base.ANN, 'web')
        with db.reader() as session:
            self.assertFalse(session.execute(
                db_settled(self.pod.id)).scalar_one())

    def test_stop_twice(self):
        self.lifecycle.stop(base.ANN, 'web')
        row = self.lifecycle.stop(base.ANN, 'web')
        self.assertEqual(2, row.generation)
        self.assertEqual(1, len(self.bell.rung))
        self.assertEqual(('stop', 'success'), self.results(row)[-1])
        self.assertIn('already', self.actions(row)[-1].message)
        self.assertIn(('stop', None), self.results(row))

    def test_start_what_runs(self):
        for phase in (Phase.PENDING, Phase.RUNNING, Phase.UNKNOWN):
            self.observed(phase)
            self.assertEqual(
                1, self.lifecycle.start(base.ANN, 'web').generation)
        self.assertEqual([], self.bell.rung)

    def test_start_after_stop(self):
        self.lifecycle.stop(base.ANN, 'web')
        row = self.lifecycle.start(base.ANN, 'web')
        self.assertEqual((Desired.RUNNING, 3), (row.desired, row.generation))
        self.assertEqual([('create', 'superseded'), ('stop', 'superseded'),
                          ('start', None)], self.results(row))

    def test_start_what_has_ended(self):
        for phase in (Phase.SUCCEEDED, Phase.FAILED):
            self.observed(phase)
            before = self.row(self.pod).generation
            row = self.lifecycle.start(base.ANN, 'web')
            self.assertEqual(before + 1, row.generation)

    def test_an_end_of_an_older_generation_is_no_end(self):
        self.observed(Phase.FAILED)
        self.lifecycle.start(base.ANN, 'web')
        row = self.lifecycle.start(base.ANN, 'web')
        self.assertEqual(2, row.generation)

    def test_while_it_is_being_deleted(self):
        self.lifecycle.delete(base.ANN, 'web')
        for request in (self.lifecycle.start, self.lifecycle.stop,
                        self.lifecycle.update_metadata):
            with self.assertRaises(exceptions.Conflict):
                request(base.ANN, 'web')
        self.assertEqual(2, len(self.actions(self.pod)))

    def test_a_pod_without_a_host_stops_at_once(self):
        self.change(self.pod, host=None)
        row = self.lifecycle.stop(base.ANN, 'web')
        self.assertEqual((Phase.STOPPED, 2, 2),
                         (row.phase, row.generation, row.observed_generation))
        self.assertEqual('Stopped', json.loads(row.status)['phase'])
        self.assertEqual(('stop', 'success'), self.results(row)[-1])
        self.assertEqual(row, self.row(row))
        self.assertEqual([], self.bell.rung)

    def test_and_starts_as_pending(self):
        self.change(self.pod, host=None)
        self.lifecycle.stop(base.ANN, 'web')
        row = self.lifecycle.start(base.ANN, 'web')
        self.assertEqual(Phase.PENDING, row.phase)
        self.assertEqual(row, self.row(row))
        self.assertEqual([row.uuid], self.bell.rung)

    def test_another_projects_pod(self):
        for request in (self.lifecycle.start, self.lifecycle.stop,
                        self.lifecycle.delete,
                        self.lifecycle.update_metadata):
            for ident in ('web', self.pod.uuid):
                with self.assertRaises(exceptions.PodNotFound):
                    request(base.BOB, ident)
        self.assertEqual(1, len(self.actions(self.pod)))

    def test_an_admin_acts_in_the_owners_project(self):
        self.lifecycle.stop(base.ADMIN, self.pod.uuid)
        last = self.actions(self.pod)[-1]
        self.assertEqual(('root', 'alpha'), (last.user_id, last.project_id))


def db_settled(pod_id: int):
    return pods.pods.select().with_only_columns(
        pods.pods.c.settled).where(pods.pods.c.id == pod_id)


@databases.on_each
class Delete(base.LifecycleTest):

    def setUp(self) -> None:
        super().setUp()
        self.register()
        self.pod = self.lifecycle.create(base.ANN, base.manifest())
        self.bell.rung.clear()

    def placed(self) -> None:
        from zun_lite.db import claims
        with db.writer() as session:
            claims.claim(session, self.pod, 'h1', self.pod.status)

    def test_the_host_is_asked(self):
        self.placed()
        row = self.lifecycle.delete(base.ANN, 'web')
        self.assertEqual((Desired.ABSENT, 2, 'h1'),
                         (row.desired, row.generation, row.host))
        self.assertIsNotNone(row.deleted_at)
        self.assertEqual(row, self.row(row))
        self.assertEqual([row.uuid], self.bell.rung)
        self.assertEqual([('create', 'superseded'), ('delete', None)],
                         self.results(row))

    def test_twice(self):
        self.placed()
        first = self.lifecycle.delete(base.ANN, 'web')
        again = self.lifecycle.delete(base.ANN, 'web')
        self.assertEqual(first, again)
        self.assertEqual(1, len(self.bell.rung))
        self.assertEqual([('create', 'superseded'), ('delete', None),
                          ('delete', 'success')], self.results(first))

    def test_without_a_host_it_is_gone(self):
        self.assertIsNone(self.lifecycle.delete(base.ANN, 'web'))
        with self.assertRaises(exceptions.PodNotFound):
            self.row(self.pod)
        self.assertEqual([('create', 'superseded'), ('delete', 'success')],
                         self.results(self.pod))

    def test_force_gives_back_what_was_claimed(self):
        self.placed()
        self.assertIsNone(
            self.lifecycle.delete(base.ADMIN, self.pod.uuid, force=True))
        with self.assertRaises(exceptions.PodNotFound):
            self.row(self.pod)
        with db.reader() as session:
            host = hosts.get(session, 'h1')
        self.assertEqual((0, 0, 0), (host.cpu_millis_claimed,
                                     host.memory_bytes_claimed,
                                     host.pods_claimed))
        self.assertEqual(('delete', 'success'), self.results(self.pod)[-1])

    def test_force_on_what_is_being_deleted(self):
        self.placed()
        self.lifecycle.delete(base.ANN, 'web')
        self.lifecycle.delete(base.ADMIN, self.pod.uuid, force=True)
        self.assertEqual([('create', 'superseded'), ('delete', 'superseded'),
                          ('delete', 'success')], self.results(self.pod))

    def test_what_is_not_there(self):
        for force in (False, True):
            with self.assertRaises(exceptions.PodNotFound):
                self.lifecycle.delete(base.ANN, 'nobody', force=force)


@databases.on_each
class UpdateMetadata(base.LifecycleTest):

    def setUp(self) -> None:
        super().setUp()
        self.pod = self.lifecycle.create(base.ANN, base.manifest(
            labels={'stays': '1', 'changes': '1', 'goes': '1'}))
        self.bell.rung.clear()

    def test_labels(self):
        row = self.lifecycle.update_metadata(
            base.ANN, 'web', {'changes': '2', 'goes': None, 'comes': '',
                              'never': None})
        wanted = {'stays': '1', 'changes': '2', 'comes': ''}
        self.assertEqual(wanted, json.loads(row.labels))
        self.assertEqual(row, self.row(row))
        self.assertEqual((1, [row.uuid]), (row.generation, self.bell.rung))
        self.assertIsNotNone(row.updated_at)
        for text, found in (('changes=2', 1), ('changes=1', 0), ('goes', 0),
                            ('comes=', 1), ('stays=1', 1)):
            with db.reader() as session:
                self.assertEqual(found, len(pods.list_page(
                    session, 'alpha',
                    label_selector=selectors.parse(text))), text)

    def test_annotations(self):
        self.lifecycle.update_metadata(base.ANN, 'web', None, {'a': 'é'})
        row = self.lifecycle.update_metadata(
            base.ANN, 'web', None, {'b': '1'})
        self.assertEqual({'a': 'é', 'b': '1'}, json.loads(row.annotations))
        self.assertEqual(self.pod.labels, row.labels)

    def test_the_last_one_goes(self):
        row = self.lifecycle.update_metadata(
            base.ANN, 'web', dict.fromkeys(('stays', 'changes', 'goes')))
        self.assertIsNone(row.labels)

    def test_the_action_is_over(self):
        self.lifecycle.update_metadata(base.ANN, 'web', {'a': 'b'})
        self.assertEqual([('create', None), ('update', 'success')],
                         self.results(self.pod))


class TestDatabaseTrouble(base.LifecycleTest):

    def test_no_bell_where_nothing_was_written(self):
        with unittest.mock.patch.object(
                pods, 'insert', side_effect=exceptions.Unavailable()):
            with self.assertRaises(exceptions.Unavailable):
                self.lifecycle.create(base.ANN, base.manifest())
        self.assertEqual([], self.bell.rung)
