"""Pods and runs for these tests."""
import typing

from zun_lite.drivers.docker import seen
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import State
from zun_lite.pod.spec import Pod

UUID = '5f0e0f8e-0000-4000-8000-000000000001'
NOW = 1_800_000_000.0


def pod(*containers: dict[str, typing.Any], generation: int = 1,
        **spec: typing.Any) -> Pod:
    wanted = [{'name': 'main', 'image': 'busybox:1'} | c
              for c in containers or ({},)]
    return Pod.model_validate({
        'uuid': UUID, 'projectId': 'project', 'generation': generation,
        'desired': 'running', 'metadata': {'name': 'web.example'},
        'containerUuids': {}, 'spec': {'containers': wanted, **spec}},
        strict=False)


def run(name: str = 'main', state: State = State.RUNNING, *,
        attempt: int = 0, **known: typing.Any) -> Run:
    """One run; by default it started 100 s ago and ended just now."""
    ended = state is State.ENDED
    given = {
        'id': f'{name or "sandbox"}-{attempt}', 'pod': UUID,
        'project': 'project', 'generation': 1, 'kind': 'container',
        'sandbox': 0, 'created_at': NOW - 100, 'complete': True,
        'started_at': None if state is State.CREATED else NOW - 100,
        'finished_at': NOW if ended else None} | known
    return Run(name=name, attempt=attempt, state=state, **given)


def sandbox(state: State = State.RUNNING, *, attempt: int = 0,
            **known: typing.Any) -> Run:
    return run('', state, attempt=attempt, **{
        'kind': 'sandbox', 'address': '10.0.0.2',
        'pod_started_at': NOW - 100} | known)


def init(name: str, state: State = State.ENDED,
         **known: typing.Any) -> Run:
    return run(name, state, kind='init', **known)


def group(*runs: Run, generation: int | None = None) -> seen.SeenPod:
    found = seen.group(UUID, runs, generation)
    assert found is not None
    return found
