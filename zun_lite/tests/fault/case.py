"""An agent in a process of its own, on a real Docker Engine, and a scripted
conductor in this one.

ZUN_LITE_TEST_SEED repeats the moments of a run, which every failure names.
"""
import collections
import contextlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
import uuid

import docker.errors

from zun_lite.pod import spec
from zun_lite.rpc import CONDUCTOR_TOPIC
from zun_lite.tests import neighbours
from zun_lite.tests.fault import socket_bus
from zun_lite.tests.fault import starts
from zun_lite.tests.unit.compute.scripted import ScriptedConductor

SEED = int(os.environ.get('ZUN_LITE_TEST_SEED')
           or random.randrange(2**32))


def new_pod(number: int) -> spec.Pod:
    """Two containers, every other pod with an init container and a volume."""
    main = {'image': neighbours.IMAGE, 'command': ['sleep', '3600']}
    document = {'containers': [{'name': 'one', **main},
                               {'name': 'two', **main}],
                'terminationGracePeriodSeconds': 0}
    if number % 2:
        mounts = [{'name': 'scratch', 'mountPath': '/scratch'}]
        document['initContainers'] = [
            {'name': 'init', 'image': neighbours.IMAGE, 'command': ['true'],
             'volumeMounts': mounts}]
        document['volumes'] = [{'name': 'scratch', 'emptyDir': {}}]
        document['containers'][0]['volumeMounts'] = mounts
    names = ['one', 'two'] + ['init'] * (number % 2)
    return spec.Pod.model_validate(
        {'uuid': str(uuid.uuid4()), 'project_id': 'fault', 'generation': 1,
         'desired': 'running', 'metadata': {'name': f'pod-{number}'},
         'spec': document,
         'container_uuids': {n: str(uuid.uuid4()) for n in names}},
        strict=False)


class AgentCase(unittest.TestCase):
    env: dict[str, str] = {}            # beside ours, for the agent

    def setUp(self):
        neighbours.docker_host()
        self.random = random.Random(SEED)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='zun-lite-'))
        self.addCleanup(shutil.rmtree, self.directory)
        self.host = f'fault-{uuid.uuid4().hex[:8]}'
        self.bus = socket_bus.SocketBus(str(self.directory))
        self.addCleanup(self.bus.close)
        self.conductor = ScriptedConductor(page=3)
        self.bus.serve(CONDUCTOR_TOPIC, 'one', self.conductor)
        self.agents: list[subprocess.Popen] = []
        self.addCleanup(self.clean_up)
        watching = starts.Starts(self.host)
        self.addCleanup(watching.close)
        self.starts = watching.counted

    def clean_up(self):
        for agent in self.agents:
            agent.kill()
            agent.wait()
        owned = {'label': f'zun-lite/host={self.host}'}
        with neighbours.engine() as client:
            for found in neighbours.containers(client, owned['label'],
                                               ended=True):
                found.remove(force=True, v=True)
            for volume in client.volumes.list(filters=owned):
                volume.remove(force=True)
            for network in client.networks.list(filters=owned):
                # Of some the engine has lost count; see `left`.
                with contextlib.suppress(docker.errors.APIError):
                    network.remove()

    # The agent.

    def start_agent(self) -> subprocess.Popen:
        with open(self.directory / 'agent.log', 'ab') as log:
            self.agents.append(subprocess.Popen(
                [sys.executable, '-m', 'zun_lite.tests.fault.agent',
                 str(self.directory), self.host, 'docker'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=os.environ | self.env))
        return self.agents[-1]

    def begin(self) -> None:
        """An agent that is ready, so that a kill meets it at work."""
        lists = self.conductor.lists
        self.start_agent()
        self.until('the agent compares all pods',
                   lambda: self.conductor.lists > lists)

    def kill(self) -> None:
        self.agents[-1].kill()
        self.agents[-1].wait()

    def log(self) -> str:
        return (self.directory / 'agent.log').read_text()

    def until(self, what, ask, timeout_s=60.0):
        try:
            return neighbours.wait_for(what, ask, timeout_s)
        except AssertionError as error:
            raise AssertionError(
                f'{error}; ZUN_LITE_TEST_SEED={SEED}\n'
                f'{self.odd()}\n{self.log()[-6000:]}') from None

    # The pods.

    def hand_over(self, *pods):
        self.conductor.hand_over(self.bus, *pods, host=self.host)

    def change(self, pods, desired):
        self.hand_over(*(self.conductor.wanted[p.uuid].model_copy(update={
            'desired': desired,
            'generation': self.conductor.wanted[p.uuid].generation + 1,
        }) for p in pods))

    def as_wanted(self) -> bool:
        """Everything on record is what is wanted, and nothing is left."""
        return all(map(self.is_as_wanted,
                       list(self.conductor.wanted.values())))

    def is_as_wanted(self, pod) -> bool:
        phases = {'running': 'Running', 'stopped': 'Stopped'}
        return self.conductor.phases().get(pod.uuid) == (
            pod.generation, phases.get(pod.desired))

    def odd(self) -> str:
        """What is on record of the pods that are not as wanted."""
        return '\n'.join(
            f'{uuid} is to be {pod.desired} ({pod.generation}): '
            f'{json.dumps(self.conductor.reported.get(uuid), indent=1)}'
            for uuid, pod in list(self.conductor.wanted.items())
            if not self.is_as_wanted(pod))

    def running(self) -> collections.Counter:
        """How many containers run, by (pod, container)."""
        with neighbours.engine() as client:
            return collections.Counter(
                (c.labels['zun-lite/pod'], c.labels['zun-lite/container'])
                for c in neighbours.containers(
                    client, f'zun-lite/host={self.host}',
                    'zun-lite/kind=container'))

    def expected(self) -> collections.Counter:
        return collections.Counter(
            (pod.uuid, c.name) for pod in self.conductor.wanted.values()
            if pod.desired == 'running' for c in pod.spec.containers)

    def left(self) -> list[str]:
        """What the host has on the engine, but for what is not its fault: a
        kill may cut a start off."""
        return [name for name in neighbours.left_on_engine(self.host)
                if not neighbours.lost_count(name)]

    def check(self):
        self.until('all is as wanted', self.as_wanted)
        self.assertEqual(self.expected(), self.running(),
                         f'ZUN_LITE_TEST_SEED={SEED}')
