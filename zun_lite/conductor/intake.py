"""Reading an agent's report; agents are not trusted to be well-formed."""
import datetime
import logging
import typing
from collections.abc import Callable
from collections.abc import Iterable

import pydantic

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import observations
from zun_lite.pod.status import PodEvent
from zun_lite.pod.status import PodStatus

LOG = logging.getLogger(__name__)

BATCH_LIMIT = 100

T = typing.TypeVar('T')

_Counter = typing.Annotated[int, pydantic.Field(ge=0, le=2**62)]
_Uuid = typing.Annotated[str, pydantic.Field(min_length=1, max_length=36)]


class _Status(pydantic.BaseModel):
    """See `rpc.ConductorClient.report`."""
    uuid: _Uuid
    generation: typing.Annotated[int, pydantic.Field(ge=0, lt=2**31)]
    sequence: _Counter
    gone: bool = False
    status: PodStatus | None = None


class _Event(PodEvent):
    uuid: _Uuid

    @pydantic.field_validator('at')
    @classmethod
    def _is_time(cls, value: str) -> str:
        datetime.datetime.fromisoformat(value)
        return value


def _status(found: dict) -> observations.Observation:
    return observations.Observation(
        **dict(_Status.model_validate(found)))


def _event(found: dict) -> tuple[str, PodEvent]:
    event = _Event.model_validate(found)
    return event.uuid, event


def _understood(host: str, entries: Iterable[dict],
                read: Callable[[dict], T]) -> list[T]:
    """What can be read; the rest would be sent again for ever."""
    found = []
    for entry in entries:
        try:
            found.append(read(entry))
        except pydantic.ValidationError as exc:
            # Not the values: a status' messages may quote what is secret.
            LOG.error('host %s sent what cannot be stored: %s', host, [
                (e['loc'], e['msg']) for e in exc.errors(
                    include_input=False, include_url=False)])
    return found


def report(host: str, epoch: int, statuses: list[dict],
           events: list[dict]) -> observations.Intake:
    """Store a report.

    :raises Invalid: there is too much in it.
    :raises HostNotFound: the host never registered, or was removed.
    :raises StaleEpoch: a newer agent has registered.
    """
    for name, entries in (('statuses', statuses), ('events', events)):
        if len(entries) > BATCH_LIMIT:
            raise exceptions.Invalid(fields=[exceptions.FieldError(
                name, f'at most {BATCH_LIMIT} fit in a report')])
    return _store(host, epoch, _understood(host, statuses, _status),
                  _understood(host, events, _event))


@db.retry
def _store(host: str, epoch: int, seen: list[observations.Observation],
           told: list[tuple[str, PodEvent]]) -> observations.Intake:
    with db.writer() as session:
        return observations.store(session, host, epoch, seen, told)
