"""Follows our pods and their events on the API server.

List, then watch from there; bookmarks keep the place, and a watch whose
place the server has forgotten (410) begins with a list again.
"""
import json
import logging
import threading
import typing
from collections.abc import Callable
from collections.abc import Iterator

import urllib3

from zun_lite import exceptions
from zun_lite.drivers.feed import Feed
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import seen
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.drivers.kubernetes.known import Known

LOG = logging.getLogger(__name__)

Json = dict[str, typing.Any]

PAGE = 500
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
_BROKEN = (exceptions.EngineUnavailable, Refused, OSError, ValueError,
           urllib3.exceptions.HTTPError)


class Stale(Exception):
    """The server no longer knows the place the watch had reached."""


class Stream:
    """One collection, listed and watched by a thread of its own."""

    def __init__(self, cluster: Cluster, path: str, query: dict[str, str], *,
                 watch_timeout_s: int, listed: Callable[[list[Json]], None],
                 changed: Callable[[str, Json], None],
                 lost: Callable[[Exception], None],
                 keep_list: bool = True) -> None:
        self._cluster, self._path, self._query = cluster, path, query
        self._watch_timeout_s = watch_timeout_s
        self._listed, self._changed, self._lost = listed, changed, lost
        self._keep_list = keep_list
        self._closed = threading.Event()
        self._answer: urllib3.BaseHTTPResponse | None = None
        self._thread = threading.Thread(
            target=self._run, daemon=True,
            name=f'kubernetes-{path.rpartition("/")[2]}')

    def start(self) -> None:
        if not self._thread.is_alive():
            self._thread.start()

    def close(self) -> None:
        self._closed.set()
        answer = self._answer
        if answer is not None:
            try:
                answer.shutdown()
            except (OSError, ValueError, AttributeError) as exc:
                LOG.debug('Closing a watch: %s', exc)
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        pause, place = _FIRST_PAUSE_S, ''
        while not self._closed.is_set():
            try:
                if not place:
                    place = self._list()
                for reached in self._watch(place):
                    place, pause = reached, _FIRST_PAUSE_S
            except Stale as stale:
                self._lost(stale)
                LOG.info('%s: the watch must begin anew', self._path)
                place = ''
            except _BROKEN as exc:
                self._lost(exc)
                if not self._closed.is_set():
                    LOG.warning('%s: the watch broke: %s', self._path, exc)
                pause = self._wait(pause)
                if self._keep_list:
                    place = ''
            except Exception as exc:
                # Nobody would start this thread again, and what is known
                # would grow old unseen. Not from here: it would come again.
                self._lost(exc)
                LOG.exception('%s: the watch must begin anew', self._path)
                pause, place = self._wait(pause), ''

    def _wait(self, pause: float) -> float:
        """The next pause."""
        self._closed.wait(pause)
        return min(_LONGEST_PAUSE_S, pause * 2)

    def _list(self) -> str:
        items, query = [], self._query | {
            'limit': str(PAGE if self._keep_list else 1)}
        while True:
            page = self._cluster.call('GET', self._path, query=query)
            place = page['metadata']['resourceVersion']
            if not self._keep_list:
                return place
            items += page['items']
            if not page['metadata'].get('continue'):
                self._listed(items)
                return place
            query = query | {'continue': page['metadata']['continue']}

    def _watch(self, place: str) -> Iterator[str]:
        """Places reached, until the server ends the watch."""
        query = self._query | {
            'watch': '1', 'resourceVersion': place,
            'allowWatchBookmarks': 'true',
            'timeoutSeconds': str(self._watch_timeout_s)}
        try:
            self._answer = self._cluster.lines(
                self._path, query, self._watch_timeout_s + 10)
        except Refused as refused:
            if refused.status == 410:
                raise Stale from refused
            raise
        try:
            for line in _lines(self._answer):
                yield self._take(json.loads(line))
        finally:
            self._answer.close()

    def _take(self, change: Json) -> str:
        told = change['object']
        if change['type'] == 'ERROR':
            if told.get('code') == 410:
                raise Stale
            raise exceptions.EngineUnavailable(str(told.get('message')))
        if change['type'] != 'BOOKMARK':
            self._changed(change['type'], told)
        return told['metadata']['resourceVersion']


def _lines(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    rest = b''
    for piece in answer.stream(None):
        *whole, rest = (rest + piece).split(b'\n')
        yield from whole


class Watcher:
    """Keeps `known` true and tells the feed."""

    def __init__(self, cluster: Cluster, host: str, known: Known, feed: Feed,
                 watch_timeout_s: int) -> None:
        self.started = False
        self._known, self._feed = known, feed
        self._pods = Stream(
            cluster, '/api/v1/pods', {'labelSelector': names.selector(host)},
            watch_timeout_s=watch_timeout_s, listed=self._listed,
            changed=self._changed, lost=self._lost)
        self._events = Stream(
            cluster, '/api/v1/events',
            {'fieldSelector': 'involvedObject.kind=Pod'}, keep_list=False,
            watch_timeout_s=watch_timeout_s, listed=lambda items: None,
            changed=self._happened, lost=lambda error: None)

    def start(self) -> None:
        self._pods.start()
        self._events.start()
        self.started = True

    def close(self) -> None:
        self._pods.close()
        self._events.close()

    def _listed(self, items: list[Json]) -> None:
        self._known.replace(items)
        self._feed.relist()

    def _lost(self, error: Exception) -> None:
        """Once the server cannot be reached, every pod is to say so."""
        away = isinstance(error, exceptions.EngineUnavailable)
        first = away and self._known.trouble is None
        self._known.lost(str(error) if away else None)
        if first:
            self._feed.relist()

    def _changed(self, kind: str, pod: Json) -> None:
        if kind == 'DELETED':
            uuid = self._known.drop(pod)
        else:
            uuid = self._known.put(pod)['labels'][names.POD]
        if uuid is not None:
            self._feed.changed(uuid)

    def _happened(self, kind: str, event: Json) -> None:
        name = event.get('involvedObject', {}).get('name', '')
        uuid = names.uuid_of(name)
        if kind != 'DELETED' and uuid:
            self._feed.tell(uuid, seen.event(event))
