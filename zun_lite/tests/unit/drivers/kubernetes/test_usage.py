"""Use of resources, as a metrics service tells it."""
import typing
import unittest

from zun_lite import exceptions
from zun_lite.drivers.kubernetes import seen
from zun_lite.drivers.kubernetes import usage
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.tests.unit.drivers.kubernetes.documents import container
from zun_lite.tests.unit.drivers.kubernetes.documents import pod

RUNS = {'running': {'startedAt': '2026-01-31T12:00:00Z'}}
ENDED = {'terminated': {'exitCode': 0}}


class Metrics:
    """An API server with or without metrics of the pod."""

    def __init__(self, document: typing.Any, answer: typing.Any) -> None:
        self._document, self._answer = document, answer

    def call(self, method: str, path: str) -> typing.Any:
        if path.startswith('/api/v1/'):
            return self._document
        assert path.startswith('/apis/metrics.k8s.io/v1beta1/namespaces/')
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class TestStats(unittest.TestCase):
    def setUp(self):
        self.document = pod(phase='Running', containerStatuses=[
            container(**RUNS), container('done', **ENDED)])
        self.document['spec']['containers'][0]['resources'] = {
            'limits': {'memory': '64Mi'}}

    def stats(self, answer):
        return usage.stats(Metrics(self.document, answer),
                           seen.trimmed(self.document))

    def measured(self, *found):
        return {'containers': [
            {'name': name, 'usage': {'cpu': cpu, 'memory': memory}}
            for name, cpu, memory in found]}

    def test_what_runs(self):
        entry, = self.stats(self.measured(
            ('main', '1234567n', '2048Ki'), ('done', '0', '0')))
        self.assertEqual(
            {'name': 'main', 'cpu_millis': 2, 'memory_bytes': 2 * 2**20,
             'memory_limit_bytes': 64 * 2**20, 'rx_bytes': None,
             'tx_bytes': None, 'read_bytes': None, 'write_bytes': None,
             'pids': None}, entry)

    def test_without_a_limit(self):
        del self.document['spec']['containers'][0]['resources']
        entry, = self.stats(self.measured(('main', '2m', '1Ki')))
        self.assertIsNone(entry['memory_limit_bytes'])

    def test_not_measured_yet(self):
        with self.assertRaisesRegex(exceptions.Unavailable, 'not measured'):
            self.stats(Refused(404, 'NotFound', (
                'podmetrics.metrics.k8s.io "zun-p/zun-x" not found')))

    def test_no_metrics_service(self):
        with self.assertRaises(exceptions.NotSupported):
            self.stats(Refused(404, '', '404 page not found'))

    def test_a_right_that_lacks(self):
        with self.assertRaisesRegex(Refused, 'forbidden'):
            self.stats(Refused(403, 'Forbidden', 'forbidden'))
