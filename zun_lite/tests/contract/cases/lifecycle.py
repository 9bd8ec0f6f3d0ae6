"""ensure, stop, start again, delete, list."""
from zun_lite import exceptions
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import main


class Lifecycle(harness.Case):
    def ids(self, pod) -> list[str]:
        """Containers that run, as the engine names them."""
        return [main(self.status(pod), c.name).container_id
                for c in pod.spec.containers]

    def listed(self) -> dict[str, int]:
        """{uuid: generation} of what `list_pods` tells."""
        return {p.uuid: p.generation for p in self.driver.list_pods()}

    def test_ensure_runs_a_pod(self):
        """ensure_pod: bring the pod as near to running as can be done."""
        pod = self.start(self.sleeper())
        seen = self.wait_ready(pod)
        self.assertTrue(harness.running(seen))
        self.assertRegex(main(seen).container_id, r'^[a-z-]+://\w+')
        self.assertEqual(self.engine.image, main(seen).image)

    def test_status_names_address_and_start(self):
        """v1.PodStatus: podIP and startTime of a pod that runs."""
        pod = self.start(self.sleeper())
        seen = self.wait_ready(pod)
        self.assertRegex(seen.pod_ip, r'^\d+\.\d+\.\d+\.\d+$')
        self.assertRegex(seen.start_time, r'^\d{4}-\d\d-\d\dT[\d:]{8}Z$')

    def test_a_new_pod_is_pending_first(self):
        """Pod lifecycle: Pending until every container has started."""
        pod = self.start(self.sh('exit 0'), restartPolicy='Never',
                         initContainers=[self.sh('sleep 0.5', 'init')])
        self.wait_phase(pod, 'Pending')
        self.wait_phase(pod, 'Succeeded')

    def test_conditions_of_a_pod_that_runs(self):
        """Pod conditions: all four are True once it is ready."""
        pod = self.start(self.sleeper())
        seen = self.wait_ready(pod)
        for kind in ('PodScheduled', 'Initialized', 'ContainersReady',
                     'Ready'):
            self.assertEqual('True', harness.condition(seen, kind), kind)

    def test_all_containers_run(self):
        """Their statuses are in the order of the spec."""
        pod = self.start(self.sleeper('c'), self.sleeper('a'),
                         self.sleeper('b'))
        seen = self.wait_ready(pod)
        self.assertEqual(
            ['c', 'a', 'b'], [c.name for c in seen.container_statuses])

    def test_ensure_twice_is_once(self):
        """ensure_pod: a pod that runs in this generation is left alone."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        before = self.ids(pod)
        self.agent.stop()
        driver = self.new_driver()
        self.addCleanup(driver.close)
        driver.ensure_pod(pod)
        again = driver.ensure_pod(pod)
        self.assertEqual(before, [main(again.status).container_id])
        self.assertEqual(0, main(again.status).restart_count)

    def test_wanting_twice_runs_one(self):
        """want: hand-overs of the same generation are one."""
        pod = self.start(self.sleeper())
        self.want(pod)
        self.wait_ready(pod)
        before = self.ids(pod)
        self.want(pod)
        self.agent.reconciler.resync(lambda: [pod])
        self.eventually(self.agent.reconciler.idle, 'idle')
        self.assertEqual(before, self.ids(pod))
        self.assertEqual({pod.uuid: 1}, self.listed())

    def test_list_tells_pod_project_and_generation(self):
        """list_pods: everything on the engine that this host owns."""
        first = self.start(self.sleeper())
        second = self.start(self.sleeper())
        self.wait_ready(first)
        self.wait_ready(second)
        found = {p.uuid: p for p in self.driver.list_pods()}
        self.assertEqual({first.uuid, second.uuid}, set(found))
        self.assertEqual(self.project, found[first.uuid].project_id)
        self.assertEqual(1, found[first.uuid].generation)

    def test_list_is_of_this_host_alone(self):
        """list_pods: nothing of another agent's host on the same engine."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        other = self.engine.driver(self.host + '-other')
        self.addCleanup(other.close)
        self.assertEqual([], other.list_pods())

    def test_list_of_an_empty_engine(self):
        self.assertEqual([], self.driver.list_pods())

    def test_status_of_an_absent_pod(self):
        """pod_status raises PodNotFound: the engine has nothing of it."""
        pod = self.make(self.sleeper())
        with self.assertRaises(exceptions.PodNotFound):
            self.driver.pod_status(pod.uuid)

    def test_stop_ends_the_containers(self):
        """stop_pod: ends the containers; the phase is Stopped."""
        pod = self.start(self.sleeper(), self.sleeper('b'))
        self.wait_ready(pod)
        stopped = self.stop(pod)
        seen = self.wait_phase(stopped, 'Stopped')
        self.assertFalse(seen.ready)
        self.assertFalse(any(c.state.running
                             for c in seen.container_statuses))

    def test_stop_keeps_logs_and_exit_codes(self):
        """stop_pod: what can be kept for reading is kept."""
        def start():
            pod = self.start(self.sh(
                'trap "exit 7" TERM; echo kept; sleep 3600 & wait'),
                terminationGracePeriodSeconds=10)
            self.wait_logs(pod, 'kept')
            return pod
        stopped, seen = self.stop_in_sight(start)
        self.assertEqual(7, harness.exit_code(seen))
        if self.engine.leftovers(stopped):
            self.assertIn('kept', self.logs(stopped))
        else:
            with self.assertRaises(exceptions.NotFound):
                self.logs(stopped)

    def test_stop_twice_is_once(self):
        """stop_pod: stopping twice is stopping once."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        stopped = self.stop(pod)
        self.wait_phase(stopped, 'Stopped')
        self.agent.stop()
        driver = self.new_driver()
        self.addCleanup(driver.close)
        seen = driver.stop_pod(stopped)
        if seen is not None:
            self.assertEqual('Stopped', seen.status.phase)

    def test_a_stopped_pod_stays_stopped(self):
        """Desired stopped: restartPolicy Always does not start it."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        stopped = self.stop(pod)
        self.wait_phase(stopped, 'Stopped')
        self.agent.reconciler.resync(lambda: [stopped])
        self.steadily(lambda: self.agent.collector.latest(
            pod.uuid).phase == 'Stopped', 'stopped')

    def test_stop_of_an_absent_pod(self):
        """stop_pod returns None: there is no such pod on the engine."""
        pod = self.make(self.sleeper())
        self.assertIsNone(self.driver.stop_pod(pod))

    def test_stop_while_containers_are_made(self):
        """Verbs may be called at any point of a pod's making."""
        pod = self.start(self.sleeper(), self.sleeper('b'))
        stopped = self.stop(pod)
        seen = self.wait_phase(stopped, 'Stopped')
        self.assertFalse(any(c.state.running
                             for c in seen.container_statuses))

    def test_start_again_after_stop(self):
        """ensure_pod: objects of another generation are made anew."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        before = self.ids(pod)
        stopped = self.stop(pod)
        self.wait_phase(stopped, 'Stopped')
        started = self.again(stopped)
        seen = self.wait_ready(started)
        self.assertNotEqual(before, self.ids(started))
        self.assertEqual(0, main(seen).restart_count)
        self.assertEqual({pod.uuid: 3}, self.listed())

    def test_start_again_after_the_end(self):
        """A pod that ended runs again in its next generation."""
        pod = self.start(self.sh('exit 0'), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        started = self.again(pod)
        self.wait_phase(started, 'Succeeded')
        self.assertEqual({pod.uuid: 2}, self.listed())

    def test_a_pod_that_ended_stays_ended(self):
        """ensure_pod: a pod that ended in this generation stays ended."""
        pod = self.start(self.sh('exit 3'), restartPolicy='Never')
        self.wait_phase(pod, 'Failed')
        before = self.ids(pod)
        self.want(pod)
        self.agent.reconciler.resync(lambda: [pod])
        self.eventually(self.agent.reconciler.idle, 'idle')
        self.assertEqual(before, self.ids(pod))

    def test_new_generation_replaces_what_runs(self):
        """ensure_pod: objects of another generation are removed first."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        before = self.ids(pod)
        newer = self.again(pod)
        self.wait_ready(newer)
        self.eventually(lambda: self.ids(newer) != before, 'replaced')
        self.assertEqual({pod.uuid: 2}, self.listed())

    def test_delete_leaves_nothing(self):
        """delete_pod: containers, sandbox, volumes, the last network."""
        pod = self.start(
            self.sleeper(volumeMounts=[{'name': 'v', 'mountPath': '/v'}]),
            initContainers=[self.sh('true', 'init')],
            volumes=[{'name': 'v', 'emptyDir': {}}])
        self.wait_ready(pod)
        self.assertNotEqual([], self.engine.leftovers(pod))
        gone = self.delete(pod)
        self.assertEqual([], self.engine.leftovers(gone))
        self.assertEqual([], self.engine.leftovers_of_project(
            self.host, self.project))
        self.assertEqual([], self.driver.list_pods())
        with self.assertRaises(exceptions.PodNotFound):
            self.driver.pod_status(pod.uuid)

    def test_delete_of_an_absent_pod(self):
        """delete_pod: an absent pod is success."""
        pod = self.make(self.sleeper())
        self.driver.delete_pod(pod.uuid, grace_period_s=0)
        self.driver.delete_pod(pod.uuid, grace_period_s=0)

    def test_delete_of_a_stopped_pod(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        stopped = self.stop(pod)
        self.wait_phase(stopped, 'Stopped')
        self.assertEqual([], self.engine.leftovers(self.delete(stopped)))

    def test_delete_of_a_pod_that_ended(self):
        pod = self.start(self.sh('exit 1'), restartPolicy='Never')
        self.wait_phase(pod, 'Failed')
        self.assertEqual([], self.engine.leftovers(self.delete(pod)))

    def test_delete_while_it_is_made(self):
        """Verbs may be called at any point of a pod's making."""
        pod = self.start(self.sleeper(), self.sleeper('b'))
        gone = self.delete(pod)
        self.assertEqual([], self.engine.leftovers(gone))

    def test_delete_leaves_the_other_pod(self):
        """delete_pod: the network goes with the project's last pod only."""
        pod, other = self.start(self.sleeper()), self.start(self.sleeper())
        self.wait_ready(pod)
        self.wait_ready(other)
        before = self.ids(other)
        self.delete(pod)
        self.assertEqual(before, self.ids(other))
        self.assertNotEqual([], self.engine.leftovers_of_project(
            self.host, self.project))

    def test_older_generation_is_ignored(self):
        """want: the newest generation wins, whatever comes last."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        stopped = self.stop(pod)
        self.agent.reconciler.want(pod)
        self.wait_phase(stopped, 'Stopped')
        self.agent.reconciler.want(pod)
        self.steadily(lambda: self.agent.collector.latest(
            pod.uuid).phase == 'Stopped', 'stopped')

    def test_events_tell_the_story(self):
        """Happened: Created and Started, as the kubelet says them."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        self.wait_event(pod, 'Created', 'main')
        event = self.wait_event(pod, 'Started', 'main')
        self.assertEqual('Normal', event.type)
        self.assertRegex(event.at, r'^\d{4}-\d\d-\d\dT[\d:]{8}Z$')

    def test_killing_event_on_stop(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        self.wait_phase(self.stop(pod), 'Stopped')
        self.wait_event(pod, 'Killing', 'main')

    def test_inventory_tells_capacity(self):
        """inventory: capacity and description of the engine."""
        found = self.driver.inventory()
        self.assertGreaterEqual(found.cpu_millis, 1000)
        self.assertGreater(found.memory_bytes, 2**28)
        self.assertTrue(found.engine)
        self.assertEqual('linux', found.os_type)

    def test_long_name(self):
        """metadata.name may have 253 characters and dots."""
        name = 'a' * 63 + '.' + 'b' * 63 + '.' + 'c' * 63
        pod = self.start(self.sleeper(), name=name)
        self.wait_ready(pod)

    def test_same_name_twice(self):
        """Names are no identity: two pods of one name are two pods."""
        first = self.start(self.sleeper(), name='same')
        second = self.start(self.sleeper(), name='same')
        self.wait_ready(first)
        self.wait_ready(second)
        self.assertNotEqual(self.ids(first), self.ids(second))

    def test_close_leaves_pods_alone(self):
        """close: stop threads and connections; pods go on; watch ends."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        self.agent.stop()
        driver = self.new_driver()
        self.addCleanup(driver.close)
        seen = driver.pod_status(pod.uuid)
        self.assertTrue(harness.running(seen.status))


