import uuid

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.pod import selectors
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples


@databases.on_each
class Find(databases.DatabaseTest):

    def setUp(self) -> None:
        super().setUp()
        with db.writer() as session:
            self.web = samples.pod(session, labels={'a': 'é🐳'})

    def resolve(self, ident, project='alpha') -> pods.PodRow:
        with db.reader() as session:
            return pods.resolve(session, project, ident)

    def test_what_is_inserted_is_read_back(self):
        found = self.resolve(self.web.uuid)
        self.assertEqual(self.web, found)
        self.assertIs(found.desired, Desired.RUNNING)
        self.assertIs(found.phase, Phase.PENDING)
        self.assertEqual(self.web.created_at, found.created_at)

    def test_all_columns_of_views_are_columns_of_the_table(self):
        self.assertLessEqual(set(pods.PodRow._fields),
                             set(models.Pod.__table__.c.keys()))

    def test_four_byte_characters_survive(self):
        text = '{"note":"🐳"}'
        with db.writer() as session:
            row = samples.pod(session, annotations=text)
        self.assertEqual(text, self.resolve(row.uuid).annotations)

    def test_a_document_of_a_mebibyte_fits(self):
        with db.writer() as session:
            row = samples.pod(session, spec='x' * 2**20)
        self.assertEqual(2**20, len(self.resolve(row.uuid).spec))

    def test_by_name(self):
        self.assertEqual(self.web, self.resolve('web'))

    def test_uuid_in_capitals(self):
        self.assertEqual(self.web, self.resolve(self.web.uuid.upper()))

    def test_another_project_has_no_such_pod(self):
        for ident in ('web', self.web.uuid):
            with self.assertRaises(exceptions.PodNotFound):
                self.resolve(ident, 'beta')

    def test_every_project_where_asked(self):
        self.assertEqual(self.web, self.resolve('web', None))
        self.assertEqual(self.web, self.resolve(self.web.uuid, None))

    def test_names_compare_byte_by_byte(self):
        with db.writer() as session:
            samples.pod(session, name='web2')
        for ident in ('WEB', 'web ', 'wéb', 'web\n'):
            with self.assertRaises(exceptions.PodNotFound):
                self.resolve(ident)

    def test_nonsense_is_not_found(self):
        for ident in ('', '\0', 'a\0b', 'x' * 5000, '%', "'", '🐳', '..'):
            with self.assertRaises(exceptions.PodNotFound):
                self.resolve(ident)

    def test_a_name_of_two_pods_is_ambiguous(self):
        with db.writer() as session:
            samples.pod(session)
        with self.assertRaises(exceptions.AmbiguousName):
            self.resolve('web')

    def test_the_same_name_in_two_projects_is_not_ambiguous(self):
        with db.writer() as session:
            samples.pod(session, project_id='beta')
        self.assertEqual(self.web, self.resolve('web'))
        with self.assertRaises(exceptions.AmbiguousName):
            self.resolve('web', None)

    def test_a_name_belongs_to_the_pod_that_stays(self):
        with db.writer() as session:
            pods.update(session, self.web.id, desired=Desired.ABSENT)
            new = samples.pod(session)
        self.assertEqual(new, self.resolve('web'))

    def test_the_one_pod_that_goes_is_found(self):
        with db.writer() as session:
            pods.update(session, self.web.id, desired=Desired.ABSENT)
        self.assertEqual(Desired.ABSENT, self.resolve('web').desired)

    def test_two_pods_that_go_are_ambiguous(self):
        with db.writer() as session:
            samples.pod(session)
            for row in pods.list_page(session, 'alpha'):
                pods.update(session, row.id, desired=Desired.ABSENT)
        with self.assertRaises(exceptions.AmbiguousName):
            self.resolve('web')

    def test_a_name_that_looks_like_a_uuid(self):
        name = str(uuid.uuid4())
        with db.writer() as session:
            row = samples.pod(session, name=name)
        self.assertEqual(row, self.resolve(name))

    def test_one_statement_and_no_transaction(self):
        for ident in (self.web.uuid, 'web'):
            with databases.Statements() as sent:
                self.resolve(ident)
            self.assertEqual(1, len(sent.seen), sent.seen)
            self.assertTrue(sent.seen[0].startswith('SELECT'))

    def test_get_row(self):
        with db.reader() as session:
            self.assertEqual(self.web, pods.get_row(session, self.web.uuid))
            with self.assertRaises(exceptions.PodNotFound):
                pods.get_row(session, self.web.uuid, project_id='beta')

    def test_a_locked_row_is_found_by_both(self):
        for ident in (self.web.uuid, 'web'):
            with db.writer() as session:
                self.assertEqual(self.web, pods.resolve(
                    session, 'alpha', ident, lock=True))

    def test_deleted_with_its_labels(self):
        with db.writer() as session:
            pods.delete(session, self.web.id)
        with db.reader() as session:
            self.assertEqual(
                [], session.execute(pods.pod_labels.select()).all())

    def test_a_duplicate_uuid_is_refused(self):
        with self.assertRaises(Exception) as caught:
            with db.writer() as session:
                samples.pod(session, uuid=self.web.uuid)
        self.assertEqual('DBDuplicateEntry', type(caught.exception).__name__)


