"""Quotas and quota classes, in Zun's keys."""
import re
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import zun

_LIMIT = re.compile(r'^(-1|[0-9]{1,10})$', re.ASCII)


def _limit(value: object) -> object:
    if isinstance(value, bool) or (
            isinstance(value, str) and not _LIMIT.fullmatch(value)):
        raise zun.fault('limit', 'must be a whole number, or -1 for no limit')
    return value


Limit = typing.Annotated[
    int, pydantic.Field(ge=-1, le=2**31 - 1, description='-1: no limit.'),
    pydantic.BeforeValidator(_limit)]


class Update(zun.Arguments):
    """What is not given stays as it is."""
    containers: Limit | None = None
    memory: typing.Annotated[Limit | None, pydantic.Field(
        description='MiB; -1: no limit.')] = None
    cpu: typing.Annotated[Limit | None, pydantic.Field(
        description='Cores; -1: no limit.')] = None
    disk: typing.Annotated[Limit | None, pydantic.Field(
        description='GiB; -1: no limit.')] = None


class ShowQuery(common.Query):
    usages: typing.Annotated[zun.Extended, pydantic.Field(
        description='Tell also what is used.')] = False


class Usage(common.PlainAnswer):
    limit: int
    in_use: float


class Limits(common.PlainAnswer):
    """Memory in MiB, cpu in cores, disk in GiB; -1: no limit."""
    containers: int
    memory: int
    cpu: int
    disk: int


class Quota(common.PlainAnswer):
    """Numbers, or with `usages` what is used beside each."""
    containers: int | Usage
    memory: int | Usage
    cpu: int | Usage
    disk: int | Usage
