"""What the engine has of a pod, in our words."""
import contextlib
import dataclasses
import enum
import typing
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import times


class State(enum.Enum):
    CREATED = 'created'
    RUNNING = 'running'
    ENDED = 'ended'


STATES = {'created': State.CREATED, 'running': State.RUNNING,
           'paused': State.RUNNING, 'restarting': State.RUNNING}


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """One engine container: a sandbox, or one run of a pod's container.

    Times are seconds since the epoch. `complete`: also what only an
    inspection tells (times, exit code, error) is known.
    """
    id: str
    pod: str
    project: str
    generation: int
    kind: str                           # sandbox, init, container
    name: str
    attempt: int
    sandbox: int
    state: State
    created_at: float
    image: str = ''
    image_id: str = ''
    backoff_s: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    exit_code: int = 0
    oom_killed: bool = False
    error: str = ''                     # why it could not be started
    address: str | None = None          # sandbox: of the pod
    mark: str = ''                      # sandbox: see names.marked
    pod_started_at: float | None = None     # sandbox
    document: str = ''                  # sandbox, or plain
    paused: bool = False                # plain
    restarting: bool = False            # plain: the engine will start it
    health: str = ''                    # plain: starting, healthy, unhealthy
    addresses: Mapping[str, str] = dataclasses.field(
        default_factory=dict)           # plain: by the engine's network
    deployment: str | None = None
    complete: bool = False

    @property
    def running(self) -> bool:
        return self.state is State.RUNNING

    @property
    def ended(self) -> bool:
        """It will never run (again): it ended, or could not be started."""
        return self.state is State.ENDED or (
            self.state is State.CREATED and bool(self.error))

    @property
    def ended_at(self) -> float:
        return self.finished_at or self.created_at

    @property
    def ran_for_s(self) -> float:
        if self.started_at is None or self.finished_at is None:
            return 0.0
        return max(0.0, self.finished_at - self.started_at)


class NotOurs(ValueError):
    """It has labels of ours, and another name than these would have."""


UNREADABLE = (LookupError, TypeError, ValueError)
"""Raised about a container that no agent has made as it is."""


def known(marks: Mapping[str, str],
          called: Sequence[str]) -> dict[str, typing.Any]:
    """What the labels of a container tell, and the mark in its name.

    Labels alone tell nothing, as those of an image are on all that is made
    of it. Names nobody but agents can choose.

    :raises NotOurs:
    """
    pod, generation = marks[labels.POD], int(marks[labels.GENERATION])
    kind, name = marks.get(labels.KIND), marks.get(labels.CONTAINER, '')
    attempt = int(marks[labels.ATTEMPT])
    found = {
        'pod': pod, 'project': marks.get(labels.PROJECT, ''),
        'generation': generation, 'kind': kind or 'container', 'name': name,
        'attempt': attempt, 'sandbox': int(marks.get(labels.SANDBOX) or 0),
        'backoff_s': _seconds(marks.get(labels.BACKOFF)),
        'deployment': marks.get(labels.DEPLOYMENT) or None}
    if kind != 'sandbox':
        wanted = names.container(pod, generation, name, attempt)
        if wanted not in _given(called):
            raise NotOurs(called)
        return found
    return found | {
        'mark': _mark(called, names.sandbox(pod, generation, attempt)),
        'pod_started_at': times.parse(marks.get(labels.STARTED)),
        'document': marks.get(labels.DOCUMENT, '')}


def _seconds(text: str | None) -> float | None:
    """What is no number an image says: agents once left it to these."""
    with contextlib.suppress(ValueError):
        return float(text) if text else None
    return None


def _given(called: Sequence[str]) -> list[str]:
    """The names of a container as they were given, without the slash."""
    return [name.removeprefix('/') for name in called]


def _mark(called: Sequence[str], wanted: str) -> str:
    """What follows a sandbox's name; see `names.marked`."""
    for name in _given(called):
        before, _, mark = f'{name}.'.partition(f'{wanted}.')
        if not before:
            return mark.removesuffix('.')
    raise NotOurs(called)


