"""The engine goes away and comes back."""
from zun_lite import exceptions
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import main


class Away(harness.Case):
    """Drivers are connected in such a way that the suite can cut them off;
    the pods do not notice."""

    def new_driver(self):
        return self.engine.fragile_driver(self.host)

    def tearDown(self) -> None:
        self.engine.restore()
        super().tearDown()

    def wait_reason(self, pod):
        return self.wait_for(pod, lambda s: s.reason == 'EngineUnavailable',
                             'EngineUnavailable')

    def test_verbs_say_so(self):
        """Every verb raises EngineUnavailable."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        driver = self.new_driver()
        self.addCleanup(driver.close)
        self.engine.cut()
        for verb in (lambda: driver.ensure_pod(pod),
                     lambda: driver.stop_pod(pod),
                     lambda: driver.delete_pod(pod.uuid, grace_period_s=0),
                     lambda: driver.pod_status(pod.uuid),
                     driver.list_pods, driver.inventory):
            with self.assertRaises(exceptions.EngineUnavailable):
                verb()

    def test_reads_say_so(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        self.exec_sh(pod, 'true')
        self.engine.cut()
        with self.assertRaises(exceptions.EngineUnavailable):
            self.exec(pod, 'true')
        with self.assertRaises(exceptions.EngineUnavailable):
            self.logs(pod)

    def test_pods_show_the_reason(self):
        """A pod that cannot be looked after says why."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        self.engine.cut()
        self.want(pod)
        seen = self.wait_reason(pod)
        self.assertEqual('Running', seen.phase)

    def test_it_heals(self):
        """All is well again once the engine is back, nothing restarted."""
        pod = self.start(self.sleeper())
        before = main(self.wait_ready(pod)).container_id
        self.engine.cut()
        self.want(pod)
        self.wait_reason(pod)
        self.engine.restore()
        seen = self.wait_for(pod, lambda s: s.ready and s.reason is None,
                             'well again')
        self.assertEqual(before, main(seen).container_id)
        self.assertEqual(0, main(seen).restart_count)

    def test_create_meanwhile(self):
        """What is asked for while the engine is away is done later."""
        self.engine.cut()
        pod = self.start(self.sleeper())
        seen = self.wait_reason(pod)
        self.assertEqual('Pending', seen.phase)
        self.engine.restore()
        self.wait_ready(pod)

    def test_stop_meanwhile(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        self.engine.cut()
        stopped = self.stop(pod)
        self.wait_for(pod, lambda s: s.reason == 'EngineUnavailable',
                      'EngineUnavailable')
        self.engine.restore()
        self.wait_phase(stopped, 'Stopped')

    def test_delete_meanwhile(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        self.engine.cut()
        gone = self.want(pod.model_copy(
            update={'desired': 'absent', 'generation': 2}))
        self.wait_for(pod, lambda s: s.reason == 'EngineUnavailable',
                      'EngineUnavailable')
        self.engine.restore()
        self.assertTrue(self.agent.collector.wait_gone(
            gone, 20 + self.engine.removal_s))
        self.assertEqual([], self.engine.leftovers(gone))

    def test_what_ended_meanwhile_is_noticed(self):
        """watch yields Relist: changes may have been missed."""
        runs_s = self.engine.start_s
        pod = self.start(self.sh(f'sleep {runs_s}; exit 5'),
                         restartPolicy='Never')
        self.wait_for(pod, harness.running, 'running')
        self.engine.cut()
        self.steadily(lambda: True, 'time passes', runs_s + 0.5)
        self.engine.restore()
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual(5, harness.exit_code(seen))

    def test_changes_are_seen_again(self):
        """watch goes on by itself when the engine is back."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        self.engine.cut()
        self.want(pod)
        self.wait_reason(pod)
        self.engine.restore()
        self.wait_for(pod, lambda s: s.ready and s.reason is None, 'well')
        self.engine.remove_behind_back(pod, 'main')
        self.wait_for(pod, lambda s: s.ready and (
            main(s).restart_count or main(s).container_id), 'runs again')

    def test_twice(self):
        pod = self.start(self.sleeper())
        before = main(self.wait_ready(pod)).container_id
        for _ in range(2):
            self.engine.cut()
            self.want(pod)
            self.wait_reason(pod)
            self.engine.restore()
            seen = self.wait_for(pod, lambda s: s.ready
                                 and s.reason is None, 'well')
        self.assertEqual(before, main(seen).container_id)

    def test_an_agent_that_starts_without_engine(self):
        """A driver may be made while the engine is away."""
        pod = self.make(self.sleeper())
        self.engine.cut()
        self.restart_agent()
        self.want(pod)
        self.wait_reason(pod)
        self.engine.restore()
        self.wait_ready(pod)
