"""What is told of an engine that cannot be reached."""
import unittest

from zun_lite import exceptions
from zun_lite.drivers.docker import client


class TestAway(unittest.TestCase):

    def told(self, url: str) -> str:
        engine = client.Client(base_url=url, version='1.41')
        self.addCleanup(engine.close)
        with self.assertRaises(exceptions.EngineUnavailable) as caught:
            engine.ping()
        return caught.exception.message

    def test_the_reason_is_the_systems_own(self):
        for url, reason in (
                ('unix:///nothing.sock', 'No such file or directory'),
                ('tcp://127.0.0.1:1', 'Connection refused')):
            with self.subTest(url):
                self.assertEqual(
                    f'The container engine does not answer: {reason}',
                    self.told(url))
