import datetime

from zun_lite import db
from zun_lite.db import events
from zun_lite.pod import status
from zun_lite.tests import databases


def event(second: int = 0, **more) -> status.PodEvent:
    return status.PodEvent(**{
        'reason': 'Pulled', 'message': 'the image is there',
        'at': f'2026-01-31T12:{second // 60:02}:{second % 60:02}Z', **more})


@databases.on_each
class Events(databases.DatabaseTest):

    def record(self, *found: status.PodEvent, pod: str = 'p1') -> None:
        with db.writer() as session:
            events.record_all(session, [(pod, 'alpha', e) for e in found])

    def page(self, pod: str = 'p1', project: str | None = 'alpha',
             **kwargs) -> list[events.EventRow]:
        with db.reader() as session:
            return events.list_page(session, project, pod, **kwargs)

    def test_one(self):
        self.record(event(5, type='Warning', container='web'))
        (found,) = self.page()
        at = datetime.datetime(2026, 1, 31, 12, 0, 5)
        self.assertEqual(
            ('p1', 'alpha', 'Warning', 'Pulled', 'web',
             'the image is there', 1, at, at), found[1:])

    def test_times_of_other_zones(self):
        self.record(event(at='2026-01-31T13:00:00+01:00'))
        self.assertEqual(12, self.page()[0].first_at.hour)

    def test_repetitions_are_counted(self):
        self.record(event(1))
        self.record(event(2), event(3))
        self.record(event(0))         # late
        (found,) = self.page()
        self.assertEqual((4, 1, 3), (found.count, found.first_at.second,
                                     found.last_at.second))

    def test_what_differs_is_another(self):
        self.record(event(), event(reason='Started'), event(container='web'),
                    event(type='Warning'), event(message='again'), event())
        self.assertEqual([2, 1, 1, 1, 1], [e.count for e in
                                           self.page()[::-1]])

    def test_the_newest_are_kept(self):
        self.record(*[event(i, message=str(i)) for i in range(70)])
        self.record(*[event(i, message=str(i)) for i in range(60, 130)])
        found = self.page(limit=1000)
        self.assertEqual([str(i) for i in range(30, 130)][::-1],
                         [e.message for e in found])
        self.record(*[event(i % 60, message=str(i)) for i in range(250)])
        self.assertEqual(events.KEPT, len(self.page(limit=1000)))

    def test_what_an_agent_makes_too_long(self):
        self.record(event(reason='R' * 99, message='m' * 9999,
                          container='c' * 99))
        self.record(event(reason='R' * 99, message='m' * 9999,
                          container='c' * 99))
        (found,) = self.page()
        self.assertEqual((64, 1024, 63, 2), (
            len(found.reason), len(found.message), len(found.container),
            found.count))

    def test_pods_are_apart(self):
        self.record(event())
        self.record(event(), pod='p2')
        self.assertEqual([1, 1], [self.page(p)[0].count
                                  for p in ('p1', 'p2')])
        self.assertEqual([], self.page(project='beta'))
        self.assertEqual(1, len(self.page(project=None)))

    def test_pages(self):
        self.record(*[event(i, message=str(i)) for i in range(5)])
        found, marker = [], None
        while page := self.page(limit=2, marker=marker):
            found += [e.message for e in page]
            marker = page[-1].id
        self.assertEqual(list('43210'), found)

    def test_few_statements(self):
        self.record(event())
        with databases.Statements() as sent:
            self.record(event(), *[event(message=str(i)) for i in range(50)])
        self.assertEqual(['SELECT', 'UPDATE', 'INSERT'], [
            t.split()[0] for t in sent.seen if 'BEGIN' not in t])
