"""From what the containers do to what the pod is: pure, the kubelet's rules.

Source: kubernetes/kubernetes pkg/kubelet/kubelet_pods.go (getPhase) and
pkg/kubelet/status/generate.go for the words; pod lifecycle documentation for
the back-off.
"""
import itertools
from collections.abc import Iterator
from collections.abc import Sequence

from zun_lite.pod import status as status_module
from zun_lite.pod.spec import PodSpec
from zun_lite.pod.spec import RestartPolicy
from zun_lite.pod.states import Phase
from zun_lite.pod.status import Condition
from zun_lite.pod.status import ContainerStatus

BACKOFF_BASE_S = 10.0
BACKOFF_CAP_S = 300.0
BACKOFF_RESET_S = 600.0      # a run this long is forgiven its past

_UNREMARKABLE = frozenset({status_module.CONTAINER_CREATING,
                           status_module.POD_INITIALIZING})


def should_restart(policy: RestartPolicy, exit_code: int) -> bool:
    """Whether a container that ended is to be started again."""
    return policy is RestartPolicy.ALWAYS or (
        policy is RestartPolicy.ON_FAILURE and exit_code != 0)


def next_backoff_s(previous: float | None, ran_for_s: float, *,
                   base_s: float = BACKOFF_BASE_S,
                   cap_s: float = BACKOFF_CAP_S,
                   reset_s: float = BACKOFF_RESET_S) -> float:
    """Seconds to wait before the next restart.

    `previous` is what the last restart waited, None before the first one,
    which is at once; then `base_s`, doubling up to `cap_s`. A container that
    ran for `reset_s` begins anew.
    """
    if previous is None or ran_for_s >= reset_s:
        return 0.0
    return min(cap_s, max(base_s, previous * 2))


def backoff_s(restarts: int, *, base_s: float = BACKOFF_BASE_S,
              cap_s: float = BACKOFF_CAP_S) -> float:
    """The same, for who knows only how often it was restarted in a row."""
    if restarts <= 0:
        return 0.0
    return min(cap_s, base_s * 2.0 ** min(restarts - 1, 64))


def _ended(seen: ContainerStatus) -> status_module.Terminated | None:
    """How it ended, also when it waits for its restart."""
    if seen.state.running is not None:
        return None
    return seen.state.terminated or seen.last_state.terminated


def _init_failed(seen: ContainerStatus) -> bool:
    ended = _ended(seen)
    return ended is not None and ended.exit_code != 0


def initialized(spec: PodSpec, init: Sequence[ContainerStatus],
                main: Sequence[ContainerStatus] = ()) -> bool:
    """Whether every init container has ended with 0, or is a started
    sidecar.

    Also where the engine no longer tells, but the others have begun.
    """
    return not _unfinished(spec, init) or any(
        s.state.running or s.state.terminated for s in main)


def _unfinished(spec: PodSpec,
                init: Sequence[ContainerStatus]) -> list[str]:
    started = {s.name for s in init if s.started}
    done = {s.name for s in init if s.state.terminated is not None
            and s.state.terminated.exit_code == 0}
    return [c.name for c in spec.init_containers or ()
            if c.name not in (started if c.is_sidecar else done)]


def phase_of(spec: PodSpec, init: Sequence[ContainerStatus],
             main: Sequence[ContainerStatus]) -> Phase:
    """The phase of a pod that is to run; never Stopped nor Unknown.

    A pod has not ended while a sidecar runs; how those end does not count.
    """
    policy = spec.effective_restart_policy
    sidecars = _sidecars_among(spec, init)
    if policy is RestartPolicy.NEVER and any(
            _init_failed(s) for s in init if s not in sidecars):
        return (Phase.PENDING if any(s.state.running for s in sidecars)
                else Phase.FAILED)
    begun = [s for s in main if s.state.running or _ended(s)]
    if not initialized(spec, init, main) or (
            {c.name for c in spec.containers} != {s.name for s in begun}):
        return Phase.PENDING
    if any(s.state.running for s in sidecars):
        return Phase.RUNNING
    return _phase_of_begun(policy, begun)


