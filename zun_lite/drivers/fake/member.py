"""One container of a simulated pod: pulls, runs, restarts, ends."""
import dataclasses
import time
import typing
from collections.abc import Sequence

from zun_lite.drivers.fake import images
from zun_lite.drivers.fake import instance
from zun_lite.drivers.fake import loop
from zun_lite.drivers.fake import probes as probing
from zun_lite.drivers.fake import shell
from zun_lite.pod import phase
from zun_lite.pod import spec
from zun_lite.pod import status

if typing.TYPE_CHECKING:
    from zun_lite.drivers.fake.sandbox import Sandbox


LEAST_S = 2                 # for the signal, when others took the rest


def rfc3339(at: float | None) -> str | None:
    return None if at is None else time.strftime(
        '%Y-%m-%dT%H:%M:%SZ', time.gmtime(at))


@dataclasses.dataclass(frozen=True, slots=True)
class BackOff:
    """Seconds: the first wait, the longest, the run that is forgiven."""
    base_s: float = phase.BACKOFF_BASE_S
    cap_s: float = phase.BACKOFF_CAP_S
    reset_s: float = phase.BACKOFF_RESET_S

    def next(self, previous: float | None, ran_for_s: float) -> float:
        return phase.next_backoff_s(
            previous, ran_for_s, base_s=self.base_s, cap_s=self.cap_s,
            reset_s=self.reset_s)


