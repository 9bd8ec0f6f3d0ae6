"""Drives a driver as the compute agent does, and asks what users can see."""
import contextlib
import json
import re
import time
import typing
import unittest
import uuid
from collections.abc import Callable
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.compute import reconciler
from zun_lite.drivers import base
from zun_lite.pod import capabilities
from zun_lite.pod import spec
from zun_lite.pod import states
from zun_lite.pod.status import ContainerStatus
from zun_lite.pod.status import PodEvent
from zun_lite.pod.status import PodStatus
from zun_lite.tests.contract import collector
from zun_lite.tests.contract import documents
from zun_lite.tests.contract import evidence
from zun_lite.tests.contract.engines import base as engines

Doc = documents.Doc


class Refused(Exception):
    """The driver does not have what the case is about, and says so."""


class Agent:
    """A driver, its reconciler and what was reported."""

    def __init__(self, driver: base.PodDriver):
        self.driver = driver
        self.collector = collector.Collector()
        self.reconciler = reconciler.Reconciler(
            driver, self.collector, workers=4, slow_workers=4,
            backoff_initial_s=0.2, backoff_max_s=1.0)
        self.reconciler.start()
        self.stopped = False

    def stop(self) -> None:
        if not self.stopped:
            self.stopped = True
            self.reconciler.stop()


