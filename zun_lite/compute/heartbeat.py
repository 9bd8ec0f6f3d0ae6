"""The agent's signs of life, with what its engine has to give."""
import dataclasses
import logging
import threading
import typing
from collections.abc import Callable

from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.drivers import base

LOG = logging.getLogger(__name__)

Plain = dict[str, typing.Any]
Beat = Callable[[Plain | None, str | None], Plain]


class Engine:
    """Asks the driver for its inventory, with a limit on the waiting.

    An engine that hangs keeps one thread waiting, not one for each question.
    """

    def __init__(self, driver: base.PodDriver, labels: dict[str, str]):
        self._driver, self._labels = driver, labels
        self._thread: threading.Thread | None = None
        self._answer: Plain | exceptions.ZunLiteError | None = None

    def ask(self, timeout_s: float) -> Plain:
        """The fields of `Inventory`, the host's own labels among them.

        :raises EngineUnavailable: with what is wrong.
        """
        if self._thread is None or not self._thread.is_alive():
            self._answer = None
            self._thread = threading.Thread(target=self._ask, daemon=True,
                                            name='inventory')
            self._thread.start()
        self._thread.join(timeout_s)
        match self._answer:
            case None:
                raise exceptions.EngineUnavailable(
                    f'The container engine did not answer in {timeout_s:g} '
                    'seconds.')
            case exceptions.ZunLiteError() as error:
                raise error
            case inventory:
                return inventory

    def _ask(self) -> None:
        try:
            found = dataclasses.asdict(self._driver.inventory())
            found['labels'] = dict(found['labels']) | self._labels
            self._answer = found
        except exceptions.EngineUnavailable as error:
            self._answer = error
        except Exception:
            LOG.exception('The inventory could not be taken')
            self._answer = exceptions.EngineUnavailable(
                "The inventory could not be taken; the agent's log says why.")


class Heartbeat:
    """Calls `beat(inventory, engine_error)` each [compute]
    heartbeat_interval, from a thread of its own.

    `lost(error)` and `back()` tell of the engine, `failed(error)` of the
    conductor, `heard()` that it answers again, `resync()` that it wants to
    hear of everything again.
    """

    def __init__(self, engine: Engine, beat: Beat, *,
                 lost: Callable[[exceptions.ZunLiteError], None],
                 back: Callable[[], None],
                 failed: Callable[[Exception], None],
                 heard: Callable[[], None],
                 resync: Callable[[], None]):
        self._engine, self._beat = engine, beat
        self._lost, self._back = lost, back
        self._failed, self._heard, self._resync = failed, heard, resync
        self._silent = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='heartbeat',
                                        daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        self._stopping.set()
        if self._thread.is_alive() \
                and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._once()
            self._stopping.wait(CONF.compute.heartbeat_interval)

    def _once(self) -> None:
        inventory, trouble = None, None
        try:
            inventory = self._engine.ask(CONF.compute.engine_timeout)
            self._back()
        except exceptions.EngineUnavailable as error:
            trouble = error.message
            self._lost(error)
        try:
            answer = self._beat(inventory, trouble)
        except Exception as error:
            self._tell(error)
            self._failed(error)
            return
        if self._silent:
            LOG.info('The conductor hears this host again')
            self._heard()
        self._silent = False
        if answer.get('resync'):
            self._resync()

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, exceptions.ZunLiteError):
            LOG.error('No sign of life could be given', exc_info=error)
        elif not self._silent:
            LOG.warning('No sign of life could be given: %s', error)
        self._silent = True
