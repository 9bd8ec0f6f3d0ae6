"""The stored text of what was asked for is joined into the answer."""
import json
import unittest

from zun_lite import db
from zun_lite.api.v1.views import containers as views
from zun_lite.api.v1.views import joined
from zun_lite.db import engine
from zun_lite.db import pods
from zun_lite.db import shapes
from zun_lite.tests.unit.api import samples

ADMIN = frozenset(views.ADMIN_KEYS)


class Extended(unittest.TestCase):

    def test_an_object_and_an_empty_one(self):
        self.assertEqual('{"a":1,"b":2}', joined.extended('{"a":1}', '"b":2'))
        self.assertEqual('{"b":2}', joined.extended('{}', '"b":2'))


class Containers(samples.ApiTest):

    def stored(self, **columns):
        uuid = self.container(**columns).uuid
        with db.reader() as session:
            return pods.get_row(session, uuid)

    def shown(self, **columns):
        row = self.stored(**columns)
        return row, json.loads(views.document(row, ADMIN, 'http://one'))

    def test_what_is_stored_is_shown_as_it_is(self):
        row, shown = self.shown(given={
            'environment': {'A': 'é "q" \\ 🐳'}, 'labels': {'b': '\n'}})
        stored = json.loads(row.document)
        self.assertEqual(stored, {key: shown[key] for key in stored})
        self.assertEqual('é "q" \\ 🐳', shown['environment']['A'])

    def test_no_key_is_there_twice(self):
        row = self.stored()
        pairs = json.loads(views.document(row, ADMIN, 'http://one'),
                           object_pairs_hook=lambda pairs: pairs)
        keys = [key for key, _ in pairs]
        self.assertEqual(sorted(set(keys)), sorted(keys))

    def test_who_made_it_needs_not_be_of_plain_letters(self):
        _, shown = self.shown(user_id='é"🐳')
        self.assertEqual('é"🐳', shown['user_id'])

    def test_the_columns_of_a_list_are_enough(self):
        row = self.stored(host='one', given={'runtime': 'runc'})
        narrow = shapes.ShownContainer._make(
            getattr(row, name) for name in shapes.ShownContainer._fields)
        now = engine.now()
        found = views.text(narrow, ADMIN, now)
        self.assertEqual(views.text(row, ADMIN, now), found)
        self.assertEqual(('one', 'runc'), tuple(
            json.loads(found)[key] for key in ('host', 'runtime')))

    def test_pages(self):
        rows = [self.stored(name=name) for name in ('one', 'two')]
        for page, url in ((rows, None), ([], None), (rows, 'http://a/"b')):
            found = json.loads(views.page(page, frozenset(), url))
            self.assertEqual({'containers', 'next'}, set(found))
            self.assertEqual([r.uuid for r in page],
                             [c['uuid'] for c in found['containers']])
            self.assertEqual(url, found['next'])
