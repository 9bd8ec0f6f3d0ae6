"""The status of a simulated pod, from its sandbox."""
import typing

from zun_lite.drivers.fake import messages
from zun_lite.drivers.fake.member import Member
from zun_lite.drivers.fake.member import rfc3339
from zun_lite.pod import phase
from zun_lite.pod import states
from zun_lite.pod import status

if typing.TYPE_CHECKING:
    from zun_lite.drivers.fake.instance import Instance
    from zun_lite.drivers.fake.sandbox import Sandbox


def _terminated(run: 'Instance') -> status.Terminated:
    code = run.exit_code or 0
    if run.start_error:
        reason = 'StartError'
    elif run.oom_killed:
        reason = status.OOM_KILLED
    else:
        reason = status.ERROR if code else status.COMPLETED
    return status.Terminated(
        exit_code=code, reason=reason,
        message=run.start_error or messages.left(run),
        started_at=rfc3339(run.started_at),
        finished_at=rfc3339(run.finished_at))


def _state(member: Member) -> tuple[status.ContainerState,
                                    status.ContainerState]:
    """(state, last state)"""
    last = (status.ContainerState(terminated=_terminated(member.previous))
            if member.previous else status.ContainerState())
    run = member.run
    if run is not None and run.alive and member.hook_runs:
        return status.ContainerState(waiting=status.Waiting(
            reason=status.CONTAINER_CREATING)), last
    if run is not None and run.alive:
        return status.ContainerState(running=status.Running(
            started_at=rfc3339(run.started_at))), last
    if run is None or (member.waiting is not None
                       and not member.pod.closed):
        waiting = member.waiting or status.Waiting(
            reason=member.pod.creating_reason(member))
        if run is not None:
            last = status.ContainerState(terminated=_terminated(run))
        return status.ContainerState(waiting=waiting), last
    return status.ContainerState(terminated=_terminated(run)), last


def container_status(member: Member) -> status.ContainerStatus:
    state, last = _state(member)
    probes = member.probes
    up = state.running is not None and probes is not None
    ready = bool(up and probes and probes.ready)
    if member.is_init and not member.container.is_sidecar:
        ready = member.succeeded
    return status.ContainerStatus(
        name=member.container.name, image=member.container.image,
        image_id=f'fake://{member.container.image}' if member.run else '',
        container_id=f'fake://{member.run.id}' if member.run else None,
        ready=ready, started=bool(up and probes and probes.started),
        restart_count=member.restart_count, state=state, last_state=last)


def _end_of(sandbox: 'Sandbox') -> states.Phase | None:
    """How a plain container ended that is not started again."""
    main, = sandbox.main
    if not main.ended or main.will_restart():
        return None
    return states.Phase.SUCCEEDED if main.succeeded else states.Phase.FAILED


def _addresses(sandbox: 'Sandbox') -> tuple[status.Address, ...] | None:
    """Of a pod that names its networks."""
    pod = sandbox.pod
    if pod.plain is None or pod.plain.networks is None:
        return None
    return tuple(status.Address(
        network=None if key == pod.project_id else key, ip=address)
        for key, (_, address) in sandbox.network.places.items())


def pod_status(sandbox: 'Sandbox') -> status.PodStatus:
    spec = sandbox.pod.spec
    init = tuple(container_status(m) for m in sandbox.init)
    main = tuple(container_status(m) for m in sandbox.main)
    if sandbox.stopped:
        found = states.Phase.STOPPED
        reason, message = None, None
    elif sandbox.held and all(m.made for m in sandbox.main):
        found = states.Phase.CREATED
        reason, message = None, None
    elif sandbox.frozen:
        found = states.Phase.PAUSED
        reason, message = None, None
    elif sandbox.failed is not None:
        found = states.Phase.FAILED
        reason, message = sandbox.failed
    else:
        found = (_end_of(sandbox) if sandbox.pod.plain is not None else None
                 ) or phase.phase_of(spec, init, main)
        reason, message = phase.summary(spec, init, main)
    sandbox.conditions = phase.conditions_of(
        spec, init, main, phase=found, now=rfc3339(sandbox.now()),
        previous=sandbox.conditions)
    return status.PodStatus(
        phase=found, reason=reason, message=message,
        pod_ip=sandbox.network.address or None,
        addresses=_addresses(sandbox),
        start_time=rfc3339(sandbox.started_at), conditions=sandbox.conditions,
        init_container_statuses=init, container_statuses=main)
