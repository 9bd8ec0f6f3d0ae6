"""What is told of an engine that cannot be reached."""
import unittest

import docker.errors

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


class TestExplain(unittest.TestCase):

    def explained(self, text: str) -> str:
        return client.explain(docker.errors.APIError('x', explanation=text))

    def test_the_engines_own_paths_are_not_told(self):
        for text, want in (
                (f'mkdir /var/lib/docker/overlay2/{"0a" * 32}-init: no space '
                 'left on device',
                 'mkdir (a path of the engine): no space left on device'),
                (f'open /run/x/{"0a" * 32}/log.json: no such file',
                 'open (a path of the engine): no such file'),
                ('write "/data/docker/tmp/GetImageBlob12345": disk full',
                 'write "(a path of the engine)": disk full')):
            with self.subTest(text):
                self.assertEqual(want, self.explained(text))

    def test_what_the_user_named_stays(self):
        for text in ('exec: "/bin/nothing": stat /bin/nothing: no such file '
                     'or directory: unknown',
                     'invalid mount path: relative/docker/x',
                     'No such image: a/docker/b:1'):
            with self.subTest(text):
                self.assertEqual(text, self.explained(text))
