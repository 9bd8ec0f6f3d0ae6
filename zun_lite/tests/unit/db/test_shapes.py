import re

from zun_lite import db
from zun_lite.db import pods
from zun_lite.db import shapes
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples


@databases.on_each
class Shapes(databases.DatabaseTest):

    def test_each_is_what_the_whole_row_has(self):
        with db.writer() as session:
            samples.pod(session, name='other')
            row = samples.pod(session, labels={'a': 'b'}, host='one')
        with db.reader() as session:
            whole = pods.get_row(session, row.uuid)
            for shape in (shapes.ShownPod, shapes.ShownContainer):
                wanted = shape._make(
                    getattr(whole, name) for name in shape._fields)
                self.assertEqual(wanted, pods.resolve(
                    session, 'alpha', row.uuid, shape=shape))
                self.assertEqual(wanted, pods.resolve(
                    session, 'alpha', 'web', shape=shape))
                self.assertEqual(wanted, pods.list_page(
                    session, 'alpha', shape=shape)[1])

    def test_only_its_columns_are_read(self):
        with db.reader() as session, databases.Statements() as sent:
            pods.list_page(session, 'alpha', shape=shapes.ShownPod)
        (statement,) = sent.seen
        read = re.findall(r'pods\.(\w+)', statement.partition('FROM')[0])
        self.assertEqual(list(shapes.ShownPod._fields), read)
