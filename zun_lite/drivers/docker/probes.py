"""One prober for all pods: a thread that waits and a few that ask."""
import collections
import concurrent.futures
import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping

from zun_lite.drivers.docker import thresholds
from zun_lite.drivers.docker.checks import Outcome
from zun_lite.drivers.docker.checks import Target
from zun_lite.drivers.docker.thresholds import Health
from zun_lite.drivers.docker.thresholds import Job
from zun_lite.drivers.feed import Feed
from zun_lite.pod.spec import Probe

LOG = logging.getLogger(__name__)


class Prober:
    """Asks the probes of running containers and keeps the verdicts.

    A changed verdict is reported as a change of the pod; every failure is
    an event. No project has more than half of the workers at a time, so
    that one whose probes hang does not keep the others' from being asked.
    """

    def __init__(self, ask: Callable[[Probe, Target], Outcome], feed: Feed,
                 workers: int):
        self._ask, self._feed = ask, feed
        self._schedule = thresholds.Schedule()
        self._news = threading.Condition()
        self._share = max(1, workers // 2)
        self._places: collections.Counter[str] = collections.Counter()
        self._held: dict[str, collections.deque[Job]] = (
            collections.defaultdict(collections.deque))
        self._pool = concurrent.futures.ThreadPoolExecutor(
            workers, thread_name_prefix='docker-probe')
        self._thread: threading.Thread | None = None
        self._closed = False

    def keep(self, uuid: str, targets: Mapping[str, Target]) -> set[str]:
        """Probe exactly these containers of the pod, by id; the new ones."""
        with self._news:
            self._schedule.keep(uuid, targets)
            added = {run_id for run_id in targets
                     if self._schedule.get(run_id) is None}
            for run_id in added:
                self._schedule.add(targets[run_id], time.monotonic(),
                                   time.time())
            if added:
                self._begin()
                self._news.notify_all()
        return added

    def health(self, run_id: str) -> Health | None:
        """The verdicts; None: this container is not being probed."""
        with self._news:
            watched = self._schedule.get(run_id)
            return None if watched is None else watched.health()

    def settle(self, run_ids: set[str], timeout_s: float) -> None:
        """Wait, within limits, until each has answered once.

        So that a pod which another agent left ready is not shown unready
        only because nobody has asked yet.
        """
        def settled() -> bool:
            known = (self._schedule.get(run_id) for run_id in run_ids)
            return not any(w is not None and w.unanswered for w in known)
        with self._news:
            self._news.wait_for(settled, timeout_s)

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name='docker-prober', daemon=True)
            self._thread.start()

    def _run(self) -> None:
        with self._news:
            while not self._closed:
                for job in self._schedule.due(time.monotonic()):
                    project = job.watched.target.project
                    self._held[project].append(job)
                    self._pass_on(project)
                due = self._schedule.next_due
                self._news.wait(None if due is None else max(
                    0.0, due - time.monotonic()))

    def _pass_on(self, project: str) -> None:
        """Of the project's probes that wait, as many as have a place."""
        held = self._held[project]
        while held and self._places[project] < self._share:
            self._places[project] += 1
            self._pool.submit(self._probe, held.popleft())
        if not held:
            del self._held[project]

    def _leave(self, project: str) -> None:
        """One of the project's was carried out: the next may be."""
        self._places[project] -= 1
        if not self._places[project]:
            del self._places[project]
        if not self._closed:
            self._pass_on(project)

    def _probe(self, job: Job) -> None:
        target = job.watched.target
        try:
            outcome = self._ask(job.probe, target)
        except Exception as exc:    # a probe that is never asked again lies
            LOG.exception('A probe of pod %s failed to run', target.uuid)
            outcome = Outcome(None, str(exc))
        with self._news:
            changed = self._schedule.done(
                job, outcome.ok, time.monotonic(), time.time())
            current = self._schedule.get(target.run_id) is job.watched
            self._leave(target.project)
            self._news.notify_all()
        if outcome.ok is False and current:
            self._feed.event(
                target.uuid, 'Unhealthy', f'{job.kind.value} probe failed: '
                f'{outcome.message}', target.container.name, warning=True)
        if changed:
            self._feed.changed(target.uuid)
