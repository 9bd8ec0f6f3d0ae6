"""postStart hooks, run beside the container's own command."""
import contextlib
import logging
import threading
from collections.abc import Iterator

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers.docker import execs
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.stop import Stopper
from zun_lite.drivers.feed import Feed
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Pod

LOG = logging.getLogger(__name__)

_LIMIT_S = 24 * 3600.0      # Kubernetes has none; a thread needs an end


class Hooks:
    """A container counts as started when its hook has ended well.

    A hook that fails kills its container. One that was running when the
    agent died is not run again: as with the kubelet, a hook runs at least
    once for each container, and its container then runs.
    """

    def __init__(self, engine: Engine, feed: Feed, stopper: Stopper):
        self._engine, self._feed, self._stopper = engine, feed, stopper
        self._lock = threading.Lock()
        self._running: set[str] = set()

    def running(self) -> frozenset[str]:
        """Ids of the containers whose hook has not ended."""
        with self._lock:
            return frozenset(self._running)

    @contextlib.contextmanager
    def expected(self, wanted: Container,
                 container_id: str) -> Iterator[None]:
        """Meanwhile the container is started: it runs when its hook is done.

        After a failure nobody waits for a hook that may never begin.
        """
        if _command(wanted):
            with self._lock:
                self._running.add(container_id)
        try:
            yield
        except BaseException:
            self.drop(container_id)
            raise

    def drop(self, container_id: str) -> None:
        """The container does not run, so its hook will not either."""
        with self._lock:
            self._running.discard(container_id)

    def begin(self, pod: Pod, wanted: Container, run: Run) -> None:
        """Start the hook, which is expected, if the container has one."""
        command = _command(wanted)
        if command:
            threading.Thread(target=self._work, args=(pod, run, command),
                             daemon=True, name='docker-hook').start()

    def _work(self, pod: Pod, run: Run, command: tuple[str, ...]) -> None:
        try:
            fault = self._fault(run, command)
            if fault is not None:
                self._feed.event(run.pod, 'FailedPostStartHook',
                                 f'PostStartHook failed: {fault}', run.name,
                                 warning=True)
                self._stopper.begin([run], pod, pod.spec.grace_period_s)
        finally:
            self.drop(run.id)
            self._feed.changed(run.pod)

    def _fault(self, run: Run, command: tuple[str, ...]) -> str | None:
        """Run it; what went wrong, or None."""
        try:
            result = execs.run(self._engine, run.id, command,
                               timeout_s=_LIMIT_S, limit_bytes=1024)
        except (exceptions.ZunLiteError, docker.errors.APIError) as exc:
            return str(exc)
        except Exception as exc:    # whoever waits must learn of any end
            LOG.exception('The hook of %s failed unexpectedly', run.id)
            return type(exc).__name__
        if not result.exit_code:
            return None
        said = (result.stderr or result.stdout).decode(
            errors='replace').strip()
        return f'exit code {result.exit_code}: {said}'


def _command(wanted: Container) -> tuple[str, ...]:
    hook = wanted.lifecycle.post_start if wanted.lifecycle else None
    return hook.exec.command if hook and hook.exec else ()
