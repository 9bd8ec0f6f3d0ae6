"""Names of namespaces: valid, and one project's only."""
import re
import string
import unittest

import hypothesis
from hypothesis import strategies as st

from zun_lite.drivers.kubernetes import names
from zun_lite.pod import fields
from zun_lite.tests import strategies

IDS = strategies.from_alphabet(string.ascii_letters + string.digits + '-_.',
                               1, 64)
# Few characters, and long beginnings that are the same, to come close.
NEAR = st.builds(lambda head, tail: (head + tail)[:64],
                 st.sampled_from(['', 'a' * 47, 'a' * 58]),
                 strategies.from_alphabet('aA-_', 1, 4))


class TestNamespace(unittest.TestCase):

    def test_good_ids_are_told_as_they_are(self):
        for known in ('a', '7', 'team', 'team-a', 'a--b', 'a' * 59,
                      '123e4567-e89b-12d3-a456-426614174000'):
            with self.subTest(known):
                self.assertEqual(f'zun-{known}', names.namespace(known))

    def test_others_are_told_apart(self):
        for known, begins in (
                ('Team_A', 'zun-team-a-'), ('Demo', 'zun-demo-'),
                ('team-', 'zun-team-'), ('-team', 'zun-team-'),
                ('a..b', 'zun-a-b-'), ('_', 'zun-'),
                ('a' * 60, f'zun-{"a" * 48}-')):
            with self.subTest(known):
                self.assertRegex(names.namespace(known),
                                 f'^{begins}[0-9a-f]{{10}}$')

    def test_they_stay(self):
        """A namespace is found again by another release."""
        self.assertEqual('zun-team-a-e61a548267', names.namespace('Team_A'))

    @hypothesis.given(st.uuids())
    def test_ids_of_keystone(self, uuid):
        self.assertEqual(f'zun-{uuid.hex}', names.namespace(uuid.hex))

    @hypothesis.given(st.one_of(IDS, NEAR, strategies.text(80)))
    def test_all_are_dns_labels(self, project_id):
        found = names.namespace(project_id)
        self.assertLessEqual(len(found), 63)
        self.assertTrue(re.fullmatch(fields.DNS_LABEL, found), found)

    @hypothesis.given(st.sets(st.one_of(IDS, NEAR), min_size=2, max_size=30))
    def test_no_two_projects_share_one(self, ids):
        found = {names.namespace(project_id) for project_id in ids}
        self.assertEqual(len(ids), len(found))
