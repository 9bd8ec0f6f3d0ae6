import threading
import unittest

from oslo_config import fixture

from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.compute import queue
from zun_lite.compute import service
from zun_lite.conf import CONF
from zun_lite.drivers import base
from zun_lite.pod.states import Phase
from zun_lite.pod.status import ENGINE_UNAVAILABLE
from zun_lite.tests.unit.compute.scripted import ScriptedConductor
from zun_lite.tests.unit.compute.stub import pod
from zun_lite.tests.unit.compute.stub import StubDriver
from zun_lite.tests.unit.compute.stub import wait_for

DOWN = exceptions.EngineUnavailable('the socket is not there')


class ServiceCase(unittest.TestCase):
    options: dict = {}

    def setUp(self):
        config = fixture.Config(CONF)
        config.setUp()
        self.addCleanup(config.cleanUp)
        config.config(group='compute', **{
            'heartbeat_interval': 0.1, 'retry_initial': 0.02,
            'retry_max': 0.1, 'resync_interval': 600,
            'engine_timeout': 0.3} | self.options)
        self.bus, self.driver = rpc.LocalBus(), StubDriver()
        self.conductor = ScriptedConductor()
        self.addCleanup(self.bus.close)
        self.service = service.ComputeService(self.bus, self.driver, 'here')
        self.addCleanup(self.service.stop)

    def start(self, *pods):
        self.conductor.wanted = {pod.uuid: pod for pod in pods}
        self.bus.serve(rpc.CONDUCTOR_TOPIC, 'one', self.conductor)
        self.service.start()

    def hand_over(self, *pods):
        self.conductor.hand_over(self.bus, *pods)

    def on_record(self, **phases):
        wait_for(lambda: self.conductor.phases() == phases)


