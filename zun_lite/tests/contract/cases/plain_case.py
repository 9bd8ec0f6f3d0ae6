"""What the groups of cases about plain containers have in common."""
import typing

from zun_lite.pod import spec
from zun_lite.pod import states
from zun_lite.pod.status import PodStatus
from zun_lite.tests.contract import documents
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import main


class PlainCase(harness.Case):
    """A driver without `Prepare` has no plain containers: to it they are
    pods, made anew in each generation."""

    def setUp(self) -> None:
        super().setUp()
        self.needs(states.Action.PREPARE)

    def plain(self, container: harness.Doc, desired: str = 'running',
              fields: harness.Doc | None = None,
              **asked: typing.Any) -> spec.Pod:
        """A container that is wanted. `fields`: of its pod's spec."""
        pod = self.make(container, **{
            'restartPolicy': 'Never', **(fields or {})})
        return self.want(documents.plain(pod, desired, **asked))

    def change(self, pod: spec.Pod, desired: str,
               **asked: typing.Any) -> spec.Pod:
        return self.want(documents.changed_plain(pod, desired, **asked))

    def reboot(self, pod: spec.Pod) -> spec.Pod:
        return self.change(pod, 'running', restarted=pod.generation + 1)

    def rebuild(self, pod: spec.Pod, desired: str = 'running') -> spec.Pod:
        return self.change(pod, desired, made=pod.generation + 1)

    def wait_running(self, pod: spec.Pod) -> PodStatus:
        return self.wait_for(pod, lambda s: s.phase == 'Running'
                             and harness.running(s), 'Running')

    def container_id(self, pod: spec.Pod) -> str | None:
        return main(self.status(pod)).container_id

    def ran(self, pod: spec.Pod, times: int) -> None:
        """Its script, which writes a line each time, ran so often."""
        self.wait_logs(pod, 'ran\n' * times)
        self.steadily(lambda: self.logs(pod) == 'ran\n' * times,
                      f'it ran {times} times')


RAN = 'echo ran; sleep 3600'
