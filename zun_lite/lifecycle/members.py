"""Containers on engines: those that were made as one, and capsules' members.

Both are read, conversed with and copied from in the same way; only the
former have a life of their own.
"""
import json
import typing

from sqlalchemy import orm

from zun_lite import db
from zun_lite import exceptions
from zun_lite.context import RequestContext
from zun_lite.db import containers
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.pod import plain
from zun_lite.zun import actions
from zun_lite.zun import capsules
from zun_lite.zun import members
from zun_lite.zun import words

Values = dict[str, typing.Any]


class Member(typing.NamedTuple):
    """A container by the row of its pod and its name in it."""
    row: pods.PodRow
    name: str

    @property
    def in_capsule(self) -> bool:
        return self.row.origin is models.Origin.CAPSULE

    @property
    def title(self) -> str:
        """Its name for people."""
        return (members.title(self.row.name, self.name) if self.in_capsule
                else self.row.name)

    @property
    def interactive(self) -> bool:
        """Whether its process has an input."""
        return any(c['name'] == self.name and c.get('stdin')
                   for c in json.loads(self.row.spec)['containers'])

    @property
    def mark(self) -> str:
        """How the record of what was done to this one of the pod begins."""
        return f'{self.name}: '

    def told(self, message: str | None) -> str | None:
        """For the record of the whole pod."""
        return (f'{self.mark}{message or "done"}' if self.in_capsule
                else message)

    @property
    def state(self) -> words.State:
        seen = json.loads(self.row.status)
        if self.in_capsule:
            return members.state(self.row, seen, members.own(
                seen).get(self.name, {}), db.now())
        return words.state(self.row, seen, containers.plain(self.row),
                           db.now())


def resolve(session: orm.Session, ctx: RequestContext,
            ident: str) -> Member:
    """The container of this UUID or name; a capsule's has only the UUID.

    :raises ContainerNotFound:
    :raises AmbiguousName:
    """
    try:
        row = pods.resolve(session, ctx.project_filter, ident,
                           origin=models.Origin.CONTAINER)
    except exceptions.ContainerNotFound:
        found = of_capsule(session, ctx, ident)
        if found is None:
            raise
        return found
    return Member(row, plain.NAME)


def of_capsule(session: db.Reading, ctx: RequestContext,
               ident: str) -> Member | None:
    """The member of a capsule that has this UUID."""
    if not pods.is_uuid(ident):
        return None
    try:
        row = pods.get_row(session, capsules.capsule_of(ident),
                           project_id=ctx.project_filter,
                           origin=models.Origin.CAPSULE)
    except exceptions.NotFound:
        return None
    for name, uuid in json.loads(row.container_uuids).items():
        if uuid == ident.lower():
            return Member(row, name)
    return None


def find(session: orm.Session, ctx: RequestContext, ident: str,
         action: str) -> Member:
    """The container, when `action` fits its status.

    :raises Conflict: it does not.
    """
    found = resolve(session, ctx, ident)
    actions.check(action, found.state.status, ident)
    return found
