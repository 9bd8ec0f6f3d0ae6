"""top and stats."""
import typing

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.pod import states
from zun_lite.tests.contract import harness


class Reads(harness.Case):
    def top(self, pod, container: str = 'main') -> dict[str, typing.Any]:
        self.needs(states.Action.TOP)
        return typing.cast(base.Top, self.driver).top(pod.uuid, container)

    def stats(self, pod) -> dict[str, dict[str, typing.Any]]:
        self.needs(states.Action.STATS)
        driver = typing.cast(base.Stats, self.driver)

        def measured() -> list[dict[str, typing.Any]]:
            try:
                return driver.stats(pod.uuid)
            except exceptions.Unavailable:
                return []               # not yet
        found = self.eventually(measured, 'the first measurement')
        return {entry['name']: entry for entry in found}

    def test_top(self):
        """top: columns and a row for each process."""
        pod = self.start(self.sh('sleep 3601 & wait'))
        self.wait_ready(pod)
        found = self.eventually(
            lambda: len((t := self.top(pod))['processes']) >= 2 and t,
            'both processes')
        self.assertTrue(all(len(row) == len(found['titles'])
                            for row in found['processes']), found)
        self.assertIn('3601', str(found['processes']))

    def test_top_is_of_one_container(self):
        pod = self.start(self.sleeper(), self.sh('sleep 3602', 'b'))
        self.wait_ready(pod)
        self.assertNotIn('3602', str(self.top(pod)['processes']))

    def test_top_of_an_ended_container(self):
        """top raises Conflict: the container does not run."""
        pod = self.start(self.sh('true'), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        with self.assertRaises(exceptions.Conflict):
            self.top(pod)

    def test_top_of_what_does_not_exist(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        with self.assertRaises(exceptions.ContainerNotFound):
            self.top(pod, 'nobody')
        with self.assertRaises(exceptions.PodNotFound):
            self.top(self.make(self.sleeper()))

    def test_stats(self):
        """stats: an entry for each running container, with these keys."""
        pod = self.start(
            self.sleeper(resources={'limits': {'memory': '64Mi'}}),
            self.sleeper('b'))
        self.wait_ready(pod)
        found = self.stats(pod)
        self.assertEqual({'main', 'b'}, set(found))
        self.assertEqual(
            {'name', 'cpu_millis', 'memory_bytes', 'memory_limit_bytes',
             'rx_bytes', 'tx_bytes', 'read_bytes', 'write_bytes', 'pids'},
            set(found['main']))
        self.assertEqual(64 * 2**20, found['main']['memory_limit_bytes'])
        self.assertIsNone(found['b']['memory_limit_bytes'])
        self.assertNotEqual(0, found['main']['pids'])   # None: not told
        self.assertGreater(found['main']['memory_bytes'], 0)

    def test_stats_without_what_has_ended(self):
        pod = self.start(self.sh('true'), self.sleeper('b'),
                         restartPolicy='Never')
        self.wait_for(pod, lambda s: harness.exit_code(s) == 0
                      and harness.running(s, 'b'), 'one ended')
        self.assertEqual({'b'}, set(self.stats(pod)))

    def test_stats_of_an_absent_pod(self):
        """stats raises PodNotFound."""
        pod = self.make(self.sleeper())
        with self.assertRaises(exceptions.PodNotFound):
            self.stats(pod)
