"""The status of a pod whose containers someone else removed."""
from zun_lite.pod import status
from zun_lite.pod.states import Phase

REASON = status.CONTAINERS_LOST
MESSAGE = ('The containers were removed from the engine by something else; '
           'with restartPolicy Never they are not run again.')
GONE = status.Terminated(exit_code=137, reason='ContainerStatusUnknown',
                         message='The container could not be found.')


def lost(last: status.PodStatus) -> status.PodStatus:
    """`last`, ended badly: what ran is told as Kubernetes tells it."""
    return last.model_copy(update={
        'phase': Phase.FAILED, 'reason': REASON, 'message': MESSAGE,
        'conditions': tuple(map(_not_ready, last.conditions)),
        'container_statuses': tuple(map(_ended, last.container_statuses))})


def _not_ready(condition: status.Condition) -> status.Condition:
    if condition.type not in ('Ready', 'ContainersReady'):
        return condition
    return condition.model_copy(update={'status': 'False', 'reason': REASON})


def _ended(seen: status.ContainerStatus) -> status.ContainerStatus:
    state = seen.state
    if state.terminated is None:
        state = status.ContainerState(terminated=GONE)
    return seen.model_copy(update={'ready': False, 'started': False,
                                   'state': state})