class TestService(ServiceCase):
    def test_a_life(self):
        self.start()
        wait_for(lambda: self.conductor.lists)
        self.hand_over(pod())
        self.on_record(p1=(1, 'Running'))
        self.hand_over(pod(generation=2, desired='stopped'))
        self.on_record(p1=(2, 'Stopped'))
        self.hand_over(pod(generation=3, desired='absent'))
        self.on_record(p1=(3, None))
        self.assertEqual({}, self.driver.pods)
        self.assertEqual({}, self.conductor.wanted)

    def test_it_registers_what_the_host_has(self):
        self.start()
        wait_for(lambda: self.conductor.hosts)
        self.assertEqual(
            {'here': {'driver': 'stub', 'capabilities': [], 'max_pods': 250,
                      'inventory': {
                          'cpu_millis': 2000, 'memory_bytes': 2**30,
                          'labels': {}, 'engine': 'stub 1',
                          'architecture': None, 'os_type': None, 'os': None,
                          'kernel_version': None,
                          'nodes': None}}}, self.conductor.hosts)

    def test_the_conductor_may_come_later(self):
        self.conductor.wanted = {'p1': pod()}
        with self.assertLogs('zun_lite.compute.service', 'WARNING'):
            self.service.start()
            wait_for(lambda: self.service._thread.is_alive())
            threading.Event().wait(0.1)
        self.bus.serve(rpc.CONDUCTOR_TOPIC, 'one', self.conductor)
        self.on_record(p1=(1, 'Running'))

    def test_all_pages_are_adopted_and_strays_removed(self):
        names = [f'p{n}' for n in range(7)]
        self.driver.pods = dict.fromkeys([*names, 'stray'], (1, Phase.RUNNING))
        self.start(*map(pod, names))
        self.on_record(**dict.fromkeys(names, (1, 'Running')))
        wait_for(lambda: set(self.driver.pods) == set(names))
        self.assertEqual(1, self.driver.counts('delete'))

    def test_a_pod_handed_over_again_is_reported_again(self):
        self.start()
        wait_for(lambda: self.conductor.lists)
        self.hand_over(pod())
        self.on_record(p1=(1, 'Running'))
        self.conductor.reported.clear()
        self.hand_over(pod())
        self.on_record(p1=(1, 'Running'))

    def test_a_pod_the_conductor_does_not_know_is_removed(self):
        self.start(pod(), pod('p2'))
        self.on_record(p1=(1, 'Running'), p2=(1, 'Running'))
        del self.conductor.wanted['p2']
        self.driver.pods['p2'] = (1, Phase.FAILED)
        self.driver.say(base.Changed('p2'))
        wait_for(lambda: set(self.driver.pods) == {'p1'})

    def test_a_host_held_for_silent_tells_everything_again(self):
        self.start(pod(), pod('p2'))
        self.on_record(p1=(1, 'Running'), p2=(1, 'Running'))
        self.conductor.reported.clear()
        self.conductor.resync = True
        self.on_record(p1=(1, 'Running'), p2=(1, 'Running'))

    def test_a_conductor_that_forgot_the_host_gets_it_again(self):
        self.start(pod())
        self.on_record(p1=(1, 'Running'))
        self.conductor.hosts.clear()
        wait_for(lambda: self.conductor.epoch == 2)
        self.assertFalse(self.service.ended.is_set())

    def test_another_database_costs_no_pod(self):
        """Nor does it get what it does not know; the old one has it back."""
        self.start(pod())
        self.hand_over(pod('p2'))
        self.on_record(p1=(1, 'Running'), p2=(1, 'Running'))
        known = dict(self.conductor.wanted)
        self.conductor.deployment = 'there'
        self.conductor.wanted = {'p3': pod('p3')}
        with self.assertLogs('zun_lite.compute.reconciler') as logs:
            self.conductor.hosts.clear()
            wait_for(lambda: self.conductor.phases().get('p3')
                     == (1, 'Running'))
            wait_for(lambda: 'pods p1, p2' in str(logs.output))
        self.assertEqual({'p1', 'p2', 'p3'}, set(self.driver.pods))
        self.conductor.deployment, self.conductor.wanted = 'here', known
        with self.assertLogs('zun_lite.compute.reconciler') as logs:
            self.conductor.hosts.clear()
            wait_for(lambda: 'pods p3' in str(logs.output))
        self.assertEqual({'p1', 'p2'}, {
            each.uuid for each in self.service._reconciler.wanted()})
        self.assertEqual({'p1', 'p2', 'p3'}, set(self.driver.pods))
        self.assertEqual(0, self.driver.counts('delete'))

    def test_a_conductor_of_before_there_were_identities(self):
        self.conductor.deployment = None
        self.driver.pods = {'stray': (1, Phase.RUNNING),
                            'other': (1, Phase.RUNNING)}
        self.driver.deployments = {'other': 'there'}
        self.start(pod())
        self.on_record(p1=(1, 'Running'))
        wait_for(lambda: set(self.driver.pods) == {'p1', 'other'})

    def test_an_outage_of_the_conductor_heals(self):
        self.start()
        wait_for(lambda: self.conductor.lists)
        self.hand_over(pod(), pod('p2'))
        self.on_record(p1=(1, 'Running'), p2=(1, 'Running'))
        self.conductor.error = exceptions.Unavailable()
        self.driver.pods['p1'] = (1, Phase.FAILED)
        self.driver.say(base.Changed('p1'))
        threading.Event().wait(0.1)
        self.conductor.error = None
        self.on_record(p1=(1, 'Failed'), p2=(1, 'Running'))

    def test_the_end_of_an_outage_is_noticed_by_the_heartbeat(self):
        """And ends the reports' back-off, however long that has become."""
        self.service._reports._backoff = queue.Backoff(3600, 3600)
        self.start()
        wait_for(lambda: self.conductor.lists)
        self.hand_over(pod())
        self.on_record(p1=(1, 'Running'))
        with self.assertLogs('zun_lite.compute', 'WARNING') as logs:
            self.conductor.error = exceptions.Unavailable()
            self.driver.pods['p1'] = (1, Phase.FAILED)
            self.driver.say(base.Changed('p1'))
            for told in ('Observations wait', 'No sign of life'):
                wait_for(lambda told=told: told in str(logs.output))
        self.conductor.error = None
        self.on_record(p1=(1, 'Failed'))

    def test_stop_leaves_the_pods_and_no_threads(self):
        before = set(threading.enumerate())
        self.start(pod())
        self.on_record(p1=(1, 'Running'))
        self.service.stop()
        self.bus.close()
        wait_for(lambda: not set(threading.enumerate()) - before)
        self.assertEqual({'p1'}, set(self.driver.pods))
        self.assertFalse(self.service.ended.is_set())

    def test_what_it_cannot_read_is_told_and_does_not_harm(self):
        self.start(pod())
        self.on_record(p1=(1, 'Running'))
        good = pod('p2').model_dump(mode='json', exclude_unset=True)
        self.conductor.wanted['p2'] = pod('p2')
        bad = good | {'uuid': 'p3', 'surprise': 1}
        with self.assertLogs('zun_lite.compute.endpoint', 'ERROR') as logs:
            rpc.ComputeClient(self.bus).sync_pods(
                'here', [bad, good], {})
            wait_for(lambda: 'p2' in self.driver.pods)
        self.assertIn('p3', logs.output[0])
        self.assertIn('surprise', logs.output[0])