class Case(unittest.TestCase if typing.TYPE_CHECKING else object):
    """Base of every group of cases; a concrete class adds `engine`.

    A case that needs an action which the driver lacks ends there: what is
    asserted is that the driver does not declare it. Where it needs a field
    that the driver does not declare, the refusal is asserted, and then the
    pod is made nevertheless: the case has to fail. So nothing is skipped,
    nothing is promised, and nothing that works is denied; see `evidence`.
    """
    engine: engines.TestEngine
    timeout_s: typing.ClassVar[float] = 20

    def setUp(self) -> None:
        unique = uuid.uuid4().hex[:12]
        self.host, self.project = f'host-{unique}', f'project-{unique}'
        self.pods: dict[str, spec.Pod] = {}
        self.agents: list[Agent] = []
        self.agent = self.new_agent()

    def tearDown(self) -> None:
        self.engine.restore()
        for agent in self.agents:
            agent.stop()
        self.engine.clean(self.host, self.pods.values())

    # unittest calls each part of a case through one of these.

    def _callSetUp(self) -> None:
        self.refused: list[Refused] = []
        self.part = evidence.Part(self.id())
        try:
            super()._callSetUp()
        except Refused as refused:
            self._tell(evidence.REFUSED, refused)

    def _callTestMethod(self, method: Callable[[], None]) -> None:
        if not self.refused:
            with self._judged():
                super()._callTestMethod(method)

    @contextlib.contextmanager
    def _judged(self) -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            self._tell(evidence.REFUSED, refused)
        except unittest.SkipTest:
            raise
        except Exception:
            self._tell(evidence.FAILED)
            if not self.part.lacking:
                raise
        else:
            self._tell(evidence.PASSED)

    def _tell(self, result: str, refused: Refused | None = None) -> None:
        evidence.tell(self.driver, self.part, result)
        if refused or self.part.lacking:
            self.refused.append(refused or Refused(sorted(
                self.part.lacking)))

    @contextlib.contextmanager
    def subTest(self, *args: typing.Any, **given: typing.Any,
                ) -> Iterator[None]:
        """A refusal ends the part of the case that it stands in."""
        whole = self.part
        self.part = evidence.Part(f'{whole.case} {args} {given}',
                                  set(whole.used))
        try:
            with super().subTest(*args, **given), self._judged():
                yield
        finally:
            self.part = whole

    # Agents

    def new_driver(self) -> base.PodDriver:
        return self.engine.driver(self.host)

    def new_agent(self) -> Agent:
        self.agents.append(Agent(self.new_driver()))
        return self.agents[-1]

    def restart_agent(self) -> None:
        """A new process in place of the agent: nothing is remembered."""
        self.agent.stop()
        self.agent = self.new_agent()

    @property
    def patience(self) -> float:
        """What is not declared is not waited for as long."""
        return min(1.0, self.engine.patience) if self.part.lacking \
            else self.engine.patience

    @property
    def driver(self) -> base.PodDriver:
        return self.agent.driver

    def needs(self, action: states.Action) -> None:
        """Ends the case where the driver lacks an action."""
        held = base.capabilities(self.driver)
        if capabilities.action(action) in held:
            self.part.used.add(capabilities.action(action))
        else:
            self.assertTrue(
                capabilities.action(action) in self.driver.lacking()
                or not isinstance(self.driver, base.GROUPS[action]))
            raise Refused(action)

    def needs_field(self, field: str) -> None:
        """Ends the case where the driver does not declare a spec field."""
        held = base.capabilities(self.driver)
        self.part.need([field], held)
        if field not in held and not self.engine.tries_undeclared:
            raise Refused(field)

    # Documents

    def container(self, name: str = 'main', **fields: typing.Any) -> Doc:
        return {'name': name, 'image': self.engine.image, **fields}

    def sh(self, script: str, name: str = 'main',
           **fields: typing.Any) -> Doc:
        """A container that runs a shell script."""
        return self.container(name, command=['sh', '-c', script], **fields)

    def sleeper(self, name: str = 'main', **fields: typing.Any) -> Doc:
        return self.container(name, command=['sleep', '3600'], **fields)

    def make(self, *containers: Doc, project: str = '', name: str = '',
             **fields: typing.Any) -> spec.Pod:
        """A pod that is not wanted yet.

        Containers are not given time to end, unless the case says so.
        """
        fields = {'terminationGracePeriodSeconds': 0, **fields}
        document = {'containers': list(containers), **fields}
        pod = documents.pod(project or self.project, document, name=name)
        held = base.capabilities(self.driver)
        self.part.need(capabilities.used_by(pod.spec), held)
        missing = capabilities.missing(pod.spec, held)
        self.assertTrue(all(fault.path for fault in missing))
        if missing and not self.engine.tries_undeclared:
            raise Refused(missing)
        self.pods[pod.uuid] = pod
        return pod

    # What an owner does

    def start(self, *containers: Doc, **fields: typing.Any) -> spec.Pod:
        pod = self.make(*containers, **fields)
        self.want(pod)
        return pod

    def want(self, pod: spec.Pod) -> spec.Pod:
        self.pods[pod.uuid] = pod
        self.agent.reconciler.want(pod)
        return pod

    def again(self, pod: spec.Pod) -> spec.Pod:
        return self.want(documents.next_generation(pod, 'running'))

    def stop(self, pod: spec.Pod) -> spec.Pod:
        return self.want(documents.next_generation(pod, 'stopped'))

    def stop_in_sight(self, begin: Callable[[], spec.Pod],
                      ) -> tuple[spec.Pod, PodStatus]:
        """Start by `begin`, stop, and see how the containers ended.

        An engine may lose sight of an end now and then: once more, then.
        """
        for _ in range(1 if self.engine.tells_every_end else 6):
            pod = self.stop(begin())
            seen = self.wait_phase(pod, 'Stopped')
            if not lost(seen):
                break
        return pod, seen

    def delete(self, pod: spec.Pod) -> spec.Pod:
        """Delete, and wait until it is gone."""
        pod = self.want(documents.next_generation(pod, 'absent'))
        wait_s = (self.timeout_s + pod.spec.grace_period_s
                  + self.engine.removal_s)
        if not self.agent.collector.wait_gone(pod, wait_s):
            self.fail(f'not gone after {wait_s} s\n{self.explain(pod)}')
        return pod

    def wait_removed(self, pod: spec.Pod) -> None:
        """Until nothing is left of what is not wanted (any more)."""
        wait_s = self.timeout_s * self.patience + self.engine.removal_s
        end = time.monotonic() + wait_s
        while found := self.engine.leftovers(pod):
            if time.monotonic() > end:
                self.fail(f'{found} are left after {wait_s} s\n'
                          f'{self.explain(pod)}')
            time.sleep(0.1)

    # What can be seen

    def wait_for(self, pod: spec.Pod, predicate: collector.Predicate,
                 what: str = 'the expected status', *,
                 timeout_s: float | None = None) -> PodStatus:
        """The first status, from the present one on, that fits."""
        wait_s = (timeout_s or self.timeout_s) * self.patience
        found = self.agent.collector.wait_status(pod, predicate, wait_s)
        if found is None:
            self.fail(f'{what} did not come within {wait_s:g} s\n'
                      f'{self.explain(pod)}')
        return found

    def wait_phase(self, pod: spec.Pod, *phases: str,
                   ) -> PodStatus:
        return self.wait_for(pod, lambda s: s.phase in phases,
                             f'phase {" or ".join(phases)}')

    def wait_ready(self, pod: spec.Pod) -> PodStatus:
        return self.wait_for(
            pod, lambda s: s.phase == 'Running' and s.ready, 'Ready')

    def wait_event(self, pod: spec.Pod, reason: str,
                   container: str | None = None,
                   message: str = '') -> PodEvent:
        """`message`: a pattern, whatever the letters' case."""
        wait_s = self.timeout_s * self.patience
        found = self.agent.collector.wait_event(
            pod.uuid, lambda e: e.reason == reason and (
                container is None or e.container == container) and re.search(
                    message, e.message, re.IGNORECASE), wait_s)
        if found is None:
            self.fail(f'no event {reason} {message} within {wait_s:g} s\n'
                      f'{self.explain(pod)}')
        return found

    def eventually(self, check: Callable[[], object], what: str,
                   timeout_s: float | None = None) -> typing.Any:
        """What `check` returns, once it is true."""
        wait_s = (timeout_s or self.timeout_s) * self.patience
        end = time.monotonic() + wait_s
        while not (found := check()):
            if time.monotonic() > end:
                self.fail(f'{what}: not within {wait_s:g} s')
            time.sleep(0.05)
        return found

    def steadily(self, check: Callable[[], object], what: str,
                 seconds: float = 1.0) -> None:
        """`check` stays true for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.assertTrue(check(), what)
            time.sleep(0.1)

    def ever(self, pod: spec.Pod, predicate: collector.Predicate) -> bool:
        """Whether a status that fits was reported at any time."""
        return any(predicate(seen) for seen
                   in self.agent.collector.history(pod.uuid))

    def status(self, pod: spec.Pod) -> PodStatus:
        return self.driver.pod_status(pod.uuid).status

    def logs(self, pod: spec.Pod, container: str = 'main',
             **options: typing.Any) -> str:
        self.needs(states.Action.LOGS)
        driver = typing.cast(base.Logs, self.driver)
        return driver.logs(pod.uuid, container, **options).decode()

    def wait_logs(self, pod: spec.Pod, text: str,
                  container: str = 'main') -> str:
        """The container's log, once `text` is in it."""
        self.needs(states.Action.LOGS)

        def found() -> str:
            try:
                seen = self.logs(pod, container)
            except exceptions.NotFound:
                return ''
            return seen if text in seen else ''
        end = time.monotonic() + self.timeout_s * self.patience
        while not (seen := found()):
            if time.monotonic() > end:
                self.fail(f'{text!r} is not in the log\n{self.explain(pod)}')
            time.sleep(0.05)
        return seen

    def exec(self, pod: spec.Pod, *command: str, container: str = 'main',
             timeout_s: float = 20, **options: typing.Any,
             ) -> base.ExecResult:
        self.needs(states.Action.EXEC)
        driver = typing.cast(base.Exec, self.driver)
        return driver.exec(pod.uuid, container, command,
                           timeout_s=timeout_s, **options)

    def exec_sh(self, pod: spec.Pod, script: str,
                container: str = 'main') -> str:
        """What a script prints that is run in a container and succeeds."""
        found = self.exec(pod, 'sh', '-c', script, container=container)
        self.assertEqual(0, found.exit_code, found)
        return found.stdout.decode()

    def signal_main(self, pod: spec.Pod, container: str = 'main') -> None:
        """SIGTERM to the main process, which may take this command along
        as it ends."""
        self.exec(pod, 'sh', '-c', 'kill -TERM 1', container=container)

    def output(self, *containers: Doc, **fields: typing.Any) -> str:
        """What the first container, run to its end, wrote."""
        pod = self.start(*containers, restartPolicy='Never', **fields)
        self.wait_phase(pod, 'Succeeded')
        return self.logs(pod, containers[0]['name'])

    # Failures

    def explain(self, pod: spec.Pod) -> str:
        """All there is to know of a pod, for a failure's message."""
        agent = self.agent.collector
        parts = ['status: ' + json.dumps(
            agent.latest(pod.uuid).to_dict(), indent=1)]
        parts += [f'event: {e.type} {e.reason} {e.container or ""}: '
                  f'{e.message}' for e in agent.events[pod.uuid]]
        try:
            parts.append('engine: ' + json.dumps(
                self.driver.pod_status(pod.uuid).model_dump(
                    mode='json', exclude_none=True)))
        except exceptions.ZunLiteError as exc:
            parts.append(f'engine: {exc!r}')
        parts += [self._log_of(pod, c.name) for c in pod.spec.all_containers]
        return '\n'.join(parts)

    def _log_of(self, pod: spec.Pod, container: str) -> str:
        try:
            text = self.logs(pod, container, tail=20)
        except (exceptions.ZunLiteError, Refused) as exc:
            text = repr(exc)
        return f'log of {container}: {text}'


