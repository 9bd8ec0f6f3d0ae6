"""The connection to an API server that is not as it should be."""
import pathlib
import socket
import tempfile
import time
import unittest

import yaml

from zun_lite import exceptions
from zun_lite.drivers.kubernetes import client
from zun_lite.drivers.kubernetes import settings


class TestCluster(unittest.TestCase):
    def setUp(self):
        self.path = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory()), 'kubeconfig')

    def cluster(self, text: str) -> client.Cluster:
        self.path.write_text(text)
        made = client.Cluster(settings.Settings(
            kubeconfig=str(self.path), api_timeout=0.5))
        self.addCleanup(made.close)
        return made

    def test_a_configuration_that_is_being_written(self):
        """Whatever is found there, it is an engine that is away."""
        for text in ('', 'clusters: ["', '\tno yaml', 'just text', '[]',
                     'apiVersion: v1\nkind: Config\n'):
            with self.subTest(text), self.assertRaises(
                    exceptions.EngineUnavailable):
                self.cluster(text).call('GET', '/version')

    def test_a_session_that_nobody_answers(self):
        hole = socket.socket()
        self.addCleanup(hole.close)
        hole.bind(('127.0.0.1', 0))
        hole.listen()
        cluster = self.cluster(yaml.safe_dump({
            'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'x',
            'clusters': [{'name': 'c', 'cluster': {
                'server': f'http://127.0.0.1:{hole.getsockname()[1]}'}}],
            'users': [{'name': 'u', 'user': {'token': 't'}}],
            'contexts': [{'name': 'x', 'context': {
                'cluster': 'c', 'user': 'u'}}]}))
        begin = time.monotonic()
        with self.assertRaises(exceptions.EngineUnavailable):
            cluster.websocket('/api/v1/namespaces/n/pods/p/exec', [])
        self.assertLess(time.monotonic() - begin, 10)
