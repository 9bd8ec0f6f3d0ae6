"""Logs of containers, through the API server."""
from zun_lite import exceptions
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
