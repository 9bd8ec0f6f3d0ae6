"""What projects may have, and what they have.

A project's usage is one row, which always equals the sum over its pods:
whatever adds, changes or removes a pod does both in one transaction, and the
limits are conditions of that row's UPDATE. So of those who want the last
there is only one gets it, and a create costs one statement more.

Everybody locks pods first, then usages, and hosts after them.
"""
import functools
import typing
from collections.abc import Collection
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import orm

from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.db import models
from zun_lite.db import present

quotas = models.Quota.__table__
classes = models.QuotaClass.__table__
usages = models.QuotaUsage.__table__
pods = models.Pod.__table__

DEFAULT_CLASS = 'default'
MIB = 2**20
_UNLIMITED = 2**62


class Limits(typing.NamedTuple):
    """-1: no limit."""
    containers: int
    memory: int          # MiB
    cpu: int             # cores
    disk: int            # GiB


class Amounts(typing.NamedTuple):
    """What pods use; in the order of `Limits`."""
    container_count: int = 0
    memory_bytes: int = 0
    cpu_millis: int = 0
    disk_gib: int = 0


UNITS = Amounts(1, MIB, 1000, 1)      # of a limit's one
_WORDS = Limits('', ' MiB', ' cores', ' GiB')   # type: ignore[arg-type]
_PROJECT: sa.BindParameter[str] = sa.bindparam('of_project')


def _limit(name: str) -> sa.ColumnElement[int]:
    """SQL for the project's own limit, or the class's, or the default."""
    own = sa.select(quotas.c[name]).where(
        quotas.c.project_id == _PROJECT).scalar_subquery()
    common = sa.select(classes.c[name]).where(
        classes.c.name == DEFAULT_CLASS).scalar_subquery()
    return sa.func.coalesce(own, common, sa.bindparam(f'default_{name}'))


def _defaults() -> dict[str, int]:
    return {f'default_{name}': CONF.quota[name] for name in Limits._fields}


@functools.cache
def _take(checked: bool) -> sa.Update:
    found = sa.update(usages).where(usages.c.project_id == _PROJECT)
    values = {}
    for limit, name, unit in zip(Limits._fields, Amounts._fields, UNITS,
                                 strict=True):
        more: sa.BindParameter[int] = sa.bindparam(f'more_{name}')
        after = usages.c[name] + more
        most = sa.func.coalesce(
            sa.func.nullif(_limit(limit), -1) * unit, _UNLIMITED)
        if checked:
            # What asks for none of it fits even where it is overdrawn.
            found = found.where(sa.or_(more <= 0, after <= most))
        values[name] = after
    return found.values(values)


def limits(session: orm.Session, project_id: str) -> Limits:
    """What a project may have: the function to ask, for whoever enforces it
    elsewhere too."""
    return limits_of_all(session, [project_id])[project_id]


def limits_of_all(session: orm.Session,
                  projects: Collection[str]) -> dict[str, Limits]:
    """The same of many, by project, in two statements."""
    own = {row.project_id: row for row in session.execute(
        sa.select(quotas).where(quotas.c.project_id.in_(projects)))}
    common = class_limits(session, DEFAULT_CLASS)
    return {project: _filled(own.get(project), common)
            for project in projects}


def _filled(row: sa.Row | None, common: Limits) -> Limits:
    """What a row says; `common` where it says nothing."""
    said = {name: value for name in Limits._fields
            if (value := getattr(row, name, None)) is not None}
    return common._replace(**said)


def class_limits(session: orm.Session, name: str) -> Limits:
    """What a quota class says; the configuration where it says nothing."""
    row = session.execute(
        sa.select(classes).where(classes.c.name == name)).first()
    return _filled(row, Limits(*(CONF.quota[n] for n in Limits._fields)))


def usage(session: orm.Session, project_id: str, *,
          lock: bool = False) -> Amounts:
    """What the pods of a project use, however they are."""
    asked = sa.select(*(usages.c[name] for name in Amounts._fields)).where(
        usages.c.project_id == project_id)
    row = session.execute(asked.with_for_update() if lock else asked).first()
    return Amounts() if row is None else Amounts._make(row)


