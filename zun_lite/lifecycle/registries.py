"""What requests do to registries. Hosts hear of it with the next pod, or at
their next full comparison."""
from collections.abc import Mapping

from zun_lite import db
from zun_lite.context import RequestContext
from zun_lite.db import registries
from zun_lite.db import sealing
from zun_lite.db.registries import RegistryRow


@db.retry
def create(ctx: RequestContext, given: Mapping[str, str]) -> RegistryRow:
    """`given`: domain, and perhaps name, username and password.

    :raises Unavailable: there is no key for secrets.
    """
    with db.writer() as session:
        return registries.insert(
            session, project_id=ctx.project_id or '',
            user_id=ctx.user_id or '', domain=given['domain'],
            **{name: given.get(name)
               for name in ('name', 'username', 'password')})


@db.retry
def update(ctx: RequestContext, ident: str,
           given: Mapping[str, str]) -> RegistryRow:
    """:raises NotFound:
    :raises AmbiguousName:
    :raises Unavailable: there is no key for secrets.
    """
    with db.writer() as session:
        row = registries.resolve(session, ctx.project_filter, ident,
                                 lock=True)
        return registries.update(session, row, given)


@db.retry
def delete(ctx: RequestContext, ident: str) -> None:
    """:raises NotFound:
    :raises AmbiguousName:
    :raises Conflict: containers use it.
    """
    with db.writer() as session:
        row = registries.resolve(session, ctx.project_filter, ident,
                                 lock=True)
        registries.delete(session, row)


def reseal(batch: int = 100) -> int:
    """Encrypt every password with the first key; how many there are."""
    done = last = 0
    while True:
        with db.writer() as session:
            found = registries.sealed(session, last, batch)
            for registry_id, text in found:
                registries.put_sealed(session, registry_id,
                                      sealing.reseal(text))
        if not found:
            return done
        done, last = done + len(found), found[-1][0]
