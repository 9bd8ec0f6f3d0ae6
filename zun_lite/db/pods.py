"""Queries about pods.

What is read often (one pod, a page) is Core selects of exactly the columns
that a view needs: no ORM objects, a constant number of statements, and
statements built once so that their compiled form is found again.
"""
import contextlib
import functools
import json
import re
import typing
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.db import engine
from zun_lite.db import models
from zun_lite.db import quotas
from zun_lite.db import shapes
from zun_lite.pod import fields
from zun_lite.pod import selectors
from zun_lite.pod import states

_UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', re.I)
_NAME = re.compile(fields.DNS_SUBDOMAIN)
# Zun's containers and capsules are named more freely.
_FREE_NAME = re.compile(r'[a-zA-Z0-9][a-zA-Z0-9_.-]{1,252}', re.ASCII)

pods = models.Pod.__table__
pod_labels = models.PodLabel.__table__

PodRow = shapes.PodRow


def select(columns: Iterable[str]) -> sa.Select:
    """Of these columns only."""
    return sa.select(*[pods.c[name] for name in columns])


def lock(session: orm.Session, ids: Collection[int],
         columns: Sequence[sa.ColumnElement]) -> sa.Result:
    """These columns of pods, lowest id first, locked.

    By nothing but ids, and by their index: MariaDB locks all that it looks
    at. By another index, or in a table so small that it reads the whole of
    it, it would wait for every pod that is just being made.
    """
    return session.execute(
        sa.select(*columns).where(pods.c.id.in_(ids))
        .with_hint(pods, 'FORCE INDEX (PRIMARY)', 'mysql')
        .order_by(pods.c.id).with_for_update())


@functools.cache
def _one(read: tuple[str, ...], column: str, scoped: bool, lock: bool,
         origin: models.Origin | None = None) -> sa.Select:
    """The statement that finds pods by `uuid` or by `name`.

    What is on its way out comes last, so that its name can be used again.
    By its UUID a capsule is a pod like others.
    """
    found = select(read).where(pods.c[column] == sa.bindparam('ident'))
    if scoped:
        found = found.where(pods.c.project_id == sa.bindparam('project_id'))
    if origin is models.Origin.POD and column == 'uuid':
        found = found.where(pods.c.origin != models.Origin.CONTAINER)
    elif origin is not None:
        found = found.where(pods.c.origin == origin)
    if column == 'name':
        leaving = sa.case((pods.c.desired == states.Desired.ABSENT, 1),
                          else_=0)
        found = found.order_by(leaving, pods.c.id).limit(2)
    return found.with_for_update() if lock else found


def insert(session: orm.Session, *, labels: Mapping[str, str] | None = None,
           disk_gib: int = 0, **columns: typing.Any) -> PodRow:
    """Store a pod and its labels, and count it against the quota.

    `columns` are those of `PodRow` without `id` and `labels`; what is not
    given is None, or 0 for `observed_generation`.

    :raises OverQuota: but not before the end of the `writer` block.
    """
    values: dict[str, typing.Any] = {
        'observed_generation': 0, 'host': None, 'updated_at': None,
        'deleted_at': None, 'annotations': None, 'document': None,
        'extras': None, 'origin': models.Origin.POD, **columns,
        'labels': text(labels)}
    used = quotas.Amounts(
        # {name: UUID}, and neither holds a colon.
        values['container_uuids'].count(':'), values['memory_bytes'],
        values['cpu_millis'], disk_gib)
    result = session.execute(
        sa.insert(pods), {**values, **used._asdict(), 'settled': False,
                          'status_epoch': 0, 'status_sequence': 0})
    (pod_id,) = result.inserted_primary_key  # type: ignore[attr-defined]
    _insert_labels(session, pod_id, labels or {})
    # A project's creates wait for each other from there to the commit.
    engine.last(session, lambda: quotas.reserve(
        session, values['project_id'], used))
    return PodRow(id=pod_id, **values)


def text(document: Mapping[str, str] | None) -> str | None:
    """A map as the columns keep it; None where there is nothing in it."""
    return (json.dumps(document, separators=(',', ':')) if document
            else None)


