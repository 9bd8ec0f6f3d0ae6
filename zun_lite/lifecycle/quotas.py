"""Limits of projects and of quota classes: what administrators set.

What they mean for a request is in `db.quotas`, which counts pods.
"""
from collections.abc import Mapping

from zun_lite import db
from zun_lite.db import quotas
from zun_lite.db.quotas import Limits

Given = Mapping[str, int]         # some of the fields of Limits


@db.retry
def update(project_id: str, given: Given) -> Limits:
    """Set some limits of a project; those it has then.

    They may be below what is used: nothing is taken away, nothing added.
    """
    with db.writer() as session:
        quotas.put(session, project_id, given)
        return quotas.limits(session, project_id)


@db.retry
def clear(project_id: str) -> None:
    """Let the default class count for a project again."""
    with db.writer() as session:
        quotas.clear(session, project_id)


@db.retry
def update_class(name: str, given: Given) -> Limits:
    """Set some limits of a quota class; those it has then."""
    with db.writer() as session:
        quotas.put_class(session, name, given)
        return quotas.class_limits(session, name)
