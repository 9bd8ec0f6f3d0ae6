"""api under gunicorn, conductor and compute, over RabbitMQ, on Docker."""
import pathlib
import unittest

from zun_lite.tests import neighbours
from zun_lite.tests.functional import deployment
from zun_lite.tests.functional import main_job


class ThreeProcesses(main_job.MainJob, unittest.TestCase):
    """Inherited for each database."""
    kind: str
    variable: str

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        neighbours.need(cls.variable)
        cls.service = deployment.Deployment(cls.kind)
        cls.client = cls.service.client()
        cls.addClassCleanup(cls.service.close, cls.client)
        cls.host = cls.service.host
        cls.service.start()
        neighbours.wait_for('the host is live', lambda: (
            cls.service.host_is_live(cls.client)))

    def tearDown(self):
        if self._outcome.result is not None and any(
                text for _, text in getattr(self._outcome, 'errors', ())):
            print(self.service.logs())

    def test_two_workers_serve(self):
        master = self.service.processes['api'].pid
        children = pathlib.Path(
            f'/proc/{master}/task/{master}/children').read_text().split()
        self.assertEqual(2, len(children))

    def test_a_pod_outlives_its_agent_and_is_adopted(self):
        pod = self.client.create(main_job.manifest('adopted'))
        self.client.wait_ready(pod)
        before = self.containers()
        self.service.processes['compute'].kill()
        self.client('POST', f'/pods/{pod}/exec', status=503, json={
            'container': 'web', 'command': ['true']})
        self.service.start('compute')
        neighbours.wait_for('exec', lambda: self.client(
            'POST', f'/pods/{pod}/exec', json={
                'container': 'web', 'command': ['true'],
                }).status_code == 200)
        self.assertEqual(before, self.containers())
        self.client('DELETE', f'/pods/{pod}', status=202)
        self.client.wait_gone(pod)

    def test_a_request_without_a_conductor_is_carried_out_later(self):
        self.assertEqual(0, self.service.processes['conductor'].stop())
        pod = self.client.create(main_job.manifest('later'))
        self.assertEqual('Pending', self.client.phase(pod))
        self.service.start('conductor')
        self.client.wait_ready(pod)
        self.client('DELETE', f'/pods/{pod}', status=202)
        self.client.wait_gone(pod)

    def containers(self) -> set[tuple[str, str]]:
        with neighbours.engine() as engine:
            return {(c.id, c.attrs['State']['StartedAt'])
                    for c in neighbours.containers(
                        engine, f'zun-lite/host={self.host}')}


class TestOnMariaDB(ThreeProcesses):
    kind, variable = 'Pymysql', 'ZUN_LITE_TEST_MYSQL_URL'


class TestOnPostgreSQL(ThreeProcesses):
    kind, variable = 'Postgres', 'ZUN_LITE_TEST_POSTGRES_URL'


del ThreeProcesses     # pytest would run it, too
