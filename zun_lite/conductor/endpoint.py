"""What other processes ask of a conductor; see `rpc.ConductorClient`."""
import dataclasses
import logging
import typing
from collections.abc import Callable

import oslo_db.exception
import pydantic

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conductor import attention
from zun_lite.conductor import intake
from zun_lite.conductor import placement
from zun_lite.conductor import supplies
from zun_lite.db import actions
from zun_lite.db import assignments
from zun_lite.db import commits
from zun_lite.db import configs
from zun_lite.db import deployment
from zun_lite.db import hosts
from zun_lite.db import images
from zun_lite.db import observations
from zun_lite.drivers import base
from zun_lite.pod.configs import Kind
from zun_lite.pod.states import ImageState

LOG = logging.getLogger(__name__)

Plain = dict[str, typing.Any]

PAGE_LIMIT = 200

_INVENTORY = pydantic.TypeAdapter(base.Inventory)


class ConductorEndpoint:
    """Served on the bus; every method may run many times at once.

    `room_made` is called when pods that wait for a host may find one now.
    """

    def __init__(self, placing: placement.Placement,
                 hinted: attention.Attention,
                 room_made: Callable[[], None]) -> None:
        self._placement, self._attention = placing, hinted
        self._room_made = room_made

    def pods_changed(self, ctx: Plain, entries: attention.Hints) -> None:
        """A hint: the sweeps make up for whatever goes wrong here."""
        self._attention.turn_to(entries)

    def config_changed(self, ctx: Plain, project_id: str, kind: str,
                       name: str) -> None:
        """A hint: hand over anew what refers to a config or secret."""
        last = 0
        try:
            while ids := self._users(project_id, kind, name, last):
                self._placement.attend_all(ids)
                last = ids[-1]
        except exceptions.Unavailable as exc:
            LOG.warning('%s %s is left to a resync: %s', kind, name, exc)

    @staticmethod
    def _users(project_id: str, kind: str, name: str,
               after_id: int) -> list[int]:
        with db.reader() as session:
            return configs.users(session, Kind(kind), project_id, name,
                                 after_id, PAGE_LIMIT)

    def register_host(self, ctx: Plain, host: str, driver: str,
                      inventory: Plain, capabilities: list[str],
                      max_pods: int) -> Plain:
        epoch, whose = _register(host, driver, _checked(inventory),
                                 capabilities, max_pods)
        LOG.info('host %s (%s) has registered, epoch %d', host, driver,
                 epoch)
        self._room_made()
        return {'epoch': epoch, 'deployment': whose}

    def heartbeat(self, ctx: Plain, host: str, epoch: int,
                  inventory: Plain | None, capabilities: list[str],
                  engine_error: str | None) -> Plain:
        beat, unknown = _beat(
            host, epoch, None if inventory is None else _checked(inventory),
            capabilities, engine_error)
        if beat.returned:
            LOG.info('host %s is back', host)
        if beat.changed:
            self._room_made()
        return {'resync': beat.returned or unknown}

    def report(self, ctx: Plain, host: str, epoch: int,
               statuses: list[Plain], events: list[Plain]) -> Plain:
        taken = intake.report(host, epoch, statuses, events)
        if taken.removed:
            self._room_made()
        if taken.leaving:
            self._attention.now(dict.fromkeys(taken.leaving))
        return {'unknown': taken.unknown}

    def list_pods(self, ctx: Plain, host: str, epoch: int,
                  marker: str | None, limit: int) -> Plain:
        """`marker` is the last pod's row id: it outlives the row."""
        limit = max(1, min(limit, PAGE_LIMIT))
        with db.reader() as session:
            hosts.check_epoch(session, host, epoch)
            rows = assignments.of_host(session, host, _row_id(marker), limit)
        page = next(supplies.messages(supplies.on_wire(rows)), [])
        more = len(rows) == limit or len(page) < len(rows)
        return {'pods': page,
                'next': str(rows[len(page) - 1].id) if more else None}


    def image_done(self, ctx: Plain, host: str, epoch: int, uuid: str,
                   generation: int, outcome: Plain) -> None:
        state = outcome.get('state')
        _finish(host, epoch, uuid, generation, **{
            **outcome, 'state': state and ImageState(state)})
        LOG.info('image %s on host %s: %s', uuid, host, state or 'gone')


def _row_id(marker: str | None) -> int:
    try:
        return int(marker or 0)
    except ValueError:
        raise exceptions.Invalid(f'{marker!r} is not a marker.') from None


def _checked(inventory: Plain) -> Plain:
    try:
        return dataclasses.asdict(_INVENTORY.validate_python(inventory))
    except pydantic.ValidationError as exc:
        raise exceptions.Invalid('The inventory cannot be read.', fields=[
            exceptions.FieldError('.'.join(map(str, e['loc'])), e['msg'])
            for e in exc.errors()]) from None


def _register(host: str, driver: str, inventory: Plain,
              capabilities: list[str], max_pods: int) -> tuple[int, str]:
    @db.retry
    def register() -> tuple[int, str]:
        with db.writer() as session:
            epoch = hosts.register(
                session, name=host, driver=driver, inventory=inventory,
                capabilities=capabilities, max_pods=max_pods)
            return epoch, deployment.identity(session)
    try:
        return register()
    except oslo_db.exception.DBDuplicateEntry:
        return register()        # two first ones at once; now it is known


@db.retry
def _finish(host: str, epoch: int, uuid: str, generation: int,
            **outcome: typing.Any) -> None:
    with db.writer() as session:
        hosts.check_epoch(session, host, epoch)
        if images.finish(session, host, uuid, generation, **outcome):
            failed = outcome['state'] is ImageState.FAILED
            commits.finish(
                session, [uuid], actions.ERROR if failed else actions.SUCCESS,
                outcome.get('reason'))


@db.retry
def _beat(host: str, epoch: int, inventory: Plain | None,
          capabilities: list[str],
          engine_error: str | None) -> tuple[hosts.Beat, bool]:
    with db.writer() as session:
        beat = hosts.heartbeat(
            session, host, epoch, inventory=inventory,
            capabilities=capabilities, engine_error=engine_error)
        return beat, observations.any_unknown(session, host)
