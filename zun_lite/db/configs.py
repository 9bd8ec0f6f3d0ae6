"""Queries about configs and secrets, and the pods that refer to them."""
import datetime
import json
import typing
from collections.abc import Collection
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import models
from zun_lite.db import sealing
from zun_lite.pod import configs as pod_configs
from zun_lite.pod.configs import Kind

configs = models.Config.__table__
references = models.PodReference.__table__
pods = models.Pod.__table__


class ConfigRow(typing.NamedTuple):
    """A config or secret as stored, without its content."""
    id: int
    uuid: str
    project_id: str
    kind: Kind
    name: str
    type: str | None
    labels: str | None
    annotations: str | None
    generation: int
    size: int
    created_at: datetime.datetime
    updated_at: datetime.datetime | None


Content = dict[str, dict[str, str]]     # {'data': {}, 'binaryData': {}}

_COLUMNS = [configs.c[name] for name in ConfigRow._fields]


def get(session: orm.Session, kind: Kind, project_id: str | None, name: str,
        *, lock: bool = False) -> ConfigRow:
    """:raises NotFound: the project has none of this kind and name."""
    asked = sa.select(*_COLUMNS).where(
        configs.c.kind == kind, configs.c.project_id == project_id,
        configs.c.name == name)
    # PostgreSQL refuses to look for a NUL.
    row = (session.execute(asked.with_for_update() if lock else asked).first()
           if '\0' not in name else None)
    if row is None:
        raise exceptions.NotFound(f'There is no such {kind} in this project.')
    return ConfigRow._make(row)


def list_page(session: orm.Session, kind: Kind, project_id: str | None, *,
              limit: int, marker: str | None) -> list[ConfigRow]:
    """Up to `limit` after the one whose UUID is `marker`; no content.

    :raises Invalid: there is no such marker (any more).
    """
    asked = sa.select(*_COLUMNS).where(
        configs.c.kind == kind, configs.c.project_id == project_id)
    if marker is not None:
        after = session.scalar(sa.select(configs.c.id).where(
            configs.c.uuid == marker))
        if after is None:
            raise exceptions.Invalid(fields=[exceptions.FieldError(
                'marker', f'there is no such {kind} any more; list from the '
                          'beginning')])
        asked = asked.where(configs.c.id > after)
    rows = session.execute(asked.order_by(configs.c.id).limit(limit))
    return [ConfigRow._make(row) for row in rows]


def usage(session: orm.Session, project_id: str | None) -> tuple[int, int]:
    """(how many, bytes) of a project's configs and secrets together."""
    count, size = session.execute(
        sa.select(sa.func.count(), sa.func.sum(configs.c.size))
        .where(configs.c.project_id == project_id)).one()
    return count, int(size or 0)


def insert(session: orm.Session, content: str,
           **columns: typing.Any) -> ConfigRow:
    values = {'generation': 1, 'created_at': engine.now(),
              'updated_at': None, **columns}
    result = session.execute(sa.insert(configs), {**values,
                                                  'content': content})
    (found,) = result.inserted_primary_key  # type: ignore[attr-defined]
    return ConfigRow(id=found, **{
        name: values[name] for name in ConfigRow._fields if name != 'id'})


def update(session: orm.Session, row: ConfigRow,
           **columns: typing.Any) -> None:
    session.execute(sa.update(configs).where(configs.c.id == row.id)
                    .values(**columns))


def delete(session: orm.Session, row: ConfigRow) -> None:
    session.execute(sa.delete(configs).where(configs.c.id == row.id))


def content(session: orm.Session, row: ConfigRow) -> Content:
    """The values, as the document has them.

    :raises Unavailable: a secret cannot be decrypted.
    """
    text = session.scalar(sa.select(configs.c.content).where(
        configs.c.id == row.id)) or '{}'
    return _opened(row.kind, row.uuid, text)


def _opened(kind: Kind, uuid: str, text: str) -> Content:
    if kind is Kind.SECRET:
        return {'data': sealing.unseal(uuid, text)}
    found: Content = json.loads(text)
    return found


# References

def refer(session: orm.Session, pod_id: int,
          found: Collection[tuple[Kind, str]]) -> None:
    """Note what a new pod refers to."""
    if found:
        session.execute(sa.insert(references), [
            {'pod_id': pod_id, 'kind': kind, 'name': name}
            for kind, name in sorted(found)])


def users(session: orm.Session, kind: Kind, project_id: str, name: str,
          after_id: int, limit: int) -> list[int]:
    """Ids of up to `limit` pods above `after_id` that refer to it."""
    return list(session.scalars(
        sa.select(pods.c.id).join(references, references.c.pod_id == pods.c.id)
        .where(references.c.kind == kind, references.c.name == name,
               pods.c.project_id == project_id, pods.c.id > after_id)
        .order_by(pods.c.id).limit(limit)))


class Supply(typing.NamedTuple):
    """What one reference of a pod leads to. `content` opens it."""
    pod_id: int
    kind: Kind
    name: str
    uuid: str
    text: str

    def entries(self) -> dict[str, str]:
        """Base64 by key.

        :raises Unavailable: it cannot be decrypted.
        """
        found = _opened(self.kind, self.uuid, self.text)
        if self.kind is Kind.SECRET:
            return found['data']
        return pod_configs.encoded({
            key: value.encode() for key, value
            in (found.get('data') or {}).items()}) | (
                found.get('binaryData') or {})


def supplies(session: orm.Session, pod_ids: Sequence[int]) -> list[Supply]:
    """What these pods refer to and is there."""
    rows = session.execute(
        sa.select(references.c.pod_id, configs.c.kind, configs.c.name,
                  configs.c.uuid, configs.c.content)
        .join(pods, pods.c.id == references.c.pod_id)
        .join(configs, sa.and_(
            configs.c.project_id == pods.c.project_id,
            configs.c.kind == references.c.kind,
            configs.c.name == references.c.name))
        .where(references.c.pod_id.in_(pod_ids)))
    return [Supply._make(row) for row in rows]


def sealed(session: orm.Session, after_id: int,
           limit: int) -> list[tuple[int, str]]:
    """(id, sealed text) of secrets, to be sealed anew."""
    rows = session.execute(
        sa.select(configs.c.id, configs.c.content)
        .where(configs.c.kind == Kind.SECRET, configs.c.id > after_id)
        .order_by(configs.c.id).limit(limit).with_for_update())
    return [(row[0], row[1]) for row in rows]


def put_sealed(session: orm.Session, config_id: int, text: str) -> None:
    session.execute(sa.update(configs).where(configs.c.id == config_id)
                    .values(content=text))
