import datetime

from zun_lite import db
from zun_lite.db import actions
from zun_lite.tests import databases


@databases.on_each
class Actions(databases.DatabaseTest):

    def insert(self, generation: int, pod: str = 'p1', **more) -> None:
        with db.writer() as session:
            actions.insert(session, **{
                'pod_uuid': pod, 'project_id': 'alpha', 'user_id': 'ann',
                'request_id': 'req-1', 'action': 'stop',
                'generation': generation, **more})

    def page(self, pod: str = 'p1', project: str | None = 'alpha',
             **kwargs) -> list[actions.ActionRow]:
        with db.reader() as session:
            return actions.list_page(session, project, pod, **kwargs)

    def test_open_and_over(self):
        self.insert(1)
        self.insert(2, result=actions.SUCCESS, message='nothing to do')
        over, going = self.page()
        self.assertEqual((2, 'success', 'nothing to do'),
                         (over.generation, over.result, over.message))
        self.assertEqual(over.started_at, over.finished_at)
        self.assertEqual((None, None, 'ann', 'req-1', 'stop'), (
            going.finished_at, going.result, going.user_id,
            going.request_id, going.action))

    def test_recorded_afterwards(self):
        began = db.now().replace(microsecond=0) - datetime.timedelta(seconds=9)
        self.insert(1, result=actions.SUCCESS, started_at=began)
        row, = self.page()
        self.assertEqual(began, row.started_at)
        self.assertLess(began, row.finished_at)

    def test_finish(self):
        for generation in (1, 2, 3):
            self.insert(generation)
        self.insert(1, pod='p2')
        with db.writer() as session:
            self.assertEqual(2, actions.finish(
                session, 'p1', up_to_generation=2))
            self.assertEqual(0, actions.finish(
                session, 'p1', up_to_generation=2, result=actions.ERROR))
        self.assertEqual([None, 'success', 'success'],
                         [a.result for a in self.page()])
        self.assertEqual([None], [a.result for a in self.page('p2')])

    def test_pages(self):
        for generation in range(5):
            self.insert(generation)
        found, marker = [], None
        while page := self.page(limit=2, marker=marker):
            found += [a.generation for a in page]
            marker = page[-1].id
        self.assertEqual([4, 3, 2, 1, 0], found)

    def test_projects(self):
        self.insert(1)
        self.assertEqual([], self.page(project='beta'))
        self.assertEqual(1, len(self.page(project=None)))
