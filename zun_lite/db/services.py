"""What administrators say of hosts: OpenStack Zun calls them services.

A disabled host keeps its pods and gets no new ones. One that was forced down
counts as gone whatever is heard of it, until that is taken back.
"""
import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import hosts as db_hosts

hosts = db_hosts.hosts


def every(session: orm.Session) -> list[db_hosts.HostRow]:
    """Every host, in the order in which they first registered."""
    return db_hosts.list_page(session, None)


def disable(session: orm.Session, host: str, reason: str | None) -> None:
    """:raises HostNotFound:"""
    _change(session, host, disabled=True, disabled_reason=reason)


def enable(session: orm.Session, host: str) -> None:
    """:raises HostNotFound:"""
    _change(session, host, disabled=False, disabled_reason=None)


def force_down(session: orm.Session, host: str, down: bool) -> None:
    """:raises HostNotFound:"""
    _change(session, host, forced_down=down)


def _change(session: orm.Session, host: str,
            **columns: bool | str | None) -> None:
    found = session.execute(sa.update(hosts).where(hosts.c.name == host)
                            .values(**columns))
    if not found.rowcount:                  # type: ignore[attr-defined]
        raise exceptions.HostNotFound(f'There is no host {host}.')
