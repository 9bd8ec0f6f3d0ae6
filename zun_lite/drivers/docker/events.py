"""The engine's event stream: a thread that reads it and reconnects."""
import logging
import threading
import time
import typing
from collections.abc import Callable

import docker.errors
import requests
import urllib3

from zun_lite import exceptions
from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import seen
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.feed import Feed

LOG = logging.getLogger(__name__)

_BROKEN = (exceptions.EngineUnavailable, docker.errors.DockerException,
           requests.exceptions.RequestException,
           urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError)
"""AttributeError: urllib3, when the stream is closed while it is read."""

_ENDS = ('die', 'oom', 'destroy')
_TURNS = ('start', 'pause', 'unpause', 'health_status')
_OVERLAP_S = 5.0        # told again, as lists lag behind what was missed
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0


class EventReader:
    """Turns ends, removals and OOM kills of our containers into `Changed`.

    Beginnings do not count: nobody but the driver starts a container, and it
    looks at what it has started. Plain containers, which have no labels of
    ours, are told by their name; what the engine does with them by itself
    (it restarts them and asks for their health) counts. What happened while
    the stream was away is covered by `Relist`. `ended` is told the id of each
    container that ended, before the change of its pod is.
    """

    def __init__(self, engine: Engine, feed: Feed, host: str,
                 ended: Callable[[str], None]):
        self._engine, self._feed, self._ended = engine, feed, ended
        self._host = host
        self._filters = {'type': ['container'], 'event': [*_ENDS, *_TURNS]}
        self._ignored: set[str] = set()
        self._closed = threading.Event()
        self._starting = threading.Lock()
        self._stream: typing.Any = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin reading; a second call does nothing."""
        with self._starting:
            if self._thread is None:
                thread = threading.Thread(
                    target=self._run, name='docker-events', daemon=True)
                thread.start()
                self._thread = thread

    def ignore(self, container_id: str) -> None:
        """The removal of this container is our doing and no news."""
        if self._thread is not None:
            self._ignored.add(container_id)

    def close(self) -> None:
        self._closed.set()
        stream = self._stream
        if stream is not None:
            try:
                stream.close()
            except _BROKEN as exc:
                LOG.debug('Closing the event stream: %s', exc)
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        pause = _FIRST_PAUSE_S
        while not self._closed.is_set():
            try:
                # The engine answers a little before it listens: `since`.
                self._stream = self._engine.api.events(
                    filters=self._filters, decode=True,
                    since=int(time.time()) - 1)
                # A removal may have gone unseen: its id would stay for ever.
                self._ignored.clear()
                # Also the first time: pods may be at work already.
                self._feed.relist()
                pause = _FIRST_PAUSE_S
                self._read(self._stream)
            except _BROKEN as exc:
                if not self._closed.is_set():
                    LOG.warning('The event stream of the engine broke: %s',
                                exc)
            self._closed.wait(pause)
            pause = min(_LONGEST_PAUSE_S, pause * 2)

    def _read(self, stream: typing.Any) -> None:
        for event in stream:
            if self._closed.is_set():
                return
            actor = event.get('Actor') or {}
            uuid = self._pod_of(actor.get('Attributes') or {},
                                event.get('Action', ''))
            if event.get('Action') == 'destroy' and (
                    actor.get('ID') in self._ignored):
                self._ignored.discard(actor.get('ID'))
            elif uuid:
                self._ended(actor.get('ID', ''))
                self._feed.changed(uuid)

    def _pod_of(self, marks: dict[str, str], action: str) -> str | None:
        """Which pod it is news of; None: of none of ours.

        Whether a plain container is ours, its reader knows.
        """
        plain = names.plain_uuid(marks.get('name', ''))
        if plain is not None:
            return plain
        if marks.get(labels.HOST) != self._host or action not in _ENDS:
            return None
        try:
            return str(seen.known(marks, [marks['name']])['pod'])
        except seen.UNREADABLE:
            return None         # its image has such labels
