"""Configs and secrets: what requests do to them, and who must be told."""
import json
import typing
import uuid

import oslo_db.exception
from sqlalchemy import orm

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.context import RequestContext
from zun_lite.db import configs
from zun_lite.db import pods
from zun_lite.db import sealing
from zun_lite.pod import configs as documents
from zun_lite.pod.configs import Config
from zun_lite.pod.configs import Kind


class Bell(typing.Protocol):
    """The part of `rpc.ConductorClient` that is used here."""

    def config_changed(self, project_id: str, kind: str,
                       name: str) -> None: ...


class Configs:
    """Each request is one transaction; then pods that refer to it are told.

    Names are unique in a project and kind.
    """

    def __init__(self, conductor: Bell):
        self._conductor = conductor

    def create(self, ctx: RequestContext, kind: Kind,
               document: Config) -> configs.ConfigRow:
        """:raises Conflict: the name is taken.
        :raises Forbidden: the quota does not allow it.
        :raises Unavailable: there is no key for secrets.
        """
        try:
            row = _insert(ctx, kind, document)
        except oslo_db.exception.DBDuplicateEntry:
            raise exceptions.Conflict(
                f'The project has a {kind} of this name.') from None
        self._tell(row)
        return row

    def replace(self, ctx: RequestContext, kind: Kind, name: str,
                document: Config) -> configs.ConfigRow:
        """:raises NotFound: there is none of this name.
        :raises Invalid: the document has another name.
        :raises Forbidden: the quota does not allow it.
        """
        if document.metadata.name != name:
            raise exceptions.Invalid(fields=[exceptions.FieldError(
                'metadata.name', f'must be {name}: a {kind} cannot be '
                                 'renamed')])
        row = _replace(ctx, kind, name, document)
        self._tell(row)
        return row

    def delete(self, ctx: RequestContext, kind: Kind, name: str) -> None:
        """Pods that have it keep it until they are made anew."""
        self._tell(_delete(ctx, kind, name))

    def _tell(self, row: configs.ConfigRow) -> None:
        self._conductor.config_changed(row.project_id, row.kind.value,
                                       row.name)


def _size(document: Config) -> int:
    return sum(len(key) + len(value)
               for key, value in document.entries().items())


def _content(owner: str, document: Config) -> str:
    if isinstance(document, documents.Secret):
        return sealing.seal(owner, documents.encoded(document.entries()))
    return json.dumps(document.model_dump(
        include={'data', 'binary_data'}, exclude_none=True),
        separators=(',', ':'))


def _described(document: Config) -> dict[str, typing.Any]:
    return {'labels': pods.text(document.metadata.labels),
            'annotations': pods.text(document.metadata.annotations),
            'type': getattr(document, 'type', None),
            'size': _size(document)}


def _check_quota(session: orm.Session, project_id: str | None, *,
                 more: int, more_bytes: int) -> None:
    count, size = configs.usage(session, project_id)
    limits = CONF.configs
    if more and count + more > limits.max_per_project:
        raise exceptions.Forbidden(
            'The project may have at most '
            f'{limits.max_per_project} configs and secrets.')
    if more_bytes > 0 and size + more_bytes > limits.max_bytes_per_project:
        raise exceptions.Forbidden(
            "The entries of a project's configs and secrets may have at most "
            f'{limits.max_bytes_per_project} bytes together.')


@db.retry
def _insert(ctx: RequestContext, kind: Kind,
            document: Config) -> configs.ConfigRow:
    owner = str(uuid.uuid4())
    described = _described(document)
    content = _content(owner, document)
    with db.writer() as session:
        _check_quota(session, ctx.project_id, more=1,
                     more_bytes=described['size'])
        return configs.insert(
            session, content, uuid=owner, project_id=ctx.project_id,
            user_id=ctx.user_id or '', kind=kind,
            name=document.metadata.name, **described)


@db.retry
def _replace(ctx: RequestContext, kind: Kind, name: str,
             document: Config) -> configs.ConfigRow:
    with db.writer() as session:
        row = configs.get(session, kind, ctx.project_id, name, lock=True)
        described = _described(document)
        _check_quota(session, row.project_id, more=0,
                     more_bytes=described['size'] - row.size)
        described |= {'generation': row.generation + 1,
                      'updated_at': db.now()}
        configs.update(session, row, content=_content(row.uuid, document),
                       **described)
        return row._replace(**described)


@db.retry
def _delete(ctx: RequestContext, kind: Kind, name: str,
            ) -> configs.ConfigRow:
    with db.writer() as session:
        row = configs.get(session, kind, ctx.project_id, name, lock=True)
        configs.delete(session, row)
        return row


def reseal(batch: int = 100) -> int:
    """Encrypt every secret with the first key; how many there are."""
    done = last = 0
    while True:
        with db.writer() as session:
            found = configs.sealed(session, last, batch)
            for config_id, text in found:
                configs.put_sealed(session, config_id, sealing.reseal(text))
        if not found:
            return done
        done, last = done + len(found), found[-1][0]
