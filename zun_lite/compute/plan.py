"""What to do about one pod; pure, so that it can be tested to the last case.

The drivers' verbs are idempotent and look for themselves, so mostly the step
follows from what is desired alone. Looking first (`Step.LOOK`, an engine call
more) is asked for only where `ensure_pod` could run again what has had its
run: an engine that lost the remains of a finished job must not repeat it.
"""
import enum

from zun_lite.pod import spec
from zun_lite.pod import states
from zun_lite.pod import status
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase


class Unseen(enum.Enum):
    """Instead of an observation: the engine has not been asked."""
    UNSEEN = 'unseen'


UNSEEN = Unseen.UNSEEN
Seen = status.ObservedPod | None | Unseen      # None: it has nothing of it


class Step(enum.Enum):
    """One thing to do; every step may be repeated after a crash.

    LOOK    driver.pod_status, then plan again
    ENSURE  driver.ensure_pod: nearer to running
    PREPARE driver.prepare_pod: made, not started
    PAUSE   driver.pause_pod: frozen
    STOP    driver.stop_pod: end it, keep what can be read
    DELETE  driver.delete_pod: nothing of it stays
    KEEP    it is as it should be; tell what was seen
    LOSE    it ran, was removed by someone else and must not run again
    """
    LOOK = 'look'
    ENSURE = 'ensure'
    PREPARE = 'prepare'
    PAUSE = 'pause'
    STOP = 'stop'
    DELETE = 'delete'
    KEEP = 'keep'
    LOSE = 'lose'


UP = frozenset({Step.ENSURE, Step.PREPARE, Step.PAUSE})
"""Steps after which there is something that may be on networks."""


def plan(pod: spec.Pod, seen: Seen, last: Phase | None) -> Step:
    """The next step for `pod`.

    `last`: the phase last seen in the pod's present generation; None: none.
    """
    match Desired(pod.desired):
        case Desired.ABSENT:
            return Step.DELETE
        case Desired.STOPPED:
            return _stopped(seen)
        case Desired.RUNNING:
            return _running(pod, seen, last)
        case Desired.CREATED:
            return Step.PREPARE
        case Desired.PAUSED:
            return Step.LOOK if seen is UNSEEN else _paused(seen)


def _paused(seen: Seen) -> Step:
    if seen is None or isinstance(seen, Unseen):
        return Step.LOSE
    over = seen.status.phase in states.TERMINAL
    return Step.KEEP if over else Step.PAUSE


def drifted(known: status.ObservedPod | None,
            listed: status.ObservedPod | None) -> bool:
    """Whether the engine's list tells something other than what is known.

    A list may be coarser than a look at one pod, so only the outline counts:
    which containers run, and which not, where it tells of any. One that is
    restarted always leaves its pod's phase as it is when it ends.
    """
    if known is None or listed is None:
        return known is not listed
    told = _outline(listed.status)
    return (known.generation, known.status.phase) \
        != (listed.generation, listed.status.phase) or (
            bool(told) and told != _outline(known.status))


def _outline(seen: status.PodStatus,
             ) -> frozenset[tuple[str, str | None, bool, bool]]:
    """Of each container: its name and id, whether it runs or has ended."""
    return frozenset(
        (one.name, one.container_id, one.state.running is not None,
         one.state.terminated is not None)
        for one in (*seen.init_container_statuses, *seen.container_statuses))


def _stopped(seen: Seen) -> Step:
    if seen is UNSEEN:
        return Step.STOP
    if seen is None or seen.status.phase is Phase.STOPPED:
        return Step.KEEP
    return Step.STOP


def _running(pod: spec.Pod, seen: Seen, last: Phase | None) -> Step:
    ended = last in states.TERMINAL
    once = pod.spec.effective_restart_policy is spec.RestartPolicy.NEVER
    ran_once = once and last in (Phase.RUNNING, Phase.UNKNOWN)
    if seen is UNSEEN:
        return Step.LOOK if ended or ran_once else Step.ENSURE
    if seen is None:
        if ended:
            return Step.KEEP       # only its remains were removed
        return (Step.LOSE if ran_once and not _healed(pod) else Step.ENSURE)
    over = seen.status.phase in states.TERMINAL
    if seen.status.reason == status.CONTAINERS_LOST and _healed(pod):
        over = False
    return (Step.KEEP if over and seen.generation == pod.generation
            else Step.ENSURE)


def _healed(pod: spec.Pod) -> bool:
    """Whether it is made anew where the engine lost it."""
    return pod.plain is not None and pod.plain.heal