def _sidecars_among(spec: PodSpec, seen: Sequence[ContainerStatus],
                    ) -> list[ContainerStatus]:
    names = {c.name for c in spec.sidecars}
    return [s for s in seen if s.name in names]


def _phase_of_begun(policy: RestartPolicy,
                    seen: Sequence[ContainerStatus]) -> Phase:
    if policy is RestartPolicy.ALWAYS or any(s.state.running for s in seen):
        return Phase.RUNNING
    if all(s.state.terminated is not None
           and s.state.terminated.exit_code == 0 for s in seen):
        return Phase.SUCCEEDED
    return (Phase.FAILED if policy is RestartPolicy.NEVER
            else Phase.RUNNING)              # about to be restarted


def conditions_of(spec: PodSpec, init: Sequence[ContainerStatus],
                  main: Sequence[ContainerStatus], *,
                  phase: Phase | None = None, now: str | None = None,
                  previous: Sequence[Condition] = (),
                  ) -> tuple[Condition, ...]:
    """PodScheduled, Initialized, ContainersReady and Ready of a placed pod.

    `phase`: where it is not `phase_of` (Stopped). `now` (RFC 3339) becomes
    lastTransitionTime of what differs from `previous`.
    """
    phase = phase or phase_of(spec, init, main)
    ready = {s.name for s in (*init, *main) if s.ready}
    unready = [c.name for c in (*spec.sidecars, *spec.containers)
               if c.name not in ready]
    waiting = ([] if initialized(spec, init, main)
               else _unfinished(spec, init))
    found = [_condition('PodScheduled', None, None),
             _condition('Initialized', waiting, 'ContainersNotInitialized'),
             _readiness('ContainersReady', phase, unready),
             _readiness('Ready', phase, unready)]
    return tuple(_dated(c, now, previous) for c in found)


def _condition(kind: str, names: Sequence[str] | None,
               reason: str | None) -> Condition:
    if not names:
        return Condition(type=kind, status='True')
    word = 'incomplete' if kind == 'Initialized' else 'unready'
    return Condition(
        type=kind, status='False', reason=reason,
        message=f'containers with {word} status: {", ".join(names)}')


def _readiness(kind: str, phase: Phase, unready: list[str]) -> Condition:
    if phase is Phase.SUCCEEDED:
        return Condition(type=kind, status='False', reason='PodCompleted')
    if phase is Phase.FAILED:
        return Condition(type=kind, status='False', reason='PodFailed')
    return _condition(kind, unready, 'ContainersNotReady')


def _dated(found: Condition, now: str | None,
           previous: Sequence[Condition]) -> Condition:
    for old in previous:
        if old.type == found.type and old.status == found.status:
            now = old.last_transition_time or now
    return found.model_copy(update={'last_transition_time': now})


def summary(spec: PodSpec, init: Sequence[ContainerStatus],
            main: Sequence[ContainerStatus]) -> tuple[str | None, str | None]:
    """(reason, message) worth showing for the pod; (None, None) when well.

    What a container waits for beats how one ended; init containers come
    first. A bad end that was healed by a restart is not worth showing, nor
    is a sidecar's, which is ended when nobody needs it any more.
    """
    seen = [*init, *main]
    sidecars = _sidecars_among(spec, init)
    ended = [one for one in seen if one not in sidecars]
    return next(itertools.chain(_waiting(seen), _bad_ends(ended)),
                (None, None))


def _waiting(seen: Sequence[ContainerStatus]) -> Iterator[tuple[str, str]]:
    for one in seen:
        waits = one.state.waiting
        if waits is not None and waits.reason not in _UNREMARKABLE:
            yield waits.reason, _about(one, waits.message)


def _bad_ends(seen: Sequence[ContainerStatus]) -> Iterator[tuple[str, str]]:
    for one in seen:
        ended = one.state.terminated
        if ended is not None and ended.exit_code != 0:
            yield ended.reason, _about(
                one, ended.message or f'exit code {ended.exit_code}')


def _about(seen: ContainerStatus, message: str | None) -> str:
    text = f'container {seen.name}'
    return f'{text}: {message}' if message else text
