"""Images that the host is to fetch, to make or to let go, apart from its
pods'.

What is handed over is worked off in the background and its outcome reported.
An agent that dies over it is handed it again by a sweep of the conductor, as
is one whose report was lost; doing it twice does no harm.
"""
import dataclasses
import logging
import threading
import typing
from collections.abc import Callable
from collections.abc import Sequence

from zun_lite import exceptions
from zun_lite.compute import queue
from zun_lite.drivers import base
from zun_lite.pod import plain as plain_module
from zun_lite.pod.states import ImageState

LOG = logging.getLogger(__name__)

Plain = dict[str, typing.Any]

_WORDS = {ImageState.PULLING: 'fetched', ImageState.COMMITTING: 'made',
          ImageState.DELETING: 'removed'}


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """`image`: repository:tag. `generation` counts what was asked of it.

    `container`: the UUID of the one that it is made of.
    """
    uuid: str
    generation: int
    image: str
    state: ImageState
    container: str | None = None

    @classmethod
    def of(cls, plain: Plain) -> 'Wanted':
        return cls(plain['uuid'], plain['generation'], plain['image'],
                   ImageState(plain['state']), plain.get('container'))


class ImageWork:
    """`report(uuid, generation, outcome)` tells the conductor.

    outcome: {'state': ImageState | None (it is gone), 'image_id', 'size',
    'reason'}. An engine or a conductor that is away is tried again.
    """

    def __init__(self, driver: base.PodDriver,
                 report: Callable[[str, int, Plain], None], *, workers: int,
                 backoff: queue.Backoff):
        self._driver, self._report = driver, report
        self._lock = threading.Lock()
        self._wanted: dict[str, Wanted] = {}
        self._queue = queue.KeyedQueue(
            self._handle, lambda _: False, workers=workers, slow_workers=0,
            backoff=backoff)

    def take(self, images: Sequence[Plain]) -> None:
        """Take in what is wanted; what is held already is no news."""
        for wanted in map(Wanted.of, images):
            with self._lock:
                held = self._wanted.get(wanted.uuid)
                if held and held.generation >= wanted.generation:
                    continue
                self._wanted[wanted.uuid] = wanted
            LOG.info('Image %s is to be %s', wanted.image,
                     _WORDS[wanted.state])
            self._queue.add(wanted.uuid)

    def stop(self, timeout_s: float) -> None:
        """Begin nothing more; a pull that goes on is abandoned."""
        self._queue.stop(timeout_s)

    def _handle(self, uuid: str) -> None:
        with self._lock:
            wanted = self._wanted[uuid]
        try:
            self._report(uuid, wanted.generation, self._carry_out(wanted))
        except Exception as error:
            expected = isinstance(error, exceptions.ZunLiteError)
            LOG.warning('Image %s: %s; trying again later', wanted.image,
                        error, exc_info=not expected)
            raise
        with self._lock:
            if self._wanted[uuid] is wanted:
                del self._wanted[uuid]

    def _carry_out(self, wanted: Wanted) -> Plain:
        driver = self._driver
        if wanted.state is ImageState.COMMITTING:
            return _made(driver, wanted)
        if not isinstance(driver, base.Images):
            return {'state': ImageState.FAILED, 'reason': (
                f'The driver {driver.name} does not support images.')}
        if wanted.state is ImageState.PULLING:
            return _pulled(driver, wanted.image)
        return _removed(driver, wanted.image)


def _pulled(driver: base.Images, image: str) -> Plain:
    try:
        held = driver.pull_image(image)
    except exceptions.Invalid as error:
        return {'state': ImageState.FAILED, 'reason': error.message}
    return {'state': ImageState.PRESENT, 'image_id': held.id,
            'size': held.size}


def _made(driver: base.PodDriver, wanted: Wanted) -> Plain:
    repository, _, tag = wanted.image.rpartition(':')
    try:
        if not isinstance(driver, base.Commit):
            raise exceptions.NotSupported(
                f'The driver {driver.name} does not support commit.')
        made = driver.commit(wanted.container or '', plain_module.NAME,
                             repository, tag)
    except (exceptions.NotFound, exceptions.Invalid,
            exceptions.Conflict) as error:
        return {'state': ImageState.FAILED, 'reason': error.message}
    return {'state': ImageState.PRESENT, 'image_id': made}


def _removed(driver: base.Images, image: str) -> Plain:
    try:
        driver.remove_image(image)
    except exceptions.Conflict as error:
        return {'state': ImageState.PRESENT,
                'reason': f'It could not be removed: {error.message}'}
    return {'state': None}
