"""Users who change pods all the while, and know what they were promised."""
import random
import threading
import typing
import uuid

import requests

from zun_lite.tests import neighbours

Values = dict[str, typing.Any]

MOST = 4                       # pods that a user has at a time
PAUSE_S = (0.05, 0.4)          # between two requests
CPU_MILLIS = 10                # that a pod claims
ABSENT = 'absent'


def manifest(name: str) -> Values:
    """Two containers, an init container and a volume."""
    image = {'image': neighbours.IMAGE, 'imagePullPolicy': 'IfNotPresent'}
    mounts = [{'name': 'scratch', 'mountPath': '/scratch'}]
    sleeper = image | {'command': ['sleep', '3600']}
    return {
        'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': name},
        'spec': {
            'terminationGracePeriodSeconds': 0,
            'volumes': [{'name': 'scratch', 'emptyDir': {}}],
            'initContainers': [image | {
                'name': 'init', 'command': ['true'], 'volumeMounts': mounts}],
            'containers': [
                sleeper | {'name': 'one', 'volumeMounts': mounts,
                           'resources': {'requests': {
                               'cpu': f'{CPU_MILLIS}m'}}},
                sleeper | {'name': 'two'}]}}


class User(threading.Thread):
    """`wanted`: what each pod's last answered request asked for.

    `unsure`: names of pods whose creation was not answered: they are there
    or not, and run if they are. What changes a pod is repeated until it is
    answered, as it may be; a creation is not.
    """

    def __init__(self, client: neighbours.Client, seed: str) -> None:
        super().__init__(name=f'user {seed}', daemon=True)
        self.wanted: dict[str, str] = {}
        self.unsure: set[str] = set()
        self.odd: list[str] = []
        self.ended = threading.Event()
        self._client = client
        self._random = random.Random(seed)

    def run(self) -> None:
        while not self.ended.wait(self._random.uniform(*PAUSE_S)):
            pods = [p for p, w in self.wanted.items() if w != ABSENT]
            choice = self._random.choice(
                ['create', 'create', 'stop', 'start', 'delete'])
            if choice == 'delete' and pods:
                self._change('DELETE', self._random.choice(pods), '', ABSENT)
            elif choice in ('stop', 'start') and pods:
                self._change('POST', self._random.choice(pods), f'/{choice}',
                             {'stop': 'stopped', 'start': 'running'}[choice])
            elif len(pods) < MOST:
                self._create()

    def _ask(self, method: str, path: str,
             body: Values | None = None) -> requests.Response | None:
        """None: there was no answer, or one that promises nothing."""
        try:
            answer = self._client(method, path, json=body)
        except requests.RequestException:
            return None
        return None if answer.status_code == 503 else answer

    def _create(self) -> None:
        name = f'pod-{uuid.uuid4().hex[:12]}'
        answer = self._ask('POST', '/pods', manifest(name))
        if answer is None:
            self.unsure.add(name)
        elif answer.status_code == 202:
            self.wanted[answer.json()['metadata']['uid']] = 'running'
        else:
            self.odd.append(f'create: {answer.status_code} {answer.text}')

    def _change(self, method: str, pod: str, verb: str, desired: str) -> None:
        """Again until it is answered; 404 is what a repeated delete gets."""
        while (answer := self._ask(method, f'/pods/{pod}{verb}')) is None:
            self.ended.wait(0.1)
        self.wanted[pod] = desired
        if answer.status_code != 202 and not (
                desired == ABSENT and answer.status_code in (204, 404)):
            self.odd.append(f'{method} {pod}{verb}: {answer.status_code} '
                            f'{answer.text}')
