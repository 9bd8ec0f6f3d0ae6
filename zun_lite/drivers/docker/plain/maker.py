"""Making and starting plain containers."""
import docker.errors
import requests

from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import network
from zun_lite.drivers.docker.attempts import Attempts
from zun_lite.drivers.docker.attempts import Outcome
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.images import Images
from zun_lite.drivers.docker.images import Want
from zun_lite.drivers.docker.machine import Machine
from zun_lite.drivers.docker.memory import PodMemory
from zun_lite.drivers.docker.network import Networks
from zun_lite.drivers.docker.plain import files
from zun_lite.drivers.docker.plain import mapping
from zun_lite.drivers.docker.plain import seen as seen_module
from zun_lite.drivers.docker.plain.joiner import Joiner
from zun_lite.drivers.docker.plain.records import Record
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.settings import Settings
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.drivers.feed import Feed
from zun_lite.pod import expansion
from zun_lite.pod import plain
from zun_lite.pod import status
from zun_lite.pod.spec import Pod

_NO_NETWORK = 'network'     # in the engine's words about one that is gone


class Maker:
    def __init__(self, engine: Engine, feed: Feed, settings: Settings,
                 host: str, *, images: Images, networks: Networks,
                 joiner: Joiner, machine: Machine, attempts: Attempts):
        self._joiner = joiner
        self._engine, self._feed, self._settings = engine, feed, settings
        self._host, self._images, self._networks = host, images, networks
        self._machine, self._attempts = machine, attempts

    def make(self, pod: Pod, memory: PodMemory, record: Record) -> Outcome:
        """A new container with its files, not started; or why there is
        none yet."""
        wanted, = pod.spec.containers
        image = self._images.need(
            wanted.image, wanted.effective_pull_policy,
            Want(pod.uuid, wanted.name, pod.generation,
                 pod.login(wanted.image)))
        if isinstance(image, NotYet):
            return image

        def step() -> Run:
            files.check(pod)
            env = expansion.environment(pod, wanted, self._machine.place(''))
            with self._networks.joined(pod) as networks:
                made = self._create(
                    names.plain(pod.uuid),
                    mapping.container(pod, self._settings, self._host,
                                      networks=networks, env=env))
                if len(networks) > 1:
                    self._joiner.join(pod, made)
            files.deliver(self._engine, pod, made)
            self._feed.event(pod.uuid, 'Created',
                             f'Created container {wanted.name}', wanted.name)
            return seen_module.from_inspection(
                self._engine.api.inspect_container(made), record)
        return self._attempts.make(
            pod, memory, wanted.name, status.CREATE_CONTAINER_ERROR,
            wanted.image, step)

    def _create(self, name: str, body: mapping.Body) -> str:
        """A container that has the name already was asked for by an agent
        that was cut off, and came after we looked: its files are unsure."""
        try:
            return str(self._engine.api.create_container_from_config(
                body, name)['Id'])
        except docker.errors.APIError as exc:
            if exc.status_code != requests.codes.conflict:
                raise
        self._engine.api.remove_container(name, v=True, force=True)
        return str(self._engine.api.create_container_from_config(
            body, name)['Id'])

    def start(self, pod: Pod, memory: PodMemory, run: Run) -> None:
        """One that the engine will not start is not tried again in its
        generation; whatever else fails, networks above all, is raised."""
        refusal = self._refusal(pod, run)
        if refusal is not None and _NO_NETWORK in refusal:
            # Somebody removed a network: made again, it will do.
            self._networks.forget(pod)
            self._joiner.join(pod, run.id)
            refusal = self._refusal(pod, run)
        if refusal is not None:
            memory.refused = pod.generation
            self._feed.event(pod.uuid, 'Failed', f'Error: {refusal}',
                             plain.NAME, warning=True)
            return
        self._feed.event(pod.uuid, 'Started',
                         f'Started container {plain.NAME}', plain.NAME)
        if not network.keys(pod):
            # The engine starts one without networks on its first one.
            self._joiner.join(pod, run.id)

    def _refusal(self, pod: Pod, run: Run) -> str | None:
        """Start it; None, or why the engine will not."""
        with self._networks.joined(pod):
            try:
                self._engine.api.start(run.id)
            except docker.errors.APIError as exc:
                return explain(exc)
        return None
