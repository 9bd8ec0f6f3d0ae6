"""The agent dies amid the steps of plain containers."""
import time
import uuid

import docker.errors

from zun_lite.drivers.docker import names
from zun_lite.pod import plain
from zun_lite.pod import spec
from zun_lite.tests import neighbours
from zun_lite.tests.fault.case import AgentCase
from zun_lite.tests.fault.case import SEED

PHASES = {'created': 'Created', 'running': 'Running', 'paused': 'Paused',
          'stopped': 'Stopped'}


def new_container(desired: str) -> spec.Pod:
    """It writes a line each time that it is started."""
    document = {
        'containers': [{
            'name': plain.NAME, 'image': neighbours.IMAGE,
            'command': ['sh', '-c', 'echo ran; sleep 3600'],
            'volumeMounts': [{'name': 'v', 'mountPath': '/v'}]}],
        'volumes': [{'name': 'v', 'emptyDir': {}}],
        'restartPolicy': 'Never', 'terminationGracePeriodSeconds': 0}
    return spec.Pod.model_validate(
        {'uuid': str(uuid.uuid4()), 'project_id': 'fault', 'generation': 1,
         'desired': desired, 'metadata': {'name': 'container'},
         'spec': document, 'plain': {'labels': {'of': 'its owner'}},
         'container_uuids': {plain.NAME: str(uuid.uuid4())}}, strict=False)


def asked(pod: spec.Pod, action: str) -> spec.Pod:
    """The next generation, as the API writes it."""
    generation = pod.generation + 1
    desired = {'stop': 'stopped', 'pause': 'paused'}.get(action, 'running')
    marks = {'reboot': {'restarted': generation},
             'rebuild': {'made': generation}}.get(action, {})
    assert pod.plain is not None
    return pod.model_copy(update={
        'desired': desired, 'generation': generation,
        'plain': pod.plain.model_copy(update=marks)})


FITS = {'created': ('start', 'reboot', 'rebuild'),
        'running': ('stop', 'pause', 'reboot', 'rebuild'),
        'paused': ('unpause',), 'stopped': ('start', 'reboot', 'rebuild')}


class TestKilledAgent(AgentCase):
    def setUp(self):
        super().setUp()
        self.made: list[spec.Pod] = []
        self.addCleanup(self.remove)

    def remove(self):
        with neighbours.engine() as client:
            for pod in self.made:
                try:
                    client.api.remove_container(names.plain(pod.uuid),
                                                force=True)
                except docker.errors.NotFound:
                    continue

    def is_as_wanted(self, pod) -> bool:
        return self.conductor.phases().get(pod.uuid) == (
            pod.generation, PHASES.get(pod.desired))

    def times_run(self, pod: spec.Pod) -> int:
        with neighbours.engine() as client:
            return client.api.logs(names.plain(pod.uuid)).count(b'ran\n')

    def left(self) -> list[str]:
        with neighbours.engine() as client:
            found = [c.name for c in neighbours.containers(
                client, ended=True)]
        ours = {names.plain(pod.uuid) for pod in self.made}
        return [*super().left(), *ours.intersection(found)]

    def kill_soon(self):
        time.sleep(self.random.uniform(0, 0.5))
        self.kill()
        self.begin()

    def test_steps_are_done_once(self):
        """Each start that was asked for happens, and happens once."""
        self.begin()
        runs: dict[str, int] = {}
        for desired in ('created', 'running', 'running'):
            pod = new_container(desired)
            self.made.append(pod)
            runs[pod.uuid] = int(desired == 'running')
            self.hand_over(pod)
        self.kill_soon()
        for _ in range(6):
            self.until('all is as wanted', self.as_wanted)
            changed = []
            for pod in list(self.conductor.wanted.values()):
                action = self.random.choice(FITS[pod.desired])
                if action in ('start', 'reboot'):
                    runs[pod.uuid] += 1
                elif action == 'rebuild':
                    runs[pod.uuid] = 1
                changed.append(asked(pod, action))
            self.hand_over(*changed)
            self.kill_soon()
        self.until('all is as wanted', self.as_wanted)
        self.assertEqual(
            runs, {pod.uuid: self.times_run(pod) for pod in self.made},
            f'ZUN_LITE_TEST_SEED={SEED}')
        self.change(list(self.conductor.wanted.values()), 'absent')
        self.kill_soon()
        self.until('every container is gone',
                   lambda: not self.conductor.wanted)
        self.assertEqual([], self.left(), f'ZUN_LITE_TEST_SEED={SEED}')
