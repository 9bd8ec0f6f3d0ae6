"""The contract's verbs for plain containers.

Engine calls: one is made and started with 15 calls; a later look at it takes
2. A list of all of them takes 1, beside that of the volumes, and 2 for each
that the engine would not start.
"""
import time
from collections.abc import Iterable

import docker.errors
import pydantic

from zun_lite import exceptions
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.memory import Memory
from zun_lite.drivers.docker.memory import PodMemory
from zun_lite.drivers.docker.plain import observe
from zun_lite.drivers.docker.plain import plan
from zun_lite.drivers.docker.plain.look import Look
from zun_lite.drivers.docker.plain.maker import Maker
from zun_lite.drivers.docker.plain.observe import Known
from zun_lite.drivers.docker.plain.plan import Step
from zun_lite.drivers.docker.plain.records import Marks
from zun_lite.drivers.docker.plain.records import Records
from zun_lite.drivers.docker.plain.seen import SeenPlain
from zun_lite.drivers.docker.removal import Remover
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import State
from zun_lite.drivers.docker.stop import Stopper
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.pod import plain
from zun_lite.pod import status
from zun_lite.pod.spec import Pod

_PASSES = 20            # steps in one call, lest it never end


class Keeper:
    """Every verb looks first, so each may be repeated after a crash.

    What memory holds of a pod is turned to what is asked by the caller.
    """

    def __init__(self, engine: Engine, memory: Memory, look: Look, *,
                 records: Records, maker: Maker, stopper: Stopper,
                 remover: Remover):
        self._engine, self._memory, self._look = engine, memory, look
        self._records, self._maker = records, maker
        self._stopper, self._remover = stopper, remover

    def bring(self, pod: Pod, *, start: bool) -> status.ObservedPod:
        """Towards a container that runs, or one that is made."""
        memory = self._memory.of(pod.uuid)
        self._evict(pod, memory)
        seen = None
        for _ in range(_PASSES):
            seen = self._look.one(pod.uuid)
            step = plan.plan(pod, seen, start=start and not memory.evicted,
                             refused=memory.refused == pod.generation)
            if step is None or not self._carry_out(step, pod, memory, seen):
                break
        return self._observed(pod, seen, memory)

    def pause(self, pod: Pod) -> status.ObservedPod:
        """:raises PodNotFound:"""
        seen = self._need(pod.uuid)
        memory = self._memory.of(pod.uuid)
        run = seen.run
        if run is not None and run.running and not run.paused:
            self._engine.api.pause(run.id)
        self._note(pod, seen)
        return self._observed(pod, self._look.one(pod.uuid), memory)

    def stop(self, pod: Pod) -> status.ObservedPod | None:
        """None: nothing was made yet."""
        memory = self._memory.of(pod.uuid)
        memory.settle()
        seen = self._look.one(pod.uuid)
        if seen is None or not seen.generation and seen.run is None:
            return None
        if seen.run is not None:
            self._end(seen.run, pod)
        self._note(pod, seen)
        return self._observed(pod, self._look.one(pod.uuid), memory)

    def delete(self, uuid: str, grace_period_s: int) -> None:
        """The container; its volumes and records are the caller's.

        One that no record of this host leads to is another agent's.
        """
        seen = self._look.one(uuid)
        if seen is None or seen.run is None:
            return
        if seen.run.running:
            self._thaw(seen.run)
            self._stopper.end(seen.run, None, grace_period_s)
        self._remover.container(seen.run.id)

    def look_at(self, uuid: str) -> status.ObservedPod | None:
        """None: it is not one of these."""
        seen = self._look.one(uuid)
        return None if seen is None else self._told(seen)

    def listed(self, volumes: Iterable[Marks]) -> list[status.ObservedPod]:
        return [self._told(self._in_full(seen))
                for seen in self._look.all(volumes)]

    # Steps

    def _carry_out(self, step: Step, pod: Pod, memory: PodMemory,
                   seen: SeenPlain | None) -> bool:
        """Whether to plan again."""
        if seen is None:
            self._records.begin(pod)
            return True
        run = seen.run
        match step:
            case Step.MAKE:
                return self._make(pod, memory, seen)
            case Step.NOTE:
                self._records.note(pod, run)
            case Step.CLEAR:
                self._records.drop(seen.records[1:])
        if run is None:
            return False
        match step:
            case Step.REMOVE:
                self._end(run, pod)
                self._remover.container(run.id)
            case Step.END:
                self._end(run, pod)
            case Step.THAW:
                self._thaw(run)
            case Step.START:
                self._maker.start(pod, memory, run)
        return True

    def _make(self, pod: Pod, memory: PodMemory, seen: SeenPlain) -> bool:
        made = self._maker.make(pod, memory, seen.record)
        if isinstance(made, NotYet):
            memory.waiting[plain.NAME] = made
            return False
        memory.waiting.pop(plain.NAME, None)
        self._records.note(pod, made)
        return True

    def _end(self, run: Run, pod: Pod) -> None:
        if run.running:
            self._thaw(run)
            self._stopper.end_all([run], pod, pod.spec.grace_period_s)

    def _evict(self, pod: Pod, memory: PodMemory) -> None:
        seen = self._look.one(pod.uuid) if memory.evicted else None
        if seen is not None and seen.run is not None:
            self._end(seen.run, pod)

    def _thaw(self, run: Run) -> None:
        if run.paused:
            try:
                self._engine.api.unpause(run.id)
            except docker.errors.APIError as exc:
                if 'not paused' not in explain(exc):
                    raise

    def _note(self, pod: Pod, seen: SeenPlain) -> None:
        if seen.generation < pod.generation:
            written = self._records.note(pod, seen.run)
            self._records.drop(r for r in seen.records
                               if r.volume != written.volume)

    # What is seen

    def _need(self, uuid: str) -> SeenPlain:
        seen = self._look.one(uuid)
        if seen is None:
            raise exceptions.PodNotFound()
        return seen

    def _in_full(self, listed: SeenPlain) -> SeenPlain:
        """Looked at, where it could not be started: lists do not tell the
        error, without which it would seem to wait for its start."""
        if listed.run is None or listed.run.state is not State.CREATED or (
                self._memory.of(listed.uuid).refused != listed.generation):
            return listed
        return self._look.one(listed.uuid) or listed

    def _told(self, seen: SeenPlain) -> status.ObservedPod:
        memory = self._memory.of(seen.uuid)
        pod = memory.pod
        # What was removed to be made anew is not lost.
        if pod is None or seen.run is not None and (
                pod.generation != seen.generation):
            pod = _document(seen)
        if pod is None:
            return status.ObservedPod(
                uuid=seen.uuid, project_id=seen.record.project,
                generation=seen.generation, status=status.PodStatus(),
                deployment=seen.record.deployment)
        return self._observed(pod, seen, memory)

    def _observed(self, pod: Pod, seen: SeenPlain | None,
                  memory: PodMemory) -> status.ObservedPod:
        waits = memory.waiting.get(plain.NAME)
        found = observe.pod_status(pod, seen, Known(
            now=time.time(), waits=waits, evicted=memory.evicted,
            refused=memory.refused == pod.generation), memory.conditions)
        memory.conditions = found.conditions
        generation = seen.generation if seen is not None else pod.generation
        return status.ObservedPod(
            uuid=pod.uuid, project_id=pod.project_id, generation=generation,
            status=found,
            recheck_after_s=waits.recheck_s if waits is not None else None,
            deployment=seen.record.deployment if seen is not None else None)


def _document(seen: SeenPlain) -> Pod | None:
    """As it was asked for, when nobody has told yet."""
    try:
        return Pod.model_validate_json(seen.record.document)
    except pydantic.ValidationError:
        return None
