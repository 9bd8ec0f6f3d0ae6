"""The optional groups for containers: freeze, signal, resize, commit."""
import contextlib

import docker.errors
import requests

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.client import refusals
from zun_lite.drivers.docker.images import Images
from zun_lite.drivers.docker.memory import Memory
from zun_lite.drivers.docker.plain import mapping
from zun_lite.drivers.docker.reads import Reads


class Control(Reads, base.Prepare, base.Pause, base.Signal, base.Update,
              base.Commit):
    """Preparing and pausing are the driver's own; they are verbs of a pod."""
    _images: Images
    _memory: Memory

    @refusals()
    def signal(self, uuid: str, container: str, signal: str) -> None:
        run = self._running(uuid, container)
        try:
            self._engine.api.kill(run.id, signal)
        except docker.errors.NotFound as exc:
            raise exceptions.ContainerNotFound(explain(exc)) from exc
        except docker.errors.APIError as exc:
            if exc.status_code != requests.codes.conflict:
                raise
            raise exceptions.Conflict('The container does not run.') from exc

    @refusals()
    def update(self, uuid: str, container: str, *, cpu_millis: int | None,
               memory_bytes: int | None) -> None:
        run = self._run(uuid, container)
        amounts = mapping.amounts(cpu_millis, memory_bytes)
        try:
            self._engine.api.update_container(
                run.id, cpu_shares=amounts.get('CpuShares'),
                mem_limit=amounts.get('Memory'),
                memswap_limit=amounts.get('MemorySwap'))
        except docker.errors.NotFound as exc:
            raise exceptions.ContainerNotFound(explain(exc)) from exc
        except docker.errors.APIError as exc:
            raise exceptions.Conflict(explain(exc)) from exc

    @refusals()
    def commit(self, uuid: str, container: str, repository: str,
               tag: str) -> str:
        run = self._run(uuid, container)
        # The engine lets go on only what it froze itself.
        frozen = (contextlib.nullcontext() if run.paused
                  else self._memory.committing(uuid))
        try:
            with frozen, self._images.renamed(f'{repository}:{tag}'):
                made = self._engine.api.commit_slowly(run.id, repository,
                                                      tag)
        except docker.errors.NotFound as exc:
            raise exceptions.ContainerNotFound(explain(exc)) from exc
        except docker.errors.APIError as exc:
            if exc.status_code == requests.codes.bad_request or (
                    'invalid reference' in explain(exc)):
                raise exceptions.Invalid(
                    'The engine takes no such image name: '
                    f'{explain(exc)}') from exc
            raise exceptions.Conflict(
                f'The image cannot be made: {explain(exc)}') from exc
        return str(made['Id'])
