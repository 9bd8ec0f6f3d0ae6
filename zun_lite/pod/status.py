"""The pod as it was last seen, in the words and shapes of v1.PodStatus."""
import typing

import pydantic
from pydantic import alias_generators

from zun_lite.pod import states

# Reasons that several modules name. Kubernetes' words wherever it has one.
CRASH_LOOP = 'CrashLoopBackOff'
CONTAINER_CREATING = 'ContainerCreating'
POD_INITIALIZING = 'PodInitializing'
ERR_IMAGE_PULL = 'ErrImagePull'
IMAGE_PULL_BACK_OFF = 'ImagePullBackOff'
ERR_IMAGE_NEVER_PULL = 'ErrImageNeverPull'
INVALID_IMAGE_NAME = 'InvalidImageName'
CREATE_CONTAINER_ERROR = 'CreateContainerError'
RUN_CONTAINER_ERROR = 'RunContainerError'
COMPLETED = 'Completed'
ERROR = 'Error'
OOM_KILLED = 'OOMKilled'
CONTAINERS_LOST = 'ContainersLost'
DEADLINE_EXCEEDED = 'DeadlineExceeded'
EVICTED = 'Evicted'
UNSCHEDULABLE = 'Unschedulable'
ENGINE_UNAVAILABLE = 'EngineUnavailable'
HOST_SILENT = 'HostSilent'


class Seen(pydantic.BaseModel):
    """Base of every part: unknown fields are kept out, None is left out."""
    model_config = pydantic.ConfigDict(
        alias_generator=alias_generators.to_camel, validate_by_name=True,
        validate_by_alias=True, serialize_by_alias=True, frozen=True)


class Waiting(Seen):
    reason: str
    message: str | None = None


class Running(Seen):
    started_at: str            # RFC 3339, UTC, seconds: 2026-01-31T12:00:00Z


class Terminated(Seen):
    exit_code: int             # 128 + signal number where a signal ended it
    reason: str                # Completed, Error, OOMKilled, ...
    message: str | None = None
    signal: int | None = None
    started_at: str | None = None
    finished_at: str | None = None


class ContainerState(Seen):
    """Exactly one of the three is set."""
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Seen):
    name: str
    image: str
    image_id: str = pydantic.Field(default='', alias='imageID')
    container_id: str | None = pydantic.Field(
        default=None, alias='containerID')     # docker://<id>
    ready: bool = False
    started: bool = False      # runs, and its startup probe has passed
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class Condition(Seen):
    """type: PodScheduled, Initialized, ContainersReady or Ready."""
    type: str
    status: typing.Literal['True', 'False', 'Unknown']
    last_transition_time: str | None = None
    reason: str | None = None
    message: str | None = None


class Address(Seen):
    """On a network of the project's making; None: on the project's own."""
    network: str | None = None
    ip: str


class PodStatus(Seen):
    phase: states.Phase = states.Phase.PENDING
    reason: str | None = None
    message: str | None = None
    pod_ip: str | None = pydantic.Field(default=None, alias='podIP')
    addresses: tuple[Address, ...] | None = None    # containers only
    start_time: str | None = None
    conditions: tuple[Condition, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()

    def to_dict(self) -> dict[str, typing.Any]:
        """The wire form, without what is not set."""
        return self.model_dump(mode='json', exclude_none=True)

    @property
    def ready(self) -> bool:
        return any(c.type == 'Ready' and c.status == 'True'
                   for c in self.conditions)


class PodEvent(Seen):
    """Something that happened to a pod, for people to read.

    `reason` is one CamelCase word (Scheduled, Pulling, Pulled, Created,
    Started, Killing, Unhealthy, BackOff, Failed ...); `container` the one it
    is about. Repetitions are counted, not stored again.
    """
    type: typing.Literal['Normal', 'Warning'] = 'Normal'
    reason: str
    message: str
    container: str | None = None
    at: str                    # RFC 3339, UTC, seconds


class ObservedPod(Seen):
    """What a driver knows of one pod on its engine.

    `generation` is that of the engine's objects. `recheck_after_s`: when the
    driver wants `ensure_pod` called again without anything happening on
    the engine (a back-off that ends, a deadline); None: only on a change.
    `deployment`: the pod's, where its objects tell.
    """
    uuid: str
    project_id: str
    generation: int
    status: PodStatus
    recheck_after_s: float | None = None
    deployment: str | None = None
