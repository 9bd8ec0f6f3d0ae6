"""Carrying out the steps that `sync` finds due."""
import dataclasses
import time

import docker.errors

from zun_lite.drivers.docker import facts as facts_module
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import seen as seen_module
from zun_lite.drivers.docker import sync
from zun_lite.drivers.docker.attempts import Outcome
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.launch import Launcher
from zun_lite.drivers.docker.memory import PodMemory
from zun_lite.drivers.docker.removal import Remover
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import SeenPod
from zun_lite.drivers.docker.stop import Stopper
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.drivers.feed import Feed
from zun_lite.pod.spec import Pod


class Work:
    """One pass over one pod: what is seen, kept up to date step by step."""

    def __init__(self, pod: Pod, memory: PodMemory, runs: list[Run]):
        self.pod, self.memory = pod, memory
        self._runs = {run.id: run for run in runs}
        self.tried: set[str] = set()    # made, or found not to be due yet
        self.recheck_at: list[float] = []

    @property
    def seen(self) -> SeenPod | None:
        return seen_module.group(self.pod.uuid, self._runs.values(),
                                 self.pod.generation)

    def put(self, run: Run) -> None:
        self._runs[run.id] = run

    def drop(self, runs: tuple[Run, ...]) -> None:
        for run in runs:
            self._runs.pop(run.id, None)

    def note(self, name: str, outcome: Outcome) -> bool:
        """Take in what came of a step; whether there is a new run."""
        self.tried.add(name)
        if isinstance(outcome, NotYet):
            self.memory.waiting[name] = outcome
            if outcome.recheck_s is not None:
                self.recheck_at.append(time.time() + outcome.recheck_s)
            return False
        self.memory.waiting.pop(name, None)
        self.put(outcome)
        return True


class Worker:
    """Effects of steps; each says whether planning again makes sense."""

    def __init__(self, engine: Engine, feed: Feed, *, launcher: Launcher,
                 stopper: Stopper, remover: Remover):
        self._engine, self._feed = engine, feed
        self.launcher, self._stopper = launcher, stopper
        self._remover = remover

    def carry_out(self, work: Work, step: sync.Step) -> bool:
        match step:
            case sync.Remove():
                return self._remove(work, step)
            case sync.MakeSandbox():
                return self._make_sandbox(work, step)
            case sync.Make():
                return self._make(work, step)
            case sync.Start():
                return work.note(step.run.name, self.launcher.start(
                    work.pod, work.memory, step.run))
            case sync.Kill():
                return self._kill(work, step)
            case sync.End():
                return self._end(work, step)
            case sync.Release():
                self._stopper.end(step.run, None, 0)
                work.put(dataclasses.replace(
                    step.run, state=seen_module.State.ENDED, address=None))
                return False
            case sync.Mark():
                self.mark(step.run, step.mark)
                return False

    def tell_backoff(self, work: Work, plan: sync.Plan) -> None:
        """An event for each back-off, once."""
        told = work.memory.backed_off
        for run in plan.backing_off:
            if run.id not in told:
                told.add(run.id)
                self._feed.event(
                    run.pod, 'BackOff', 'Back-off restarting failed '
                    f'container {run.name}', run.name, warning=True)

    def _remove(self, work: Work, step: sync.Remove) -> bool:
        self._stopper.end_all(
            [r for r in step.runs if r.kind != 'sandbox'], work.pod,
            work.pod.spec.grace_period_s)
        self._remover.runs(step.runs)
        if any(r.generation != work.pod.generation for r in step.runs):
            self._remover.volumes(work.pod.uuid, keep=work.pod.generation)
        work.drop(step.runs)
        return True

    def _make_sandbox(self, work: Work, step: sync.MakeSandbox) -> bool:
        if facts_module.SANDBOX in work.tried:
            return False
        seen = work.seen
        before = seen.sandbox if seen is not None else None
        if step.attempt and facts_module.SANDBOX not in work.memory.waiting:
            self._feed.event(
                work.pod.uuid, 'SandboxChanged', 'Pod sandbox changed, it '
                'will be killed and re-created.')
        return work.note(facts_module.SANDBOX, self.launcher.sandbox(
            work.pod, work.memory, step.attempt,
            before.pod_started_at if before is not None else None))

    def _make(self, work: Work, step: sync.Make) -> bool:
        name, seen = step.container.name, work.seen
        if name in work.tried or seen is None or seen.sandbox is None:
            return False
        return work.note(name, self.launcher.container(
            work.pod, work.memory, step, seen.sandbox))

    def _kill(self, work: Work, step: sync.Kill) -> bool:
        if step.unhealthy:
            work.memory.unhealthy.add(step.run.id)
        self._feed.event(work.pod.uuid, 'Killing', step.why, step.run.name)
        self._stopper.begin([step.run], work.pod,
                            work.pod.spec.grace_period_s)
        return False

    def _end(self, work: Work, step: sync.End) -> bool:
        ending = self._stopper.ending()
        for run in step.runs:
            if run.id not in ending:
                self._feed.event(work.pod.uuid, 'Killing', step.why,
                                 run.name)
        self._stopper.begin(step.runs, work.pod,
                            work.pod.spec.grace_period_s)
        return False

    def mark(self, run: Run, mark: str) -> None:
        """Write a verdict on a sandbox; one that is gone needs none."""
        plain = names.sandbox(run.pod, run.generation, run.attempt)
        try:
            self._engine.api.rename(run.id, names.marked(plain, mark))
        except docker.errors.APIError as exc:
            if exc.status_code not in (404, 409):
                raise
