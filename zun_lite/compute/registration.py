"""The agent's standing with the conductor: its host's name and epoch."""
import logging
import typing
from collections.abc import Callable
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.compute import endpoint
from zun_lite.compute import heartbeat
from zun_lite.conf import CONF
from zun_lite.drivers import base
from zun_lite.pod import spec

LOG = logging.getLogger(__name__)

PAGE = 200             # pods in one answer of list_pods
# Of an engine that does not answer: nothing is placed there until it does.
NOTHING = {'cpu_millis': 0, 'memory_bytes': 0, 'labels': {}, 'engine': ''}

Plain = dict[str, typing.Any]


class Registration:
    """Speaks to the conductor as the agent of one host.

    Everything but `register` raises StaleEpoch when a newer agent has
    registered for the host, and HostNotFound when the host is not on record.
    """

    def __init__(self, bus: rpc.Bus, driver: base.PodDriver, host: str,
                 engine: heartbeat.Engine):
        self._conductor = rpc.ConductorClient(bus)
        self._driver, self._engine = driver, engine
        self.host = host
        self.epoch = 0
        self.deployment: str | None = None

    def register(self) -> None:
        """Begin an epoch; what is sent in an older one is refused."""
        try:
            inventory = self._engine.ask(CONF.compute.engine_timeout)
        except exceptions.EngineUnavailable as error:
            LOG.error('The engine does not answer: %s', error)
            inventory = NOTHING | {'labels': dict(CONF.compute.labels)}
        answer = self._conductor.register_host(
            self.host, self._driver.name, inventory,
            sorted(base.capabilities(self._driver)), CONF.compute.max_pods)
        self.epoch = answer['epoch']
        # A conductor that was not upgraded yet does not tell.
        self.deployment = answer.get('deployment')
        LOG.info('Host %s is registered with driver %s, epoch %d, '
                 'deployment %s', self.host, self._driver.name, self.epoch,
                 self.deployment)

    def report(self, statuses: list[Plain], events: list[Plain]) -> Plain:
        return self._now(lambda epoch: self._conductor.report(
            self.host, epoch, statuses, events))

    def heartbeat(self, inventory: Plain | None, trouble: str | None,
                  ) -> Plain:
        held = sorted(base.capabilities(self._driver))
        return self._now(lambda epoch: self._conductor.heartbeat(
            self.host, epoch, inventory, held, trouble))

    def image_done(self, uuid: str, generation: int, outcome: Plain) -> None:
        self._now(lambda epoch: self._conductor.image_done(
            self.host, epoch, uuid, generation, outcome))

    def wanted(self) -> Iterator[spec.Pod]:
        """Every pod that the host should have.

        :raises Invalid: one of them cannot be read by this release.
        """
        marker: str | None = None
        while True:
            page = self._page(marker)
            yield from map(self.ours, map(endpoint.pod_of, page['pods']))
            marker = page['next']
            if marker is None:
                return

    def ours(self, pod: spec.Pod) -> spec.Pod:
        """As it is to be kept on the engine: with whose it is."""
        return pod.model_copy(update={'deployment': self.deployment})

    def _page(self, marker: str | None) -> Plain:
        return self._now(lambda epoch: self._conductor.list_pods(
            self.host, epoch, marker, PAGE))

    def _now(self, ask: Callable[[int], typing.Any]) -> typing.Any:
        """The answer, in the present epoch.

        A call that crossed our own new registration was not superseded by
        another agent, so it may just be made again.
        """
        epoch = self.epoch
        try:
            return ask(epoch)
        except exceptions.StaleEpoch:
            if epoch == self.epoch:
                raise
            raise exceptions.Unavailable(
                'The host was registered anew meanwhile.') from None
