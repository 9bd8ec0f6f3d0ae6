"""Commands inside containers: to converse with, or run to their end.

Those to converse with are hung up on when nobody does.
"""
import logging
import re
import time
from collections.abc import Sequence

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers import hangups
from zun_lite.drivers.kubernetes import channels
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Refused

LOG = logging.getLogger(__name__)

_MARKED = 'export "$1"; shift; exec "$@"'
_SHELL_S = 10.0
_ATTEMPTS = 3
# As the container runtimes say it, of a command they did not start.
_NOT_RUNNING = re.compile('not (created or )?running|CONTAINER_EXITED')


def connect(cluster: Cluster, known: Json, part: str,
            query: list[tuple[str, str]], tty: bool) -> channels.Session:
    """`part`: exec or attach.

    :raises Conflict: it cannot be had now.
    """
    query = [*query, ('stdout', 'true'),
             ('tty', str(tty).lower()), ('stderr', str(not tty).lower())]
    try:
        return channels.Session(
            cluster.websocket(names.pods_path(
                known['namespace'], known['name'], part), query),
            tty, tells_code=part == 'exec')
    except Refused as refused:
        raise exceptions.Conflict(
            f'The session could not be begun: {refused.message}',
        ) from refused


def command(cluster: Cluster, known: Json, container: str,
            words: Sequence[str], tty: bool) -> channels.Session:
    """Run a command just as it is."""
    return connect(cluster, known, 'exec', [
        ('container', container), ('stdin', 'true'),
        *(('command', w) for w in words)], tty)


def execute(cluster: Cluster, known: Json, container: str,
            words: Sequence[str], timeout_s: float,
            limit_bytes: int) -> base.ExecResult:
    """Run a command; of each of its outputs keep `limit_bytes`.

    One that is too late goes on unheard.

    :raises TimedOut: it had not ended by then.
    :raises Conflict: the container does not run.
    """
    deadline = time.monotonic() + timeout_s
    kept = {base.STDOUT: bytearray(), base.STDERR: bytearray()}
    truncated = False
    session = connect(cluster, known, 'exec', [
        ('container', container), *(('command', w) for w in words)], False)
    try:
        while output := session.read(deadline):
            room = limit_bytes - len(kept[output.stream])
            kept[output.stream] += output.data[:room]
            truncated = truncated or len(output.data) > room
    finally:
        session.close()
    if not session.started and _NOT_RUNNING.search(session.message):
        raise exceptions.Conflict(
            f'The command could not be run: {session.message}')
    code = session.exit_code()
    if code is None:
        raise channels.outcome(session)
    return base.ExecResult(code, bytes(kept[base.STDOUT]),
                           bytes(kept[base.STDERR]), truncated)


def attach(cluster: Cluster, known: Json, container: str, tty: bool,
           stdin: bool) -> channels.Session:
    """Join a container's own process."""
    return connect(cluster, known, 'attach', [
        ('container', container), ('stdin', str(stdin).lower())], tty)


class Marked(base.Session):
    """A command that can be found again by its environment."""

    def __init__(self, cluster: Cluster, ended: 'HangUps', known: Json,
                 container: str, words: Sequence[str], tty: bool) -> None:
        self._ended, self.pod, self.container = ended, known, container
        self.mark = hangups.mark()
        self._session = command(cluster, known, container, (
            'sh', '-c', _MARKED, 'sh', self.mark, *words), tty)
        self._over = self._closed = False
        self.tty = tty

    def read(self) -> base.Output | None:
        found = self._session.read()
        self._over = self._over or found is None
        return found

    def write(self, data: bytes) -> None:
        self._session.write(data)

    def resize(self, width: int, height: int) -> None:
        self._session.resize(width, height)

    def exit_code(self) -> int | None:
        return self._session.exit_code()

    def close(self) -> None:
        self._session.close()
        if not self._closed and self._session.exit_code() is None:
            self._ended.add((self.pod['namespace'], self.pod['name'],
                             self.container), self)
        self._closed = True


HangUps = hangups.HangUps[Marked]


def hang_ups(cluster: Cluster) -> HangUps:
    """For the commands of one cluster."""
    def end(left: list[Marked]) -> None:
        pod, container = left[0].pod, left[0].container
        words = hangups.command(one.mark for one in left)
        for _ in range(_ATTEMPTS):
            try:
                execute(cluster, pod, container, words, _SHELL_S, 1024)
                return
            except exceptions.Conflict:
                return                  # the container has ended
            except exceptions.ZunLiteError as exc:
                LOG.warning('A command may have been left behind in %s: %s',
                            pod['name'], exc)
    return HangUps(end)


class Shells:
    """Which containers have a shell, by the id of their run."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._known: dict[str, bool] = {}

    def has(self, pod: Json, container: str, run: str) -> bool:
        """Asks once for each run of a container."""
        if run not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[run] = execute(
                self._cluster, pod, container, ('sh', '-c', ':'),
                _SHELL_S, 1024).exit_code == 0
        return self._known[run]
