"""The commands about containers and capsules on a real Kubernetes."""
import unittest

import pytest

from zun_lite.tests import neighbours
from zun_lite.tests.functional.zunclient import job
from zun_lite.tests.functional.zunclient import story


@pytest.mark.timeout(900)
class TestCommandsOnKubernetes(job.CommandsJob, unittest.TestCase):
    driver = 'kubernetes'

    @classmethod
    def setUpClass(cls):
        neighbours.need('KUBECONFIG')
        super().setUpClass()

    def test_each_does_what_the_guide_says(self):
        self.tell(story.Container, story.Terminals, story.Capsule)
        self.check_guide()
