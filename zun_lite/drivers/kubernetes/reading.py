"""Logs and commands of containers, through the API server."""
import json
import time

from kubernetes.stream import ws_client

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Query
from zun_lite.drivers.kubernetes.client import Refused


def log_query(container: str, *, tail: int | None, since: str | None,
              timestamps: bool) -> dict[str, str | int | bool]:
    """What of a log, in the server's words."""
    query: dict[str, str | int | bool] = {'container': container}
    if tail is not None:
        query['tailLines'] = tail
    if since is not None:
        query['sinceTime'] = since
    if timestamps:
        query['timestamps'] = 'true'
    return query


def logs(cluster: Cluster, known: Json, query: Query,
         limit_bytes: int) -> bytes:
    """The newest `limit_bytes` of what the server tells.

    :raises ContainerNotFound: none of that name, or it has not run.
    """
    kept = b''
    try:
        for piece in cluster.text(names.pods_path(
                known['namespace'], known['name'], 'log'), query):
            kept = (kept + piece)[-limit_bytes:]
    except Refused as refused:
        raise unreadable(refused) from refused
    return kept


def unreadable(refused: Refused) -> exceptions.ZunLiteError:
    """What it means that a log was refused."""
    if refused.status in (400, 404):
        return exceptions.ContainerNotFound(refused.message)
    return exceptions.Conflict(refused.message)


def execute(cluster: Cluster, known: Json, container: str,
            command: tuple[str, ...], timeout_s: float,
            limit_bytes: int) -> base.ExecResult:
    """Run a command and keep the first `limit_bytes` that it writes.

    :raises TimedOut: it had not ended by then.
    :raises Conflict: the container does not run.
    """
    query = [('container', container), ('stdout', 'true'),
             ('stderr', 'true'), *(('command', word) for word in command)]
    try:
        session = cluster.websocket(names.pods_path(
            known['namespace'], known['name'], 'exec'), query)
    except Refused as refused:
        raise exceptions.Conflict(
            f'The command could not be begun: {refused.message}'
        ) from refused
    try:
        return _collected(session, timeout_s, limit_bytes)
    finally:
        session.close()


def _collected(session: ws_client.WSClient, timeout_s: float,
               limit_bytes: int) -> base.ExecResult:
    deadline = time.monotonic() + timeout_s
    kept = {ws_client.STDOUT_CHANNEL: b'', ws_client.STDERR_CHANNEL: b''}
    wrote = 0
    while session.is_open():
        left = deadline - time.monotonic()
        if left <= 0:
            raise exceptions.TimedOut(
                f'The command did not end within {timeout_s:g} s.')
        session.update(timeout=min(left, 1.0))
        for channel in kept:
            piece = session.read_channel(channel)
            room = max(0, limit_bytes - wrote)
            kept[channel] += piece[:room]
            wrote += len(piece)
    return base.ExecResult(
        exit_code=_exit_code(session.read_channel(ws_client.ERROR_CHANNEL)),
        stdout=kept[ws_client.STDOUT_CHANNEL],
        stderr=kept[ws_client.STDERR_CHANNEL], truncated=wrote > limit_bytes)


def _exit_code(told: bytes) -> int:
    """From the Status that ends a session.

    :raises Conflict: the command was not run.
    """
    try:
        end = json.loads(told)
    except ValueError:
        raise exceptions.Unavailable(
            'The session ended before the command did.') from None
    if end.get('status') == 'Success':
        return 0
    for cause in (end.get('details') or {}).get('causes', ()):
        if cause.get('reason') == 'ExitCode':
            return int(cause['message'])
    raise exceptions.Conflict(
        f'The command could not be run: {end.get("message", "")}')
