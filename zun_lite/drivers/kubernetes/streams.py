"""The optional groups that take as long as their user likes."""
import contextlib
import threading
import typing
from collections.abc import Iterator
from collections.abc import Sequence

import urllib3

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.kubernetes import archives
from zun_lite.drivers.kubernetes import channels
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import reading
from zun_lite.drivers.kubernetes import sessions
from zun_lite.drivers.kubernetes.client import away
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Refused

_CHUNK = 65536


class Followed(base.Stream):
    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self._answer: typing.Any = answer
        self._closed = False
        self._reading = threading.Lock()

    def read(self) -> bytes:
        with self._reading:
            try:
                return b'' if self._closed else self._answer.read1(_CHUNK)
            except (urllib3.exceptions.HTTPError, OSError,
                    ValueError) as exc:
                if self._closed:
                    return b''
                raise away(exc) from exc

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            # Refused where it was read to its end.
            with contextlib.suppress(OSError, ValueError, RuntimeError):
                self._answer.shutdown()
            with self._reading, contextlib.suppress(OSError, ValueError):
                self._answer.close()


class Streams(base.Follow, base.Attach, base.ExecInteractive, base.Copy):
    _cluster: Cluster
    _shells: sessions.Shells
    _hang_ups: sessions.HangUps

    def _must(self, uuid: str, container: str) -> Json:
        raise NotImplementedError

    def _running(self, uuid: str, container: str) -> tuple[Json, Json]:
        """The pod, and the status of its container that runs.

        :raises Conflict: it does not run.
        """
        known = self._must(uuid, container)
        told = known['status']
        for one in (*(told.get('containerStatuses') or ()),
                    *(told.get('initContainerStatuses') or ())):
            if one['name'] == container and one['state'].get('running'):
                return known, one
        raise exceptions.Conflict(f'Container {container} does not run.')

    def follow_logs(self, uuid: str, container: str, *,
                    tail: int | None = None, since: str | None = None,
                    timestamps: bool = False, follow: bool = True,
                    stream: int | None = None) -> base.Stream:
        if stream is not None:
            raise exceptions.NotSupported(
                'Kubernetes keeps both streams of a log as one.')
        known = self._must(uuid, container)
        query = reading.log_query(container, tail=tail, since=since,
                                  timestamps=timestamps)
        if follow:
            query['follow'] = 'true'
        try:
            return Followed(self._cluster.lines(names.pods_path(
                known['namespace'], known['name'], 'log'), query, None))
        except Refused as refused:
            raise reading.unreadable(refused) from refused

    def attach(self, uuid: str, container: str) -> base.Session:
        known, _ = self._running(uuid, container)
        tty, stdin = self._asked(known, container)
        return sessions.attach(self._cluster, known, container, tty, stdin)

    def _asked(self, known: Json, container: str) -> tuple[bool, bool]:
        """Whether it was to have a terminal, and input."""
        spec = self._cluster.call('GET', names.pods_path(
            known['namespace'], known['name']))['spec']
        for one in (*spec['containers'], *(spec.get('initContainers')
                                           or ())):
            if one['name'] == container:
                return bool(one.get('tty')), bool(one.get('stdin'))
        raise exceptions.ContainerNotFound()

    def open_exec(self, uuid: str, container: str, command: tuple[str, ...],
                  *, tty: bool) -> base.Session:
        known, told = self._running(uuid, container)
        if self._shells.has(known, container, told.get('containerID') or ''):
            return sessions.Marked(self._cluster, self._hang_ups, known,
                                   container, command, tty)
        return sessions.command(self._cluster, known, container, command,
                                tty)

    def get_archive(self, uuid: str, container: str,
                    path: str) -> base.Archive:
        return archives.get(self._opener(uuid, container), path)

    def put_archive(self, uuid: str, container: str, path: str,
                    data: Iterator[bytes]) -> None:
        archives.put(self._opener(uuid, container), path, data)

    def _opener(self, uuid: str, container: str) -> archives.Open:
        known, _ = self._running(uuid, container)

        def begin(words: Sequence[str]) -> channels.Session:
            return sessions.command(self._cluster, known, container, words,
                                    False)
        return begin
