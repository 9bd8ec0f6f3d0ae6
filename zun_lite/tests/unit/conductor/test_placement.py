import concurrent.futures
import json
import statistics
import time
from unittest import mock

from zun_lite import db
from zun_lite.conductor import placement
from zun_lite.db import actions
from zun_lite.db import events
from zun_lite.db import hosts
from zun_lite.db import neighbours
from zun_lite.db import pods
from zun_lite.pod.states import Desired
from zun_lite.tests import databases
from zun_lite.tests.unit.conductor import base
from zun_lite.tests.unit.db import samples

APART = json.dumps({
    'containers': [{'name': 'a', 'image': 'i'}],
    'affinity': {'podAntiAffinity': {
        'requiredDuringSchedulingIgnoredDuringExecution': [{
            'topologyKey': 'kubernetes.io/hostname',
            'labelSelector': {'matchLabels': {'app': 'web'}}}]}}})


@databases.on_each
class Placement(base.ConductorTest):

    def setUp(self) -> None:
        super().setUp()
        self.service = self.conductor()

    def events(self, row) -> list[str]:
        with db.reader() as session:
            return [e.reason for e in events.list_page(
                session, None, row.uuid)]

    def test_a_pod_is_placed_and_handed_over(self):
        agent, row = self.register(), self.pod(labels={'app': 'web'})
        self.client.pod_changed(row.uuid)
        told = agent.wait(row.uuid)
        self.assertEqual(
            (row.uuid, 1, 'running', 'alpha', {'app': 'web'}),
            (told['uuid'], told['generation'], told['desired'],
             told['projectId'], told['metadata']['labels']))
        self.assertEqual('h1', self.get(row).host)
        self.assertEqual('True', self.status(row)['conditions'][0]['status'])
        self.assertEqual(['Scheduled'], self.events(row))
        self.assert_sums()

    def test_a_change_goes_to_the_host_that_has_the_pod(self):
        row = self.pod()
        for name in ('h1', 'h2'):
            self.register(name)
        self.client.pod_changed(row.uuid)
        first = self.agents[self.wait_placed(row)]
        first.wait(row.uuid)
        self.want(row, Desired.STOPPED)
        self.client.pod_changed(row.uuid)
        told = first.wait_generation(row.uuid, 2)
        self.assertEqual('stopped', told['desired'])
        other = next(a for a in self.agents.values() if a is not first)
        self.assertEqual([], other.told[row.uuid])

    def wait_placed(self, row) -> str:
        base.wait_for(lambda: self.get(row).host)
        return self.get(row).host

    def test_no_host(self):
        row = self.pod()
        self.client.pod_changed(row.uuid)
        base.wait_for(lambda: self.status(row).get('reason'))
        found = self.status(row)
        self.assertEqual(('Pending', 'Unschedulable'), (
            found['phase'], found['reason']))
        self.assertIn('no host yet', found['message'])
        self.assertEqual(['FailedScheduling'], self.events(row))

    def test_no_room_tells_why_once(self):
        self.register()
        row = self.pod(cpu_millis=100, spec=self.asking('5'))
        for _ in range(3):
            self.service.endpoint.pods_changed({}, {row.uuid: None})
        self.assertIn('1 short of cpu. Smallest change: ask for 1000m less',
                      self.status(row)['message'])
        with db.reader() as session:
            (event,) = events.list_page(session, None, row.uuid)
        self.assertEqual(1, event.count)

    def test_two_who_look_at_once_tell_why_once(self):
        self.register()
        row = self.pod(spec=self.asking('5'))
        tell, attend = (placement._store_reasons,
                        self.service.endpoint._placement.attend_all)

        def late(reasons):
            with mock.patch.object(placement, '_store_reasons', tell):
                attend([row.id])
            tell(reasons)
        self.service.sweeps.stop()
        with mock.patch.object(placement, '_store_reasons', late):
            attend([row.id])
        with db.reader() as session:
            (event,) = events.list_page(session, None, row.uuid)
        self.assertEqual(1, event.count)

    @staticmethod
    def asking(cpu: str) -> str:
        return ('{"containers":[{"name":"a","image":"i","resources":'
                f'{{"requests":{{"cpu":"{cpu}"}}}}}}]}}')

    def test_node_selector(self):
        self.register('h1', labels={'disk': 'hdd'})
        self.register('h2', labels={'disk': 'ssd'})
        for selector, host in (('"disk":"ssd"', 'h2'),
                               ('"zun-lite/host":"h1"', 'h1')):
            row = self.pod(spec='{"containers":[{"name":"a","image":"i"}],'
                                f'"nodeSelector":{{{selector}}}}}')
            self.client.pod_changed(row.uuid)
            self.assertEqual(host, self.wait_placed(row))

    def test_a_pod_that_never_had_a_host_just_goes(self):
        row = self.pod(desired=Desired.ABSENT)
        with db.writer() as session:
            actions.insert(session, pod_uuid=row.uuid, project_id='alpha',
                           user_id='u', request_id='r', action='delete',
                           generation=1)
        self.client.pod_changed(row.uuid)
        base.wait_for(lambda: self.is_gone(row))
        with db.reader() as session:
            (done,) = actions.list_page(session, None, row.uuid)
        self.assertEqual('success', done.result)

    def test_pods_that_do_not_exist_or_wait_for_nothing(self):
        self.service.endpoint.pods_changed({}, {'nothing': None})
        row = self.pod(desired=Desired.STOPPED)
        self.service.endpoint.pods_changed({}, {row.uuid: None})
        self.assertIsNone(self.get(row).host)

    def test_a_pod_is_placed_once_however_many_ask(self):
        for name in ('h1', 'h2', 'h3'):
            self.register(name)
        rows = [self.pod() for _ in range(10)]
        others = self.conductor('c2')
        asked = [(s, row) for row in rows for s in (self.service, others)
                 for _ in range(5)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda a: a[0].endpoint.pods_changed(
                {}, {a[1].uuid: None}), asked))
        for row in rows:
            self.agents[self.get(row).host].wait(row.uuid)
            on = {name for name, agent in self.agents.items()
                  if agent.told[row.uuid]}
            self.assertEqual({self.get(row).host}, on)
            self.assertEqual(1, self.events(row).count('Scheduled'))
        self.assert_sums()

    def test_full_hosts_are_filled_exactly(self):
        for name in ('h1', 'h2'):
            self.register(name, max_pods=4)
        rows = [self.pod() for _ in range(20)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda row: self.service.endpoint.pods_changed(
                {}, {row.uuid: None}), rows))
        self.service.sweeps.sweep()
        self.assertEqual(8, sum(bool(self.get(row).host) for row in rows))
        for row in rows:
            if self.get(row).host is None:
                self.assertIn('2 full of pods', self.status(row)['message'])
        self.assert_sums()


