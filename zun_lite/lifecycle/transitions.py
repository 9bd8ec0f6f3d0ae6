"""What an action makes of a pod's desired state: pure decisions."""
import dataclasses
import json
import typing
from collections.abc import Callable
from collections.abc import Mapping

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import pods
from zun_lite.pod import status
from zun_lite.pod.states import Action
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.pod.states import TERMINAL


def _status(phase: Phase) -> str:
    return json.dumps(status.PodStatus(phase=phase).to_dict(),
                      separators=(',', ':'))


PENDING = _status(Phase.PENDING)
STOPPED = _status(Phase.STOPPED)


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """The pod's columns to set; none: there is nothing to do.

    `settled`: no host has a part in it, so it is done at once. `message`:
    what the record of the action says.
    """
    columns: Mapping[str, typing.Any] = dataclasses.field(
        default_factory=dict)
    settled: bool = False
    message: str | None = None


def decide(action: Action, row: pods.PodRow) -> Change:
    """What start, stop or delete makes of a pod.

    :raises Conflict: the pod is being deleted, and it is not about that.
    """
    return _DECISIONS[action](row)


def refuse_leaving(row: pods.PodRow) -> None:
    """:raises Conflict: the pod is being deleted."""
    if row.desired == Desired.ABSENT:
        raise exceptions.Conflict('The pod is being deleted.')


def _start(row: pods.PodRow) -> Change:
    """Run again what was stopped or has ended.

    An end counts once it is of the present generation: before that the
    phase tells of the run before the last start.
    """
    refuse_leaving(row)
    ended = (row.phase in TERMINAL
             and row.observed_generation == row.generation)
    if row.desired == Desired.RUNNING and not ended:
        return Change(message='The pod is to run already.')
    columns = _next(row, Desired.RUNNING)
    if row.host is None:
        columns |= {'phase': Phase.PENDING, 'status': PENDING}
    return Change(columns)


def _stop(row: pods.PodRow) -> Change:
    """A pod that no host has is stopped by not placing it."""
    refuse_leaving(row)
    if row.desired == Desired.STOPPED:
        return Change(message='The pod is to be stopped already.')
    columns = _next(row, Desired.STOPPED)
    if row.host is not None:
        return Change(columns)
    return Change(columns | {
        'phase': Phase.STOPPED, 'status': STOPPED,
        'observed_generation': columns['generation']}, settled=True)


def _delete(row: pods.PodRow) -> Change:
    if row.desired == Desired.ABSENT:
        return Change(message='The pod is being deleted already.')
    # A pod that no host has leaves nothing to wait for.
    return Change(_next(row, Desired.ABSENT) | {'deleted_at': engine.now()},
                  settled=row.host is None)


def _next(row: pods.PodRow, desired: Desired) -> dict[str, typing.Any]:
    return {'desired': desired, 'generation': row.generation + 1}


_DECISIONS: Mapping[Action, Callable[[pods.PodRow], Change]] = {
    Action.START: _start, Action.STOP: _stop, Action.DELETE: _delete}
