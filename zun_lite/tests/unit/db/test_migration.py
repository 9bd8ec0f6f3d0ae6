import concurrent.futures
import threading
import time
from unittest import mock

import sqlalchemy as sa

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import migration
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.tests import databases


@databases.on_each
class Migration(databases.DatabaseTest):
    schema = False

    def setUp(self) -> None:
        super().setUp()
        databases.drop_everything()

    def test_from_nothing(self):
        self.assertIsNone(migration.current())
        migration.upgrade()
        self.assertEqual(migration.head(), migration.current())

    def test_the_tables_are_those_of_the_models(self):
        migration.upgrade()
        self.assertEqual([], migration.differences())

    def test_a_difference_would_be_seen(self):
        migration.upgrade()
        with db.writer() as session:
            session.execute(sa.text('DROP INDEX pods_host' + (
                ' ON pods' if 'mysql' in self.url else '')))
            session.execute(sa.text(
                'ALTER TABLE pods ADD COLUMN colour VARCHAR(9)'))
        self.assertEqual({'add_index', 'remove_column'},
                         {found[0] for found in migration.differences()})

    def test_constraints(self):
        """What alembic does not compare."""
        migration.upgrade()
        inspector = sa.inspect(engine.store().writer_engine)
        (foreign,) = inspector.get_foreign_keys('pod_labels')
        self.assertEqual('CASCADE', foreign['options']['ondelete'])
        for table in models.Base.metadata.sorted_tables:
            self.assertEqual(
                [c.name for c in table.primary_key],
                inspector.get_pk_constraint(table.name)[
                    'constrained_columns'])
            if 'mysql' in self.url:
                options = inspector.get_table_options(table.name)
                self.assertEqual('utf8mb4_bin', options[
                    f'{inspector.dialect.name}_collate'])

    def test_from_each_revision_with_rows(self):
        for revision in migration.revisions():
            with self.subTest(revision):
                databases.drop_everything()
                migration.upgrade(revision)
                self.assertEqual(revision, migration.current())
                if revision == migration.revisions()[0]:
                    with db.writer() as session:
                        self.first_pod(session)
                migration.upgrade()
                if revision == migration.revisions()[0]:
                    self.check_first_pod()
                self.assertEqual(migration.head(), migration.current())
                self.assertEqual([], migration.differences())

    def first_pod(self, session):
        metadata = sa.MetaData()
        metadata.reflect(session.connection())
        values = {c.name: 0 for c in metadata.tables['pods'].c
                  if not c.nullable} | {
            'uuid': 'u1', 'project_id': 'alpha', 'user_id': 'ann',
            'name': 'web', 'spec': '{}', 'cpu_millis': 250,
            'memory_bytes': 2**26,
            'container_uuids': '{"web": "u2", "log": "u3"}',
            'desired': 'running', 'phase': 'Pending', 'status': '{}',
            'settled': False, 'created_at': db.now(), 'id': 1}
        session.execute(sa.insert(metadata.tables['pods']), values)
        session.execute(sa.insert(metadata.tables['pod_labels']), {
            'pod_id': 1, 'key': 'a', 'value': 'b'})

    def check_first_pod(self):
        with db.reader() as session:
            row = pods.get_row(session, 'u1')
            labels = session.scalars(
                sa.select(models.PodLabel.__table__.c.value)).all()
            used = session.execute(
                sa.select(models.QuotaUsage.__table__)).all()
        self.assertEqual((models.Origin.POD, None, ['b']),
                         (row.origin, row.extras, labels))
        self.assertEqual([('alpha', 2, 2**26, 250, 0)], used)

    def test_again(self):
        migration.upgrade()
        with databases.Statements() as sent:
            migration.upgrade()
        self.assertEqual([], [t for t in sent.seen if 'CREATE' in t])

    def test_two_at_once(self):
        gate = threading.Barrier(3)
        sa.event.listen(engine.store().writer_engine, 'commit',
                        lambda _: time.sleep(0.2))

        def upgrade() -> None:
            gate.wait(20)
            migration.upgrade()
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            for done in [pool.submit(upgrade) for _ in range(3)]:
                done.result(60)
        self.assertEqual([], migration.differences())

    def test_another_one_that_does_not_end(self):
        if 'mysql' not in self.url:     # the others wait as long as it takes
            return
        at_once = {'mysql': sa.func.get_lock('zun_lite_schema', 0)}
        with mock.patch.object(migration, '_TAKE', at_once), (
                migration._alone()), self.assertRaises(
                    exceptions.Unavailable) as caught:
            migration.upgrade()
        self.assertIn('Another upgrade', caught.exception.message)
        self.assertIsNone(migration.current())

    def test_a_failure_leaves_the_old_revision(self):
        with db.writer() as session:
            session.execute(sa.text('CREATE TABLE events (id INTEGER)'))
        with self.assertRaises(Exception):
            migration.upgrade()
        self.assertIsNone(migration.current())
        if 'mysql' not in self.url:    # its CREATE TABLE cannot be undone
            self.assertNotIn('pods', sa.inspect(
                engine.store().writer_engine).get_table_names())

    def test_no_database(self):
        db.configure('sqlite:////nowhere/at/all.db')
        for ask in (migration.upgrade, migration.current,
                    migration.differences):
            with self.assertRaises(exceptions.Unavailable):
                ask()
