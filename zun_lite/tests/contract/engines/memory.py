"""The simulated engine, for the suite."""
import itertools
import typing

from zun_lite.drivers import base
from zun_lite.drivers import fake
from zun_lite.drivers.fake import sandbox
from zun_lite.pod import spec
from zun_lite.pod.supplies import Login
from zun_lite.tests.contract.engines import base as engines

_COUNT = itertools.count(1)
BUSYBOX = fake.Image(command=('sh',), any_program=False)


class Registry(engines.Registry):
    def __init__(self, engine: fake.Engine):
        self._engine = engine
        engine.images.missing[:] = ['*']

    def _name(self, host: str = 'registry:5000') -> str:
        return f'{host}/contract/image{next(_COUNT)}:1'

    def published(self) -> str:
        name = self._name()
        self.publish(name)
        return name

    def unpublished(self) -> str:
        return self._name()

    def publish(self, name: str) -> None:
        self._engine.images.registry[name] = BUSYBOX

    def withdraw(self, name: str) -> None:
        self._engine.images.registry.pop(name)

    def private(self) -> str:
        name = self._name('private:5000')
        self._engine.faults.pull[name] = (
            f'Head "https://{name}": no basic auth credentials')
        return name

    def protected(self) -> tuple[str, Login]:
        name = self._name('private:5000')
        login = Login(username='ci', password='hunter2')  # noqa: S106
        self.publish(name)
        self._engine.images.logins[name] = login
        return name, login

    def unreachable(self) -> str:
        name = self._name('nowhere:5000')
        self._engine.faults.pull[name] = (
            'dial tcp 127.0.0.1:1: connect: connection refused')
        return name


class MemoryEngine(engines.TestEngine):
    driver_class: typing.ClassVar[type[base.PodDriver]] = fake.FakeDriver
    image = 'zun-lite/busybox:1'
    entry_image = 'zun-lite/contract-entry:1'
    named_user_image = 'zun-lite/contract-nobody:1'
    back_off_base_s = 0.3
    back_off_cap_s = 1.2
    patience = 0.5

    def __init__(self) -> None:
        self.engine = fake.Engine()
        self.registry = Registry(self.engine)
        self.engine.images.local |= {
            self.image: BUSYBOX,
            self.entry_image: fake.Image(
                entrypoint=('echo', 'entry'), command=('default',),
                env=(('PATH', '/bin'), ('COLOUR', 'blue')),
                working_dir='/srv', user='1234', any_program=False),
            self.named_user_image: fake.Image(
                command=('sh',), user='nobody', any_program=False)}

    def driver(self, host: str) -> base.PodDriver:
        return fake.FakeDriver(self.engine, back_off=self._back_off(),
                               host=host)

    def _back_off(self) -> fake.BackOff:
        return fake.BackOff(self.back_off_base_s, self.back_off_cap_s, 10)

    fragile_driver = driver

    def leftovers(self, pod: spec.Pod) -> list[str]:
        found = self.engine.pods.get(pod.uuid)
        return [found.pod.uuid] if found else []

    def leftovers_of_project(self, host: str, project_id: str) -> list[str]:
        return [key for key, bridge in self.engine.networks.bridges.items()
                if bridge.project == project_id]

    def half_make(self, host: str, pod: spec.Pod, steps: int) -> bool:
        with self.engine.loop.lock:
            self.engine.pods[pod.uuid] = sandbox.Sandbox(
                self.engine, pod, self._back_off(), host)
            if steps > 1:
                self.engine.pods[pod.uuid].advance()
        return steps == 1

    def remove_behind_back(self, pod: spec.Pod, container: str) -> None:
        if pod.plain is not None:
            self.remove_all_behind_back(pod)
            return
        with self.engine.loop.lock:
            for member in self.engine.pods[pod.uuid].members:
                if member.container.name == container:
                    member.kill()

    def remove_all_behind_back(self, pod: spec.Pod) -> None:
        with self.engine.loop.lock:
            found = self.engine.pods.pop(pod.uuid)
            found.end(0)
            found.changed()

    def cut(self) -> None:
        self.engine.away(True)

    def restore(self) -> None:
        if self.engine.faults.away:
            self.engine.away(False)
