"""The words a pod's life is told in, and which action fits which phase."""
import enum
from collections.abc import Mapping


class Desired(enum.StrEnum):
    """What the owner asked for; only a request changes it."""
    RUNNING = 'running'
    CREATED = 'created'       # made, and not started; containers only
    PAUSED = 'paused'         # frozen while it runs; containers only
    STOPPED = 'stopped'
    ABSENT = 'absent'


class Phase(enum.StrEnum):
    """What was last seen, in Kubernetes' words plus `Stopped`.

    PENDING    accepted; not every container has started yet
    RUNNING    at least one container runs, starts or restarts
    SUCCEEDED  every container ended with 0 and none will be restarted
    FAILED     every container ended, at least one of them badly
    STOPPED    the owner stopped it; `start` runs it again
    CREATED    its container is made, and has never been started
    PAUSED     its processes are frozen
    UNKNOWN    its host has fallen silent
    """
    PENDING = 'Pending'
    RUNNING = 'Running'
    SUCCEEDED = 'Succeeded'
    FAILED = 'Failed'
    STOPPED = 'Stopped'
    CREATED = 'Created'
    PAUSED = 'Paused'
    UNKNOWN = 'Unknown'


class ImageState(enum.StrEnum):
    """An image of a host: what is being done about it, or came of it.

    PULLING    the host is to fetch it
    COMMITTING the host is to make it of a container
    PRESENT    the host has it
    FAILED     it could not be fetched or made; the reason says why
    DELETING   the host is to remove it
    """
    PULLING = 'pulling'
    COMMITTING = 'committing'
    PRESENT = 'present'
    FAILED = 'failed'
    DELETING = 'deleting'


TO_PLACE = frozenset({Desired.RUNNING, Desired.CREATED})
"""What a host is looked for."""

TERMINAL = frozenset({Phase.SUCCEEDED, Phase.FAILED})


class Action(enum.StrEnum):
    """What a user can ask of a pod; also the name in the action record."""
    CREATE = 'create'
    DELETE = 'delete'
    START = 'start'
    STOP = 'stop'
    UPDATE = 'update'
    REBOOT = 'reboot'
    REBUILD = 'rebuild'
    RENAME = 'rename'
    PAUSE = 'pause'
    UNPAUSE = 'unpause'
    SIGNAL = 'kill'
    RESIZE = 'resize_container'
    NETWORK_ATTACH = 'network_attach'
    NETWORK_DETACH = 'network_detach'
    LOGS = 'logs'
    SPLIT_LOGS = 'split_logs'     # of one stream
    FOLLOW = 'follow'
    EXEC = 'exec'
    EXEC_INTERACTIVE = 'exec_interactive'
    ATTACH = 'attach'
    COPY = 'copy'
    TOP = 'top'
    STATS = 'stats'
    COMMIT = 'commit'
    PREPARE = 'prepare'       # no request: containers are as on Docker
    IMAGES = 'images'
    NETWORKS = 'networks'


_ALIVE = frozenset({Phase.RUNNING, Phase.PENDING})
_MADE = _ALIVE | {Phase.STOPPED, Phase.SUCCEEDED, Phase.FAILED,
                  Phase.CREATED, Phase.PAUSED}

# Actions that need an engine object. Start, stop, update and delete only
# change the record, so every phase takes them.
ALLOWED: Mapping[Action, frozenset[Phase]] = {
    Action.EXEC: _ALIVE,
    Action.EXEC_INTERACTIVE: _ALIVE,
    Action.ATTACH: _ALIVE,
    Action.TOP: _ALIVE,
    Action.STATS: _ALIVE,
    Action.LOGS: _MADE,
    Action.FOLLOW: _MADE,
    Action.COPY: _MADE,
}


def allows(action: Action, phase: Phase) -> bool:
    """Whether `phase` takes `action`."""
    return action not in ALLOWED or phase in ALLOWED[action]
