"""Making and starting sandboxes and containers.

Every step can be cut off and repeated: a name that is taken is the same
object, made by an attempt that was cut off, and is adopted.
"""
import logging
import time

import docker.errors

from zun_lite.drivers.docker import facts
from zun_lite.drivers.docker import mapping
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import security
from zun_lite.drivers.docker import times
from zun_lite.drivers.docker.attempts import Attempts
from zun_lite.drivers.docker.attempts import Outcome
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.furnish import Furnisher
from zun_lite.drivers.docker.hooks import Hooks
from zun_lite.drivers.docker.images import Images
from zun_lite.drivers.docker.images import Want
from zun_lite.drivers.docker.memory import PodMemory
from zun_lite.drivers.docker.network import Networks
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.settings import Settings
from zun_lite.drivers.docker.survey import Survey
from zun_lite.drivers.docker.sync import Make
from zun_lite.drivers.docker.waiting import CONFIG_ERROR
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.drivers.docker.waiting import SANDBOX_ERROR
from zun_lite.drivers.feed import Feed
from zun_lite.pod import status
from zun_lite.pod import supply
from zun_lite.pod.spec import Container
from zun_lite.pod.spec import Pod
from zun_lite.pod.spec import PullPolicy

LOG = logging.getLogger(__name__)


class Launcher:
    """Each method gives the run that there is now, or why there is none."""

    def __init__(self, engine: Engine, feed: Feed, settings: Settings,
                 host: str, *, survey: Survey, images: Images,
                 networks: Networks, hooks: Hooks, furnisher: Furnisher,
                 attempts: Attempts):
        self._engine, self._feed, self._settings = engine, feed, settings
        self._host, self._survey = host, survey
        self._images, self._networks, self._hooks = images, networks, hooks
        self._furnisher = furnisher
        self._attempts = attempts

    def sandbox(self, pod: Pod, memory: PodMemory, attempt: int,
                started_at: float | None) -> Outcome:
        """A new, running sandbox. `started_at`: of the pod, if it was."""
        image = self._settings.sandbox_image
        present = self._images.need(image, PullPolicy.IF_NOT_PRESENT,
                                    Want(pod.uuid, '', attempt))
        if isinstance(present, NotYet):
            return NotYet(present.reason, f'sandbox: {present.message}',
                          present.recheck_s)

        def make() -> Run:
            with self._networks.held(pod.project_id) as network:
                made = self._create(
                    names.sandbox(pod.uuid, pod.generation, attempt),
                    mapping.sandbox(
                        pod, self._settings, self._host, attempt=attempt,
                        network=network, started=times.rfc3339(
                            started_at or time.time()),
                        resolver=self._furnisher.resolver()))
                return self._start_sandbox(pod, made)
        return self._attempts.make(pod, memory, facts.SANDBOX,
                                   SANDBOX_ERROR, image, make)

    def container(self, pod: Pod, memory: PodMemory, step: Make,
                  sandbox: Run) -> Outcome:
        """A new run of a container, started."""
        wanted = step.container
        image = self._images.need(
            wanted.image, wanted.effective_pull_policy,
            Want(pod.uuid, wanted.name, step.attempt,
                 pod.login(wanted.image)))
        if isinstance(image, NotYet):
            return image
        fault = security.root_fault(pod.spec.security_of(wanted),
                                    image.user)
        if fault:
            return self._attempts.failed(pod, memory, wanted.name,
                                         CONFIG_ERROR, fault)

        def make() -> Run:
            self._furnisher.supply(pod, memory, sandbox)
            env, mounts = self._furnisher.run(pod, step, sandbox)
            made = self._create(
                names.container(pod.uuid, pod.generation, wanted.name,
                                step.attempt),
                mapping.container(
                    pod, wanted, self._settings, self._host,
                    sandbox_id=sandbox.id, sandbox_attempt=sandbox.attempt,
                    attempt=step.attempt, backoff_s=step.backoff_s,
                    image_user=image.user, env=env, mounts=mounts))
            self._feed.event(pod.uuid, 'Created',
                             f'Created container {wanted.name}',
                             wanted.name)
            return self._start_run(pod, memory, made, wanted.name)
        try:
            return self._attempts.make(
                pod, memory, wanted.name, status.CREATE_CONTAINER_ERROR,
                wanted.image, make)
        except supply.Missing as exc:
            return self._missing(pod, memory, wanted.name, str(exc))

    def follow(self, pod: Pod, memory: PodMemory, sandbox: Run) -> None:
        """Bring the files of a running pod up to date.

        Those of which something is no more stay as they were.
        """
        try:
            self._furnisher.supply(pod, memory, sandbox)
        except supply.Missing as exc:
            LOG.debug('Pod %s keeps its files: %s', pod.uuid, exc)

    def _missing(self, pod: Pod, memory: PodMemory, name: str,
                 message: str) -> NotYet:
        """What is not there may come at any time: that is told to us."""
        before = memory.waiting.get(name)
        if before is None or before.message != message:
            self._feed.event(pod.uuid, 'Failed', f'Error: {message}', name,
                             warning=True)
        return NotYet(CONFIG_ERROR, message)

    def start(self, pod: Pod, memory: PodMemory, run: Run) -> Outcome:
        """Start what was made before and not started."""
        def make() -> Run:
            if run.kind == 'sandbox':
                with self._networks.held(pod.project_id):
                    return self._start_sandbox(pod, run.id)
            return self._start_run(pod, memory, run.id, run.name)
        return self._attempts.make(
            pod, memory, run.name, status.RUN_CONTAINER_ERROR, run.image,
            make)

    def _create(self, name: str, body: mapping.Body) -> str:
        """Make a container; the id of that which has the name."""
        try:
            return str(self._engine.api.create_container_from_config(
                body, name)['Id'])
        except docker.errors.APIError as exc:
            if exc.status_code != 409:
                raise
            return self._survey.inspect(name).id

    def _start_sandbox(self, pod: Pod, container_id: str) -> Run:
        self._furnisher.sandbox(pod, container_id)
        self._engine.api.start(container_id)
        return self._survey.inspect(container_id)

    def _start_run(self, pod: Pod, memory: PodMemory, container_id: str,
                   name: str) -> Run:
        """Start; a container that cannot be is a run that has ended."""
        wanted = _container(pod, name)
        memory.started.add(container_id)
        memory.unhooked.add(container_id)
        with self._hooks.expected(wanted, container_id):
            run = self._started(pod, container_id, name)
            if run.running:
                self._hooks.begin(pod, wanted, run)
                memory.unhooked.discard(run.id)
            else:
                self._hooks.drop(run.id)
        return run

    def _started(self, pod: Pod, container_id: str, name: str) -> Run:
        try:
            self._engine.api.start(container_id)
        except docker.errors.APIError as exc:
            run = self._survey.inspect(container_id)
            if not run.ended:
                raise
            self._feed.event(pod.uuid, 'Failed', f'Error: {explain(exc)}',
                             name, warning=True)
            return run
        self._feed.event(pod.uuid, 'Started', f'Started container {name}',
                         name)
        return self._survey.inspect(container_id)

    def catch_up(self, pod: Pod, memory: PodMemory, runs: list[Run]) -> None:
        """Begin the hooks of what was started though the engine's answer
        to that was never heard."""
        for run in runs:
            if run.running and run.id in memory.unhooked:
                wanted = _container(pod, run.name)
                with self._hooks.expected(wanted, run.id):
                    self._hooks.begin(pod, wanted, run)
                memory.unhooked.discard(run.id)


def _container(pod: Pod, name: str) -> Container:
    return next(c for c in pod.spec.all_containers if c.name == name)
