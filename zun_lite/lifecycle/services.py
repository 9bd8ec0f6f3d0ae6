"""What administrators do to hosts. Placement sees it at its next look."""
from zun_lite import db
from zun_lite.db import commits
from zun_lite.db import hosts
from zun_lite.db import services


@db.retry
def enable(host: str) -> None:
    """:raises HostNotFound:"""
    with db.writer() as session:
        services.enable(session, host)


@db.retry
def disable(host: str, reason: str | None) -> None:
    """Pods that are there stay.

    :raises HostNotFound:
    """
    with db.writer() as session:
        services.disable(session, host, reason)


@db.retry
def force_down(host: str, down: bool) -> None:
    """Nothing is asked of the host, and nothing on it is changed.

    :raises HostNotFound:
    """
    with db.writer() as session:
        services.force_down(session, host, down)


@db.retry
def remove(host: str) -> None:
    """:raises HostNotFound:
    :raises Conflict: it is live, or pods are bound to it.
    """
    with db.writer() as session:
        commits.abandon(session, host)
        hosts.remove(session, host)