def main(seen: PodStatus, name: str = 'main',
         ) -> ContainerStatus:
    """A container's status; one with nothing in it where there is none."""
    for found in seen.container_statuses + seen.init_container_statuses:
        if found.name == name:
            return found
    return ContainerStatus(name=name, image='')


def lost(seen: PodStatus) -> bool:
    """Whether the engine did not tell how a container ended."""
    return any(c.state.terminated is not None and c.state.terminated.reason
               == 'ContainerStatusUnknown' for c in seen.container_statuses)


def exit_code(seen: PodStatus, name: str = 'main') -> int | None:
    ended = main(seen, name).state.terminated
    return ended.exit_code if ended else None


def running(seen: PodStatus, name: str = 'main') -> bool:
    return main(seen, name).state.running is not None


def waiting(seen: PodStatus, name: str = 'main') -> str:
    """The reason a container waits for; '' where it does not."""
    found = main(seen, name).state.waiting
    return found.reason if found else ''


def condition(seen: PodStatus, kind: str) -> str:
    return next((c.status for c in seen.conditions if c.type == kind), '')


def concrete(namespace: dict[str, typing.Any],
             groups: typing.Iterable[type[Case]],
             engine: Callable[[], engines.TestEngine]) -> None:
    """Put a test class for each group of cases into a module.

    The engine is made when the first case of the module begins.
    """
    def setUpClass(cls: type[Case]) -> None:
        cls.engine = engine()

    for group in groups:
        name = f'Test{group.__name__}'
        namespace[name] = type(name, (group, unittest.TestCase), {
            '__module__': namespace['__name__'], '__doc__': group.__doc__,
            'setUpClass': classmethod(setUpClass)})
