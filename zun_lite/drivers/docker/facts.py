"""What is known about a pod besides its objects, and what follows of it.

Pure: `sync` decides by it what to do, `observe` what to show.
"""
import dataclasses
from collections.abc import Mapping

from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import SeenPod
from zun_lite.drivers.docker.thresholds import Health
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.pod import phase
from zun_lite.pod import status
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import PodSpec
from zun_lite.pod.spec import RestartPolicy

STOPPED = 'stopped'                 # marks of a sandbox
EVICTED = 'evicted'
SANDBOX = ''                        # its key among containers' names


@dataclasses.dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds. A run of twice the cap is forgiven its past."""
    base_s: float = phase.BACKOFF_BASE_S
    cap_s: float = phase.BACKOFF_CAP_S

    def delay_s(self, run: Run) -> float:
        """What the restart after this run has to wait, from its end."""
        return phase.next_backoff_s(
            run.backoff_s, run.ran_for_s, base_s=self.base_s,
            cap_s=self.cap_s, reset_s=self.cap_s * 2)


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """`now`: seconds since the epoch.

    `waiting`: by container, what keeps it from being made; the key of the
    sandbox is ''. `health`: by id, of what is probed. `hooks`: ids whose
    postStart runs. `ending`: ids that are being ended. `unhealthy`: ids that
    were ended because a probe failed. `messages`: by id, what ended ones
    left. `evicted`: the volume that outgrew its limit.
    """
    now: float
    backoff: Backoff = Backoff()
    waiting: Mapping[str, NotYet] = dataclasses.field(default_factory=dict)
    health: Mapping[str, Health] = dataclasses.field(default_factory=dict)
    hooks: frozenset[str] = frozenset()
    ending: frozenset[str] = frozenset()
    unhealthy: frozenset[str] = frozenset()
    messages: Mapping[str, str] = dataclasses.field(default_factory=dict)
    evicted: str | None = None

    def health_of(self, run: Run, wanted: Container) -> Health:
        """Unprobed containers are well, unless they have probes."""
        known = self.health.get(run.id)
        if known is not None:
            return known
        return Health(
            started=wanted.startup_probe is None,
            ready=wanted.startup_probe is None
            and wanted.readiness_probe is None)


def is_joined(run: Run, seen: SeenPod) -> bool:
    """Whether it belongs to the present sandbox."""
    return seen.sandbox is not None and run.sandbox == seen.sandbox.attempt


def past_init(spec: PodSpec, seen: SeenPod) -> bool:
    """Whether a main container has been made in the present sandbox."""
    runs = (seen.latest(c.name) for c in spec.containers)
    return any(run is not None and is_joined(run, seen) for run in runs)


def has_started(run: Run | None, wanted: Container, seen: SeenPod,
                facts: Facts) -> bool:
    """Whether what waits for a sidecar may begin."""
    return (run is not None and run.running and is_joined(run, seen)
            and run.id not in facts.hooks
            and facts.health_of(run, wanted).started)


def restarts(spec: PodSpec, seen: SeenPod, facts: Facts, wanted: Container,
             run: Run) -> bool:
    """Whether a container whose latest run ended is started again."""
    policy = spec.effective_restart_policy
    if wanted.is_sidecar:
        return natural_end(spec, seen, facts) is None
    if wanted in (spec.init_containers or ()):
        if seen.sandbox is not None and not is_joined(run, seen):
            return not past_init(spec, seen)
        return policy is not RestartPolicy.NEVER and run.exit_code != 0
    if policy is RestartPolicy.NEVER:
        return False
    return run.id in facts.unhealthy or phase.should_restart(
        policy, run.exit_code)


def abandoned(spec: PodSpec, seen: SeenPod) -> bool:
    """The sandbox is gone and the policy forbids starting anew.

    Only once a main container was started: a pod that had not come so far
    has done nothing that must not be repeated.
    """
    if spec.effective_restart_policy is not RestartPolicy.NEVER:
        return False
    gone = seen.sandbox is None or seen.sandbox.ended
    return gone and any(
        run is not None and (run.started_at is not None or run.running)
        for run in (seen.latest(c.name) for c in spec.containers))


def natural_end(spec: PodSpec, seen: SeenPod, facts: Facts) -> float | None:
    """When the pod ended by its own containers; None: it has not."""
    init = [seen.latest(c.name) for c in spec.init_containers or ()
            if not c.is_sidecar]
    if spec.effective_restart_policy is RestartPolicy.NEVER:
        failed = [r for r in init if r and r.ended and r.exit_code]
        if failed:
            return failed[0].ended_at
    ends = []
    gone = abandoned(spec, seen)
    for wanted in spec.containers:
        run = seen.latest(wanted.name)
        if run is None and gone:
            continue
        if run is None or not run.ended or restarts(
                spec, seen, facts, wanted, run):
            return None
        ends.append(run.ended_at)
    return max(ends)


def deadline(spec: PodSpec, seen: SeenPod) -> float | None:
    """Seconds since the epoch at which the pod may no longer run."""
    if spec.active_deadline_seconds is None or seen.sandbox is None or (
            seen.sandbox.pod_started_at is None):
        return None
    return seen.sandbox.pod_started_at + spec.active_deadline_seconds


def verdict(spec: PodSpec, seen: SeenPod,
            facts: Facts) -> tuple[str, str] | None:
    """(reason, message) of an end that was imposed; None: there is none."""
    mark = seen.sandbox.mark if seen.sandbox is not None else ''
    volume = facts.evicted
    if mark.startswith(EVICTED):
        volume = mark.removeprefix(EVICTED).removeprefix('.')
    if volume:
        return status.EVICTED, (
            f'Usage of EmptyDir volume "{volume}" exceeds its limit')
    latest = deadline(spec, seen)
    ended = natural_end(spec, seen, facts)
    if latest is not None and latest <= (
            facts.now if ended is None else ended):
        return status.DEADLINE_EXCEEDED, (
            'Pod was active on the node longer than the specified deadline')
    return None
