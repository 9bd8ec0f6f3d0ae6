"""Probes of one run of a container, as the kubelet makes them."""
import dataclasses
import time
from collections.abc import Callable
from collections.abc import Generator

from zun_lite.drivers.fake import instance
from zun_lite.drivers.fake import loop
from zun_lite.drivers.fake import shell
from zun_lite.pod import spec

Asking = Generator[float | None, None, str]
Told = Callable[[str, str], None]      # reason, message of an event


@dataclasses.dataclass(eq=False)
class Probes:
    """Startup first, then liveness and readiness side by side.

    `started` and `ready` are what the status shows. `failed` is the message
    of a startup or liveness probe that has failed for good.
    """
    run: instance.Instance
    container: spec.Container
    changed: Callable[[], None]
    tell: Told
    started: bool = False
    ready: bool = False
    failed: str | None = None

    def begin(self) -> None:
        if self.container.startup_probe is not None:
            self._every('Startup', self.container.startup_probe)
        else:
            self._started()

    def _started(self) -> None:
        self.started = True
        if self.container.readiness_probe is None:
            self.ready = True
        else:
            self._every('Readiness', self.container.readiness_probe)
        if self.container.liveness_probe is not None:
            self._every('Liveness', self.container.liveness_probe)
        self.changed()

    def _every(self, kind: str, probe: spec.Probe) -> None:
        self.run.loop.spawn(self._worker(kind, probe), f'{kind} probe')

    def _worker(self, kind: str, probe: spec.Probe) -> loop.Steps:
        good = bad = 0
        end = time.monotonic() + (probe.initial_delay_seconds or 0)
        while not self._over():
            while time.monotonic() < end:
                yield end
            end = time.monotonic() + (probe.period_seconds or 10)
            problem = yield from self._ask(probe)
            if self._over():
                break
            good, bad = (0, bad + 1) if problem else (good + 1, 0)
            if problem:
                self.tell('Unhealthy', f'{kind} probe failed: {problem}')
            if good >= (probe.success_threshold or 1) and self._good(kind):
                break
            if bad >= (probe.failure_threshold or 3):
                self._bad(kind)
        return 0

    def _over(self) -> bool:
        return not self.run.alive or self.failed is not None

    def _good(self, kind: str) -> bool:
        """True: this probe is done."""
        if kind == 'Startup':
            self._started()
        elif kind == 'Readiness' and not self.ready:
            self.ready = True
            self.changed()
        return kind == 'Startup'

    def _bad(self, kind: str) -> None:
        if kind != 'Readiness':
            self.failed = f'{kind.lower()} probe'
            self.changed()
        elif self.ready:
            self.ready = False
            self.changed()

    def _ask(self, probe: spec.Probe) -> Asking:
        """One question; '' is a good answer."""
        if probe.exec is not None:
            return (yield from self._exec(probe))
        action = probe.http_get or probe.tcp_socket
        if action is None:
            return ''
        answer = self.run.network.reach(
            action.host or '127.0.0.1', self._port(action.port))
        if answer is None:
            return (f'connect to port {action.port}: '
                    'connection refused')
        if probe.http_get is None:
            return ''
        code, _ = answer(probe.http_get.path or '/')
        return ('' if 200 <= code < 400 else
                f'HTTP probe failed with statuscode: {code}')

    def _port(self, port: int | str) -> int:
        if isinstance(port, int):
            return port
        return next((p.container_port for p in self.container.ports or ()
                     if p.name == port), 0)

    def _exec(self, probe: spec.Probe) -> Asking:
        output = bytearray()
        process = self.run.launch(
            probe.exec.command if probe.exec else (),
            shell.Streams(b'', output.extend, output.extend))
        end = time.monotonic() + (probe.timeout_seconds or 1)
        while process.exit_code is None and time.monotonic() < end:
            yield time.monotonic() + 0.01
        if process.exit_code is None:
            self.run.loop.kill(process, 137)
            return 'command timed out'
        if process.exit_code:
            return (output.decode(errors='replace').strip()
                    or f'exit code {process.exit_code}')
        return ''
