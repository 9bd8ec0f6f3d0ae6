"""Plain containers and the agents that come and go."""
from zun_lite.pod import status
from zun_lite.tests.contract import documents
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.cases.adoption import ENDS
from zun_lite.tests.contract.cases.plain_case import PlainCase
from zun_lite.tests.contract.cases.plain_case import RAN

MOUNTS = [{'name': 'v', 'mountPath': '/v'}]
VOLUME = {'volumes': [{'name': 'v', 'emptyDir': {}}]}


class PlainAdoption(PlainCase):
    def listed(self) -> dict[str, tuple[int, str]]:
        return {p.uuid: (p.generation, p.status.phase)
                for p in self.driver.list_pods()}

    def test_as_it_was_left(self):
        """A new agent finds it by what is on the engine alone."""
        for desired in ('created', 'running', 'paused', 'stopped'):
            with self.subTest(desired=desired):
                first = 'created' if desired == 'created' else 'running'
                pod = self.plain(self.sh(RAN), first)
                self.wait_phase(pod, first.capitalize())
                if first == 'running':
                    self.ran(pod, 1)        # before it may be frozen
                if desired != first:
                    pod = self.change(pod, desired)
                    self.wait_phase(pod, desired.capitalize())
                before = self.container_id(pod)
                self.restart_agent()
                self.assertEqual(
                    desired.capitalize(), self.listed()[pod.uuid][1])
                self.want(pod)
                self.wait_phase(pod, desired.capitalize())
                self.assertEqual(before, self.container_id(pod))
                if desired != 'created':
                    self.ran(pod, 1)

    def test_what_ended_stays_ended(self):
        pod = self.plain(self.sh('echo ran; exit 3'))
        self.wait_phase(pod, 'Failed')
        self.restart_agent()
        self.want(pod)
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual(3, harness.exit_code(seen))
        self.ran(pod, 1)

    def test_what_was_asked_for_while_nobody_listened(self):
        """Reboots and rebuilds are generations, and are done once."""
        pod = self.plain(self.sh('echo ran; echo x >> /kept; sleep 3600'))
        self.wait_running(pod)
        self.ran(pod, 1)
        self.agent.stop()
        self.agent = self.new_agent()
        pod = self.reboot(pod)
        self.wait_running(pod)
        self.ran(pod, 2)
        self.agent.stop()
        self.agent = self.new_agent()
        self.want(pod)
        self.ran(pod, 2)
        self.assertEqual('x\nx\n', self.exec_sh(pod, 'cat /kept'))

    def test_half_made(self):
        """Verbs may be called again after a crash at any point."""
        for steps in range(1, 20):
            pod = self.make(self.sh(RAN, volumeMounts=MOUNTS), **VOLUME,
                            restartPolicy='Never')
            pod = documents.plain(pod)
            half = self.engine.half_make(self.host, pod, steps)
            with self.subTest(steps=steps):
                self.want(pod)
                self.wait_running(pod)
                self.ran(pod, 1)
                self.assertEqual([pod.uuid], list(self.listed()))
                self.assertEqual([], self.engine.leftovers(self.delete(pod)))
            if not half:
                return
        self.fail('a container takes too many changes')

    def test_half_made_is_listed(self):
        """list_pods: also what is half made, so that it can be deleted."""
        for steps in range(1, 20):
            pod = self.make(self.sh(RAN, volumeMounts=MOUNTS), **VOLUME,
                            restartPolicy='Never')
            pod = documents.plain(pod)
            half = self.engine.half_make(self.host, pod, steps)
            with self.subTest(steps=steps):
                self.assertEqual([pod.uuid] if self.engine.leftovers(pod)
                                 else [], list(self.listed()))
                self.driver.delete_pod(pod.uuid, grace_period_s=0)
                self.assertEqual([], self.engine.leftovers(pod))
                self.assertEqual([], self.engine.leftovers_of_project(
                    self.host, self.project))
            if not half:
                return

    def test_orphans_are_removed(self):
        orphan = self.plain(self.sh(ENDS))
        self.wait_logs(orphan, 'up')
        self.restart_agent()
        self.agent.reconciler.resync(list)
        self.wait_removed(orphan)

    def test_another_deployments(self):
        for desired in ('created', 'running'):
            with self.subTest(desired=desired):
                pod = self.want(documents.of_deployment(documents.plain(
                    self.make(self.sh(ENDS), restartPolicy='Never'),
                    desired), 'theirs'))
                self.wait_phase(pod, desired.capitalize())
                if desired == 'running':
                    self.wait_logs(pod, 'up')
                self.restart_agent()
                self.agent.reconciler.resync(list, 'ours')
                self.steadily(
                    lambda desired=desired, pod=pod: self.listed() == {
                        pod.uuid: (1, desired.capitalize())},
                    'it is left alone')
                self.agent.reconciler.resync(list, 'theirs')
                self.wait_removed(pod)

    def test_one_that_somebody_removed(self):
        """It is told, and the next start makes it anew."""
        pod = self.plain(self.sh(RAN))
        self.wait_running(pod)
        self.engine.remove_behind_back(pod, 'main')
        self.wait_for(pod, lambda s: s.phase == 'Failed'
                      and s.reason == status.CONTAINERS_LOST, 'lost')
        pod = self.change(pod, 'running')
        self.wait_running(pod)

    def test_one_that_heals(self):
        pod = self.plain(self.sh(RAN), heal=True)
        self.wait_running(pod)
        before = self.container_id(pod)
        self.engine.remove_behind_back(pod, 'main')
        self.wait_for(pod, lambda s: harness.running(s)
                      and harness.main(s).container_id != before,
                      'another container')
