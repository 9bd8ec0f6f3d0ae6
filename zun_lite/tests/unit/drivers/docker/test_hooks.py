"""postStart, where the engine fails around it; and ends, where it does."""
import time
import unittest

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.tests.unit.drivers.docker import builders
from zun_lite.tests.unit.drivers.docker import engine
from zun_lite.tests.unit.drivers.docker.builders import UUID

HOOK = {'postStart': {'exec': {'command': ['true']}}}
AWAY = exceptions.EngineUnavailable


class HookCase(unittest.TestCase):
    def setUp(self):
        self.api = engine.Api()
        self.driver = engine.driver_of(self.api)
        self.addCleanup(self.driver.close)
        self.pod = builders.pod({'name': 'a', 'lifecycle': HOOK},
                                {'name': 'b'})

    def eventually(self, check):
        end = time.monotonic() + 5
        while not check():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def running(self):
        self.driver.ensure_pod(self.pod)
        return [c.state.running is not None for c in self.driver.pod_status(
            UUID).status.container_statuses]

    def comes_up(self):
        self.eventually(lambda: self.running() == [True, True])
        self.assertEqual([('a', ['true'])], self.api.hooks)
        self.assertEqual(set(), self.driver._memory.of(UUID).unhooked)


class TestHooks(HookCase):
    def test_comes_up(self):
        self.comes_up()

    def test_the_start_is_not_answered(self):
        """Whether or not it was carried out, the next attempt goes on."""
        for fails in self.api.fails, self.api.fails_after:
            with self.subTest(carried_out=fails is self.api.fails_after):
                fails['start', 'a'] = AWAY('away')
                with self.assertRaises(AWAY):
                    self.driver.ensure_pod(self.pod)
                self.comes_up()
                self.driver.delete_pod(UUID, grace_period_s=0)
                self.api.hooks.clear()

    def test_the_look_after_the_start_is_not_answered(self):
        inspect = self.api.inspect_container

        def away(key):
            if inspect(key)['Name'].endswith('.a.0'):
                raise AWAY('away')
            return inspect(key)
        self.api.inspect_container = away
        with self.assertRaises(AWAY):
            self.driver.ensure_pod(self.pod)
        self.assertEqual('running', self.api.state('a'))
        self.api.inspect_container = inspect
        self.comes_up()

    def test_the_start_is_refused(self):
        """Nobody waits for what cannot be started."""
        self.api.fails['start', 'a'] = engine.refusal(500)
        self.assertEqual([False, True], self.running())
        self.assertEqual([], self.api.hooks)

    def test_it_fails_in_an_unforeseen_way(self):
        """That is a failure as any other: the container is ended."""
        self.api.exec_inspect = lambda key: 1 / 0
        with self.assertLogs('zun_lite.drivers.docker.hooks'):
            self.eventually(lambda: self.running() == [False, True])
        self.assertIn('FailedPostStartHook', [
            told.event.reason for told in self.driver._feed._waiting
            if isinstance(told, base.Happened)])


class TestEnds(HookCase):
    def test_an_end_is_refused(self):
        """A pod is not stopped while one of its containers may run."""
        self.comes_up()
        self.api.fails['stop', 'b'] = engine.refusal(
            500, 'did not receive an exit event')
        with self.assertRaises(AWAY) as caught:
            self.driver.stop_pod(self.pod)
        self.assertIn('exit event', caught.exception.message)
        self.assertEqual(['running', 'exited', 'running'], [
            self.api.state(name) for name in ('_sandbox', 'a', 'b')])
        stopped = self.driver.stop_pod(self.pod)
        self.assertEqual('Stopped', stopped.status.phase)
        self.assertEqual({'exited'}, {b['State']['Status']
                                      for b in self.api.made.values()})
