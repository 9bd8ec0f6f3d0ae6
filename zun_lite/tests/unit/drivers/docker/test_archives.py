"""What an engine's refusal of an archive means."""
import json
import types
import unittest

import docker.errors
import requests

from zun_lite import exceptions
from zun_lite.drivers.docker import archives


class Engine:
    """Its API refuses every archive."""

    def __init__(self, status: int, message: str) -> None:
        self._status, self._message = status, message
        self.api = self

    def archive(self, method, container_id, path, data=None):
        answer = requests.Response()
        answer.status_code = self._status
        answer._content = json.dumps({'message': self._message}).encode()
        answer.headers['Content-Type'] = 'application/json'
        answer.request = types.SimpleNamespace(method=method)
        raise docker.errors.APIError(
            'refused', response=answer, explanation=self._message)


class TestRefusals(unittest.TestCase):
    def get(self, status, message):
        archives.get(Engine(status, message), 'c1', '/etc/passwd')

    def test_nothing_there(self):
        with self.assertRaisesRegex(exceptions.NotFound, '/etc/passwd'):
            self.get(404, 'Could not find the file /etc/passwd in c1')

    def test_no_container(self):
        with self.assertRaises(exceptions.ContainerNotFound):
            self.get(404, 'No such container: c1')

    def test_a_container_that_goes_meanwhile_is_no_fault_of_the_user(self):
        for message in ('error processing tar file: no such file or directory',
                        'RWLayer of container c1 is unexpectedly nil'):
            with self.subTest(message), self.assertRaises(
                    exceptions.Conflict):
                self.get(500, message)

    def test_a_file_on_the_way(self):
        with self.assertRaises(exceptions.Invalid) as caught:
            self.get(500, 'stat /etc/passwd/x: not a directory')
        self.assertEqual(['path'],
                         [fault.path for fault in caught.exception.fields])
