"""A list tells of every pod what a look at it tells, or resyncs would look at
the same pods again and again."""
from zun_lite.compute import plan
from zun_lite.pod import spec
from zun_lite.pod import status
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.cases.plain_case import PlainCase
from zun_lite.tests.contract.harness import main
from zun_lite.tests.contract.harness import waiting


class Listing(harness.Case):
    def agrees(self, pod: spec.Pod) -> None:
        """The list with what was reported last, once nothing changes."""
        def same() -> bool:
            told = self.agent.collector.latest(pod.uuid)
            listed = self.listed(pod)
            return listed is not None and not plan.drifted(
                listed.model_copy(update={'status': told}), listed)
        self.eventually(same, 'the list tells the same')

    def listed(self, pod: spec.Pod) -> status.ObservedPod | None:
        return next((p for p in self.driver.list_pods()
                     if p.uuid == pod.uuid), None)


class Lists(Listing):
    def test_running(self):
        pod = self.start(self.sleeper(), self.sleeper('b'),
                         initContainers=[self.sh('true', 'init')])
        self.wait_ready(pod)
        self.agrees(pod)

    def test_in_the_middle_of_init(self):
        pod = self.start(self.sleeper(),
                         initContainers=[self.sleeper('init')])
        self.wait_for(pod, lambda s: harness.running(s, 'init'), 'init')
        self.agrees(pod)

    def test_backing_off(self):
        pod = self.start(self.sh('exit 1'), self.sleeper('b'))
        self.wait_for(pod, lambda s: main(s).restart_count >= 2
                      and waiting(s) == 'CrashLoopBackOff', 'back-off')
        self.agrees(pod)

    def test_ended(self):
        for script, phase in (('true', 'Succeeded'), ('exit 3', 'Failed')):
            with self.subTest(phase):
                pod = self.start(self.sh(script), restartPolicy='Never')
                self.wait_phase(pod, phase)
                self.agrees(pod)

    def test_could_not_be_started(self):
        pod = self.start(self.container(command=['/no/such/program']),
                         restartPolicy='Never')
        self.wait_phase(pod, 'Failed')
        self.agrees(pod)

    def test_stopped(self):
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        pod = self.stop(pod)
        self.wait_phase(pod, 'Stopped')
        if self.listed(pod) is not None:    # clusters keep nothing of it
            self.agrees(pod)


class PlainLists(PlainCase, Listing):
    def test_in_each_state(self):
        for desired in ('created', 'running', 'paused', 'stopped'):
            with self.subTest(desired):
                pod = self.plain(self.sleeper(), 'created'
                                 if desired == 'created' else 'running')
                self.wait_phase(pod, 'Created', 'Running')
                if desired not in ('created', 'running'):
                    pod = self.change(pod, desired)
                self.wait_phase(pod, desired.capitalize())
                self.agrees(pod)

    def test_ended(self):
        for script, phase in (('true', 'Succeeded'), ('exit 3', 'Failed')):
            with self.subTest(phase):
                pod = self.plain(self.sh(script))
                self.wait_phase(pod, phase)
                self.agrees(pod)

    def test_could_not_be_started(self):
        pod = self.plain(self.container(command=['/no/such/program']))
        self.wait_phase(pod, 'Failed')
        self.agrees(pod)

    def test_whose_image_is_not_there(self):
        name = self.engine.registry.unpublished()
        for rebuilt in (False, True):
            with self.subTest(rebuilt=rebuilt):
                pod = self.plain({**self.sleeper(), **(
                    {} if rebuilt else {'image': name})})
                if rebuilt:
                    self.wait_running(pod)
                    pod = self.rebuild(_of_image(pod, name))
                self.wait_for(pod, lambda s: waiting(s) == 'ImagePullBackOff',
                              'ImagePullBackOff')
                self.agrees(pod)


def _of_image(pod: spec.Pod, name: str) -> spec.Pod:
    wanted, = pod.spec.containers
    return pod.model_copy(update={'spec': pod.spec.model_copy(update={
        'containers': (wanted.model_copy(update={'image': name}),)})})
