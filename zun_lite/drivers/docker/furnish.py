"""What a container finds when it starts, beside its image: its variables,
the files that the agent writes, the resolver."""
import docker.errors

from zun_lite.drivers.docker import dns
from zun_lite.drivers.docker import mapping
from zun_lite.drivers.docker import messages
from zun_lite.drivers.docker import nearby
from zun_lite.drivers.docker import supplied
from zun_lite.drivers.docker import volumes
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.machine import Machine
from zun_lite.drivers.docker.memory import PodMemory
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.sync import Make
from zun_lite.pod import expansion
from zun_lite.pod.spec import Pod


class Furnisher:
    """Prepares sandboxes before they start, and runs before they are made.

    All of it may be repeated: what is there is written over by the same.
    """

    def __init__(self, engine: Engine, machine: Machine):
        self._engine, self._machine = engine, machine

    @staticmethod
    def resolver() -> dns.Resolver:
        return dns.of_host()

    def sandbox(self, pod: Pod, sandbox_id: str) -> None:
        """Volumes as they begin, and files for the first runs' messages."""
        first = messages.entries(c.name for c in pod.spec.all_containers)
        entries = [*volumes.opening(pod), *first]
        names = volumes.at(pod) | {messages.VOLUME: messages.volume(pod)}
        near = {path: self._machine.directory(name)
                for path, name in names.items()}
        if not nearby.unpack(near, entries):
            self._write(sandbox_id, volumes.packed(entries))

    def run(self, pod: Pod, step: Make, sandbox: Run,
            ) -> tuple[dict[str, str], list[mapping.Body]]:
        """The variables of a run, and its mounts beside emptyDir volumes.

        :raises Missing: a config or secret is not there.
        """
        wanted = step.container
        if step.attempt:
            self._write(sandbox.id, volumes.packed(
                messages.entries([wanted.name], step.attempt)))
        env = expansion.environment(pod, wanted,
                                    self._machine.place(sandbox.address))
        directory = self._machine.directory(messages.volume(pod))
        return env, [
            *supplied.of_container(pod, wanted, self._machine.directory),
            *messages.of_container(wanted, directory, step.attempt)]

    def supply(self, pod: Pod, memory: PodMemory, sandbox: Run) -> None:
        """Write the files that volumes are to have, where they changed.

        :raises Missing: a config or secret is not there.
        """
        if not supplied.volumes(pod):
            return
        found = supplied.contents(pod, self._machine.place(sandbox.address))
        state = sandbox.id, supplied.digest(found)
        if memory.supplied != state:
            self._write(sandbox.id, supplied.archive(
                found, self._turn(sandbox.id, min(found)),
                pod.spec.fs_group))
            memory.supplied = state

    def _turn(self, sandbox_id: str, volume: str) -> int:
        """The directory that is not in use now."""
        try:
            chunks, stat = self._engine.api.get_archive(
                sandbox_id, f'{volumes.ROOT}/{volume}/{supplied.DATA}')
            chunks.close()
        except docker.errors.NotFound:
            return 1
        return 2 if stat['linkTarget'].endswith('..1') else 1

    def _write(self, sandbox_id: str, archive: bytes) -> None:
        self._engine.api.put_archive(sandbox_id, volumes.ROOT, archive)
