"""The Docker driver: the contract's verbs, put together from the parts.

Engine calls: a pod of a sandbox and n containers is made with 1 list, then
create, start and inspect for each, that is 4 + 3n; the same by hand takes
2 + 2n. A later look at it takes 1 list, and 1 inspect for each container
that has ended since. `list_pods` takes 3 lists, and 1 more where there are
plain containers; see `plain.keeper` for these. The image and the project's
network are looked up once and remembered.
"""
import socket
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.docker import checks
from zun_lite.drivers.docker import control
from zun_lite.drivers.docker import events
from zun_lite.drivers.docker import facts as facts_module
from zun_lite.drivers.docker import holding
from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import seen as seen_module
from zun_lite.drivers.docker import sessions
from zun_lite.drivers.docker import settings as settings_module
from zun_lite.drivers.docker import streams
from zun_lite.drivers.docker import sync
from zun_lite.drivers.docker.attempts import Attempts
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import refusals
from zun_lite.drivers.docker.eviction import Evictor
from zun_lite.drivers.docker.facts import Backoff
from zun_lite.drivers.docker.furnish import Furnisher
from zun_lite.drivers.docker.hooks import Hooks
from zun_lite.drivers.docker.images import Images
from zun_lite.drivers.docker.launch import Launcher
from zun_lite.drivers.docker.machine import Machine
from zun_lite.drivers.docker.memory import Memory
from zun_lite.drivers.docker.memory import PodMemory
from zun_lite.drivers.docker.network import Networks
from zun_lite.drivers.docker.plain.joiner import Joiner
from zun_lite.drivers.docker.plain.keeper import Keeper
from zun_lite.drivers.docker.plain.look import Look
from zun_lite.drivers.docker.plain.maker import Maker
from zun_lite.drivers.docker.plain.records import Records
from zun_lite.drivers.docker.probes import Prober
from zun_lite.drivers.docker.removal import Remover
from zun_lite.drivers.docker.seen import SeenPod
from zun_lite.drivers.docker.settings import Settings
from zun_lite.drivers.docker.stop import Stopper
from zun_lite.drivers.docker.survey import Survey
from zun_lite.drivers.docker.view import View
from zun_lite.drivers.docker.worker import Work
from zun_lite.drivers.docker.worker import Worker
from zun_lite.drivers.feed import Feed
from zun_lite.pod import features
from zun_lite.pod import status
from zun_lite.pod.spec import Pod

_PASSES = 100           # plans of one pod in one call, lest it never end
_SETTLE_S = 2.0         # longest wait for the first answers after adoption


