"""Every command of `openstack appcontainer` and `openstack capsule`."""
import unittest

import pytest

from zun_lite.tests import neighbours
from zun_lite.tests.functional.zunclient import job
from zun_lite.tests.functional.zunclient import story


@pytest.mark.timeout(900)
class TestCommands(job.CommandsJob, unittest.TestCase):
    """From shells, with tokens of a real Keystone, on a real Docker."""
    driver = 'docker'

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        super().setUpClass()

    def test_each_does_what_the_guide_says(self):
        self.tell(story.Container, story.Terminals, story.Capsule,
                  story.Operator)
        self.tell(story.Services)     # keeps the others from working
        self.assertEqual(self.results.commands, set(self.results.found),
                         'each command is to be in a story')
        self.check_guide()
