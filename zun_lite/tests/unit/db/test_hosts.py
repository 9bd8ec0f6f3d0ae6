import concurrent.futures
import datetime
import json

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conductor import endpoint
from zun_lite.db import deployment
from zun_lite.db import hosts
from zun_lite.db import models
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples


@databases.on_each
class Hosts(databases.DatabaseTest):

    def register(self, name: str = 'h1', **more) -> int:
        with db.writer() as session:
            return samples.host(session, name, **more)

    def get(self, ident: str = 'h1') -> hosts.HostRow:
        with db.reader() as session:
            return hosts.get(session, ident)

    def beat(self, epoch: int = 1, name: str = 'h1', **more) -> hosts.Beat:
        with db.writer() as session:
            return hosts.heartbeat(session, name, epoch, **{
                'inventory': None, 'capabilities': samples.CAPABILITIES,
                'engine_error': None, **more})

    def test_registered(self):
        self.assertEqual(1, self.register(labels={'disk': 'ssd'}))
        found = self.get()
        self.assertEqual(('h1', 'docker', models.HostState.LIVE, 1, 4000),
                         (found.name, found.driver, found.state, found.epoch,
                          found.cpu_millis))
        self.assertEqual({'disk': 'ssd'}, json.loads(found.labels))
        self.assertEqual(found, self.get(found.uuid))

    def test_registering_again_raises_the_epoch_and_keeps_the_claims(self):
        self.register()
        with db.writer() as session:
            samples.placed(session, 'h1')
        before = self.get()
        self.assertEqual(2, self.register(max_pods=7))
        after = self.get()
        self.assertEqual((before.uuid, 7, 1, 100), (
            after.uuid, after.max_pods, after.pods_claimed,
            after.cpu_millis_claimed))

    def test_stale_epochs_are_refused(self):
        self.register()
        self.register()
        with self.assertRaises(exceptions.StaleEpoch):
            self.beat(1)
        with self.assertRaises(exceptions.HostNotFound):
            self.beat(1, 'h2')
        self.beat(2)

    def test_epochs_of_agents_that_register_at_once_differ(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            epochs, deployments = zip(*pool.map(
                lambda _n: endpoint._register(
                    'h1', 'docker', samples.INVENTORY, ['spec.x'], 10),
                range(8)), strict=True)
        self.assertEqual(list(range(1, 9)), sorted(epochs))
        self.assertEqual(1, len(set(deployments)))
        self.assertEqual(8, self.get().epoch)

    def test_first_hosts_at_once_are_of_one_deployment(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            told = set(pool.map(lambda n: endpoint._register(
                f'h{n}', 'docker', samples.INVENTORY, ['spec.x'], 10),
                range(8)))
        self.assertEqual(1, len(told))
        with db.writer() as session:
            self.assertEqual({(1, deployment.identity(session))}, told)

    def test_a_heartbeat_keeps_or_replaces_the_inventory(self):
        self.register()
        self.assertEqual(hosts.Beat(False, False), self.beat())
        self.assertEqual(4000, self.get().cpu_millis)
        self.assertTrue(self.beat(inventory={
            'cpu_millis': 8000, 'memory_bytes': 1}).changed)
        self.assertEqual(8000, self.get().cpu_millis)
        self.assertTrue(self.beat(engine_error='away').changed)
        self.assertEqual('away', self.get().engine_error)

    def test_silence_and_return(self):
        self.register()
        self.register('h2')
        then = db.now() + datetime.timedelta(seconds=1)
        with db.writer() as session:
            self.assertEqual(['h1', 'h2'], hosts.silence(session, then))
            self.assertEqual([], hosts.silence(session, then))
        self.assertEqual(models.HostState.SILENT, self.get().state)
        self.assertEqual(hosts.Beat(True, True), self.beat())
        self.assertEqual(models.HostState.LIVE, self.get().state)
        self.assertEqual(2, self.register('h2'))
        self.assertEqual(models.HostState.LIVE, self.get('h2').state)

    def test_pages(self):
        for n in range(5):
            self.register(f'h{n}')
        with db.reader() as session:
            first = hosts.list_page(session, 2)
            rest = hosts.list_page(session, 9, marker=first[-1].uuid)
            with self.assertRaises(exceptions.HostNotFound):
                hosts.list_page(session, 2, marker='h9')
        self.assertEqual([f'h{n}' for n in range(5)],
                         [h.name for h in first + rest])

    def test_live_is_remembered_for_a_moment(self):
        self.register()
        hosts.forget_live()
        with db.reader() as session:
            (found,) = hosts.live(session)
            self.assertEqual(samples.CAPABILITIES, found.capabilities)
            with databases.Statements() as statements:
                for _ in range(5):
                    hosts.live(session)
        self.assertEqual([], statements.seen)

    def test_live_leaves_silent_hosts_out(self):
        self.register()
        with db.writer() as session:
            hosts.silence(session, db.now() + datetime.timedelta(1))
        hosts.forget_live()
        with db.reader() as session:
            self.assertEqual([], hosts.live(session))
            self.assertFalse(hosts.summaries(session)[0].live)

