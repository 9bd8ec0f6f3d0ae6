"""When to probe and what the answers add up to: pure, no clock of its own.

Source: Kubernetes' documentation of probes; kubelet pkg/kubelet/prober
(worker.go) for what happens in between. A startup probe holds the others
back until it has passed and is then done; a liveness probe that has failed is
not asked again, as its container is about to go.
"""
import dataclasses
import enum
import heapq
import itertools
from collections.abc import Collection
from collections.abc import Iterator

from zun_lite.drivers.docker.checks import Target
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Probe


class Kind(enum.Enum):
    STARTUP = 'Startup'
    LIVENESS = 'Liveness'
    READINESS = 'Readiness'


@dataclasses.dataclass(frozen=True, slots=True)
class Health:
    """What the probes of one running container say."""
    started: bool = True
    ready: bool = True
    alive: bool = True


def probes_of(container: Container) -> dict[Kind, Probe]:
    found = {Kind.STARTUP: container.startup_probe,
             Kind.LIVENESS: container.liveness_probe,
             Kind.READINESS: container.readiness_probe}
    return {kind: probe for kind, probe in found.items()
            if probe is not None}


@dataclasses.dataclass(slots=True)
class Tally:
    """Answers in a row against the thresholds. `passed` None: open."""
    success: int = 1
    failure: int = 3
    passed: bool | None = None
    adopted: bool = False           # then the first success is enough
    last: bool | None = None
    streak: int = 0

    def record(self, ok: bool) -> bool:
        """Whether the verdict has changed."""
        self.streak = self.streak + 1 if ok is self.last else 1
        first, self.last = self.last is None, ok
        enough = self.success if ok else self.failure
        if self.streak < enough and not (self.adopted and first and ok):
            return False
        changed, self.passed = self.passed is not ok, ok
        return changed


@dataclasses.dataclass(slots=True, eq=False)
class Watched:
    """A container that is probed. `gated`: waits for the startup probe."""
    target: Target
    tallies: dict[Kind, Tally]
    gated: list[Kind] = dataclasses.field(default_factory=list)

    def health(self) -> Health:
        startup = self.tallies.get(Kind.STARTUP)
        started = startup is None or startup.passed is True
        ready = self.tallies.get(Kind.READINESS)
        failed = any(t.passed is False for kind, t in self.tallies.items()
                     if kind is not Kind.READINESS)
        return Health(
            started=started, alive=not failed,
            ready=started and (ready is None or ready.passed is True))

    @property
    def unanswered(self) -> bool:
        """Whether what decides readiness has not been asked yet."""
        return any(tally.last is None for kind, tally in self.tallies.items()
                   if kind is not Kind.LIVENESS and kind not in self.gated)

    def is_done(self, kind: Kind) -> bool:
        passed = self.tallies[kind].passed
        return (kind is Kind.STARTUP and passed is not None) or (
            kind is Kind.LIVENESS and passed is False)


def _tally(kind: Kind, probe: Probe, adopted: bool) -> Tally:
    return Tally(
        success=probe.success_threshold or 1,
        failure=probe.failure_threshold or 3, adopted=adopted,
        passed=True if kind is Kind.LIVENESS else None)


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Job:
    """One probe that is due at `due` (monotonic seconds)."""
    due: float
    order: int
    watched: Watched = dataclasses.field(compare=False)
    kind: Kind = dataclasses.field(compare=False)

    @property
    def probe(self) -> Probe:
        return probes_of(self.watched.target.container)[self.kind]


class Schedule:
    """Which probe is due when. Not safe for threads; its owner locks."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._order = itertools.count()
        self._watched: dict[str, Watched] = {}

    def add(self, target: Target, now: float, wall: float) -> None:
        """Begin to probe; `wall` is `now` as seconds since the epoch."""
        kinds = probes_of(target.container)
        watched = Watched(target, {
            kind: _tally(kind, probe, target.adopted)
            for kind, probe in kinds.items()})
        self._watched[target.run_id] = watched
        for kind, probe in kinds.items():
            if kind is not Kind.STARTUP and Kind.STARTUP in kinds:
                watched.gated.append(kind)
            else:
                self._push(watched, kind, self._first(
                    target, probe, now, wall))

    def keep(self, uuid: str, run_ids: Collection[str]) -> None:
        """Stop probing the pod's other containers."""
        for run_id, watched in list(self._watched.items()):
            if watched.target.uuid == uuid and run_id not in run_ids:
                del self._watched[run_id]

    def get(self, run_id: str) -> Watched | None:
        return self._watched.get(run_id)

    @property
    def next_due(self) -> float | None:
        return self._jobs[0].due if self._jobs else None

    def due(self, now: float) -> Iterator[Job]:
        """Take what is due; each comes back through `done`."""
        while self._jobs and self._jobs[0].due <= now:
            job = heapq.heappop(self._jobs)
            if self._is_current(job):
                yield job

    def done(self, job: Job, ok: bool | None, now: float,
             wall: float) -> bool:
        """Note an answer and plan the next question.

        Whether the verdict has changed. An answer about a container that is
        no longer probed changes nothing.
        """
        watched = job.watched
        if not self._is_current(job):
            return False
        changed = ok is not None and watched.tallies[job.kind].record(ok)
        if not watched.is_done(job.kind):
            period = job.probe.period_seconds or 10
            self._push(watched, job.kind, max(now, job.due + period))
        if job.kind is Kind.STARTUP and changed and ok:
            for kind in watched.gated:
                probe = probes_of(watched.target.container)[kind]
                self._push(watched, kind, self._first(
                    watched.target, probe, now, wall))
            watched.gated.clear()
        return changed

    def _is_current(self, job: Job) -> bool:
        target = job.watched.target
        return self._watched.get(target.run_id) is job.watched

    def _push(self, watched: Watched, kind: Kind, due: float) -> None:
        heapq.heappush(self._jobs, Job(due, next(self._order), watched,
                                       kind))

    @staticmethod
    def _first(target: Target, probe: Probe, now: float,
               wall: float) -> float:
        delay = probe.initial_delay_seconds or 0
        return now + max(0.0, target.started_at + delay - wall)
