"""Images whose labels are those that agents put on a pod's containers."""
from zun_lite.pod import spec
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.cases.plain_case import PlainCase
from zun_lite.tests.contract.harness import main

ODD = {'backoff': 'x', 'started': 'x', 'document': 'x'}


class ImageLabels(PlainCase):
    """Docker puts an image's labels on what is made of it."""

    def setUp(self) -> None:
        super().setUp()
        self.neighbour = self.start(self.sh(self.script('neighbour')))
        self.wait_ready(self.neighbour)

    def labelled(self, script: str, **more: str) -> harness.Doc:
        """A container whose image says that it is the neighbour's."""
        image = self.enterContext(self.engine.labelled({
            f'zun-lite/{key}': value for key, value in {
                'host': self.host, 'pod': self.neighbour.uuid,
                'project': self.project, 'generation': '1',
                'deployment': 'theirs', 'kind': 'container',
                'container': 'main', 'attempt': '99', 'sandbox': '0', **more,
            }.items()}))
        return self.sh(script) | {'image': image}

    @staticmethod
    def script(whose: str) -> str:
        return f'echo {whose} > /whose; sleep 3600'

    def check(self, pod: spec.Pod) -> None:
        """Each is told, and entered, as itself."""
        listed = {found.uuid: found for found in self.driver.list_pods()}
        self.assertEqual({pod.uuid, self.neighbour.uuid}, set(listed))
        for one, whose in (pod, 'other'), (self.neighbour, 'neighbour'):
            self.assertIsNone(listed[one.uuid].deployment)
            self.assertEqual(1, listed[one.uuid].generation)
            self.assertEqual(0, main(self.status(one)).restart_count)
            self.eventually(lambda one=one, whose=whose: self.exec_sh(
                one, 'cat /whose') == f'{whose}\n', whose)

    def check_all(self, pod: spec.Pod) -> None:
        """Also after its agent, and after one of the two is gone."""
        before = main(self.status(self.neighbour)).container_id
        self.check(pod)
        self.restart_agent()
        self.check(pod)
        self.want(pod)
        self.want(self.neighbour)
        self.wait_for(pod, harness.running, 'it runs')
        self.wait_ready(self.neighbour)
        self.check(pod)
        self.assertEqual([], self.engine.leftovers(self.delete(pod)))
        self.assertEqual([self.neighbour.uuid],
                         [p.uuid for p in self.driver.list_pods()])
        self.assertEqual(before,
                         main(self.status(self.neighbour)).container_id)

    def test_a_pod(self):
        pod = self.start(self.labelled(self.script('other'), **ODD))
        self.wait_ready(pod)
        self.check_all(pod)

    def test_a_pod_that_restarts(self):
        """Only what the agent says counts as its last wait."""
        pod = self.start(self.labelled('exit 6', **ODD))
        self.wait_for(pod, lambda s: main(s).restart_count >= 2, 'restarts')
        self.delete(pod)

    def test_a_plain_container(self):
        for odd in {}, ODD:
            with self.subTest(odd=odd):
                pod = self.plain(self.labelled(self.script('other'), **odd))
                self.wait_running(pod)
                self.check_all(pod)

    def test_the_neighbour_goes_first(self):
        """delete_pod: what only looks like a part of a pod is not removed
        with it."""
        pod = self.plain(self.labelled(self.script('other')))
        self.wait_running(pod)
        before = self.container_id(pod)
        self.delete(self.neighbour)
        self.steadily(lambda: harness.running(self.status(pod)), 'it runs')
        self.assertEqual(before, self.container_id(pod))
        self.assertEqual([pod.uuid],
                         [p.uuid for p in self.driver.list_pods()])
