"""What is left of a pod's removal when the engine fails amid it."""
import unittest

import docker.errors
import requests

from zun_lite import exceptions
from zun_lite.drivers.docker import driver
from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import settings
from zun_lite.tests.unit.drivers.docker.builders import UUID


class Api:
    """An engine that has a volume and the network of a pod, and fails the
    first time that it is to remove the network."""

    def __init__(self):
        self.kept = [{'Name': 'v', 'Labels': {
            labels.POD: UUID, labels.PROJECT: 'alpha',
            labels.VOLUME: 'scratch'}}]
        self.failures, self.removed = 1, []

    def containers(self, **_asked):
        return []

    def volumes(self, filters):
        return {'Volumes': self.kept}

    def remove_volume(self, name, force):
        self.kept = []

    def remove_network(self, name):
        if self.failures:
            self.failures -= 1
            failure = requests.Response()
            failure.status_code = 500
            raise docker.errors.APIError('no time', response=failure)
        self.removed.append(name)

    def close(self):
        pass


class TestDelete(unittest.TestCase):
    def test_the_network_goes_with_the_next_attempt(self):
        """Though nothing is left on the engine that leads to it."""
        deleting = driver.DockerDriver('h', settings=settings.Settings())
        self.addCleanup(deleting.close)
        deleting._engine._api = engine = Api()
        with self.assertRaises(exceptions.EngineUnavailable):
            deleting.delete_pod(UUID, grace_period_s=0)
        self.assertEqual([], engine.kept)
        deleting.delete_pod(UUID, grace_period_s=0)
        self.assertEqual([names.network('h', 'alpha')], engine.removed)
