import datetime
import unittest.mock

import sqlalchemy as sa

from zun_lite import db
from zun_lite.db import models
from zun_lite.db import purge
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples

CUT = datetime.datetime(2026, 6, 1)
OLD = CUT - datetime.timedelta(microseconds=1)


@databases.on_each
class Purge(databases.DatabaseTest):

    def add(self, kind: type[models.Base], **columns) -> None:
        common = {'pod_uuid': 'gone', 'project_id': 'alpha'}
        rest = {'user_id': 'ann', 'request_id': 'r', 'action': 'stop',
                'generation': 1, 'started_at': OLD, 'finished_at': None}
        if kind is models.Event:
            rest = {'type': 'Normal', 'reason': 'R', 'message': 'm',
                    'count': 1, 'first_at': OLD}
        with db.writer() as session:
            session.execute(sa.insert(kind.__table__),
                            {**common, **rest, **columns})

    def left(self, kind: type[models.Base]) -> int:
        with db.reader() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(
                kind.__table__))

    def test_by_when_it_ended(self):
        for at in (OLD, CUT):
            self.add(models.Action, finished_at=at)
            self.add(models.Event, last_at=at)
        self.assertEqual({'actions': 1, 'events': 1}, purge.purge(CUT))
        self.assertEqual((1, 1), (self.left(models.Action),
                                  self.left(models.Event)))
        self.assertEqual({'actions': 0, 'events': 0}, purge.purge(CUT))

    def test_what_never_ended_goes_with_its_pod(self):
        with db.writer() as session:
            pod = samples.pod(session)
        self.add(models.Action, pod_uuid=pod.uuid)
        self.add(models.Action)
        self.add(models.Action, started_at=CUT)
        self.assertEqual(1, purge.purge(CUT)['actions'])
        self.assertEqual(2, self.left(models.Action))

    def test_pods_stay(self):
        with db.writer() as session:
            samples.pod(session, created_at=OLD, deleted_at=OLD)
        purge.purge(CUT)
        self.assertEqual(1, self.left(models.Pod))

    def test_in_batches(self):
        for _ in range(7):
            self.add(models.Event, last_at=OLD)
        with unittest.mock.patch.object(purge, 'BATCH', 3), \
                databases.Statements() as sent:
            self.assertEqual(7, purge.purge(CUT)['events'])
        self.assertEqual(3, len([t for t in sent.seen
                                 if t.startswith('DELETE')]))
