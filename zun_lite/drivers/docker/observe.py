"""From the engine's objects to a pod's status: pure."""
from collections.abc import Sequence

from zun_lite.drivers.docker import facts as facts_module
from zun_lite.drivers.docker import times
from zun_lite.drivers.docker.facts import Facts
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import SeenPod
from zun_lite.pod import phase as phase_module
from zun_lite.pod import states
from zun_lite.pod import status
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Pod
from zun_lite.pod.spec import PodSpec
from zun_lite.pod.states import Phase

START_ERROR = 'StartError'
STATUS_UNKNOWN = 'ContainerStatusUnknown'

_SIGNALS = range(1, 65)


def terminated(run: Run, facts: Facts) -> status.Terminated:
    """How a run ended.

    The engine tells 128 + n alike for a process that signal n ended and for
    one that chose to exit so; the signal is given for both.
    """
    number = run.exit_code - 128
    return status.Terminated(
        exit_code=run.exit_code, reason=_reason(run),
        message=run.error or facts.messages.get(run.id) or None,
        signal=number if number in _SIGNALS and not run.error else None,
        started_at=times.maybe_rfc3339(run.started_at),
        finished_at=times.maybe_rfc3339(run.finished_at))


def _reason(run: Run) -> str:
    if run.error:
        return START_ERROR
    if run.exit_code == 0:
        return status.COMPLETED
    return status.OOM_KILLED if run.oom_killed else status.ERROR


def container_status(spec: PodSpec, seen: SeenPod | None, facts: Facts,
                     wanted: Container) -> status.ContainerStatus:
    """One container, whether or not there is anything of it."""
    runs: Sequence[Run] = seen.runs.get(wanted.name, ()) if seen else ()
    state = _state(spec, seen, facts, wanted)
    shown = status.ContainerStatus(name=wanted.name, image=wanted.image,
                                   state=state)
    if not runs:
        return shown
    run = runs[0]
    health = facts.health_of(run, wanted)
    past = runs if state.waiting is not None else runs[1:]
    dead = [r for r in past if r.ended]
    up = state.running is not None
    init = wanted in (spec.init_containers or ()) and not wanted.is_sidecar
    return shown.model_copy(update={
        'image_id': run.image_id, 'container_id': f'docker://{run.id}',
        'restart_count': run.attempt,
        'started': up and not init and health.started,
        'ready': (state.terminated is not None and run.exit_code == 0
                  if init else up and health.ready),
        'last_state': status.ContainerState(
            terminated=terminated(dead[0], facts)) if dead
        else status.ContainerState()})


def _state(spec: PodSpec, seen: SeenPod | None, facts: Facts,
           wanted: Container) -> status.ContainerState:
    run = seen.latest(wanted.name) if seen else None
    waits = facts.waiting.get(wanted.name) or facts.waiting.get(
        facts_module.SANDBOX)
    if run is not None and run.running and run.id not in facts.hooks:
        return status.ContainerState(running=status.Running(
            started_at=times.rfc3339(run.started_at or run.created_at)))
    if waits is not None:
        return status.ContainerState(waiting=waits.state)
    if seen is not None and run is not None and run.ended:
        return _ended_state(spec, seen, facts, wanted, run)
    if seen is not None and run is None and (
            facts_module.abandoned(spec, seen)):
        return status.ContainerState(terminated=status.Terminated(
            exit_code=137, reason=STATUS_UNKNOWN,
            message='The sandbox ended before the container was started.'))
    return status.ContainerState(waiting=_idle(spec, seen, wanted))


def _idle(spec: PodSpec, seen: SeenPod | None,
          wanted: Container) -> status.Waiting:
    inits = spec.init_containers or ()
    begun = seen is not None and facts_module.past_init(spec, seen)
    return status.Waiting(
        reason=status.POD_INITIALIZING
        if inits and not begun and wanted not in inits
        else status.CONTAINER_CREATING)


def _ended_state(spec: PodSpec, seen: SeenPod, facts: Facts,
                 wanted: Container, run: Run) -> status.ContainerState:
    how = status.ContainerState(terminated=terminated(run, facts))
    imposed = facts_module.verdict(spec, seen, facts)
    stopped = seen.sandbox is not None and bool(seen.sandbox.mark)
    delay = facts.backoff.delay_s(run)
    if imposed or stopped or not delay or not facts_module.restarts(
            spec, seen, facts, wanted, run):
        return how
    if run.error:
        return status.ContainerState(waiting=status.Waiting(
            reason=status.RUN_CONTAINER_ERROR, message=run.error))
    return status.ContainerState(waiting=status.Waiting(
        reason=status.CRASH_LOOP, message=f'back-off {delay:g}s restarting '
        f'failed container={wanted.name} pod={seen.uuid}'))


def pod_status(pod: Pod, seen: SeenPod | None, facts: Facts,
               previous: Sequence[status.Condition] = (),
               ) -> status.PodStatus:
    """The whole pod. `previous`: its conditions when last looked at."""
    spec = pod.spec
    init = tuple(container_status(spec, seen, facts, c)
                 for c in spec.init_containers or ())
    main = tuple(container_status(spec, seen, facts, c)
                 for c in spec.containers)
    phase, reason, message = _outcome(spec, seen, facts, init, main)
    sandbox = seen.sandbox if seen else None
    return status.PodStatus(
        phase=phase, reason=reason, message=message,
        pod_ip=sandbox.address if sandbox and sandbox.running else None,
        start_time=times.maybe_rfc3339(
            sandbox.pod_started_at if sandbox else None),
        conditions=phase_module.conditions_of(
            spec, init, main, phase=phase, previous=previous,
            now=times.rfc3339(facts.now)),
        init_container_statuses=init, container_statuses=main)


def _outcome(spec: PodSpec, seen: SeenPod | None, facts: Facts,
             init: Sequence[status.ContainerStatus],
             main: Sequence[status.ContainerStatus],
             ) -> tuple[Phase, str | None, str | None]:
    if seen is not None and seen.sandbox is not None and (
            seen.sandbox.mark == facts_module.STOPPED):
        return Phase.STOPPED, None, None
    imposed = (facts_module.verdict(spec, seen, facts)
               if seen is not None else None)
    phase = (Phase.FAILED if imposed is not None
             else phase_module.phase_of(spec, init, main))
    if phase in states.TERMINAL and seen is not None and seen.anything_runs:
        phase = (Phase.PENDING if any(_is_unmade(s) for s in main)
                 else Phase.RUNNING)        # it has not come to rest yet
    return phase, *(imposed or phase_module.summary(spec, init, main))


def _is_unmade(seen: status.ContainerStatus) -> bool:
    return seen.state.waiting is not None and seen.container_id is None