@databases.on_each
class Together(base.ConductorTest):
    """Pods whose hints came at once."""

    def setUp(self) -> None:
        super().setUp()
        conductor = self.conductor()
        conductor.sweeps.stop()     # they would attend at the same moment
        self.placement = conductor.endpoint._placement

    def attend(self, *rows: pods.PodRow) -> list[str | None]:
        """Then, where they are."""
        self.placement.attend({row.uuid: f'req-{row.id}' for row in rows})
        self.assert_sums()
        return [self.get(row).host for row in rows]

    def test_each_is_placed_and_handed_over_as_one_alone(self):
        agent = self.register()
        rows = [self.pod(labels={'n': str(n)}) for n in range(3)]
        alone = self.pod()
        self.attend(alone)
        self.assertEqual(['h1'] * 3, self.attend(*rows))
        with db.reader() as session:
            for row in rows:
                (event,) = events.list_page(session, None, row.uuid)
                self.assertEqual('Scheduled', event.reason)
        for row in rows:
            self.assertEqual(row.labels, json.dumps(
                agent.wait(row.uuid)['metadata']['labels'],
                separators=(',', ':')))
            self.assertEqual(f'req-{row.id}', agent.requests[row.uuid])
            self.assertEqual(self.status(alone)['conditions'][0].keys(),
                             self.status(row)['conditions'][0].keys())

    def test_more_of_them_cost_no_more_statements(self):
        self.register(max_pods=100)
        counts = set()
        for count in (2, 12):
            rows = [self.pod(cpu_millis=1, project_id=f'p{n}')
                    for n in range(count)]
            with databases.Statements() as statements:
                self.placement.attend({row.uuid: None for row in rows})
            counts.add(len(statements.seen))
        self.assertEqual(1, len(counts), counts)

    def test_a_host_is_filled_exactly(self):
        self.register(max_pods=4)
        rows = [self.pod() for _ in range(6)]
        found = self.attend(*rows)
        self.assertEqual(4, found.count('h1'))
        for row in rows:
            if self.get(row).host is None:
                self.assertIn('full of pods', self.status(row)['message'])

    def test_somebody_else_takes_the_room_meanwhile(self):
        self.register(max_pods=3)
        rows = [self.pod() for _ in range(3)]

        def rob(*args):
            with db.writer() as session:
                session.execute(hosts.hosts.update().values(max_pods=1))
            return claim(*args)
        claim = placement._claim_together
        with mock.patch.object(placement, '_claim_together', rob):
            found = self.attend(*rows)
        self.assertEqual(1, found.count('h1'))

    def test_who_keeps_them_away_comes_meanwhile(self):
        for name in ('h1', 'h2'):
            self.register(name)
        rows = [self.pod(labels={'app': 'web'}) for _ in range(3)]

        def come(*args):
            with db.writer() as session:
                found = samples.pod(session, host='h1', spec=APART)
                neighbours.mark(session, found.id, found.project_id)
                session.execute(
                    hosts.hosts.update().where(hosts.hosts.c.name == 'h1')
                    .values(pods_claimed=1, cpu_millis_claimed=100,
                            memory_bytes_claimed=2**26))
            return claim(*args)
        claim = placement._claim_together
        with mock.patch.object(placement, '_claim_together', come):
            self.assertEqual(['h2'] * 3, self.attend(*rows))


class Speed(base.ConductorTest):
    """Generous bounds: a loaded machine must not fail, a mistake must."""

    def setUp(self) -> None:
        super().setUp()
        self.service = self.conductor()
        self.agent = self.register(max_pods=1000)
        rich = {'cpu_millis': 10**6, 'memory_bytes': 2**50}
        with db.writer() as session:
            session.execute(hosts.hosts.update().values(**rich))

    def test_latency(self):
        taken = []
        for _ in range(30):
            row = self.pod()
            begun = time.monotonic()
            self.client.pod_changed(row.uuid)
            self.agent.wait(row.uuid)
            taken.append(time.monotonic() - begun)
        self.assertLess(statistics.median(taken), 0.5)

    def test_a_burst(self):
        rows = [self.pod() for _ in range(200)]
        begun = time.monotonic()
        for row in rows:
            self.client.pod_changed(row.uuid)
        for row in rows:
            self.agent.wait(row.uuid, timeout_s=20)
        self.assertLess(time.monotonic() - begun, 10)