def reserve(session: orm.Session, project_id: str, more: Amounts, *,
            checked: bool = True) -> None:
    """Add to a project's usage; less than nothing gives back.

    :raises OverQuota: naming each resource, its limit and what is used; only
        where `checked`. The caller must roll back, as by letting it through.
    """
    if not any(more):
        return
    taken = session.connection().execute(_take(checked), {
        'of_project': project_id, **(_defaults() if checked else {}),
        **{f'more_{name}': n for name, n in more._asdict().items()}})
    if taken.rowcount:
        return
    present.ensure(session, usages, project_id=project_id,
                   **Amounts()._asdict())
    used = usage(session, project_id, lock=True)
    over = _over(limits(session, project_id), used, more)
    if over and checked:
        raise exceptions.OverQuota(
            f'The quota of the project does not allow it: {over}.')
    # The row was not there, or something was given back meanwhile.
    reserve(session, project_id, more, checked=checked)


def _over(allowed: Limits, used: Amounts, more: Amounts) -> str:
    """Each resource of which there is too little left, in words."""
    return '; '.join(
        f'{name} has a limit of {limit}{word}, {shown(has, unit)} are used '
        f'and {shown(asked, unit)} more were asked for'
        for name, word, limit, has, asked, unit in zip(
            Limits._fields, _WORDS, allowed, used, more, UNITS, strict=True)
        if asked > 0 and limit >= 0 and has + asked > limit * unit)


def shown(amount: int, unit: int) -> int | float:
    """An amount in the unit of its limit."""
    return amount / unit if amount % unit else amount // unit


def release(session: orm.Session, pod_ids: Collection[int]) -> None:
    """Give back what pods use, which the caller has locked and removes
    after this in the same transaction."""
    found = session.execute(
        sa.select(pods.c.project_id, *_sums())
        .where(pods.c.id.in_(pod_ids))
        .group_by(pods.c.project_id).order_by(pods.c.project_id)).all()
    for project_id, *amounts in found:
        reserve(session, project_id, Amounts(*(-int(n) for n in amounts)))


def _sums() -> list[sa.ColumnElement[int]]:
    return [sa.func.coalesce(sa.func.sum(pods.c[name]), 0)
            for name in Amounts._fields]


def put(session: orm.Session, project_id: str,
        given: Mapping[str, int]) -> None:
    """Set some of a project's own limits."""
    _put(session, quotas, {'project_id': project_id}, given)


def put_class(session: orm.Session, name: str,
              given: Mapping[str, int]) -> None:
    """Set some limits of a quota class."""
    _put(session, classes, {'name': name}, given)


def _put(session: orm.Session, table: sa.Table, key: Mapping[str, str],
         given: Mapping[str, int]) -> None:
    if given:
        present.ensure(session, table, **key)
        ((name, value),) = key.items()
        session.execute(sa.update(table).where(table.c[name] == value)
                        .values(**given))


def clear(session: orm.Session, project_id: str) -> None:
    """Let a project have what the default class says again."""
    session.execute(sa.delete(quotas).where(
        quotas.c.project_id == project_id))


class Difference(typing.NamedTuple):
    project_id: str
    recorded: Amounts
    actual: Amounts


def differences(session: orm.Session) -> list[Difference]:
    """Projects whose usage is not the sum over their pods: there are none.

    One statement, so that it sees one moment. A project that has pods has a
    usage.
    """
    found = session.execute(
        sa.select(usages.c.project_id,
                  *(usages.c[name] for name in Amounts._fields), *_sums())
        .select_from(usages.outerjoin(
            pods, pods.c.project_id == usages.c.project_id))
        .group_by(usages.c.project_id,
                  *(usages.c[name] for name in Amounts._fields)))
    rows = [Difference(row[0], Amounts(*row[1:5]),
                       Amounts(*(int(n) for n in row[5:]))) for row in found]
    return [row for row in rows if row.recorded != row.actual]