class TestSuperseded(ServiceCase):
    def test_it_ends_at_once_and_says_why(self):
        self.start(pod())
        self.on_record(p1=(1, 'Running'))
        with self.assertLogs('zun_lite.compute.service', 'CRITICAL') as logs:
            self.conductor.epoch += 1
            self.assertTrue(self.service.ended.wait(5))
        self.assertIsInstance(self.service.failure, exceptions.StaleEpoch)
        self.assertIn('newer compute agent', logs.output[0])
        del self.driver.pods['p1']
        self.driver.say(base.Changed('p1'))
        self.hand_over(pod('p2'))
        threading.Event().wait(0.1)
        self.assertEqual({}, self.driver.pods)

    def test_it_starts_nothing_when_superseded_while_starting(self):
        self.conductor.wanted = {'p1': pod()}
        lists = self.conductor.list_pods

        def list_pods(*args, **kwargs):
            self.conductor.epoch += 1
            return lists(*args, **kwargs)
        self.conductor.list_pods = list_pods
        self.bus.serve(rpc.CONDUCTOR_TOPIC, 'one', self.conductor)
        self.service.start()
        self.assertTrue(self.service.ended.wait(5))
        self.assertEqual({}, self.driver.pods)


class TestEngineAway(ServiceCase):
    def reasons(self):
        return {uuid: s['status'].get('reason')
                for uuid, s in self.conductor.reported.items()}

    def test_every_pod_shows_it_once_and_all_heals(self):
        self.start(pod(), pod('p2'))
        self.on_record(p1=(1, 'Running'), p2=(1, 'Running'))
        told = len(self.conductor.history)
        self.driver.error = DOWN
        wait_for(lambda: self.reasons() == {'p1': ENGINE_UNAVAILABLE,
                                            'p2': ENGINE_UNAVAILABLE})
        self.on_record(p1=(1, 'Running'), p2=(1, 'Running'))
        wait_for(lambda: len(self.conductor.beats) > 5)
        self.assertEqual(told + 2, len(self.conductor.history))
        self.assertEqual({'inventory': None, 'error': DOWN.message},
                         self.conductor.beats[-1])
        self.driver.error = None
        wait_for(lambda: self.reasons() == {'p1': None, 'p2': None})
        wait_for(lambda: self.conductor.beats[-1]['error'] is None)

    def test_an_agent_that_starts_meanwhile_registers_with_nothing(self):
        self.driver.error = DOWN
        self.start(pod())
        wait_for(lambda: self.conductor.hosts)
        self.assertEqual(
            0, self.conductor.hosts['here']['inventory']['cpu_millis'])
        self.on_record(p1=(0, 'Pending'))
        self.driver.error = None
        self.on_record(p1=(1, 'Running'))
        wait_for(lambda: self.conductor.beats[-1]['inventory'])

    def test_an_engine_that_hangs_is_away(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        self.start()
        wait_for(lambda: self.conductor.beats)
        real = self.driver.inventory
        self.driver.inventory = lambda: gate.wait(10) and real()
        wait_for(lambda: 'did not answer' in (
            self.conductor.beats[-1]['error'] or ''))
        self.assertEqual(1, sum(t.name == 'inventory'
                                for t in threading.enumerate()))
        gate.set()
        wait_for(lambda: self.conductor.beats[-1]['error'] is None)


class TestLoading(unittest.TestCase):
    def test_a_driver_that_is_not_there_is_named(self):
        config = fixture.Config(CONF)
        config.setUp()
        self.addCleanup(config.cleanUp)
        config.config(group='compute', driver='steam')
        with self.assertRaisesRegex(exceptions.Unavailable, 'steam'):
            service.load_driver()
