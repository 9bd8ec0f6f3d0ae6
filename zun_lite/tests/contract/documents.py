"""Pods for the cases, made as the API makes them: from a checked document."""
import json
import typing
import uuid

from zun_lite.pod import manifest
from zun_lite.pod import plain as plain_module
from zun_lite.pod import spec

Doc = dict[str, typing.Any]


def pod(project_id: str, document: Doc, *, name: str = '',
        generation: int = 1) -> spec.Pod:
    """:raises Invalid: the API would not take this document."""
    body = {'apiVersion': 'v1', 'kind': 'Pod',
            'metadata': {'name': name or f'p-{uuid.uuid4().hex[:8]}'},
            'spec': document}
    checked = manifest.parse(json.dumps(body).encode(), 'application/json')
    return spec.Pod(
        uuid=str(uuid.uuid4()), project_id=project_id, generation=generation,
        desired='running', metadata=checked.metadata, spec=checked.spec,
        container_uuids={c.name: str(uuid.uuid4())
                         for c in checked.spec.all_containers})


def next_generation(found: spec.Pod, desired: str) -> spec.Pod:
    """The same pod after its owner asked for something else."""
    return found.model_copy(update={
        'desired': desired, 'generation': found.generation + 1})


def of_deployment(found: spec.Pod, deployment: str) -> spec.Pod:
    """The pod as the agent of a deployment takes it in."""
    return found.model_copy(update={'deployment': deployment})


def plain(found: spec.Pod, desired: str = 'running',
          **asked: typing.Any) -> spec.Pod:
    """The pod as one that was made through /v1/containers."""
    return found.model_copy(update={
        'desired': desired, 'plain': plain_module.Plain(**asked)})


def changed_plain(found: spec.Pod, desired: str,
                  **asked: typing.Any) -> spec.Pod:
    """The next generation, which `asked` tells the number of."""
    after = next_generation(found, desired)
    assert found.plain is not None
    return after.model_copy(update={
        'plain': found.plain.model_copy(update=asked)})