def addresses(networks: Mapping[str, typing.Any] | None) -> dict[str, str]:
    """By the names of the networks."""
    return {name: network['IPAddress']
            for name, network in (networks or {}).items()
            if network.get('IPAddress')}


def address(networks: Mapping[str, typing.Any] | None) -> str | None:
    for network in (networks or {}).values():
        if network.get('IPAddress'):
            return str(network['IPAddress'])
    return None


def from_list(entry: Mapping[str, typing.Any]) -> Run:
    """An entry of GET /containers/json.

    :raises NotOurs:
    """
    state = STATES.get(entry['State'], State.ENDED)
    return Run(
        **known(entry['Labels'], entry['Names'] or ()),
        id=entry['Id'], state=state,
        created_at=float(entry['Created']), image=entry['Image'],
        image_id=entry['ImageID'],
        address=address(entry['NetworkSettings'].get('Networks')))


def from_inspection(body: Mapping[str, typing.Any]) -> Run:
    """The body of GET /containers/{id}/json.

    :raises NotOurs:
    """
    state = body['State']
    return Run(
        **known(body['Config']['Labels'], [body['Name']]), id=body['Id'],
        state=STATES.get(state['Status'], State.ENDED),
        created_at=times.parse(body['Created']) or 0.0,
        image=body['Config']['Image'], image_id=body['Image'],
        started_at=times.parse(state['StartedAt']),
        finished_at=times.parse(state['FinishedAt']),
        exit_code=state['ExitCode'], oom_killed=state['OOMKilled'],
        error=state['Error'],
        address=address(body['NetworkSettings'].get('Networks')),
        complete=True)


@dataclasses.dataclass(frozen=True, slots=True)
class SeenPod:
    """The objects of one pod, sorted.

    `runs`: by container, newest first, at most two: the present one and
    the one before it. `stale`: what is to go; other generations, sandboxes
    that were replaced, runs older than the last two.
    """
    uuid: str
    project: str
    generation: int
    sandbox: Run | None
    runs: Mapping[str, tuple[Run, ...]]
    stale: tuple[Run, ...] = ()

    def latest(self, name: str) -> Run | None:
        runs = self.runs.get(name)
        return runs[0] if runs else None

    @property
    def deployment(self) -> str | None:
        return next((run.deployment for run in self.everything), None)

    @property
    def newest(self) -> list[Run]:
        """The present run of every container."""
        return [runs[0] for runs in self.runs.values()]

    @property
    def everything(self) -> tuple[Run, ...]:
        """All objects, the sandbox last."""
        kept = [run for runs in self.runs.values() for run in runs]
        kept += [r for r in self.stale if r.kind != 'sandbox']
        kept += [r for r in self.stale if r.kind == 'sandbox']
        return (*kept, self.sandbox) if self.sandbox else tuple(kept)

    @property
    def anything_runs(self) -> bool:
        return any(run.running for run in self.everything)

    @property
    def next_sandbox(self) -> int:
        """The attempt of the sandbox that would be made now."""
        known = [run.sandbox for run in self.newest]
        if self.sandbox is not None:
            known.append(self.sandbox.attempt)
        return max(known, default=-1) + 1


KEPT_RUNS = 2


def group(uuid: str, found: Iterable[Run],
          generation: int | None = None) -> SeenPod | None:
    """Sort a pod's objects; None where there are none.

    `generation` None: the newest that is there.
    """
    everything = sorted(found, key=lambda r: r.attempt, reverse=True)
    if not everything:
        return None
    if generation is None:
        generation = max(r.generation for r in everything)
    stale = [r for r in everything if r.generation != generation]
    sandboxes: list[Run] = []
    runs: dict[str, list[Run]] = {}
    for run in everything:
        if run.generation == generation:
            kin = (sandboxes if run.kind == 'sandbox'
                   else runs.setdefault(run.name, []))
            kin.append(run)
    stale += sandboxes[1:]
    for kin in runs.values():
        stale += kin[KEPT_RUNS:]
    return SeenPod(
        uuid=uuid, project=everything[0].project, generation=generation,
        sandbox=sandboxes[0] if sandboxes else None, stale=tuple(stale),
        runs={name: tuple(kin[:KEPT_RUNS]) for name, kin in runs.items()})
