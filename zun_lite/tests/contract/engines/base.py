"""What the suite must know of an engine beyond the driver contract."""
import abc
import contextlib
import typing
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from zun_lite.drivers import base
from zun_lite.pod import spec
from zun_lite.pod.supplies import Login


class Registry(abc.ABC):
    """Image names, and where they can be pulled from."""

    @abc.abstractmethod
    def published(self) -> str:
        """A new name that the registry has and the engine has not."""

    @abc.abstractmethod
    def unpublished(self) -> str:
        """A new name in a registry that answers and lacks it."""

    @abc.abstractmethod
    def publish(self, name: str) -> None:
        """Put the test image into the registry under that name."""

    @abc.abstractmethod
    def withdraw(self, name: str) -> None:
        """Take it out; an engine that holds it keeps it."""

    @abc.abstractmethod
    def private(self) -> str:
        """A name whose registry asks for a password."""

    @abc.abstractmethod
    def protected(self) -> tuple[str, Login]:
        """A new name that the registry has, and what it asks for."""

    @abc.abstractmethod
    def unreachable(self) -> str:
        """A name whose registry does not answer."""


class TestEngine(abc.ABC):
    """One engine that pods of the suite run on.

    `image` has all of busybox and no entrypoint. `entry_image`: entrypoint
    ``echo entry``, command ``default``, COLOUR=blue, /srv as the working
    directory, user 1234. `named_user_image`: user ``nobody``, by name.
    Back-off times are those that drivers are made with, in seconds.
    """
    image: str
    entry_image: str
    named_user_image: str
    registry: Registry
    driver_class: typing.ClassVar[type[base.PodDriver]]
    back_off_base_s: float = 0.6
    back_off_cap_s: float = 2.4
    # How much longer than in memory things may take; seconds in which a pod
    # of two containers surely runs.
    patience: float = 1.0
    start_s: int = 2
    # Seconds that it may take to tell of an end, beyond the grace period.
    removal_s: float = 0
    # Whether how a container ended is always known after a stop.
    tells_every_end: bool = True
    # Whether pods of two projects are kept apart on the network.
    isolates_projects: bool = True
    has_every_capability: bool = True
    # Whether fields that the driver does not declare are tried nevertheless.
    tries_undeclared: bool = False

    @contextlib.contextmanager
    def labelled(self, labels: Mapping[str, str]) -> Iterator[str]:
        """An image like `image` that has these labels, where an engine's
        images can have any."""
        yield self.image

    @abc.abstractmethod
    def driver(self, host: str) -> base.PodDriver:
        """A new driver object of an agent on `host`."""

    def clean(self, host: str, pods: Iterable[spec.Pod]) -> None:
        """Remove what a case has made, in any way."""
        driver = self.driver(host)
        for pod in pods:
            driver.delete_pod(pod.uuid, grace_period_s=0)
        driver.close()

    @abc.abstractmethod
    def leftovers(self, pod: spec.Pod) -> list[str]:
        """Everything on the engine that belongs to the pod."""

    @abc.abstractmethod
    def leftovers_of_project(self, host: str, project_id: str) -> list[str]:
        """Everything that belongs to the project: networks."""

    @abc.abstractmethod
    def half_make(self, host: str, pod: spec.Pod, steps: int) -> bool:
        """Leave the engine as an agent on `host` does that is killed right
        after `steps` changes (1 or more), before it learns of the last.

        False: the pod needs fewer than that; all of it is made.
        """

    @abc.abstractmethod
    def remove_behind_back(self, pod: spec.Pod, container: str) -> None:
        """End a running container and remove it, as an operator might."""

    @abc.abstractmethod
    def remove_all_behind_back(self, pod: spec.Pod) -> None:
        """Remove everything of the pod from the engine."""

    @abc.abstractmethod
    def fragile_driver(self, host: str) -> base.PodDriver:
        """A driver whose connection to the engine `cut` cuts."""

    @abc.abstractmethod
    def cut(self) -> None:
        """The engine does not answer any more; pods go on."""

    @abc.abstractmethod
    def restore(self) -> None:
        """It answers again."""
