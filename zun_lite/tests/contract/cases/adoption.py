"""What a new agent makes of what an old one left on the engine."""
from zun_lite.tests.contract import documents
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.cases.probes import probe
from zun_lite.tests.contract.harness import main
from zun_lite.tests.contract.harness import waiting

# Orphans are given time to end.
ENDS = 'trap "exit 0" TERM; echo up; sleep 3600 & wait'
MOUNT = [{'name': 'v', 'mountPath': '/v'}]


class Adoption(harness.Case):
    def test_a_running_pod(self):
        """A restarted agent adopts what runs."""
        pod = self.start(self.sleeper(), self.sleeper('b'))
        before = self.wait_ready(pod)
        self.restart_agent()
        self.want(pod)
        after = self.wait_ready(pod)
        self.assertEqual(
            [c.container_id for c in before.container_statuses],
            [c.container_id for c in after.container_statuses])
        self.assertEqual(before.pod_ip, after.pod_ip)
        self.assertEqual(before.start_time, after.start_time)

    def test_restart_counts(self):
        """It keeps no state that a restart would lose."""
        pod = self.start(self.sh('exit 6'))
        self.wait_for(pod, lambda s: main(s).restart_count >= 2, 'restarts')
        self.restart_agent()
        self.want(pod)
        seen = self.wait_for(pod, lambda s: main(s).restart_count >= 2,
                             'the count')
        self.assertEqual(6, main(seen).last_state.terminated.exit_code)

    def test_crash_loop_goes_on(self):
        """A new agent restarts what the old one waited to restart."""
        pod = self.start(self.sh('exit 6'))
        seen = self.wait_for(pod, lambda s: main(s).restart_count >= 1
                             and waiting(s) == 'CrashLoopBackOff', 'waits')
        self.restart_agent()
        self.want(pod)
        self.wait_for(
            pod, lambda s: main(s).restart_count > main(seen).restart_count,
            'another restart')

    def test_in_the_middle_of_init(self):
        """Init containers that have succeeded do not run again."""
        mounts = [{'name': 'v', 'mountPath': '/v'}]
        pod = self.start(
            self.sleeper(volumeMounts=mounts),
            initContainers=[
                self.sh('echo one >> /v/ran', 'one', volumeMounts=mounts),
                self.sh('echo two >> /v/ran; '
                        'until test -f /v/go; do sleep 0.1; done', 'two',
                        volumeMounts=mounts),
                self.sh('echo three >> /v/ran', 'three',
                        volumeMounts=mounts)],
            volumes=[{'name': 'v', 'emptyDir': {}}])
        self.wait_for(pod, lambda s: harness.running(s, 'two'), 'two runs')
        self.restart_agent()
        self.want(pod)
        self.wait_for(pod, lambda s: harness.running(s, 'two'), 'two runs')
        self.exec_sh(pod, 'touch /v/go', 'two')
        self.wait_ready(pod)
        self.assertEqual('one\ntwo\nthree\n',
                         self.exec_sh(pod, 'cat /v/ran'))

    def test_half_made(self):
        """Verbs may be called again after a crash at any point."""
        for steps in range(1, 20):
            pod = self.make(
                self.sh('echo x >> /v/ran; sleep 3600', volumeMounts=MOUNT),
                volumes=[{'name': 'v', 'emptyDir': {}}])
            half = self.engine.half_make(self.host, pod, steps)
            with self.subTest(steps=steps):
                self.want(pod)
                self.wait_ready(pod)
                self.eventually(lambda pod=pod: self.exec_sh(
                    pod, 'cat /v/ran') == 'x\n', 'it ran once')
                self.assertEqual([pod.uuid],
                                 [p.uuid for p in self.driver.list_pods()])
                self.assertEqual([], self.engine.leftovers(self.delete(pod)))
            if not half:
                return
        self.fail('a pod of one container takes too many changes')

    def test_half_made_is_listed(self):
        """list_pods: also what is half made, so that it can be deleted."""
        for steps in range(1, 20):
            pod = self.make(self.sleeper(volumeMounts=MOUNT),
                            volumes=[{'name': 'v', 'emptyDir': {}}])
            half = self.engine.half_make(self.host, pod, steps)
            with self.subTest(steps=steps):
                listed = [p.uuid for p in self.driver.list_pods()]
                self.assertEqual([pod.uuid] if self.engine.leftovers(pod)
                                 else [], listed)
                self.driver.delete_pod(pod.uuid, grace_period_s=0)
                self.assertEqual([], self.engine.leftovers(pod))
                self.assertEqual([], self.driver.list_pods())
                self.assertEqual([], self.engine.leftovers_of_project(
                    self.host, self.project))
            if not half:
                return

    def test_ended_pods_stay_ended(self):
        """What ended under the old agent is not run again by the new."""
        pod = self.start(self.sh('echo ran; exit 3'), restartPolicy='Never')
        before = self.wait_phase(pod, 'Failed')
        self.restart_agent()
        self.want(pod)
        after = self.wait_phase(pod, 'Failed')
        self.assertEqual(main(before).container_id, main(after).container_id)
        self.assertEqual('ran\n', self.logs(pod))

    def test_what_ended_while_nobody_looked(self):
        """The end is found by the next agent, with its exit code."""
        pod = self.start(self.sh(f'sleep {self.engine.start_s}; exit 4'),
                         restartPolicy='Never')
        self.wait_for(pod, harness.running, 'running')
        self.agent.stop()
        self.agent = self.new_agent()
        self.want(pod)
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual(4, harness.exit_code(seen))
        self.assertEqual(0, main(seen).restart_count)

    def test_stopped_pods_stay_stopped(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        stopped = self.stop(pod)
        self.wait_phase(stopped, 'Stopped')
        self.restart_agent()
        self.want(stopped)
        self.wait_phase(stopped, 'Stopped')
        self.assertFalse(any(harness.running(p.status)
                             for p in self.driver.list_pods()))

    def test_probes_go_on(self):
        """Probes are carried out by the agent of the day."""
        pod = self.start(self.sh(
            'touch /tmp/up; sleep 3600', readinessProbe=probe(
                'test', '-f', '/tmp/up', failureThreshold=1)))
        self.wait_ready(pod)
        self.restart_agent()
        self.want(pod)
        self.wait_ready(pod)
        self.exec_sh(pod, 'rm /tmp/up')
        self.wait_for(pod, lambda s: not s.ready, 'unready')

    def test_liveness_goes_on(self):
        pod = self.start(self.sh(
            'touch /tmp/up; sleep 3600', livenessProbe=probe(
                'test', '-f', '/tmp/up', failureThreshold=1)))
        self.wait_ready(pod)
        self.restart_agent()
        self.want(pod)
        self.wait_ready(pod)
        self.exec_sh(pod, 'rm /tmp/up')
        self.wait_for(pod, lambda s: main(s).restart_count == 1, 'restart')

    def test_deletion_by_the_next_agent(self):
        """delete_pod needs nothing but what is on the engine."""
        pod = self.start(self.sleeper(
            volumeMounts=[{'name': 'v', 'mountPath': '/v'}]),
            volumes=[{'name': 'v', 'emptyDir': {}}])
        self.wait_ready(pod)
        self.restart_agent()
        self.assertEqual([], self.engine.leftovers(self.delete(pod)))
        self.assertEqual([], self.engine.leftovers_of_project(
            self.host, self.project))

    def test_orphans_are_removed(self):
        """resync: pods on the engine that nobody wants are deleted."""
        orphan = self.start(self.sh(ENDS))
        kept = self.start(self.sleeper())
        self.wait_logs(orphan, 'up')
        self.wait_ready(kept)
        self.restart_agent()
        self.agent.reconciler.resync(lambda: [kept])
        self.wait_removed(orphan)
        self.wait_ready(kept)
        self.assertEqual([kept.uuid],
                         [p.uuid for p in self.driver.list_pods()])

    def test_another_deployments_pod(self):
        """resync: what another database may want is left alone."""
        pod = self.want(documents.of_deployment(
            self.make(self.sh(ENDS)), 'theirs'))
        before = self.wait_ready(pod)
        self.wait_logs(pod, 'up')
        self.restart_agent()
        self.agent.reconciler.resync(list, 'ours')
        self.steadily(lambda: self.status(pod).ready, 'it is left alone')
        self.assertEqual(main(before).container_id,
                         main(self.status(pod)).container_id)
        self.agent.reconciler.resync(list, 'theirs')
        self.wait_removed(pod)

    def test_older_generation_is_replaced(self):
        """Objects of another generation are removed first."""
        pod = self.start(self.sleeper())
        before = main(self.wait_ready(pod)).container_id
        self.restart_agent()
        newer = self.again(pod)
        self.wait_for(newer, lambda s: s.ready
                      and main(s).container_id != before, 'replaced')
        self.assertEqual([2], [p.generation
                               for p in self.driver.list_pods()])
