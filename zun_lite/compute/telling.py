"""Telling what was seen of a pod, or what keeps it from being seen."""
import logging
from typing import Protocol

from zun_lite import exceptions
from zun_lite.compute import records
from zun_lite.pod import spec
from zun_lite.pod.states import Phase
from zun_lite.pod.status import ENGINE_UNAVAILABLE
from zun_lite.pod.status import ObservedPod
from zun_lite.pod.status import PodEvent
from zun_lite.pod.status import PodStatus

LOG = logging.getLogger(__name__)

DRIVER_ERROR = 'DriverError'


class Reporter(Protocol):
    """Where observations go; must not block and not raise.

    `pod.generation` is the desired generation that was acted on.
    """

    def status(self, pod: spec.Pod, observed: ObservedPod) -> None:
        """What the pod looks like now."""

    def event(self, uuid: str, event: PodEvent) -> None:
        """Something for the pod's owner to read."""

    def gone(self, pod: spec.Pod) -> None:
        """Nothing of the pod is left on the engine, as was asked."""


class Teller:
    """Keeps in the record what it reports."""

    def __init__(self, held: records.Records, reporter: Reporter):
        self._records, self._reporter = held, reporter

    def seen(self, record: records.Record, pod: spec.Pod,
             engine: ObservedPod | None, shown: PodStatus | None) -> None:
        """After acting on `pod`; `shown` None: what is on record is true."""
        if self._records.get(pod.uuid) is not record:
            return
        before = record.shown.phase if record.shown else None
        self._records.observe(record, pod, engine, shown)
        if shown is None:
            return
        if shown.phase is not before:
            LOG.info('Pod %s generation %d is %s%s', pod.uuid,
                     pod.generation, shown.phase.value,
                     f': {shown.reason}' if shown.reason else '')
        self._reporter.status(pod, _observed(pod, shown))

    def error(self, record: records.Record, error: Exception) -> None:
        """Put the reason on the pod, which otherwise stays as last seen.

        The generation told is the one that was acted on last: what is
        desired now has not been.
        """
        pod, acted = record.pod, record.acted
        if not acted:
            acted = pod.generation - (0 if pod.last_phase else 1)
        shown = record.shown or PodStatus(
            phase=pod.last_phase or Phase.PENDING)
        reason, message = _reason(error)
        shown = shown.model_copy(update={'reason': reason,
                                         'message': message})
        told = pod.model_copy(update={'generation': acted})
        self._reporter.status(told, _observed(told, shown))


def _reason(error: Exception) -> tuple[str, str]:
    """What the pod's owner may read of an error."""
    if isinstance(error, exceptions.EngineUnavailable):
        return ENGINE_UNAVAILABLE, error.message
    if isinstance(error, exceptions.ZunLiteError):
        return DRIVER_ERROR, error.message
    return DRIVER_ERROR, ('The driver met an unexpected condition; the '
                          "agent's log has the details.")


def _observed(pod: spec.Pod, shown: PodStatus) -> ObservedPod:
    return ObservedPod(uuid=pod.uuid, project_id=pod.project_id,
                       generation=pod.generation, status=shown)
