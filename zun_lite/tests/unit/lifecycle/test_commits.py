"""What images of containers are called."""
import unittest

from zun_lite.lifecycle import commits


class TestRepository(unittest.TestCase):
    def test_the_project_comes_first(self):
        self.assertEqual('0f3a/mine', commits.repository('0f3a', 'mine'))
        self.assertEqual('0f3a/a/b', commits.repository('0f3a', 'a/b'))

    def test_once(self):
        self.assertEqual('0f3a/mine', commits.repository('0f3a', '0f3a/mine'))

    def test_ids_that_no_image_could_have(self):
        one, other = (commits.repository(project, 'mine')
                      for project in ('My Project', 'my project'))
        self.assertRegex(one, '^[0-9a-f]{32}/mine$')
        self.assertNotEqual(one, other)