def _insert_labels(session: orm.Session, pod_id: int,
                   labels: Mapping[str, str]) -> None:
    if labels:
        session.execute(sa.insert(pod_labels), [
            {'pod_id': pod_id, 'key': key, 'value': value}
            for key, value in labels.items()])


def replace_labels(session: orm.Session, pod_id: int,
                   before: Mapping[str, str],
                   after: Mapping[str, str]) -> None:
    """Bring the rows that label filters read from `before` to `after`."""
    gone = [key for key in before if after.get(key) != before[key]]
    if gone:
        session.execute(sa.delete(pod_labels).where(
            pod_labels.c.pod_id == pod_id, pod_labels.c.key.in_(gone)))
    _insert_labels(session, pod_id, {
        key: value for key, value in after.items()
        if before.get(key) != value})


def update(session: orm.Session, pod_id: int,
           **columns: typing.Any) -> None:
    """Set columns of one pod. Lock its row (`resolve`) before deciding."""
    session.execute(sa.update(pods).where(pods.c.id == pod_id)
                    .values(**columns))


def delete(session: orm.Session, pod_id: int) -> None:
    """Remove a pod and its labels; actions and events stay."""
    quotas.release(session, [pod_id])
    session.execute(sa.delete(pods).where(pods.c.id == pod_id))


def get_row(session: engine.Reading, uuid: str, *,
            project_id: str | None = None, lock: bool = False,
            origin: models.Origin | None = None,
            shape: type[shapes.Shape] = PodRow,  # type: ignore[assignment]
            ) -> shapes.Shape:
    """The pod with this UUID, in any project and made as anything, unless
    that is given.

    `lock`: nobody else changes the row until the transaction ends.
    `shape`: which columns to read.

    :raises PodNotFound:
    """
    found = session.execute(
        _one(shape._fields, 'uuid', project_id is not None, lock, origin),
        {'ident': uuid, 'project_id': project_id}).first()
    if found is None:
        raise missing(origin)
    return shape._make(found)


def missing(origin: models.Origin | None) -> exceptions.NotFound:
    """What is raised where there is nothing of this kind."""
    match origin:
        case models.Origin.CONTAINER:
            return exceptions.ContainerNotFound(
                'There is no such container in this project.')
        case models.Origin.CAPSULE:
            return exceptions.PodNotFound(
                'There is no such capsule in this project.')
    return exceptions.PodNotFound()


def resolve(session: engine.Reading, project_id: str | None, ident: str, *,
            lock: bool = False, origin: models.Origin = models.Origin.POD,
            shape: type[shapes.Shape] = PodRow,  # type: ignore[assignment]
            ) -> shapes.Shape:
    """The pod with this UUID, or else the only one with this name.

    A name belongs to the pod that stays, where the others are being
    deleted. `project_id` None looks into all projects.

    :raises PodNotFound: or ContainerNotFound, as `missing` tells.
    :raises AmbiguousName: several of this kind have the name.
    """
    if is_uuid(ident):
        with contextlib.suppress(exceptions.NotFound):
            return get_row(session, ident.lower(), project_id=project_id,
                           lock=lock, origin=origin, shape=shape)
    if not (_is_name if origin is models.Origin.POD else is_free_name)(ident):
        raise missing(origin)
    found = session.execute(
        _one(shape._fields, 'name', project_id is not None, lock, origin),
        {'ident': ident, 'project_id': project_id}).all()
    if not found:
        raise missing(origin)
    rows = [shape._make(row) for row in found]
    if len(rows) > 1 and ((rows[0].desired == states.Desired.ABSENT)
                          == (rows[1].desired == states.Desired.ABSENT)):
        raise exceptions.AmbiguousName(
            f'Several {origin}s have this name; use the UUID.')
    return rows[0]


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def is_free_name(text: str) -> bool:
    """Whether a container or capsule can be called so."""
    return _FREE_NAME.fullmatch(text) is not None


def _is_name(text: str) -> bool:
    # Nothing else can be stored, and PostgreSQL refuses to look for a NUL.
    return len(text) <= 253 and _NAME.fullmatch(text) is not None


