"""A project's quota in Kubernetes' words."""
import unittest

from zun_lite.drivers.kubernetes import limits
from zun_lite.pod.limits import ProjectLimits


class TestHard(unittest.TestCase):
    def test_every_amount(self):
        self.assertEqual(
            {'pods': '3', 'requests.cpu': '1500m',
             'requests.memory': '1048576'},
            limits.hard(ProjectLimits(pods=3, cpu_millis=1500,
                                      memory_bytes=2**20)))

    def test_what_has_no_limit_is_removed(self):
        self.assertEqual(
            {'pods': '0', 'requests.cpu': None, 'requests.memory': None},
            limits.hard(ProjectLimits(pods=0)))
