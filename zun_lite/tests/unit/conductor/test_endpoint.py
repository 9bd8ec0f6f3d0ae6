from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import events
from zun_lite.db import pods
from zun_lite.pod.states import Phase
from zun_lite.tests.unit.conductor import base
from zun_lite.tests.unit.db import samples

EVENT = {'type': 'Normal', 'reason': 'Started', 'message': 'web started',
         'at': '2026-01-31T12:00:00Z'}


class Endpoint(base.ConductorTest):
    def setUp(self) -> None:
        super().setUp()
        self.service = self.conductor()
        self.register()

    def placed(self):
        row = self.pod()
        self.service.endpoint.pods_changed({}, {row.uuid: None})
        return row

    def send(self, statuses=(), told=()) -> list[str]:
        return self.client.report('h1', self.epochs['h1'], list(statuses),
                                  list(told))['unknown']

    def test_report(self):
        row = self.placed()
        self.assertEqual([], self.report(row))
        self.assertEqual(Phase.RUNNING, self.get(row).phase)

    def test_events(self):
        row = self.placed()
        self.send(told=[EVENT | {'uuid': row.uuid, 'project_id': 'evil'}] * 3)
        with db.reader() as session:
            found = events.list_page(session, 'alpha', row.uuid)[0]
        self.assertEqual(('Started', 3), (found.reason, found.count))

    def test_strays_are_told(self):
        self.assertEqual(['stray'], self.send([{
            'uuid': 'stray', 'generation': 1, 'sequence': 1, 'gone': False,
            'status': {'phase': 'Running'}}]))

    def test_what_cannot_be_read_is_logged_and_not_sent_again(self):
        row = self.placed()
        good = {'uuid': row.uuid, 'generation': 1, 'sequence': 9,
                'status': {'phase': 'Running'}}
        bad = [good | {'sequence': -1}, good | {'generation': 'x'}, {},
               good | {'status': {'phase': 'Dancing', 'reason': 'secret'}}]
        with self.assertLogs('zun_lite.conductor.intake', 'ERROR') as logged:
            self.send([*bad, good], [EVENT, EVENT | {
                'uuid': row.uuid, 'at': 'yesterday'}])
        self.assertEqual(6, len(logged.records))
        self.assertNotIn('secret', str(logged.output))
        self.assertEqual(Phase.RUNNING, self.get(row).phase)

    def test_too_much_is_refused(self):
        with self.assertRaises(exceptions.Invalid) as caught:
            self.send([{}] * 101)
        self.assertEqual('statuses', caught.exception.fields[0].path)

    def test_superseded_agents_are_refused(self):
        row = self.placed()
        old = self.epochs['h1']
        self.register()
        self.assertEqual(old + 1, self.epochs['h1'])
        self.epochs['h1'] = old
        for call in (self.heartbeat, lambda: self.report(row),
                     lambda: self.client.list_pods('h1', old, None, 5)):
            with self.assertRaises(exceptions.StaleEpoch):
                call()

    def test_unknown_hosts(self):
        with self.assertRaises(exceptions.HostNotFound):
            self.client.heartbeat('h9', 1, None, [], None)

    def test_a_bad_inventory_is_refused(self):
        for inventory in ({}, {'cpu_millis': 'x', 'memory_bytes': 1}):
            with self.assertRaises(exceptions.Invalid):
                self.register('h2', inventory=inventory)

    def test_an_engine_that_fails_gets_no_pods(self):
        self.client.heartbeat('h1', 1, None, sorted(samples.CAPABILITIES),
                              'cannot connect')
        row = self.placed()
        self.assertIsNone(self.get(row).host)
        self.assertIn('without a working engine', self.status(row)['message'])
        self.heartbeat()                            # wakes the sweeps
        base.wait_for(lambda: self.get(row).host)

    def test_list_pods_in_pages(self):
        rows = [self.placed() for _ in range(5)]
        found, marker = [], None
        for _ in range(3):
            page = self.client.list_pods('h1', 1, marker, 2)
            found += page['pods']
            marker = page['next']
        self.assertIsNone(marker)
        self.assertEqual([row.uuid for row in rows],
                         [pod['uuid'] for pod in found])

    def test_a_marker_outlives_its_pod(self):
        rows = [self.placed() for _ in range(3)]
        page = self.client.list_pods('h1', 1, None, 2)
        with db.writer() as session:
            pods.delete(session, rows[1].id)
        rest = self.client.list_pods('h1', 1, page['next'], 2)
        self.assertEqual([rows[2].uuid], [p['uuid'] for p in rest['pods']])
        with self.assertRaises(exceptions.Invalid):
            self.client.list_pods('h1', 1, 'x', 2)