_FILTERS: Mapping[str, typing.Callable[[str], bool]] = {
    'name': _is_name,
    'host': lambda text: '\0' not in text,
    'phase': lambda text: text in set(states.Phase),
    'desired': lambda text: text in set(states.Desired),
}


def list_page(session: engine.Reading, project_id: str | None, *,
              label_selector: selectors.Selector = (),
              filters: Mapping[str, str] | None = None,
              limit: int = 100, marker: str | None = None,
              shape: type[shapes.Shape] = PodRow,  # type: ignore[assignment]
              ) -> list[shapes.Shape]:
    """Up to `limit` pods that come after the one whose UUID is `marker`.

    Oldest first. `filters` compare `name`, `phase`, `desired` and `host` for
    equality. `project_id` None lists all projects. One statement; a second
    one where the page is empty, to tell the end from a bad marker.

    :raises Invalid: no such filter, or no such marker (any more).
    """
    filters = filters or {}
    if not _can_match(filters):
        return []
    statement = _page(shape._fields, project_id is not None,
                      marker is not None,
                      tuple(sorted(filters)))
    if label_selector:
        statement = statement.where(*map(_holds, label_selector))
    rows = session.execute(statement, {
        'project_id': project_id, 'marker': marker, 'rows': limit,
        **filters}).all()
    if not rows and marker is not None:
        _check_marker(session, marker)
    return [shape._make(row) for row in rows]


def _can_match(filters: Mapping[str, str]) -> bool:
    unknown = sorted(filters.keys() - _FILTERS.keys())
    if unknown:
        raise exceptions.Invalid(fields=[
            exceptions.FieldError(name, 'pods cannot be filtered by this')
            for name in unknown])
    return all(_FILTERS[name](text) for name, text in filters.items())


@functools.cache
def _page(read: tuple[str, ...], scoped: bool, after: bool,
          filters: tuple[str, ...]) -> sa.Select:
    found = (select(read).order_by(pods.c.id)
             .where(pods.c.origin == models.Origin.POD)
             .limit(sa.bindparam('rows')))
    if scoped:
        found = found.where(pods.c.project_id == sa.bindparam('project_id'))
    for name in filters:
        found = found.where(pods.c[name] == sa.bindparam(name))
    if after:
        other = pods.alias()
        found = found.where(pods.c.id > sa.select(other.c.id).where(
            other.c.uuid == sa.bindparam('marker')).scalar_subquery())
    return found


def _holds(requirement: selectors.Requirement) -> sa.ColumnElement[bool]:
    """SQL for one requirement: about a row of `pod_labels`, or its lack."""
    row = sa.select(pod_labels.c.pod_id).where(
        pod_labels.c.pod_id == pods.c.id,
        pod_labels.c.key == requirement.key)
    match requirement.operator:
        case selectors.Operator.EXISTS:
            return row.exists()
        case selectors.Operator.ABSENT:
            return ~row.exists()
    row = row.where(pod_labels.c.value.in_(requirement.values))
    if requirement.operator is selectors.Operator.IN:
        return row.exists()
    return ~row.exists()


def _check_marker(session: engine.Reading, marker: str) -> None:
    try:
        get_row(session, marker)
    except exceptions.PodNotFound:
        raise exceptions.Invalid(fields=[exceptions.FieldError(
            'marker', 'there is no such pod any more; list from the '
                      'beginning')]) from None


def count_containers(session: orm.Session,
                     hosts: Collection[str]) -> dict[str, int]:
    """How many containers the pods of each of these hosts have, init ones
    included; a host without pods is left out.

    `container_uuids` is {name: UUID} and neither holds a colon, so that the
    colons are the containers.
    """
    text = pods.c.container_uuids
    number = sa.func.length(text) - sa.func.length(
        sa.func.replace(text, ':', ''))
    found = session.execute(
        sa.select(pods.c.host, sa.func.sum(number))
        .where(pods.c.host.in_(hosts)).group_by(pods.c.host))
    return {host: int(count) for host, count in found}