@databases.on_each
class Pages(databases.DatabaseTest):

    def setUp(self) -> None:
        super().setUp()
        with db.writer() as session:
            self.rows = [samples.pod(
                session, name=f'p{i}', labels={'i': str(i), 'a': 'b'},
                project_id='alpha' if i % 3 else 'beta',
                host='h1' if i % 2 else None) for i in range(9)]
        self.alpha = [row for row in self.rows if row.project_id == 'alpha']

    def page(self, project='alpha', **kwargs) -> list[pods.PodRow]:
        with db.reader() as session:
            return pods.list_page(session, project, **kwargs)

    def test_only_the_project_oldest_first(self):
        self.assertEqual(self.alpha, self.page())

    def test_every_project(self):
        self.assertEqual(self.rows, self.page(None))

    def test_walk(self):
        for project, rows in (('alpha', self.alpha), (None, self.rows)):
            found, marker = [], None
            while page := self.page(project, limit=2, marker=marker):
                self.assertLessEqual(len(page), 2)
                found += page
                marker = page[-1].uuid
            self.assertEqual(rows, found)

    def test_a_marker_that_is_gone(self):
        with self.assertRaises(exceptions.Invalid) as caught:
            self.page(marker=str(uuid.uuid4()))
        self.assertEqual('marker', caught.exception.fields[0].path)

    def test_the_end(self):
        self.assertEqual([], self.page(marker=self.rows[-1].uuid))

    def test_filters(self):
        with db.writer() as session:
            pods.update(session, self.rows[1].id, phase=Phase.RUNNING,
                        desired=Desired.STOPPED)
        for filters, wanted in (
                ({'name': 'p4'}, [4]), ({'name': 'nobody'}, []),
                ({'host': 'h1'}, [1, 5, 7]), ({'phase': 'Running'}, [1]),
                ({'desired': 'stopped'}, [1]),
                ({'phase': 'Pending', 'host': 'h1'}, [5, 7])):
            with self.subTest(filters):
                found = self.page(filters=filters)
                self.assertEqual([f'p{i}' for i in wanted],
                                 [row.name for row in found])

    def test_values_that_nothing_has(self):
        for filters in ({'phase': 'Sleeping'}, {'desired': 'x'},
                        {'name': 'a\0b'}, {'host': '\0'}):
            self.assertEqual([], self.page(filters=filters))

    def test_an_unknown_filter(self):
        with self.assertRaises(exceptions.Invalid) as caught:
            self.page(filters={'colour': 'red'})
        self.assertEqual('colour', caught.exception.fields[0].path)

    def test_label_selectors_select_what_they_say(self):
        with db.writer() as session:
            samples.pod(session, name='bare')
        rows = self.page()
        for text in ('i=1', 'i==1', 'i!=1', 'i in (1,2,77)', 'i notin (1,2)',
                     'i', '!i', 'a=b,i=4', 'i in (1,4),i!=4', 'a=', 'a!=b',
                     'a,!nothing', '!a,!i', 'i=1,i=2'):
            with self.subTest(text):
                selector = selectors.parse(text)
                self.assertEqual(
                    [row.name for row in rows if selectors.matches(
                        selector, samples.labels(row))],
                    [row.name for row in self.page(label_selector=selector)])

    def test_as_many_requirements_as_may_be(self):
        text = ','.join(f'k{i}!=x' for i in range(10)) + ',' + ','.join(
            ['i in (1,2,4)'] * 10)
        self.assertEqual(selectors.MAX_REQUIREMENTS, text.count('=') + 10)
        found = self.page(label_selector=selectors.parse(text))
        self.assertEqual(['p1', 'p2', 'p4'], [row.name for row in found])

    def test_selector_filter_and_marker_together(self):
        found = self.page(
            None, label_selector=selectors.parse('a=b,i!=5'),
            filters={'host': 'h1'}, marker=self.rows[1].uuid, limit=2)
        self.assertEqual(['p3', 'p7'], [row.name for row in found])

    def test_a_constant_number_of_statements(self):
        for limit in (1, 3, 100):
            with databases.Statements() as sent:
                self.page(limit=limit, label_selector=selectors.parse('a=b'),
                          marker=self.rows[0].uuid)
            self.assertEqual(1, len(sent.seen), sent.seen)

    def test_compiled_once(self):
        store = db.engine.store().reader_engine
        self.page(filters={'name': 'p1'})
        before = len(store._compiled_cache)
        for i in range(20):
            self.page(filters={'name': f'p{i}'}, limit=i + 1)
        self.assertEqual(before, len(store._compiled_cache))


@databases.on_each
class Change(databases.DatabaseTest):

    def test_insert_is_two_statements_whatever_the_labels(self):
        labels = {f'k{i}': 'v' for i in range(30)}
        with db.writer() as session, databases.Statements() as sent:
            samples.pod(session, labels=labels)
        inserts = [t for t in sent.seen if t.startswith('INSERT INTO pod')]
        self.assertEqual(2, len(inserts))

    def test_insert_without_labels_is_one(self):
        with db.writer() as session, databases.Statements() as sent:
            row = samples.pod(session)
        self.assertIsNone(row.labels)
        self.assertEqual(1, len([t for t in sent.seen
                                 if t.startswith('INSERT INTO pod')]))

    def test_replace_labels(self):
        before = {'stays': '1', 'changes': '1', 'goes': '1'}
        after = {'stays': '1', 'changes': '2', 'comes': '1'}
        with db.writer() as session:
            row = samples.pod(session, labels=before)
            pods.replace_labels(session, row.id, before, after)
        with db.reader() as session:
            table = pods.pod_labels
            found = session.execute(
                table.select().with_only_columns(table.c.key, table.c.value))
            self.assertEqual(after, dict(found.tuples().all()))

    def test_update(self):
        with db.writer() as session:
            row = samples.pod(session)
            pods.update(session, row.id, generation=7, host='h1')
        with db.reader() as session:
            found = pods.get_row(session, row.uuid)
        self.assertEqual(row._replace(generation=7, host='h1'), found)

    def test_a_failed_block_leaves_nothing(self):
        with self.assertRaises(ZeroDivisionError), db.writer() as session:
            samples.pod(session)
            raise ZeroDivisionError
        with db.reader() as session:
            self.assertEqual([], pods.list_page(session, None))
