"""What is due for a pod: pure, from what is asked, seen and known.

The agent restarts containers itself. The engine's restart policies would
start the same container again, with the files that its last run left, and
after 0.1 s doubling for ever; Kubernetes makes a new one, from the image,
after a back-off from 10 s to 300 s that is shown as CrashLoopBackOff. The
wait of each restart is a label of the container it led to, so another agent
goes on counting where the last one stopped.

Source: kubelet pkg/kubelet/kuberuntime (computePodActions, SyncPod) for
what follows what.
"""
import dataclasses
from collections.abc import Iterator

from zun_lite.drivers.docker import facts as facts_module
from zun_lite.drivers.docker.facts import Facts
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import SeenPod
from zun_lite.drivers.docker.seen import State
from zun_lite.pod import status
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Pod


@dataclasses.dataclass(frozen=True, slots=True)
class Remove:
    """End what of it runs, and remove it."""
    runs: tuple[Run, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class MakeSandbox:
    attempt: int


@dataclasses.dataclass(frozen=True, slots=True)
class Make:
    """A new container, which is then started."""
    container: Container
    attempt: int = 0
    backoff_s: float | None = None      # that it had to wait


@dataclasses.dataclass(frozen=True, slots=True)
class Start:
    """What was made and not started, because an agent died in between."""
    run: Run


@dataclasses.dataclass(frozen=True, slots=True)
class Kill:
    """Begin to end a container. `unhealthy`: a probe asks for it."""
    run: Run
    why: str
    unhealthy: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Release:
    """The pod has ended: end its sandbox, which nothing needs any more."""
    run: Run


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """Write a verdict on the sandbox, where it outlives the agent."""
    run: Run
    mark: str


@dataclasses.dataclass(frozen=True, slots=True)
class End:
    """Begin to end containers, sidecars after what they serve."""
    runs: tuple[Run, ...]
    why: str


Step = Remove | MakeSandbox | Make | Start | Kill | End | Release | Mark


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """`recheck_at`: when to plan again though nothing happened.

    `backing_off`: ended runs whose container waits to be started again.
    """
    steps: tuple[Step, ...] = ()
    recheck_at: float | None = None
    backing_off: tuple[Run, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Later:
    """Not a step: a container will be started again then."""
    at: float
    run: Run


def plan(pod: Pod, seen: SeenPod | None, facts: Facts) -> Plan:
    """The steps that are due now, in order."""
    if seen is None:
        return Plan((MakeSandbox(0),))
    if seen.stale:
        return Plan((Remove(seen.stale),))
    if seen.sandbox is not None and (
            seen.sandbox.mark == facts_module.STOPPED):
        return Plan((Remove(seen.everything),))     # asked to run again
    found = list(_due(pod, seen, facts))
    later = [item for item in found if isinstance(item, Later)]
    times = [item.at for item in later]
    latest = facts_module.deadline(pod.spec, seen)
    if latest is not None and latest > facts.now:
        times.append(latest)
    return Plan(tuple(i for i in found if not isinstance(i, Later)),
                min(times, default=None), tuple(i.run for i in later))


def _due(pod: Pod, seen: SeenPod, facts: Facts) -> Iterator[Step | Later]:
    spec, sandbox = pod.spec, seen.sandbox
    imposed = facts_module.verdict(spec, seen, facts)
    if imposed is not None or facts_module.natural_end(
            spec, seen, facts) is not None:
        yield from _wind_down(seen, facts, imposed)
    elif sandbox is None or sandbox.ended:
        yield from _new_sandbox(seen, facts)
    elif sandbox.state is State.CREATED:
        yield Start(sandbox)
    else:
        yield from _inits(pod, seen, facts)


def _wind_down(seen: SeenPod, facts: Facts,
               imposed: tuple[str, str] | None) -> Iterator[Step]:
    sandbox = seen.sandbox
    if facts.evicted and sandbox is not None and not sandbox.mark:
        yield Mark(sandbox, f'{facts_module.EVICTED}.{facts.evicted}')
    why = imposed[0] if imposed else 'the pod has ended'
    yield from _kill_all(seen, facts, f'Stopping container: {why}')
    if sandbox is not None and sandbox.running and not any(
            run.running for run in seen.newest):
        yield Release(sandbox)


def _kill_all(seen: SeenPod, facts: Facts, why: str) -> Iterator[Step]:
    running = tuple(run for run in seen.newest if run.running)
    if any(run.id not in facts.ending for run in running):
        yield End(running, why)


def _new_sandbox(seen: SeenPod, facts: Facts) -> Iterator[Step]:
    yield from _kill_all(seen, facts,
                         'Pod sandbox changed, it will be killed and '
                         're-created')
    if not any(run.running for run in seen.newest):
        yield MakeSandbox(seen.next_sandbox)


def _inits(pod: Pod, seen: SeenPod, facts: Facts) -> Iterator[Step | Later]:
    """What comes before the containers, and the sidecars beside them."""
    past = _position(pod, seen)
    for place, wanted in enumerate(pod.spec.init_containers or ()):
        run = seen.latest(wanted.name)
        if wanted.is_sidecar:
            yield from _bring_up(pod, seen, facts, wanted)
            if place >= past and not facts_module.has_started(
                    run, wanted, seen, facts):
                return
        elif place >= past and not _is_done(run, seen):
            yield from _bring_up(pod, seen, facts, wanted)
            return
    yield from _mains(pod, seen, facts)


def _position(pod: Pod, seen: SeenPod) -> int:
    """How many init containers were left behind in this sandbox."""
    inits = pod.spec.init_containers or ()
    if facts_module.past_init(pod.spec, seen):
        return len(inits)
    made = [place for place, wanted in enumerate(inits)
            if (run := seen.latest(wanted.name)) is not None
            and facts_module.is_joined(run, seen)]
    return max(made, default=0)


def _is_done(run: Run | None, seen: SeenPod) -> bool:
    return (run is not None and run.ended and run.exit_code == 0
            and facts_module.is_joined(run, seen))


def _mains(pod: Pod, seen: SeenPod, facts: Facts) -> Iterator[Step | Later]:
    """Each is started when the postStart of those before it has ended; what
    runs already is looked after meanwhile."""
    held = False
    for wanted in pod.spec.containers:
        run = seen.latest(wanted.name)
        if run is not None and run.id in facts.hooks:
            held = True
            continue
        for step in _bring_up(pod, seen, facts, wanted):
            starts = isinstance(step, Make | Start)
            if not (starts and held):
                yield step
            held |= starts and _holds_up(wanted, facts)


def _holds_up(wanted: Container, facts: Facts) -> bool:
    """Whether others wait for the hook of a container that is started now;
    nobody waits for one that cannot be."""
    waits = facts.waiting.get(wanted.name)
    return bool(wanted.lifecycle and wanted.lifecycle.post_start) and (
        waits is None or waits.reason == status.CONTAINER_CREATING)


def _bring_up(pod: Pod, seen: SeenPod, facts: Facts,
              wanted: Container) -> Iterator[Step | Later]:
    """One step of one container towards running."""
    run = seen.latest(wanted.name)
    if run is None:
        yield Make(wanted)
    elif run.ended:
        yield from _again(pod, seen, facts, wanted, run)
    elif run.state is State.CREATED:
        yield (Start(run) if facts_module.is_joined(run, seen)
               else Make(wanted, run.attempt + 1, run.backoff_s))
    elif run.id not in facts.ending:
        yield from _look_after(seen, facts, wanted, run)


def _again(pod: Pod, seen: SeenPod, facts: Facts, wanted: Container,
           run: Run) -> Iterator[Step | Later]:
    if not facts_module.restarts(pod.spec, seen, facts, wanted, run):
        return
    delay = facts.backoff.delay_s(run)
    if facts.now < run.ended_at + delay:
        yield Later(run.ended_at + delay, run)
    else:
        yield Make(wanted, run.attempt + 1, delay)


def _look_after(seen: SeenPod, facts: Facts, wanted: Container,
                run: Run) -> Iterator[Step]:
    if not facts_module.is_joined(run, seen):
        yield Kill(run, 'its sandbox is gone')
    elif not facts.health_of(run, wanted).alive:
        yield Kill(run, f'Container {wanted.name} failed its probe, '
                   f'will be restarted', unhealthy=True)
