"""Looking after what no message told of.

A hint can be lost, a conductor can die between two steps, a host can fall
silent: each leaves something in the database that a sweep finds. What it
then does is what the message would have done, and harmless when repeated by
several conductors.
"""
import datetime
import logging
import random
import threading
import time
from collections.abc import Callable

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conductor import images
from zun_lite.conductor import placement
from zun_lite.conf import CONF
from zun_lite.db import assignments
from zun_lite.db import hosts
from zun_lite.db import models
from zun_lite.db import observations
from zun_lite.pod import host as pod_host
from zun_lite.pod import states
from zun_lite.scheduler import filters

LOG = logging.getLogger(__name__)

# Between two sweeps that were asked for, so that a burst costs only a few;
# and how many times as long as the last one took, so that sweeping over many
# pods that wait stays a small part of the work.
SHORTEST_PAUSE_S = 0.2
PAUSE_RATIO = 5

Shape = frozenset[tuple[str, bool, str | None]]


class Sweeps:
    """A thread that sweeps at an interval, and sooner when asked to.

    `is_due(uuid)`: the pod will be attended to anyhow, as a hint came.
    """

    def __init__(self, placing: placement.Placement,
                 announce: images.Announcement,
                 is_due: Callable[[str], bool]) -> None:
        self._placement, self._images = placing, announce
        self._is_due = is_due
        self._asked = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='sweeps',
                                        daemon=True)
        self._listening_since = time.monotonic()
        self._shape: Shape = frozenset()

    def start(self) -> None:
        self._listening_since = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Return when the sweep that runs has ended its present step."""
        self._stopping.set()
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join()

    def ask(self) -> None:
        """Sweep soon: pods that wait may find a host now."""
        self._asked.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._asked.clear()
            begun = time.monotonic()
            self.sweep()
            pause = max(SHORTEST_PAUSE_S,
                        PAUSE_RATIO * (time.monotonic() - begun))
            # Conductors that were started together drift apart.
            interval = (CONF.conductor.sweep_interval
                        * random.uniform(0.9, 1.1))          # noqa: S311
            if not self._stopping.wait(min(pause, interval)):
                self._asked.wait(interval - min(pause, interval))

    def sweep(self) -> None:
        """Look at everything once; what fails is left to the next time."""
        for look in (self._silence, self._show_silence, self._attend,
                     self._images.sweep):
            if self._stopping.is_set():
                return
            try:
                look()
            except exceptions.Unavailable as exc:
                # Heartbeats cannot have been stored meanwhile.
                self._listening_since = time.monotonic()
                LOG.warning('a sweep was cut short: %s', exc)
            except Exception:
                LOG.exception('a sweep was cut short')

    def _silence(self) -> None:
        """Mark the hosts that were not heard from for too long.

        Not before we have listened for that long ourselves: after an outage
        of all conductors every host looks silent.
        """
        silent_after = CONF.conductor.silent_after
        if time.monotonic() - self._listening_since < silent_after:
            return
        before = db.now() - datetime.timedelta(seconds=silent_after)
        for name in _silence(before):
            LOG.warning('host %s has not been heard from for %g s and '
                        'counts as silent', name, silent_after)

    def _show_silence(self) -> None:
        """Make the pods of silent hosts Unknown."""
        with db.reader() as session:
            names = hosts.in_state(session, models.HostState.SILENT)
        for name in names:
            while not self._stopping.is_set() and _make_unknown(name):
                pass

    def _attend(self) -> None:
        """Attend to each pod that is unplaced or unconfirmed."""
        after, size = 0, CONF.conductor.page_size
        patience = datetime.timedelta(seconds=CONF.conductor.recast_after)
        room = _Room(self._shape)
        while not self._stopping.is_set():
            with db.reader() as session:
                page = assignments.waiting(session, after, size)
            due = db.now() - patience
            self._placement.attend_all([
                pod.id for pod in page
                if pod.changed_at <= due and not self._is_due(pod.uuid)
                and (room.may_take(pod) if pod.host is None
                     else pod.host_live)])
            if len(page) < size:
                break
            after = page[-1].id
        self._shape = room.shape


class _Room:
    """Whether it is worth looking at an unplaced pod again.

    Thousands may wait for a full cloud. A pod whose owner knows why it waits
    is passed over while no host has room for its size, unless hosts came or
    went since the last sweep and the reason must be counted anew.
    """

    def __init__(self, shape_before: Shape) -> None:
        self.shape = self._before = shape_before
        self._hosts: list[pod_host.HostSummary] | None = None

    def may_take(self, pod: assignments.Waiting) -> bool:
        if not pod.explained or pod.desired not in states.TO_PLACE:
            return True
        if self._hosts is None:
            with db.reader() as session:
                self._hosts = hosts.summaries(session)
            self.shape = frozenset((host.name, host.takes_pods,
                                    host.engine_error)
                                   for host in self._hosts)
        return self.shape != self._before or any(
            filters.has_room(host, pod.cpu_millis, pod.memory_bytes)
            for host in self._hosts)


@db.retry
def _silence(before: datetime.datetime) -> list[str]:
    with db.reader() as session:
        if not hosts.quiet(session, before):
            return []
    with db.writer() as session:
        return hosts.silence(session, before)


@db.retry
def _make_unknown(host: str) -> int:
    with db.reader() as session:
        if not observations.any_to_doubt(session, host):
            return 0
    with db.writer() as session:
        return observations.make_unknown(
            session, host, CONF.conductor.page_size,
            f'Host {host} has not been heard from; what the pod does there '
            'is not known.')