class DockerDriver(streams.Streams, control.Control, holding.Holding,
                   base.Networks, base.PodDriver):
    """`host` names the agent: its pods are told by it from those of another
    agent on the same engine. The connection is made when first needed."""
    name = 'docker'
    fields = features.fields(
        *features.FIRST, features.OWN_FIELDS, features.POD_SECURITY,
        features.MESSAGES, features.DNS, features.SUB_PATH,
        features.CONFIGS, features.OWN_FILES, features.PROJECTED,
        features.SIDECARS, features.AFFINITY)

    def __init__(self, host: str | None = None, *,
                 settings: Settings | None = None):
        super().__init__()
        host = host or socket.gethostname()
        chosen = settings or settings_module.from_conf()
        self._engine = engine = Engine(chosen)
        self._feed = feed = Feed()
        self._memory = Memory()
        self._survey = Survey(engine, host)
        self._look = Look(engine, self._survey, self._memory)
        self._events = events.EventReader(engine, feed, host,
                                          self._survey.doubt)
        self._stopper = Stopper(engine, feed)
        hooks = Hooks(engine, feed, self._stopper)
        self._hang_ups = sessions.hang_ups(engine)
        self._images = Images(engine, feed, chosen)
        self._networks = Networks(engine, chosen, host)
        self._joiner = Joiner(engine, self._networks)
        attempts = Attempts(feed, chosen, self._images, self._networks)
        self._remover = Remover(engine, self._survey, self._events)
        self._prober = Prober(
            lambda probe, target: checks.carry_out(engine, probe, target),
            feed, chosen.probe_workers)
        self._evictor = Evictor(engine, self._memory.pods, self._evict,
                                chosen.volume_check_interval)
        machine = Machine(engine, chosen, host)
        self._keeper = Keeper(
            engine, self._memory, self._look, stopper=self._stopper,
            remover=self._remover, records=Records(engine, host),
            maker=Maker(engine, feed, chosen, host, images=self._images,
                        networks=self._networks, joiner=self._joiner,
                        machine=machine, attempts=attempts))
        self._worker = Worker(
            engine, feed, stopper=self._stopper, remover=self._remover,
            launcher=Launcher(
                engine, feed, chosen, host, survey=self._survey,
                images=self._images, networks=self._networks, hooks=hooks,
                attempts=attempts,
                furnisher=Furnisher(engine, machine)))
        self._view = View(engine, self._memory, self._prober, hooks,
                          self._stopper,
                          Backoff(chosen.restart_backoff_base,
                                  chosen.restart_backoff_cap))

    @refusals()
    def ensure_pod(self, pod: Pod) -> status.ObservedPod:
        memory = self._turn_to(pod)
        if pod.plain is not None:
            return self._keeper.bring(pod, start=True)
        work = Work(pod, memory, self._survey.pod(pod.uuid))
        if work.seen is not None:
            self._worker.launcher.catch_up(pod, memory, work.seen.newest)
        self._adopt(work)
        recheck_at = self._bring_near(work)
        seen = work.seen
        if seen is not None and seen.sandbox is not None and (
                seen.sandbox.running):
            self._worker.launcher.follow(pod, memory, seen.sandbox)
        self._prober.keep(pod.uuid, self._view.targets(pod, seen))
        if seen is None:
            return self._view.unmade(pod, recheck_at)
        memory.keep({run.id for run in seen.everything})
        return self._view.observed(seen, pod, recheck_at)

    @refusals()
    def prepare_pod(self, pod: Pod) -> status.ObservedPod:
        self._turn_to(pod)
        return self._keeper.bring(pod, start=False)

    @refusals()
    def pause_pod(self, pod: Pod) -> status.ObservedPod:
        self._turn_to(pod)
        return self._keeper.pause(pod)

    @refusals()
    def join_networks(self, pod: Pod) -> None:
        for run in self._look.runs(pod.uuid):
            self._joiner.join(pod, run.id)

    @refusals()
    def stop_pod(self, pod: Pod) -> status.ObservedPod | None:
        if pod.plain is not None:
            self._turn_to(pod)
            return self._keeper.stop(pod)
        self._prober.keep(pod.uuid, {})
        self._memory.of(pod.uuid).settle()
        seen = self._seen(pod.uuid)
        if seen is None:
            return None
        if seen.sandbox is None:
            self._remove(seen, pod, pod.spec.grace_period_s)
            return None
        if seen.sandbox.mark != facts_module.STOPPED:
            self._stopper.end_all(seen.newest, pod, pod.spec.grace_period_s)
            self._stopper.end(seen.sandbox, None, 0)
            self._survey.doubt(*(run.id for run in seen.everything))
            self._worker.mark(seen.sandbox, facts_module.STOPPED)
            seen = self._seen(pod.uuid)
        return self._view.observed(seen, pod) if seen is not None else None

    @refusals()
    def delete_pod(self, uuid: str, *, grace_period_s: int) -> None:
        self._prober.keep(uuid, {})
        left = self._memory.of(uuid).left
        seen = self._seen(uuid)
        if seen is not None:
            left.add(seen.project)
            self._remove(seen, self._view.document(seen), grace_period_s)
        else:
            self._keeper.delete(uuid, grace_period_s)
        left |= self._remover.volumes(uuid)
        for network in left:
            self._networks.release(network)
        self._images.forget_pod(uuid)
        self._memory.forget(uuid)

    @refusals()
    def pod_status(self, uuid: str) -> status.ObservedPod:
        seen = self._seen(uuid)
        if seen is not None:
            return self._view.observed(seen)
        plain = self._keeper.look_at(uuid)
        if plain is None:
            raise exceptions.PodNotFound()
        return plain

    @refusals()
    def list_pods(self) -> list[status.ObservedPod]:
        """Also removes networks that no pod here is on."""
        found = self._survey.everything()
        volumes = self._survey.volumes()
        plain = self._keeper.listed(volumes)
        known = {*found, *(seen.uuid for seen in plain)}
        left = {v[labels.POD]: v for v in volumes
                if v[labels.POD] not in known}
        used = {runs[0].project for runs in found.values()}.union(
            *map(labels.networks, volumes))
        for network in self._networks.there() - used:
            self._networks.release(network)
        grouped = (seen_module.group(uuid, runs)
                   for uuid, runs in found.items())
        return plain + [
            self._view.observed(seen, learn=False) for seen in grouped
            if seen is not None] + [
            status.ObservedPod(
                uuid=uuid, project_id=volume[labels.PROJECT],
                generation=int(volume[labels.GENERATION]),
                status=status.PodStatus(),
                deployment=volume.get(labels.DEPLOYMENT))
            for uuid, volume in left.items()]

    def watch(self) -> Iterator[base.Observation]:
        self._events.start()
        return self._feed.read()

    @refusals()
    def inventory(self) -> base.Inventory:
        info = self._engine.api.info()
        marks = (label.partition('=') for label in info['Labels'] or ())
        return base.Inventory(
            cpu_millis=info['NCPU'] * 1000, memory_bytes=info['MemTotal'],
            labels={key: value for key, _, value in marks},
            engine=f'Docker {info["ServerVersion"]}',
            architecture=info['Architecture'], os_type=info['OSType'],
            os=info['OperatingSystem'],
            kernel_version=info['KernelVersion'])

    def close(self) -> None:
        self._hang_ups.close()
        self._feed.close()
        self._events.close()
        self._prober.close()
        self._evictor.close()
        self._engine.close()

    def _turn_to(self, pod: Pod) -> PodMemory:
        memory = self._memory.of(pod.uuid)
        if memory.turn_to(pod):
            self._images.forget_pod(pod.uuid)
        self._evictor.notice(pod)
        return memory

    def _seen(self, uuid: str) -> SeenPod | None:
        return seen_module.group(uuid, self._survey.pod(uuid))

    def _adopt(self, work: Work) -> None:
        """Probe what runs; wait a little for what another agent started."""
        targets = self._view.targets(work.pod, work.seen)
        added = self._prober.keep(work.pod.uuid, targets)
        adopted = {run_id for run_id in added if targets[run_id].adopted}
        if adopted:
            self._prober.settle(adopted, _SETTLE_S)

    def _bring_near(self, work: Work) -> float | None:
        """Do what is due until nothing is; when something will be."""
        plan = sync.Plan()
        for _ in range(_PASSES):
            seen, before = work.seen, _reasons(work.memory)
            plan = sync.plan(work.pod, seen,
                             self._view.facts(work.memory, seen))
            went_on = [self._worker.carry_out(work, step)
                       for step in plan.steps]
            if not any(went_on) and _reasons(work.memory) == before:
                break
        self._worker.tell_backoff(work, plan)
        times = [*work.recheck_at] + (
            [plan.recheck_at] if plan.recheck_at is not None else [])
        return min(times, default=None)

    def _remove(self, seen: SeenPod, pod: Pod | None,
                grace_period_s: int) -> None:
        everything = seen.everything
        self._stopper.end_all(
            [run for run in everything if run.kind != 'sandbox'], pod,
            grace_period_s)
        self._remover.runs(everything)

    def _evict(self, uuid: str, volume: str) -> None:
        memory = self._memory.of(uuid)
        if memory.evicted is None:
            memory.evicted = volume
            self._feed.event(
                uuid, status.EVICTED, f'Usage of EmptyDir volume "{volume}" '
                f'exceeds its limit', warning=True)
            self._feed.changed(uuid)


def _reasons(memory: PodMemory) -> dict[str, str]:
    """What each container waits for; nobody waits for one that failed."""
    return {name: waits.reason for name, waits in memory.waiting.items()}
