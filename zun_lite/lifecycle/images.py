"""What requests do to the images of hosts.

The record says what is wanted; the host's agent is told, and told again by a
sweep until it has answered, so neither a pull nor its outcome gets lost.
"""
import json
import typing
from collections.abc import Sequence

import oslo_db.exception
from sqlalchemy import orm

from zun_lite import db
from zun_lite import exceptions
from zun_lite.context import RequestContext
from zun_lite.db import actions
from zun_lite.db import commits
from zun_lite.db import hosts
from zun_lite.db import images
from zun_lite.exceptions import FieldError
from zun_lite.pod import capabilities
from zun_lite.pod.states import Action
from zun_lite.pod.states import ImageState

Plain = dict[str, typing.Any]
ABLE = capabilities.action(Action.IMAGES)


class Compute(typing.Protocol):
    """The part of `rpc.ComputeClient` that is used here."""

    def sync_images(self, host: str, images: Sequence[Plain]) -> None: ...

    def search_images(self, host: str, term: str) -> list[Plain]: ...


def on_wire(row: images.ImageRow, container: str | None = None) -> Plain:
    """As an agent is handed it. `container`: what it is made of."""
    found = {'uuid': row.uuid, 'generation': row.generation,
             'image': row.name, 'state': row.state.value}
    return found | {'container': container} if container else found


class Images:
    """For administrators: hosts' images are no project's."""

    def __init__(self, compute: Compute):
        self._compute = compute

    def pull(self, ctx: RequestContext, host: str, repo: str,
             tag: str) -> images.ImageRow:
        """Have a host (name or UUID) fetch an image.

        One that could not be fetched, or is being deleted, is asked for
        anew.

        :raises Invalid: there is no such host.
        :raises NotSupported: its driver has no images of its own.
        :raises Conflict: it has it already, or is fetching it.
        """
        try:
            row = _pull(ctx, host, repo, tag)
        except oslo_db.exception.DBDuplicateEntry:
            raise _there(repo, tag) from None
        return self._told(row)

    def delete(self, uuid: str) -> None:
        """Have its host let go of an image.

        :raises ImageNotFound:
        """
        self._told(_delete(uuid))

    def search(self, term: str) -> list[Plain]:
        """What the index of any live host finds.

        :raises NotSupported: no live host's driver can search.
        :raises Unavailable: no host is live, or none can reach its index.
        """
        error: exceptions.ZunLiteError = exceptions.Unavailable(
            'No host is live to search for images; try again later.')
        with db.reader() as session:
            live = hosts.live(session)
        for host in live:
            if ABLE not in host.capabilities:
                error = _lacking(host.driver)
        for host in live:
            if ABLE in host.capabilities:
                try:
                    return self._compute.search_images(host.name, term)
                except exceptions.Unavailable as exc:
                    error = exc
        raise error

    def _told(self, row: images.ImageRow) -> images.ImageRow:
        self._compute.sync_images(row.host, [on_wire(row)])
        return row


def _lacking(driver: str) -> exceptions.NotSupported:
    return exceptions.NotSupported(
        f'The driver {driver} does not support {Action.IMAGES}.')


def _there(repo: str, tag: str) -> exceptions.Conflict:
    return exceptions.Conflict(
        f'The host has the image {repo}:{tag} already, or is at it.')


def _able(session: orm.Session, ident: str) -> str:
    """The host's name."""
    try:
        host = hosts.get(session, ident)
    except exceptions.HostNotFound:
        raise exceptions.Invalid(fields=[FieldError(
            'host', 'there is no such host')]) from None
    if ABLE not in json.loads(host.capabilities):
        raise _lacking(host.driver)
    return host.name


@db.retry
def _pull(ctx: RequestContext, host: str, repo: str,
          tag: str) -> images.ImageRow:
    with db.writer() as session:
        name = _able(session, host)
        row = images.find(session, name, repo, tag)
        if row is None:
            return images.insert(
                session, project_id=ctx.project_id or '',
                user_id=ctx.user_id or '', host=name, repo=repo, tag=tag,
                state=ImageState.PULLING)
        if row.state not in (ImageState.FAILED, ImageState.DELETING):
            raise _there(repo, tag)
        return images.ask(session, row, ImageState.PULLING)


@db.retry
def _delete(uuid: str) -> images.ImageRow:
    with db.writer() as session:
        row = images.get(session, uuid, lock=True)
        if row.state is ImageState.DELETING:
            return row                  # asking twice is asking once
        commits.finish(session, [uuid], actions.SUPERSEDED)
        return images.ask(session, row, ImageState.DELETING)
