"""Rows that are to be there, whoever of several puts them there."""
import typing

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite


def ensure(session: orm.Session, table: sa.Table,
           **values: typing.Any) -> None:
    """Insert a row unless one with its primary key is there.

    Waits for others that insert it now, and never fails for them.
    """
    dialect = session.connection().dialect.name
    statement: sa.Insert
    if dialect == 'mysql':
        # IGNORE would take a shared lock, which an UPDATE after it, of
        # two at once, could not strengthen.
        (key,) = table.primary_key
        statement = mysql.insert(table).on_duplicate_key_update(
            **{key.name: key})
    elif dialect == 'postgresql':
        statement = postgresql.insert(table).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).on_conflict_do_nothing()
    session.connection().execute(statement, values)
