"""What the conductor and the API may ask of a host over RPC.

Reads wait on an engine and on what runs in pods, so each kind has a bounded
number of places: neither can keep the other, nor `sync_pods`, from running.
"""
import base64
import contextlib
import logging
import threading
import typing
from collections.abc import Callable
from collections.abc import Iterator

import pydantic

from zun_lite import exceptions
from zun_lite.compute.streams import endpoint as stream_endpoint
from zun_lite.compute.streams.server import StreamServer
from zun_lite.conf import CONF
from zun_lite.drivers import base
from zun_lite.pod import spec
from zun_lite.pod import states

LOG = logging.getLogger(__name__)

PATIENCE_S = 3.0       # how long a read waits for a place

Plain = dict[str, typing.Any]
Requests = dict[str, str | None]


class Places:
    """Lets `limit` in at once, and as many again wait a little."""

    def __init__(self, limit: int, what: str):
        self._what = what
        self._places = threading.BoundedSemaphore(limit)
        self._queue = threading.BoundedSemaphore(2 * limit)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """A place for the time of the block.

        :raises Unavailable: none became free.
        """
        with self._of(self._queue, 0), self._of(self._places, PATIENCE_S):
            yield

    @contextlib.contextmanager
    def _of(self, places: threading.Semaphore, patience_s: float,
            ) -> Iterator[None]:
        if not places.acquire(timeout=patience_s):
            raise exceptions.Unavailable(
                f'The host is busy with other {self._what}; try again later.')
        try:
            yield
        finally:
            places.release()


def pod_of(plain: Plain) -> spec.Pod:
    """A pod as `model_dump(mode='json')` wrote it.

    :raises Invalid: this release cannot read it.
    """
    try:
        return spec.Pod.model_validate(plain, strict=False)
    except pydantic.ValidationError as error:
        faults = '; '.join(
            f'{".".join(map(str, e["loc"]))}: {e["msg"]}'
            for e in error.errors(include_input=False, include_url=False))
        raise exceptions.Invalid(
            f'Pod {plain.get("uuid")} as handed over by the conductor cannot '
            f'be read: {faults}') from None


class ComputeEndpoint(stream_endpoint.StreamEndpoint):
    """`take(pods, requests)` gets the desired pods handed over, with the
    ids of requests by UUID; `take_images(images)` the images."""

    def __init__(self, driver: base.PodDriver,
                 take: Callable[[list[spec.Pod], Requests], None],
                 take_images: Callable[[list[Plain]], None],
                 streams: StreamServer | None = None):
        self._driver, self._take = driver, take
        self._take_images = take_images
        self._streams = streams or StreamServer(driver)
        self._reads = Places(CONF.compute.reads, 'reads')
        self._execs = Places(CONF.compute.execs, 'commands')

    def sync_pods(self, ctx: Plain, pods: list[Plain],
                  requests: Requests) -> None:
        """The newest desired state of some pods, and who asked for it."""
        readable = []
        for plain in pods:
            try:
                readable.append(pod_of(plain))
            except exceptions.Invalid as error:
                LOG.error('%s', error)
        self._take(readable, requests)

    def sync_images(self, ctx: Plain, images: list[Plain]) -> None:
        """Images that are to be fetched, made or removed."""
        self._take_images(images)

    def search_images(self, ctx: Plain, term: str) -> list[Plain]:
        """See the driver's `Images`."""
        driver = self._able(base.Images, states.Action.IMAGES)
        with self._reads.one():
            return driver.search_images(term)

    def logs(self, ctx: Plain, uuid: str, container: str,
             tail: int | None = None, since: str | None = None,
             timestamps: bool = False, previous: bool = False,
             limit_bytes: int = 2**20) -> Plain:
        """{'data': base64}; see the driver's `Logs`."""
        driver = self._able(base.Logs, states.Action.LOGS)
        with self._reads.one():
            data = driver.logs(
                uuid, container, tail=tail, since=since,
                timestamps=timestamps, previous=previous,
                limit_bytes=_limit(limit_bytes))
        return {'data': _text(data)}

    def logs_of(self, ctx: Plain, uuid: str, container: str, stream: int,
                tail: int | None = None, since: str | None = None,
                timestamps: bool = False, limit_bytes: int = 2**20) -> Plain:
        """{'data': base64}; see the driver's `SplitLogs`."""
        driver = self._able(base.SplitLogs, states.Action.SPLIT_LOGS)
        with self._reads.one():
            data = driver.logs_of(
                uuid, container, stream, tail=tail, since=since,
                timestamps=timestamps, limit_bytes=_limit(limit_bytes))
        return {'data': _text(data)}

    def exec(self, ctx: Plain, uuid: str, container: str,
             command: list[str], timeout_s: float,
             limit_bytes: int = 2**20) -> Plain:
        """{'exit_code', 'stdout': base64, 'stderr': base64, 'truncated'}."""
        driver = self._able(base.Exec, states.Action.EXEC)
        with self._execs.one():
            LOG.info('Pod %s: running a command in %s', uuid, container)
            result = driver.exec(
                uuid, container, tuple(command),
                timeout_s=min(timeout_s, CONF.compute.exec_timeout_max),
                limit_bytes=_limit(limit_bytes))
        return {'exit_code': result.exit_code, 'truncated': result.truncated,
                'stdout': _text(result.stdout),
                'stderr': _text(result.stderr)}

    def top(self, ctx: Plain, uuid: str, container: str) -> Plain:
        """See the driver's `Top`."""
        driver = self._able(base.Top, states.Action.TOP)
        with self._reads.one():
            return driver.top(uuid, container)

    def signal(self, ctx: Plain, uuid: str, container: str,
               signal: str) -> None:
        """See the driver's `Signal`."""
        driver = self._able(base.Signal, states.Action.SIGNAL)
        with self._execs.one():
            LOG.info('Pod %s: sending %s to %s', uuid, signal, container)
            driver.signal(uuid, container, signal)

    def update(self, ctx: Plain, uuid: str, container: str,
               cpu_millis: int | None = None,
               memory_bytes: int | None = None) -> None:
        """See the driver's `Update`."""
        driver = self._able(base.Update, states.Action.RESIZE)
        with self._execs.one():
            driver.update(uuid, container, cpu_millis=cpu_millis,
                          memory_bytes=memory_bytes)

    def stats(self, ctx: Plain, uuid: str) -> list[Plain]:
        """See the driver's `Stats`."""
        driver = self._able(base.Stats, states.Action.STATS)
        with self._reads.one():
            return driver.stats(uuid)

    def _able(self, group: type, action: states.Action) -> typing.Any:
        """The driver, as one that has this group.

        :raises NotSupported: it lacks it.
        """
        if not isinstance(self._driver, group):
            raise exceptions.NotSupported(
                f'The driver {self._driver.name} does not support '
                f'{action.value}.')
        return self._driver


def _limit(limit_bytes: int) -> int:
    return min(limit_bytes, CONF.compute.read_limit)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode('ascii')
