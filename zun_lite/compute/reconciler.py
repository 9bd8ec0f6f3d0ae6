"""Makes what is desired true on the engine, pod by pod, and keeps it true.

`want` and the engine's observations only mark a pod for another look; a
worker then takes the pod's newest desired state, asks `plan` for the step,
has the driver do it and reports what was seen. The result never depends on
how often or in which order the marks came.
"""
import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Iterable

from oslo_context import context

from zun_lite import exceptions
from zun_lite.compute import lost
from zun_lite.compute import plan
from zun_lite.compute import queue
from zun_lite.compute import records
from zun_lite.compute import telling
from zun_lite.drivers import base
from zun_lite.pod import spec
from zun_lite.pod.states import Phase
from zun_lite.pod.status import ObservedPod
from zun_lite.pod.status import PodStatus

LOG = logging.getLogger(__name__)

STRAY_GRACE_S = 30     # for pods whose spec is not known any more
WATCH_AGAIN_S = 1.0    # after a bug in a driver


class Reconciler:
    """Owns the driver from `start` to `stop`.

    Pods that need a graceful end (stop, delete, replacement) are worked on
    by `slow_workers`, the others by `workers`; see `queue`.
    """

    def __init__(self, driver: base.PodDriver, reporter: telling.Reporter, *,
                 workers: int = 16, slow_workers: int = 64,
                 backoff_initial_s: float = 1.0, backoff_max_s: float = 300.0,
                 clock: Callable[[], float] = time.monotonic):
        self._driver, self._reporter = driver, reporter
        self._records = records.Records()
        self._teller = telling.Teller(self._records, reporter)
        self._strays: dict[str, int] = {}       # uuid: grace in seconds
        self._foreign: frozenset[str] = frozenset()
        self._engine_error: str | None = None
        self._stopping = threading.Event()
        self._queue = queue.KeyedQueue(
            self._handle, self._is_slow, workers=workers,
            slow_workers=slow_workers, clock=clock,
            backoff=queue.Backoff(backoff_initial_s, backoff_max_s))
        self._watcher = threading.Thread(
            target=self._watch, name='reconcile-watch', daemon=True)

    # What others call.

    def start(self) -> None:
        """Follow the engine's observations."""
        self._watcher.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Begin nothing more, close the driver and leave the pods alone.

        What is in progress gets `timeout_s` and is then abandoned; every
        step can be repeated by the next agent.
        """
        self._stopping.set()
        ended = self._queue.stop(timeout_s)
        self._driver.close()
        if self._watcher.is_alive():
            self._watcher.join(timeout_s)
        if not ended:
            LOG.warning('Left with work in progress; it will be taken up '
                        'when the agent starts again')

    def halt(self) -> None:
        """Begin nothing more, at once and without waiting."""
        self._stopping.set()
        self._queue.stop(0)

    def want(self, pod: spec.Pod, request_id: str | None = None) -> None:
        """Take in a desired state; one older than what is held is ignored.

        `request_id`: of the request behind it, for the log.
        """
        if self._records.put(pod, request_id):
            self._strays.pop(pod.uuid, None)
            self._queue.add(pod.uuid)

    def resync(self, wanted: Callable[[], Iterable[spec.Pod]],
               deployment: str | None = None) -> None:
        """Compare everything that is on the engine with all that is wanted.

        What nobody wants is removed, unless another `deployment` made it:
        that one may want it, and an empty database must not cost pods.

        `wanted` is asked after the engine, and completely: a pod made in
        between is then either not on the engine's list or wanted. What is
        handed over by `want` meanwhile counts as wanted.

        :raises EngineUnavailable: nothing was removed; the rest is done.
        """
        ticket = self._records.ticket()
        try:
            listed = {seen.uuid: seen for seen in self._driver.list_pods()}
        except exceptions.EngineUnavailable as error:
            for pod in list(wanted()):
                self._take_in(pod, None)
            self.engine_lost(error)
            raise
        pods = list(wanted())
        for pod in pods:
            if not self._take_in(pod, listed.get(pod.uuid)):
                self._compare(pod, listed.get(pod.uuid))
        self._remove_unwanted(listed, {pod.uuid for pod in pods}, ticket,
                              deployment)

    def engine_lost(self, error: exceptions.ZunLiteError) -> None:
        """The engine as a whole does not answer: every pod shows why."""
        if self._engine_error is None:
            self._engine_error = error.message
            LOG.error('The engine does not answer: %s', error.message)
            for record in self._records.all():
                self._teller.error(record, error)

    def engine_back(self) -> None:
        """The engine answers; what waited for it is taken up at once."""
        if self._engine_error is not None:
            self._engine_error = None
            LOG.info('The engine answers again')
            self._revive()

    def idle(self) -> bool:
        """No pod is being worked on or due now."""
        return self._queue.idle()

    def wanted(self) -> list[spec.Pod]:
        """The pods held at present."""
        return [record.pod for record in self._records.all()]

    # Observations.

    def _watch(self) -> None:
        """Until the driver is closed."""
        while not self._stopping.is_set():
            try:
                for seen in self._driver.watch():
                    self._notice(seen)
                return
            except Exception:
                LOG.exception('Watching the engine failed; beginning again')
                self._stopping.wait(WATCH_AGAIN_S)
                self._revive()

    def _notice(self, seen: base.Observation) -> None:
        match seen:
            case base.Changed(uuid):
                if self._records.get(uuid) is not None:
                    self._queue.nudge(uuid)
            case base.Happened(uuid, event):
                if self._records.get(uuid) is not None:
                    self._reporter.event(uuid, event)
            case base.Relist():
                LOG.info('Looking at every pod: changes on the engine may '
                         'have been missed')
                self._engine_error = None
                self._revive()

    def _revive(self) -> None:
        for record in self._records.all():
            self._queue.add(record.pod.uuid)
        for uuid in list(self._strays):
            self._queue.add(uuid)

    # Resync.

    def _take_in(self, pod: spec.Pod, listed: ObservedPod | None) -> bool:
        """`want`, if it is new; what is on the engine is adopted."""
        record = self._records.get(pod.uuid)
        if record is not None and record.pod.generation >= pod.generation:
            return False
        if self._records.put(pod):
            record = self._records.get(pod.uuid)
            if record is not None and record.engine is None:
                record.engine = listed
            self._strays.pop(pod.uuid, None)
            self._queue.add(pod.uuid)
        return True

    def _compare(self, pod: spec.Pod, listed: ObservedPod | None) -> None:
        """Look at a pod again where the engine's list tells something new,
        or its owner has changed what needs no new generation."""
        before = self._records.get(pod.uuid)
        held = before and _unversioned(before.pod)
        self._records.put(pod)
        record = self._records.get(pod.uuid)
        if record is not None and (
                record.acted != record.pod.generation
                or held != _unversioned(record.pod)
                or plan.drifted(record.engine, listed)):
            self._queue.nudge(pod.uuid)

    def _remove_unwanted(self, listed: dict[str, ObservedPod],
                         wanted: set[str], ticket: int,
                         deployment: str | None) -> None:
        foreign = {uuid for uuid, seen in listed.items()
                   if seen.deployment not in (None, deployment)} - wanted
        for record in self._records.unwanted(wanted, ticket):
            if self._records.abandon(record) and (
                    record.pod.uuid not in foreign):
                self._remove(record.pod.uuid, record.pod.spec.grace_period_s)
        for uuid in listed:
            if uuid not in wanted and uuid not in foreign and (
                    self._records.get(uuid) is None):
                self._remove(uuid, STRAY_GRACE_S)
        self._leave(frozenset(foreign))

    def _leave(self, foreign: frozenset[str]) -> None:
        if foreign - self._foreign:
            LOG.warning(
                'Leaving alone what another deployment (another database) '
                'made under the name of this host: pods %s',
                ', '.join(sorted(foreign)))
        self._foreign = foreign

    def _remove(self, uuid: str, grace_period_s: int) -> None:
        if uuid not in self._strays:
            self._strays[uuid] = grace_period_s
            if not self._records.is_gone(uuid):
                LOG.warning('Removing pod %s, which no record wants on this '
                            'host', uuid)
        self._queue.nudge(uuid)

    # Work on one pod, by one worker at a time.

    def _is_slow(self, uuid: str) -> bool:
        record = self._records.get(uuid)
        if record is None or record.pod.desired in ('stopped', 'absent'):
            return True
        return (record.engine is not None
                and record.engine.generation != record.pod.generation)

    def _handle(self, uuid: str) -> float | None:
        record = self._records.get(uuid)
        context.RequestContext(
            overwrite=True, request_id=record.request_id if record else None)
        try:
            if record is not None:
                return self._reconcile(record, record.pod)
            grace_period_s = self._strays.get(uuid)
            if grace_period_s is not None:
                self._driver.delete_pod(uuid, grace_period_s=grace_period_s)
                self._strays.pop(uuid, None)
            return None
        except Exception as error:
            self._tell(uuid, error)
            if record is not None and not self._stopping.is_set():
                self._teller.error(record, error)
            raise

    def _reconcile(self, record: records.Record, pod: spec.Pod,
                   ) -> float | None:
        """Do what is due; seconds until the driver wants to be asked again."""
        seen: plan.Seen = plan.UNSEEN
        step = plan.plan(pod, seen, record.last_phase)
        if step is plan.Step.LOOK:
            seen = self._look(pod.uuid)
            step = plan.plan(pod, seen, record.last_phase)
        LOG.debug('Pod %s generation %d: %s', pod.uuid, pod.generation,
                  step.value)
        if step in plan.UP:
            self._join(record, pod)
        match step:
            case plan.Step.ENSURE:
                seen = self._driver.ensure_pod(pod)
            case plan.Step.STOP:
                seen = self._driver.stop_pod(pod)
            case plan.Step.PREPARE:
                seen = (self._driver.prepare_pod(pod) if isinstance(
                    self._driver, base.Prepare) else None)
            case plan.Step.PAUSE:
                seen = self._pause(pod)
            case plan.Step.DELETE:
                self._delete(record, pod)
                return None
        if isinstance(seen, plan.Unseen):
            raise TypeError(f'{step} of pod {pod.uuid} tells nothing')
        if not self._stopping.is_set():
            self._teller.seen(record, pod, seen,
                              self._status(step, record, seen))
        return None if seen is None else seen.recheck_after_s

    def _look(self, uuid: str) -> ObservedPod | None:
        try:
            return self._driver.pod_status(uuid)
        except exceptions.PodNotFound:
            return None

    def _join(self, record: records.Record, pod: spec.Pod) -> None:
        """What runs joins the networks that were asked for since."""
        if (pod.plain is not None and pod.plain.networks is not None
                and record.acted != pod.generation
                and isinstance(self._driver, base.Networks)):
            self._driver.join_networks(pod)

    def _pause(self, pod: spec.Pod) -> ObservedPod:
        if not isinstance(self._driver, base.Pause):
            raise exceptions.NotSupported(
                f'The driver {self._driver.name} does not support pause.')
        return self._driver.pause_pod(pod)

    def _delete(self, record: records.Record, pod: spec.Pod) -> None:
        self._driver.delete_pod(pod.uuid,
                                grace_period_s=pod.spec.grace_period_s)
        if self._records.drop(record, pod):
            LOG.info('Pod %s is gone', pod.uuid)
            self._reporter.gone(pod)

    def _status(self, step: plan.Step, record: records.Record,
                seen: ObservedPod | None) -> PodStatus | None:
        """What to tell; None: what is on record is still true."""
        if seen is not None:
            return seen.status
        if step is plan.Step.STOP:
            if record.shown and record.last_phase is Phase.STOPPED:
                return record.shown     # how it ended, gone since
            return PodStatus(phase=Phase.STOPPED)
        if step is plan.Step.PREPARE:
            return PodStatus(phase=Phase.CREATED)
        if step is plan.Step.LOSE:
            LOG.warning('Pod %s was removed by something else',
                        record.pod.uuid)
            return lost.lost(record.shown or PodStatus())
        return record.shown

    def _tell(self, uuid: str, error: Exception) -> None:
        expected = isinstance(error, exceptions.ZunLiteError)
        LOG.log(logging.WARNING if expected else logging.ERROR,
                'Pod %s: %s; trying again later', uuid, error,
                exc_info=not expected)


def _unversioned(pod: spec.Pod) -> tuple[object, ...]:
    """What of a pod can change without a new generation."""
    return pod.metadata, pod.supplies, pod.project_limits
