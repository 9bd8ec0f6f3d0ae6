"""A simulated pod: its sandbox, volumes and containers."""
import base64
import time
import typing

from zun_lite.drivers import base
from zun_lite.drivers.fake import files
from zun_lite.drivers.fake import images
from zun_lite.drivers.fake import instance
from zun_lite.drivers.fake import member
from zun_lite.drivers.fake import network
from zun_lite.drivers.fake import rootfs
from zun_lite.drivers.fake import shown
from zun_lite.drivers.fake import supplied
from zun_lite.pod import expansion
from zun_lite.pod import own
from zun_lite.pod import quantities
from zun_lite.pod import spec
from zun_lite.pod import status
from zun_lite.pod import supply

if typing.TYPE_CHECKING:
    from zun_lite.drivers.fake.engine import Engine


class Sandbox:
    """One generation of a pod. Everything under the engine's lock.

    `failed`: (reason, message) of a pod that was ended for what it did as a
    whole. `closed`: nothing is to be started any more.
    """

    def __init__(self, engine: 'Engine', pod: spec.Pod,
                 back_off: member.BackOff, host: str = ''):
        self.engine, self.pod, self.host = engine, pod, host
        self.network = network.PodNetwork()
        self.join(pod)
        self.started_at = time.time()
        self.stopped = self.frozen = False
        self.held = False            # made, and not to be started
        self.failed: tuple[str, str] | None = None
        self.conditions: tuple[status.Condition, ...] = ()
        self.shm = files.Tree('tmpfs', 64 * 2**20)
        self.volumes = {v.name: self._volume(v)
                        for v in pod.spec.volumes or ()}
        for tree in self.volumes.values():
            tree.gid = pod.spec.fs_group or 0
        self.root: files.Tree | None = None     # that a plain one keeps
        self.runs: list[instance.Instance] = []
        self.init = [member.Member(self, c, True, back_off)
                     for c in pod.spec.init_containers or ()]
        self.main = [member.Member(self, c, False, back_off)
                     for c in pod.spec.containers]

    @staticmethod
    def _volume(volume: spec.Volume) -> files.Tree:
        source = volume.empty_dir
        if source is None:
            return files.Tree('tmpfs')
        if source.medium is not spec.Medium.MEMORY:
            return files.Tree('ext4')
        return files.Tree('tmpfs', quantities.whole(source.size_limit)
                          if source.size_limit else None)

    @property
    def members(self) -> list[member.Member]:
        return [*self.init, *self.main]

    @property
    def closed(self) -> bool:
        return self.stopped or self.failed is not None

    @staticmethod
    def now() -> float:
        return time.time()

    def changed(self) -> None:
        self.engine.tell(base.Changed(self.pod.uuid))

    def creating_reason(self, one: member.Member) -> str:
        """What a container waits for that was not begun."""
        if not all(m.passed for m in self.init):
            return status.POD_INITIALIZING
        return status.CONTAINER_CREATING

    # Life

    def advance(self) -> None:
        """Everything that is due now."""
        self._check_deadline()
        self._check_volumes()
        if self.closed:
            return
        self.follow()
        if self.over():
            self.terminate(self.pod.spec.grace_period_s)
            return
        for one in self.init:
            if one.container.is_sidecar or not one.passed:
                one.advance()
            if not one.passed:
                break
        else:
            held = False                # by a postStart that has not ended
            for one in self.main:
                if one.alive or not held:
                    one.advance()
                held |= one.holds_up

    def _check_deadline(self) -> None:
        left = self._deadline_left_s()
        if left is not None and left <= 0:
            self._fail(status.DEADLINE_EXCEEDED, 'Pod was active on the node '
                       'longer than the specified deadline')

    def _deadline_left_s(self) -> float | None:
        limit = self.pod.spec.active_deadline_seconds
        if limit is None or self.closed or self.over():
            return None
        return self.started_at + limit - time.time()

    def over(self) -> bool:
        """Whether nothing is left for its sidecars to serve."""
        failed = any(m.ended and not m.succeeded and not m.will_restart()
                     for m in self.init if not m.container.is_sidecar)
        return failed or all(m.ended and not m.will_restart()
                             for m in self.main)

    def _check_volumes(self) -> None:
        for volume in self.pod.spec.volumes or ():
            limit = volume.empty_dir and volume.empty_dir.size_limit
            tree = self.volumes[volume.name]
            if limit and tree.kind != 'tmpfs' and (
                    tree.used > quantities.whole(limit)):
                self._fail(status.EVICTED, 'Usage of EmptyDir volume '
                           f'"{volume.name}" exceeds the limit "{limit}".')

    def _fail(self, reason: str, message: str) -> None:
        if self.closed:
            return
        self.failed = reason, message
        self.engine.event(self.pod.uuid, reason, message, warning=True)
        self.terminate(self.pod.spec.grace_period_s)

    def terminate(self, grace_period_s: float) -> None:
        """Begin the graceful end of every container, sidecars last."""
        first = [m for m in self.members if not m.container.is_sidecar]
        sidecars = [m for m in self.init if m.container.is_sidecar]
        for one in self.members:
            others = (first + sidecars[sidecars.index(one) + 1:]
                      if one in sidecars else [])
            if one.alive and not one.ending:
                self.engine.event(
                    self.pod.uuid, 'Killing',
                    f'Stopping container {one.container.name}',
                    one.container.name)
                one.terminate(grace_period_s, others)

    def freeze(self, frozen: bool) -> None:
        self.frozen = frozen
        for one in self.members:
            for process in one.run.running if one.run else ():
                self.engine.loop.freeze(process, frozen)

    def end(self, grace_period_s: float) -> None:
        """End every container; returns when the last one has ended."""
        self.stopped = True
        self.freeze(False)
        self.terminate(grace_period_s)
        deadline = time.monotonic() + grace_period_s + 5
        while any(m.alive for m in self.members):
            if time.monotonic() >= deadline:
                for one in self.members:
                    one.kill()
            self.engine.loop.changed.wait(0.5)
        self._leave()

    def go_on(self, pod: spec.Pod) -> None:
        """Take in a newer generation of a plain container, with what it has
        written; one that does not run is to be started again."""
        if pod.generation == self.pod.generation:
            return
        if pod.plain and pod.plain.restarted > self.pod.generation:
            self.end(pod.spec.grace_period_s)
        self.pod, self.failed, self.stopped = pod, None, False
        self.freeze(False)
        self.join(pod)
        for one in self.main:
            one.revive()

    def join(self, pod: spec.Pod) -> None:
        """Onto the networks that are asked for, and off all others."""
        self.engine.networks.settle(self.network, pod.project_id,
                                    network.wanted(pod))

    def _leave(self) -> None:
        self.engine.networks.settle(self.network, self.pod.project_id, {})

    def recheck_after_s(self) -> float | None:
        if self.closed:
            return None
        times = [m.recheck_after_s() for m in self.members]
        times.append(self._deadline_left_s())
        if any(v.empty_dir and v.empty_dir.size_limit
               for v in self.pod.spec.volumes or ()) and not self.over():
            times.append(1.0)
        known = [t for t in times if t is not None]
        return max(0.0, min(known)) if known else None

    def observed(self) -> status.ObservedPod:
        return status.ObservedPod(
            uuid=self.pod.uuid, project_id=self.pod.project_id,
            generation=self.pod.generation, status=shown.pod_status(self),
            recheck_after_s=self.recheck_after_s(),
            deployment=self.pod.deployment)

    # Runs

    def hostname(self) -> str:
        name = self.pod.spec.hostname or self.pod.metadata.name
        return name[:63].rstrip('-.')

    def instance(self, container: spec.Container, image: images.Image,
                 ) -> tuple[instance.Instance, tuple[str, ...]]:
        """A new run of a container, not started, and its command line."""
        context = self.pod.spec.security_of(container)
        uid = context.run_as_user
        if uid is None:
            uid = image.uid if isinstance(image.uid, int) else 1000
        shared = bool(self.pod.spec.share_process_namespace)
        self.network.hosts |= {
            name: alias.ip for alias in self.pod.spec.host_aliases or ()
            for name in alias.hostnames or ()}
        self.follow()
        view = rootfs.view(
            container, self.pod.spec, hostname=self.hostname(),
            address=self.network.address, uid=uid,
            namespaces=self._namespaces(container, shared),
            volumes=self.volumes, shm=self.shm, root=self.root_of(image))
        env, argv = expansion.resolve(
            container, expansion.environment(self.pod, container,
                                             self._place()),
            dict(image.env), image.entrypoint, image.command)
        run = instance.Instance(
            self.engine.loop, container, self.hostname(), self.network, view,
            uid, context.run_as_group or 0, [], self.pod.spec.groups,
            any_program=image.any_program, shared_pids=shared,
            env={'HOSTNAME': self.hostname(), **env},
            cwd=container.working_dir or image.working_dir)
        self.runs[:] = [r for r in self.runs if r.alive]
        self.runs.append(run)
        run.siblings = self.runs if shared else [run]
        return run, argv

    def lacks(self, container: spec.Container) -> str | None:
        """What is missing of that which a container refers to."""
        try:
            supplied.contents(self.pod, self._place())
            expansion.environment(self.pod, container, self._place())
        except supply.Missing as exc:
            return str(exc)
        return self.pod.plain.withheld if self.pod.plain else None

    def follow(self) -> None:
        """Bring files up to date; of what is no more, they stay."""
        try:
            found = supplied.contents(self.pod, self._place())
        except supply.Missing:
            return
        supplied.fill(self.volumes, found)

    def root_of(self, image: images.Image) -> files.Tree:
        """Where a run begins: as the image is, or as the last run left it."""
        if self.root is not None:
            return self.root
        root = rootfs.new(image.files)
        if self.pod.plain is not None and not self.pod.plain.withheld:
            for file in self.pod.plain.files:
                root.put(file.path, base64.b64decode(file.content or ''))
            self.root = root
        return root

    def _place(self) -> own.Place:
        return own.Place(
            host=self.host, host_ip='192.0.2.1',
            pod_ip=self.network.address, cpu_millis=self.engine.cpu_millis,
            memory_bytes=self.engine.memory_bytes)

    def _namespaces(self, container: spec.Container,
                    shared: bool) -> dict[str, str]:
        whole, own = abs(hash(id(self))) % 10**9, hash(container.name) % 10**9
        return {'net': f'net:[{whole}]', 'ipc': f'ipc:[{whole}]',
                'uts': f'uts:[{whole}]', 'mnt': f'mnt:[{own}]',
                'pid': f'pid:[{whole if shared else own}]'}
