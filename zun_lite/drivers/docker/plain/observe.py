"""From a plain container to a pod's status: pure."""
import dataclasses
from collections.abc import Sequence

from zun_lite.drivers.docker import observe
from zun_lite.drivers.docker import times
from zun_lite.drivers.docker.facts import Facts
from zun_lite.drivers.docker.plain import endpoints
from zun_lite.drivers.docker.plain.seen import SeenPlain
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import State
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.pod import phase as phase_module
from zun_lite.pod import status
from zun_lite.pod.spec import Pod
from zun_lite.pod.states import Phase

LOST = 'The container was removed from the engine by something else.'
RESTARTS = 'the engine waits before it starts the container again'


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the engine's objects.

    `now`: seconds since the epoch. `waits`: what keeps it from being made.
    `refused`: the engine refused to start it in this generation. `evicted`:
    the volume that outgrew its limit.
    """
    now: float
    waits: NotYet | None = None
    refused: bool = False
    evicted: str | None = None


def pod_status(pod: Pod, seen: SeenPlain | None, known: Known,
               previous: Sequence[status.Condition] = (),
               ) -> status.PodStatus:
    """`previous`: the conditions when last looked at."""
    run = seen.run if seen is not None else None
    phase, reason, message = _outcome(pod, seen, known)
    main = _container(pod, run, known, phase)
    return status.PodStatus(
        phase=phase, reason=reason, message=message,
        pod_ip=run.address if run is not None and run.running else None,
        addresses=endpoints.addresses(pod, run),
        start_time=times.maybe_rfc3339(run.created_at if run else None),
        conditions=phase_module.conditions_of(
            pod.spec, (), (main,), phase=phase, previous=previous,
            now=times.rfc3339(known.now)),
        container_statuses=(main,))


def lost(pod: Pod, seen: SeenPlain | None) -> bool:
    """Whether there was a container in this generation and is none now."""
    return (seen is not None and seen.run is None
            and seen.generation == pod.generation)


def _outcome(pod: Pod, seen: SeenPlain | None, known: Known,
             ) -> tuple[Phase, str | None, str | None]:
    stopped = pod.desired == 'stopped'
    if seen is None or seen.run is None:
        return _without(pod, seen, known)
    run = seen.run
    if known.evicted and not run.running:
        return Phase.FAILED, status.EVICTED, (
            f'Usage of volume "{known.evicted}" exceeds its size')
    if seen.paused:
        return Phase.PAUSED, None, None
    if run.running:
        return Phase.RUNNING, None, None
    if known.refused and run.error:
        return Phase.FAILED, observe.START_ERROR, run.error
    if run.state is State.CREATED:
        return (Phase.STOPPED if stopped else Phase.CREATED
                if pod.desired == 'created' else Phase.PENDING), None, None
    if stopped:
        return Phase.STOPPED, None, None
    return (Phase.FAILED if run.exit_code else Phase.SUCCEEDED), None, None


def _without(pod: Pod, seen: SeenPlain | None, known: Known,
             ) -> tuple[Phase, str | None, str | None]:
    """Of a container that is not there."""
    if not lost(pod, seen):
        waits = known.waits
        return (Phase.PENDING, None, None) if waits is None else (
            Phase.PENDING, waits.reason, waits.message)
    if pod.plain is not None and pod.plain.remove:
        return (Phase.STOPPED if pod.desired == 'stopped'
                else Phase.SUCCEEDED), None, None
    return Phase.FAILED, status.CONTAINERS_LOST, LOST


def _container(pod: Pod, run: Run | None, known: Known,
               phase: Phase) -> status.ContainerStatus:
    wanted = pod.spec.containers[0]
    shown = status.ContainerStatus(
        name=wanted.name, image=wanted.image,
        state=_state(run, known, phase))
    if run is None:
        return shown
    up = shown.state.running is not None
    return shown.model_copy(update={
        'image_id': run.image_id, 'container_id': f'docker://{run.id}',
        'restart_count': run.attempt, 'started': up,
        'ready': (up and phase is not Phase.PAUSED
                  and run.health in ('', 'healthy')),
        'last_state': status.ContainerState(
            terminated=_terminated(run, known))
        if run.restarting else status.ContainerState()})


def _state(run: Run | None, known: Known,
           phase: Phase) -> status.ContainerState:
    if run is None and phase is not Phase.PENDING:
        return status.ContainerState(terminated=status.Terminated(
            exit_code=137, reason=observe.STATUS_UNKNOWN, message=LOST))
    if run is None or run.state is State.CREATED and not run.error:
        waits = known.waits if run is None else None
        return status.ContainerState(
            waiting=waits.state if waits is not None else status.Waiting(
                reason=status.CONTAINER_CREATING))
    if run.restarting:
        return status.ContainerState(waiting=status.Waiting(
            reason=status.CRASH_LOOP, message=RESTARTS))
    if run.running:
        return status.ContainerState(running=status.Running(
            started_at=times.rfc3339(run.started_at or run.created_at)))
    return status.ContainerState(terminated=_terminated(run, known))


def _terminated(run: Run, known: Known) -> status.Terminated:
    """An error that is left of an earlier start says nothing of this one."""
    if not known.refused:
        run = dataclasses.replace(run, error='')
    return observe.terminated(run, Facts(now=known.now))
