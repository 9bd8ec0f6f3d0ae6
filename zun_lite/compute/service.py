"""The compute agent: joins the conductor, the reconciler and a driver."""
import logging
import threading
import typing
from collections.abc import Callable

from stevedore import driver as stevedore

from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.compute import endpoint
from zun_lite.compute import heartbeat
from zun_lite.compute import images
from zun_lite.compute import queue
from zun_lite.compute import reconciler
from zun_lite.compute import registration
from zun_lite.compute import reports
from zun_lite.compute.streams.server import StreamServer
from zun_lite.conf import CONF
from zun_lite.drivers import base
from zun_lite.pod import spec

LOG = logging.getLogger(__name__)

NAMESPACE = 'zun_lite.drivers'
STOP_S = 5.0           # for each part, to end in an orderly way


def load_driver() -> base.PodDriver:
    """The driver that the configuration names.

    :raises Unavailable: there is no such driver, or it cannot be loaded.
    """
    try:
        manager: stevedore.DriverManager = stevedore.DriverManager(
            NAMESPACE, CONF.compute.driver, invoke_on_load=True,
            invoke_kwds={'host': CONF.compute.host})
    except exceptions.ZunLiteError:
        raise
    except Exception as error:
        raise exceptions.Unavailable(
            f'[compute] driver = {CONF.compute.driver} cannot be loaded: '
            f'{error}') from error
    return typing.cast(base.PodDriver, manager.driver)


def make(bus: rpc.Bus, driver: base.PodDriver | None = None,
         ) -> 'ComputeService':
    """The agent that the configuration describes.

    :raises Unavailable: there is no such driver, or it cannot be loaded.
    """
    return ComputeService(bus, driver or load_driver(), CONF.compute.host)


class ComputeService:
    """One agent, from registration until `stop` or until it is superseded.

    `ended` is set when it ends by itself, `failure` then says why.
    """

    def __init__(self, bus: rpc.Bus, driver: base.PodDriver, host: str):
        self._bus, self._driver, self._host = bus, driver, host
        engine = heartbeat.Engine(driver, CONF.compute.labels)
        self._registration = registration.Registration(bus, driver, host,
                                                       engine)
        self._reports = reports.Reports(
            self._registration.report, failed=self._refused,
            unknown=self._unknown, event_limit=CONF.compute.event_limit,
            backoff=_backoff())
        self._reconciler = reconciler.Reconciler(
            driver, self._reports, workers=CONF.compute.workers,
            slow_workers=CONF.compute.stop_workers,
            backoff_initial_s=CONF.compute.retry_initial,
            backoff_max_s=CONF.compute.retry_max)
        self._heartbeat = heartbeat.Heartbeat(
            engine, self._registration.heartbeat,
            lost=self._reconciler.engine_lost,
            back=self._reconciler.engine_back, failed=self._refused,
            heard=self._reports.hurry, resync=self._tell_all)
        self._images = images.ImageWork(
            driver, self._registration.image_done,
            workers=CONF.compute.image_workers, backoff=_backoff())
        self._streams = StreamServer(driver)
        self._server: rpc.Server | None = None
        self._bell = threading.Event()          # something for `_run` to do
        self._unregistered = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True,
                                        name='compute')
        self.ended = threading.Event()
        self.failure: Exception | None = None

    def start(self) -> None:
        """Begin in the background; the conductor may come later.

        :raises Invalid: the port for streams cannot be listened on.
        """
        self._streams.start()
        self._thread.start()

    def stop(self) -> None:
        """End in an orderly way; the pods go on."""
        self._stopping.set()
        self._bell.set()
        self._thread.join(STOP_S)
        self._heartbeat.stop()
        self._images.stop(0)
        self._reconciler.stop(STOP_S)
        self._stop_serving()
        self._streams.stop()
        self._reports.stop()
        LOG.info('The agent of host %s has ended; its pods go on',
                 self._host)

    def _stop_serving(self) -> None:
        """A command in a pod must not hold the agent up for long."""
        if self._server is not None:
            stopping = threading.Thread(target=self._server.stop, daemon=True,
                                        name='stop-serving')
            stopping.start()
            stopping.join(STOP_S)

    # The agent's own thread: registration and resyncs.

    def _run(self) -> None:
        try:
            if self._persist(self._registration.register, 'registering'):
                self._begin()
            while self._persist(self._sync, 'comparing all pods'):
                self._bell.wait(CONF.compute.resync_interval)
                self._bell.clear()
        except Exception as error:
            LOG.exception('The agent of host %s cannot go on', self._host)
            self._end(error)

    def _begin(self) -> None:
        """Listen first: what is handed over from now on counts as wanted."""
        self._server = self._bus.serve(
            rpc.COMPUTE_TOPIC, self._host,
            endpoint.ComputeEndpoint(self._driver, self._take,
                                     self._images.take, self._streams))
        self._reconciler.start()
        self._reports.start()
        self._heartbeat.start()

    def _sync(self) -> None:
        if self._unregistered.is_set():
            self._registration.register()
            self._unregistered.clear()
            self._reports.renew()
        self._reconciler.resync(self._registration.wanted,
                                self._registration.deployment)
        self._reports.retain(pod.uuid for pod in self._reconciler.wanted())

    def _persist(self, action: Callable[[], None], doing: str) -> bool:
        """Do it, again and again with back-off; False: the agent ends."""
        backoff, failures = _backoff(), 0
        while not self._stopping.is_set():
            try:
                action()
                return True
            except Exception as error:
                failures += 1
                expected = isinstance(error, exceptions.ZunLiteError)
                LOG.warning('Host %s: %s failed: %s', self._host, doing,
                            error, exc_info=not expected)
                self._refused(error)
                self._stopping.wait(backoff.delay_s(failures))
        return False

    # Calls from the other parts' threads.

    def _take(self, pods: list[spec.Pod],
              requests: endpoint.Requests) -> None:
        """Pods that were handed over, maybe because a report was lost."""
        self._reports.renew([pod.uuid for pod in pods])
        for pod in pods:
            LOG.info('Pod %s generation %d is to be %s', pod.uuid,
                     pod.generation, pod.desired)
            self._reconciler.want(self._registration.ours(pod),
                                  requests.get(pod.uuid))

    def _tell_all(self) -> None:
        LOG.warning('The conductor held this host for silent; reporting '
                    'everything again')
        self._reports.renew()
        self._bell.set()

    def _unknown(self, uuids: list[str]) -> None:
        LOG.info('The conductor does not know %s; comparing all pods',
                 ', '.join(uuids))
        self._bell.set()

    def _refused(self, error: Exception) -> None:
        match error:
            case exceptions.StaleEpoch():
                self._end(error)
            case exceptions.HostNotFound():
                LOG.warning('Host %s is not on record; registering it again',
                            self._host)
                self._unregistered.set()
                self._bell.set()

    def _end(self, error: Exception) -> None:
        """Act no more, at once: somebody else may be in charge."""
        if self.failure is None:
            self.failure = error
            self._stopping.set()
            self._reconciler.halt()
            self._images.stop(0)
            self._reports.halt()
            LOG.critical('The agent of host %s (epoch %d) ends: %s',
                         self._host, self._registration.epoch, error)
            self._heartbeat.stop(0)
            self._bell.set()
            self.ended.set()


def _backoff() -> queue.Backoff:
    return queue.Backoff(CONF.compute.retry_initial, CONF.compute.retry_max)
