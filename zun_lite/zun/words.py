"""A container's state in Zun's words: pure, from the pod's record.

What is asked for and not yet seen shows as a task beside the status that was
last seen, as in Zun. A container whose image cannot be had is in Error, with
the reason, although the host goes on trying; so is one that fits nowhere.
"""
import dataclasses
import datetime
import typing
from collections.abc import Mapping

from zun_lite.pod import status
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase

CREATING, CREATED, RUNNING = 'Creating', 'Created', 'Running'
STOPPED, PAUSED, RESTARTING = 'Stopped', 'Paused', 'Restarting'
REBUILDING, ERROR, UNKNOWN = 'Rebuilding', 'Error', 'Unknown'
DEAD, DELETING, DELETED = 'Dead', 'Deleting', 'Deleted'

ALL = (CREATING, CREATED, RUNNING, STOPPED, PAUSED, RESTARTING, REBUILDING,
       ERROR, UNKNOWN, DEAD, DELETING, DELETED)

# What keeps a container from being made until its owner changes something.
STUCK = frozenset({
    status.ERR_IMAGE_PULL, status.IMAGE_PULL_BACK_OFF,
    status.ERR_IMAGE_NEVER_PULL, status.INVALID_IMAGE_NAME,
    status.CREATE_CONTAINER_ERROR, status.RUN_CONTAINER_ERROR,
    'CreateContainerConfigError', 'CreatePodSandboxError',
    status.UNSCHEDULABLE, 'FailedCreate'})
NEVER_RAN = frozenset({'StartError', 'ContainersLost', 'ContainerCannotRun'})

Values = Mapping[str, typing.Any]


class Row(typing.Protocol):
    """The columns of a pod that its state is made of."""
    @property
    def desired(self) -> Desired: ...
    @property
    def phase(self) -> Phase: ...
    @property
    def generation(self) -> int: ...
    @property
    def observed_generation(self) -> int: ...


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """Zun's four words about a container."""
    status: str
    task_state: str | None = None
    status_reason: str | None = None
    status_detail: str | None = None


def state(row: Row, seen: Values, plain: Values,
          now: datetime.datetime) -> State:
    """`seen`: the stored PodStatus. `plain`: the pod's `Plain`, or {}.

    `now`: naive UTC, to tell how long it has been so.
    """
    pending = row.observed_generation < row.generation
    if row.desired is Desired.ABSENT:
        return State(DELETING, 'container_deleting')
    own = _own(seen)
    word, reason = _seen(row.phase, seen, own)
    shown = detail(row.phase, own, now)
    if row.phase is Phase.PENDING and word == CREATING:
        word = _making(row, plain)
        pending = True
    if pending and word != ERROR and row.phase is not Phase.UNKNOWN:
        word, task = _task(row, plain, word)
        return State(word, task, reason, shown)
    return State(word, None, reason, shown)


def _seen(phase: Phase, seen: Values,
          own: Values) -> tuple[str, str | None]:
    """The word for what was last seen, and its reason."""
    match phase:
        case Phase.RUNNING:
            waits = own.get('state', {}).get('waiting')
            return (RESTARTING, _reason(seen, own)) if waits else (
                RUNNING, None)
        case Phase.PENDING:
            return (ERROR, _reason(seen, own)) if _stuck(seen, own) else (
                CREATING, None)
        case Phase.CREATED:
            return CREATED, None
        case Phase.PAUSED:
            return PAUSED, None
        case Phase.UNKNOWN:
            return UNKNOWN, _reason(seen, own)
        case Phase.FAILED if _ended(own).get(
                'reason') in NEVER_RAN or seen.get('reason') in NEVER_RAN:
            return ERROR, _reason(seen, own)
    return STOPPED, None


def _making(row: Row, plain: Values) -> str:
    """A container that is not there yet, after what was asked of it."""
    if plain.get('made', 1) > 1 and plain['made'] == row.generation:
        return REBUILDING
    if row.generation > 1 and plain.get('restarted') == row.generation:
        return RESTARTING
    return CREATING


def _task(row: Row, plain: Values, word: str) -> tuple[str, str]:
    """What goes on; a few of Zun's tasks have a status of their own."""
    if word == CREATING or row.generation == 1:
        return CREATING, 'container_creating'
    if plain.get('made', 1) == row.generation:
        return REBUILDING, 'container_rebuilding'
    if plain.get('restarted') == row.generation:
        return RESTARTING, 'container_rebooting'
    for changed, task in (('joined', 'network_attaching'),
                          ('left', 'network_detaching')):
        if plain.get(changed) == row.generation:
            return word, task
    match row.desired:
        case Desired.STOPPED:
            return word, 'container_stopping'
        case Desired.PAUSED:
            return word, 'container_pausing'
        case Desired.CREATED:
            return word, 'container_creating'
    return word, ('container_unpausing' if row.phase is Phase.PAUSED
                  else 'container_starting')


def _own(seen: Values) -> Values:
    """The status of the only container."""
    found: typing.Sequence[Values] = seen.get('containerStatuses') or ({},)
    return found[0]


def _ended(own: Values) -> Values:
    return own.get('state', {}).get('terminated') or {}


def _stuck(seen: Values, own: Values) -> bool:
    waiting = own.get('state', {}).get('waiting') or {}
    return bool(STUCK & {seen.get('reason'), waiting.get('reason')})


def _reason(seen: Values, own: Values) -> str | None:
    waiting = own.get('state', {}).get('waiting') or _ended(own)
    told = (seen if seen.get('message') or seen.get('reason') else waiting)
    words = [told.get('reason'), told.get('message')]
    return ': '.join(w for w in words if w) or None


def detail(phase: Phase, own: Values, now: datetime.datetime) -> str | None:
    """As Docker words it: Up 3 mins, Exited(0) 2 hours ago.

    `own`: the status of one container of the pod.
    """
    ended = _ended(own)
    if ended:
        age = _age(ended.get('finishedAt'), now)
        return f'Exited({ended.get("exitCode")}) {age} ago '
    running = own.get('state', {}).get('running')
    if running:
        paused = ' (paused)' if phase is Phase.PAUSED else ''
        return f'Up {_age(running.get("startedAt"), now)}{paused}'
    return {Phase.CREATED: 'Created', Phase.RUNNING: 'Restarting'}.get(phase)


def _age(since: str | None, now: datetime.datetime) -> str:
    """In the largest unit that is not zero."""
    if not since:
        return '0 seconds'
    began = datetime.datetime.fromisoformat(since).replace(tzinfo=None)
    seconds = max(0, int((now - began).total_seconds()))
    for unit, length in (('days', 86400), ('hours', 3600), ('mins', 60)):
        if seconds >= length:
            return f'{seconds // length} {unit}'
    return f'{seconds} seconds'