@dataclasses.dataclass(eq=False)
class Member:
    """`due`: when (time.monotonic) the next restart or pull may be; None
    where nothing waits. `backoff`: what the last restart waited."""
    pod: 'Sandbox'
    container: spec.Container
    is_init: bool
    back_off: BackOff
    run: instance.Instance | None = None
    previous: instance.Instance | None = None
    probes: probing.Probes | None = None
    restart_count: int = 0
    waited_s: float | None = None
    due: float | None = None
    pull_wait_s: float | None = None
    busy: bool = False              # pulled or started just now
    image_ready: bool = False
    ending: bool = False
    fresh_error: bool = False
    hook_runs: bool = False         # postStart
    came_up: bool = False           # it was started, at least once
    waiting: status.Waiting | None = None
    amounts: tuple[int | None, int | None] = (None, None)
    made: bool = False              # its image is here, or was
    again: bool = False             # its owner asks that it be started

    @property
    def alive(self) -> bool:
        return self.run is not None and self.run.alive

    @property
    def ended(self) -> bool:
        return self.run is not None and self.run.exit_code is not None

    @property
    def succeeded(self) -> bool:
        return self.run is not None and self.run.exit_code == 0

    @property
    def passed(self) -> bool:
        """Whether what comes after an init container may begin."""
        return self.came_up if self.container.is_sidecar else self.succeeded

    @property
    def holds_up(self) -> bool:
        """Whether the containers after it wait for its postStart."""
        lifecycle = self.container.lifecycle
        return (self.hook_runs or self.busy) and bool(
            lifecycle and lifecycle.post_start)

    def will_restart(self) -> bool:
        """Whether a container that has ended is to run again."""
        if self.again:
            return True
        if self.container.is_sidecar:
            return not self.pod.over()
        policy = self.pod.pod.spec.effective_restart_policy
        if self.is_init and policy is spec.RestartPolicy.ALWAYS:
            policy = spec.RestartPolicy.ON_FAILURE
        plain = self.pod.pod.plain
        if plain and plain.restart_limit is not None and (
                self.restart_count >= plain.restart_limit):
            return False
        code = self.run.exit_code if self.run else None
        return code is not None and phase.should_restart(policy, code)

    def revive(self) -> None:
        """Start it again, whatever its policy says, unless it runs."""
        if not self.alive:
            self.again, self.ending, self.due = self.ended, False, None
            self.restart_count, self.waiting = 0, None

    def advance(self) -> None:
        """What is due now, for a container that is to run."""
        if self.busy or self.ending:
            return
        if self.alive and self.probes is not None and self.probes.started:
            self.came_up = True
        if self.alive:
            if self.probes is not None and self.probes.failed:
                self._event('Killing', f'Container {self.container.name} '
                            f'failed {self.probes.failed}, will be restarted')
                self.terminate(self.pod.pod.spec.grace_period_s)
        elif not self.ended or self.will_restart():
            self._begin()

    def _begin(self) -> None:
        if self.ended and self.due is None and not self.again:
            self._schedule_restart()
        if self.due is not None and time.monotonic() < self.due:
            if self.fresh_error:            # told once by its own name
                self.fresh_error = False
            elif self.image_failed:
                self._wait(status.IMAGE_PULL_BACK_OFF, 'Back-off pulling '
                           f'image "{self.container.image}"')
            return
        self.due = None
        if self.pod.held and self.made:
            return
        kept = self.made and self.pod.pod.plain is not None
        if kept or self._image():
            self.made = True
            if self.pod.pod.plain is not None:
                self.pod.root_of(self.pod.engine.images.local[
                    self.container.image])
            if not self.pod.held:
                self._start()

    @property
    def image_failed(self) -> bool:
        return self.pull_wait_s is not None

    def _schedule_restart(self) -> None:
        if self.run is None:
            return
        ended_at = self.run.finished_at or time.time()
        self.waited_s = self.back_off.next(
            self.waited_s, ended_at - self.run.started_at)
        self.due = time.monotonic() + self.waited_s - (
            time.time() - ended_at)
        if self.waited_s:
            message = (f'back-off {self.waited_s:g}s restarting failed '
                       f'container={self.container.name}')
            self._wait(status.CRASH_LOOP, message)
            self._event('BackOff', message, warning=True)

    # Image

    def _image(self) -> bool:
        """Whether the image is here; begins its pull where it must."""
        name, store = self.container.image, self.pod.engine.images
        policy = self.container.effective_pull_policy
        if not store.valid(name):
            self._wait(status.INVALID_IMAGE_NAME,
                       f'Failed to apply default image tag "{name}"')
        elif policy is spec.PullPolicy.NEVER and name not in store.local:
            self._retry(status.ERR_IMAGE_NEVER_PULL, f'Container image '
                        f'"{name}" is not present with pull policy of Never')
        elif self.image_ready:
            self.image_ready = False
            return True
        elif policy is spec.PullPolicy.ALWAYS or name not in store.local:
            self.busy = True
            self._event('Pulling', f'Pulling image "{name}"')
            self.pod.engine.pull(name, self._pulled,
                                 self.pod.pod.login(name))
        else:
            self._event('Pulled', f'Container image "{name}" already '
                        'present on machine')
            return True
        return False

    def _pulled(self, error: str | None) -> None:
        self.busy = False
        name = self.container.image
        if error is None:
            self.image_ready, self.pull_wait_s = True, None
            self._event('Pulled', f'Successfully pulled image "{name}"')
        else:
            self.pull_wait_s = (self.back_off.base_s if not self.pull_wait_s
                                else min(self.back_off.cap_s,
                                         self.pull_wait_s * 2))
            self.due = time.monotonic() + self.pull_wait_s
            self.fresh_error = True
            message = f'Failed to pull image "{name}": {error}'
            self._wait(status.ERR_IMAGE_PULL, message)
            self._event('Failed', message, warning=True)
        self.pod.changed()

    # Run

    def _start(self) -> None:
        image = self.pod.engine.images.local[self.container.image]
        faults = self.pod.engine.faults
        problem = faults.create.get(self.container.name)
        reason = status.CREATE_CONTAINER_ERROR
        if problem is None:
            problem = (self._user_problem(image)
                       or self.pod.lacks(self.container))
            reason = 'CreateContainerConfigError'
        if problem is not None:
            self._retry(reason, problem)
            return
        self._event('Created', f'Created container {self.container.name}')
        if faults.start_s:
            self.busy = True
            self.pod.engine.loop.after(faults.start_s,
                                       lambda: self._launch(image))
        else:
            self._launch(image)

    def _user_problem(self, image: images.Image) -> str | None:
        context = self.pod.pod.spec.security_of(self.container)
        if not context.run_as_non_root:
            return None
        user = (image.uid if context.run_as_user is None
                else context.run_as_user)
        if user == 0:
            return 'container has runAsNonRoot and image will run as root'
        if isinstance(user, str):
            return (f'container has runAsNonRoot and image has non-numeric '
                    f'user ({user}), cannot verify user is non-root')
        return None

    def _retry(self, reason: str, message: str) -> None:
        self.due = time.monotonic() + max(self.back_off.base_s, 0.05)
        self._wait(reason, message)
        self._event('Failed', f'Error: {message}', warning=True)

    def _launch(self, image: images.Image) -> None:
        self.busy = False
        if self.pod.closed:
            return
        run, argv = self.pod.instance(self.container, image)
        if self.run is not None and self.pod.pod.plain is not None:
            run.id, run.log = self.run.id, self.run.log     # it goes on
        try:
            problem = self.pod.engine.faults.start.get(self.container.name)
            if problem is not None:
                raise instance.StartError(problem)
            run.on_exit = self._exited
            run.start(argv)
        except instance.StartError as exc:
            self._failed_to_start(run, str(exc))
            return
        self._replace(run)
        self.waiting = None
        self._event('Started', f'Started container {self.container.name}')
        self.probes = probing.Probes(run, self.container, self.pod.changed,
                                    self._unhealthy)
        hook = self.container.lifecycle and self.container.lifecycle.post_start
        if hook and hook.exec:
            self.hook_runs = True
            self.pod.engine.loop.spawn(
                self._post_start(run, hook.exec.command), 'postStart')
        else:
            self.probes.begin()
        self.pod.changed()

    def _replace(self, run: instance.Instance) -> None:
        if self.run is not None:
            self.previous = self.run
            self.restart_count += not self.again
        self.again = False
        self.run, self.due, self.ending = run, None, False

    def _failed_to_start(self, run: instance.Instance, message: str) -> None:
        """As the kubelet: a run that ended with 128, and a reason."""
        self._replace(run)
        run.started_at = run.finished_at = time.time()
        run.exit_code, run.start_error = 128, message
        self._event('Failed', f'Error: {message}', warning=True)
        if self.will_restart():
            self._schedule_restart()
            self._wait(status.RUN_CONTAINER_ERROR, message)
        self.pod.changed()

    def _unhealthy(self, reason: str, message: str) -> None:
        self._event(reason, message, warning=True)

    def _exited(self) -> None:
        self.ending = self.hook_runs = False
        self.pod.changed()

    def _post_start(self, run: instance.Instance,
                    command: tuple[str, ...]) -> loop.Steps:
        code = yield from self._hook(run, command, None)
        self.hook_runs = False
        if code and run.alive:
            self._event('FailedPostStartHook',
                        f'postStart hook ended with {code}', warning=True)
            self.terminate(self.pod.pod.spec.grace_period_s)
        elif run.alive and self.probes is not None:
            self.probes.begin()
        self.pod.changed()
        return 0

    @staticmethod
    def _hook(run: instance.Instance, command: tuple[str, ...],
              end: float | None) -> loop.Steps:
        process = run.launch(command, shell.Streams(
            b'', lambda data: None, lambda data: None))
        while process.exit_code is None and run.alive and (
                end is None or time.monotonic() < end):
            yield time.monotonic() + 0.01
        return 137 if process.exit_code is None else process.exit_code

    def terminate(self, grace_period_s: float,
                  first: 'Sequence[Member]' = ()) -> None:
        """Begin the graceful end of what runs; after that of `first`."""
        if self.run is not None and self.alive and not self.ending:
            self.ending = True
            self.pod.engine.loop.spawn(
                self._terminate(self.run, grace_period_s, first),
                'terminate')

    def _terminate(self, run: instance.Instance, grace_s: float,
                   first: 'Sequence[Member]') -> loop.Steps:
        end = time.monotonic() + grace_s
        hook = self.container.lifecycle and self.container.lifecycle.pre_stop
        if hook and hook.exec and grace_s:
            code = yield from self._hook(run, hook.exec.command, end)
            if code:
                self._event('FailedPreStopHook',
                            f'preStop hook ended with {code}', warning=True)
        while any(m.alive for m in first) and time.monotonic() < end:
            yield min(end, time.monotonic() + 0.02)
        if first and grace_s:
            end = max(end, time.monotonic() + LEAST_S)
        run.signal('TERM')
        while run.alive and time.monotonic() < end:
            yield min(end, time.monotonic() + 0.05)
        run.signal('KILL')
        return 0

    def kill(self) -> None:
        if self.run is not None:
            self.run.signal('KILL')

    # What is seen

    def _wait(self, reason: str, message: str) -> None:
        self.waiting = status.Waiting(reason=reason, message=message)

    def _event(self, reason: str, message: str, *,
               warning: bool = False) -> None:
        self.pod.engine.event(self.pod.pod.uuid, reason, message,
                              self.container.name, warning=warning)

    def recheck_after_s(self) -> float | None:
        if self.due is None or self.alive:
            return None
        left = max(0.0, self.due - time.monotonic())
        if self.waiting and self.waiting.reason == status.ERR_IMAGE_PULL:
            return min(0.2, left)           # then it is ImagePullBackOff
        return left
