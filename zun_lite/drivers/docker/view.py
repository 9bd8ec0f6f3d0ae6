"""The driver's eyes: engine objects and memory put together to a status."""
import logging
import time

import pydantic

from zun_lite.drivers.docker import facts as facts_module
from zun_lite.drivers.docker import messages
from zun_lite.drivers.docker import observe
from zun_lite.drivers.docker import thresholds
from zun_lite.drivers.docker import volumes
from zun_lite.drivers.docker.checks import Target
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.facts import Backoff
from zun_lite.drivers.docker.facts import Facts
from zun_lite.drivers.docker.hooks import Hooks
from zun_lite.drivers.docker.memory import Memory
from zun_lite.drivers.docker.memory import PodMemory
from zun_lite.drivers.docker.probes import Prober
from zun_lite.drivers.docker.seen import SeenPod
from zun_lite.drivers.docker.stop import Stopper
from zun_lite.pod import status
from zun_lite.pod.spec import Pod

LOG = logging.getLogger(__name__)

_SOON_S = 0.05


class View:
    """Reads only: changes nothing on the engine."""

    def __init__(self, engine: Engine, memory: Memory, prober: Prober,
                 hooks: Hooks, stopper: Stopper, backoff: Backoff):
        self._engine = engine
        self._memory, self._prober = memory, prober
        self._hooks, self._stopper = hooks, stopper
        self._backoff = backoff

    def facts(self, memory: PodMemory, seen: SeenPod | None) -> Facts:
        """What is known now besides the objects."""
        ids = [run.id for run in seen.newest if run.running] if seen else []
        health = {run_id: self._prober.health(run_id) for run_id in ids}
        return Facts(
            now=time.time(), backoff=self._backoff,
            waiting=dict(memory.waiting), evicted=memory.evicted,
            health={i: h for i, h in health.items() if h is not None},
            hooks=self._hooks.running(), ending=self._stopper.ending(),
            messages=dict(memory.messages),
            unhealthy=frozenset(memory.unhealthy))

    def observed(self, seen: SeenPod, pod: Pod | None = None,
                 recheck_at: float | None = None, *,
                 learn: bool = True) -> status.ObservedPod:
        """The status; of an unknown pod, only that it is there.

        `learn`: read what ended containers left, which takes calls.
        """
        memory = self._memory.of(seen.uuid)
        pod = pod or self.document(seen)
        found = status.PodStatus()
        if pod is not None:
            if learn:
                self._read_messages(pod, seen, memory)
            found = observe.pod_status(pod, seen, self.facts(memory, seen),
                                       memory.conditions)
            memory.conditions = found.conditions
        return status.ObservedPod(
            uuid=seen.uuid, project_id=seen.project,
            generation=seen.generation, status=found,
            recheck_after_s=_until(recheck_at), deployment=seen.deployment)

    def _read_messages(self, pod: Pod, seen: SeenPod,
                       memory: PodMemory) -> None:
        if seen.sandbox is None:
            return
        for wanted in pod.spec.all_containers:
            for run in seen.runs.get(wanted.name, ()):
                if run.ended and not run.error and (
                        run.id not in memory.messages):
                    memory.messages[run.id] = messages.read(
                        self._engine, wanted, run, seen.sandbox,
                        volumes.ROOT)

    def unmade(self, pod: Pod,
               recheck_at: float | None) -> status.ObservedPod:
        """The status of a pod of which the engine has nothing yet."""
        memory = self._memory.of(pod.uuid)
        found = observe.pod_status(pod, None, self.facts(memory, None),
                                   memory.conditions)
        memory.conditions = found.conditions
        return status.ObservedPod(
            uuid=pod.uuid, project_id=pod.project_id,
            generation=pod.generation, status=found,
            recheck_after_s=_until(recheck_at))

    def document(self, seen: SeenPod) -> Pod | None:
        """The pod as it was asked for, from memory or from the engine."""
        known = self._memory.of(seen.uuid).pod
        if known is not None and known.generation == seen.generation:
            return known
        kept = next((run.document for run in seen.everything
                     if run.document), '')
        if not kept:
            return None
        try:
            return Pod.model_validate_json(kept)
        except pydantic.ValidationError as exc:
            LOG.warning('What is kept of pod %s describes no pod: %s',
                        seen.uuid, exc.error_count())
            return None

    def targets(self, pod: Pod, seen: SeenPod | None) -> dict[str, Target]:
        """What is to be probed, by container id."""
        found: dict[str, Target] = {}
        if seen is None or seen.sandbox is None:
            return found
        memory = self._memory.of(pod.uuid)
        busy = self._hooks.running() | self._stopper.ending()
        for wanted in (*pod.spec.sidecars, *pod.spec.containers):
            run = seen.latest(wanted.name)
            if run is not None and run.running and run.id not in busy and (
                    facts_module.is_joined(run, seen)
                    and thresholds.probes_of(wanted)):
                found[run.id] = Target(
                    uuid=pod.uuid, project=pod.project_id,
                    run_id=run.id, container=wanted,
                    address=seen.sandbox.address,
                    started_at=run.started_at or run.created_at,
                    adopted=run.id not in memory.started)
        return found


def _until(at: float | None) -> float | None:
    return None if at is None else max(_SOON_S, at - time.time())
