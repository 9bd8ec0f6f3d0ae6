"""Ending containers as Kubernetes does.

preStop runs first and its time is taken from the grace period; then comes
the container's turn, the image's stop signal, and SIGKILL at the deadline.
The engine itself waits and kills, so an end that was begun is finished even
without the agent.
"""
import logging
import math
import threading
import time
from collections.abc import Iterable
from collections.abc import Sequence

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers.docker import execs
from zun_lite.drivers.docker import order
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.feed import Feed
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Pod

LOG = logging.getLogger(__name__)

_PAUSE_S = 1            # after a failure, in the background
_LEAST_S = 2            # left for the signal when what came first used it up


class Stopper:
    """Ends containers: several at a time, or in the background."""

    def __init__(self, engine: Engine, feed: Feed):
        self._engine, self._feed = engine, feed
        self._lock = threading.Lock()
        self._ending: dict[str, threading.Event] = {}

    def ending(self) -> frozenset[str]:
        """Ids of the containers that are being ended in the background."""
        with self._lock:
            return frozenset(self._ending)

    def end_all(self, runs: Iterable[Run], pod: Pod | None,
                grace_s: float) -> None:
        """End running containers, each in its turn; returns when all have.

        `pod` tells the preStop hooks and the turns; None: there are none.
        Raises what kept the end of at least one from being sure.
        """
        running = [run for run in runs if run.running]
        for run in running:
            self._feed.event(run.pod, 'Killing',
                             f'Stopping container {run.name}', run.name)
        if len(running) == 1:
            self.end(running[0], pod, grace_s)
            return
        faults: list[Exception] = []
        ends = {run.id: threading.Event() for run in running}
        turns = order.before(running, pod)

        def one(run: Run) -> None:
            try:
                self.end(run, pod, grace_s,
                         [ends[first] for first in turns[run.id]])
            except Exception as exc:    # raised again where it is waited for
                faults.append(exc)
            finally:
                ends[run.id].set()
        threads = [threading.Thread(target=one, args=(run,), daemon=True,
                                    name='docker-stop') for run in running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise faults[0]

    def begin(self, runs: Sequence[Run], pod: Pod, grace_s: float) -> None:
        """End containers without waiting, in turn; twice is once."""
        turns = order.before(runs, pod)
        with self._lock:
            fresh = [run for run in runs if run.id not in self._ending]
            self._ending |= {run.id: threading.Event() for run in fresh}
            ends = {run.id: [self._ending[first] for first in turns[run.id]
                             if first in self._ending] for run in fresh}
        for run in fresh:
            threading.Thread(
                target=self._background, daemon=True, name='docker-stop',
                args=(run, pod, grace_s, ends[run.id])).start()

    def end(self, run: Run, pod: Pod | None, grace_s: float,
            first: Sequence[threading.Event] = ()) -> None:
        """End one container; one that is gone or has ended is fine.

        Its hook runs at once; the signal comes after `first`, the ends of
        others, as far as there is time.
        """
        deadline = time.monotonic() + grace_s
        hook = _pre_stop(run, pod)
        if hook and grace_s > 0:
            self._before(run, hook, grace_s)
        for end in first:
            end.wait(max(0.0, deadline - time.monotonic()))
        if (hook or first) and grace_s > 0:
            deadline = max(deadline, time.monotonic() + _LEAST_S)
        left = math.ceil(deadline - time.monotonic())
        try:
            if grace_s > 0:
                self._engine.api.stop(run.id, timeout=max(0, left))
            else:
                self._engine.api.kill(run.id)
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as exc:
            if exc.status_code != 409:          # it does not run
                raise

    def _background(self, run: Run, pod: Pod, grace_s: float,
                    first: Sequence[threading.Event]) -> None:
        try:
            self.end(run, pod, grace_s, first)
        except (exceptions.ZunLiteError, docker.errors.APIError) as exc:
            LOG.warning('Ending container %s of pod %s: %s', run.name,
                        run.pod, exc)
            time.sleep(_PAUSE_S)        # it will be asked for again
        finally:
            with self._lock:
                self._ending.pop(run.id).set()
            self._feed.changed(run.pod)

    def _before(self, run: Run, command: tuple[str, ...],
                grace_s: float) -> None:
        try:
            result = execs.run(self._engine, run.id, command,
                               timeout_s=grace_s)
            fault = (None if result.exit_code == 0 else
                     f'exit code {result.exit_code}')
        except (exceptions.Conflict, exceptions.NotFound):
            return                              # it ended meanwhile
        except exceptions.TimedOut:
            fault = f'not done after {grace_s:g} s'
        if fault:
            self._feed.event(run.pod, 'FailedPreStopHook',
                             f'PreStopHook failed: {fault}', run.name,
                             warning=True)


def _pre_stop(run: Run, pod: Pod | None) -> tuple[str, ...]:
    wanted: Container | None = next(
        (c for c in pod.spec.all_containers if c.name == run.name),
        None) if pod else None
    lifecycle = wanted.lifecycle if wanted else None
    hook = lifecycle.pre_stop if lifecycle else None
    return hook.exec.command if hook and hook.exec else ()
