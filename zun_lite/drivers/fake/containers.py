"""What containers have beside pods: made first, frozen, signalled, resized,
made an image of."""
import dataclasses
import hashlib

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.fake import engine as engines
from zun_lite.drivers.fake import sandbox
from zun_lite.pod import spec
from zun_lite.pod import status


class Containers(base.Prepare, base.Pause, base.Signal, base.Update,
                 base.Commit):
    engine: engines.Engine

    def _pod(self, uuid: str) -> sandbox.Sandbox:
        raise NotImplementedError

    def _bring(self, pod: spec.Pod, *, held: bool) -> status.ObservedPod:
        raise NotImplementedError

    def prepare_pod(self, pod: spec.Pod) -> status.ObservedPod:
        return self._bring(pod, held=True)

    def pause_pod(self, pod: spec.Pod) -> status.ObservedPod:
        self.engine.answer()
        with self.engine.loop.lock:
            found = self._pod(pod.uuid)
            found.pod = pod
            found.freeze(any(m.alive for m in found.members))
            return found.observed()

    def signal(self, uuid: str, container: str, signal: str) -> None:
        self.engine.answer()
        with self.engine.loop.lock:
            for one in self._pod(uuid).members:
                if one.container.name == container:
                    if one.run is None or not one.alive:
                        raise exceptions.Conflict(
                            f'Container {container} does not run.')
                    one.run.signal(signal.removeprefix('SIG'))
                    return
        raise exceptions.ContainerNotFound()

    def update(self, uuid: str, container: str, *, cpu_millis: int | None,
               memory_bytes: int | None) -> None:
        self.engine.answer()
        with self.engine.loop.lock:
            for one in self._pod(uuid).members:
                if one.container.name == container:
                    one.amounts = (cpu_millis or one.amounts[0],
                                   memory_bytes or one.amounts[1])
                    return
        raise exceptions.ContainerNotFound()

    def commit(self, uuid: str, container: str, repository: str,
               tag: str) -> str:
        self.engine.answer()
        name = f'{repository}:{tag}'
        with self.engine.loop.lock:
            found = self._pod(uuid)
            if container not in [m.container.name for m in found.members]:
                raise exceptions.ContainerNotFound()
            images = self.engine.images
            if found.root is None:
                raise exceptions.ContainerNotFound(
                    f'Container {container} is not made yet.')
            if not images.valid(name):
                raise exceptions.Invalid(f'No image can be called {name!r}.')
            before = images.local[found.main[0].container.image]
            content = tuple((path, file.content()) for path, file
                            in found.root.files.items() if file is not None)
            images.local[name] = dataclasses.replace(before, files=content)
        return 'sha256:' + hashlib.sha256(
            f'{uuid} {name}'.encode()).hexdigest()
