"""Bringing pods that changed to the hosts that are to act on them."""
import collections
import json
import logging
from collections.abc import Mapping
from collections.abc import Sequence

from oslo_context import context
from sqlalchemy import orm

from zun_lite import db
from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.conductor import attention
from zun_lite.conductor import scene as scenes
from zun_lite.conductor import supplies
from zun_lite.db import actions
from zun_lite.db import assignments
from zun_lite.db import claims
from zun_lite.db import events
from zun_lite.db import neighbours
from zun_lite.db import observations
from zun_lite.db import pods
from zun_lite.pod import host as pod_host
from zun_lite.pod import states
from zun_lite.pod import status
from zun_lite.scheduler import explain
from zun_lite.scheduler import weighers

LOG = logging.getLogger(__name__)

CLAIM_ROUNDS = 3


def _now() -> str:
    return db.now().strftime('%Y-%m-%dT%H:%M:%SZ')


class Placement:
    """Acts on pods that changed. Doing so twice, or at once, is harmless."""

    def __init__(self, compute: rpc.ComputeClient) -> None:
        self._compute = compute

    def attend(self, hints: attention.Hints) -> None:
        """Do what these pods wait for, if they do; `BATCH` at most."""
        with db.reader() as session:
            rows = assignments.by_uuids(session, hints)
            scene = _look(session, rows)
        self._attend(rows, scene, hints)

    def attend_all(self, ids: Sequence[int]) -> None:
        """Do what each of these pods waits for. A fault that one of them
        shows is logged, and keeps none of the others waiting."""
        for start in range(0, len(ids), attention.BATCH):
            batch = ids[start:start + attention.BATCH]
            try:
                self._attend_ids(batch)
            except exceptions.Unavailable:
                raise
            except Exception:
                if len(batch) == 1:
                    LOG.exception('pod number %d is left as it is', *batch)
                else:
                    for one in batch:
                        self.attend_all([one])

    def _attend_ids(self, ids: Sequence[int]) -> None:
        with db.reader() as session:
            rows = assignments.by_ids(session, ids)
            scene = _look(session, rows)
        self._attend(rows, scene, {})

    def _attend(self, rows: Sequence[pods.PodRow], scene: scenes.Scene,
                hints: attention.Hints) -> None:
        by_host = collections.defaultdict(list)
        reasons: dict[int, str] = {}
        together = _place_together(rows, scene)
        for row in rows:
            _log_for(hints.get(row.uuid))
            if row.host is None and row.desired is states.Desired.ABSENT:
                _remove(row.uuid)
                continue
            if row.id in together:
                row = together[row.id]
                LOG.info('pod %s is placed on %s', row.uuid, row.host)
            if _is_unplaced(row):
                placed = _place(row, scene)
                if isinstance(placed, str):
                    reasons[row.id] = placed
                row = placed if isinstance(placed, pods.PodRow) else row
            if row.host is not None:
                by_host[row.host].append(row)
        for host, found in by_host.items():
            for message in supplies.messages(supplies.on_wire(found)):
                self._compute.sync_pods(host, message, {
                    pod['uuid']: hints.get(pod['uuid']) for pod in message})
        _explain(rows, reasons)


def _log_for(request_id: str | None) -> None:
    """Name this request in what is logged from now on."""
    if request_id is not None:
        context.RequestContext(request_id=request_id, overwrite=True)


def _is_unplaced(row: pods.PodRow) -> bool:
    return row.host is None and row.desired in states.TO_PLACE


def _look(session: orm.Session,
          rows: Sequence[pods.PodRow]) -> scenes.Scene:
    return scenes.Scene.read(session, [*filter(_is_unplaced, rows)])


def _place(row: pods.PodRow,
           scene: scenes.Scene) -> pods.PodRow | str | None:
    """Claim the best host for a pod.

    The placed row; or the reason why there is no host; or None: somebody
    else was faster. `scene` is brought up to date with what was claimed.
    """
    for _round in range(CLAIM_ROUNDS):
        asked = scene.request(row)
        found = weighers.candidates(scene.hosts, asked)
        if not found:
            return explain.reason(scene.hosts, asked)
        for host in found:
            try:
                placed = _claim(row, host, scene)
            except claims.PodTaken:
                return None
            except claims.HostFull:
                continue
            scene.claimed(row, host)
            return placed
        with db.reader() as session:
            scene.refresh(session, [row])
    LOG.info('pod %s: others were faster on every host; a sweep tries again',
             row.uuid)
    return None


@db.retry
def _claim(row: pods.PodRow, host: pod_host.HostSummary,
           scene: scenes.Scene) -> pods.PodRow:
    at = _now()
    text = _scheduled(at)
    with db.writer() as session:
        claims.claim(session, row, host.name, text,
                     alone=scenes.asked(row).rules.spans_hosts)
        if not scene.still_fits(session, row, host):
            raise claims.HostFull
        events.record_all(session, [_event(row, at)])
    LOG.info('pod %s is placed on %s', row.uuid, host.name)
    return row._replace(host=host.name, status=text)


def _scheduled(at: str) -> str:
    return observations.text(status.PodStatus(conditions=(status.Condition(
        type='PodScheduled', status='True', last_transition_time=at),)))


def _event(row: pods.PodRow, at: str) -> tuple[str, str, status.PodEvent]:
    return row.uuid, row.project_id, status.PodEvent(
        reason='Scheduled', message='Placed on a host.', at=at)


def _place_together(rows: Sequence[pods.PodRow],
                    scene: scenes.Scene) -> dict[int, pods.PodRow]:
    """Claim in one transaction for pods that may be placed in any order.

    The placed rows by id; those that are missing want another look. As
    `_place`, it brings the scene up to date.
    """
    unplaced = [row for row in rows if _is_unplaced(row)]
    alike = [row for row in unplaced if scene.is_indifferent(row)]
    chosen = collections.defaultdict(list)
    for row in alike if len(alike) > 1 else ():
        found = weighers.candidates(scene.hosts, scene.request(row))
        if found:
            chosen[found[0].name].append(row)
            scene.claimed(row, found[0])
    try:
        return _claim_together(chosen) if chosen else {}
    except claims.HostFull:
        with db.reader() as session:
            scene.refresh(session, unplaced)
        return {}


@db.retry
def _claim_together(chosen: Mapping[str, Sequence[pods.PodRow]],
                    ) -> dict[int, pods.PodRow]:
    at = _now()
    text = _scheduled(at)
    with db.writer() as session:
        bound = claims.claim_all(session, chosen, text)
        placed = {row.id: row._replace(host=host, status=text)
                  for host, found in chosen.items() for row in found
                  if row.id in bound}
        rows = placed.values()
        if neighbours.of(session, {row.project_id for row in rows}):
            raise claims.HostFull       # one that keeps them away has come
        events.record_all(session, [_event(row, at) for row in rows])
    return placed


def _explain(rows: Sequence[pods.PodRow], reasons: dict[int, str]) -> None:
    """Show owners why their pods wait, where that is news."""
    news = {row.id: reasons[row.id] for row in rows if row.id in reasons
            and json.loads(row.status).get('message') != reasons[row.id]}
    for row in rows:
        if row.id in news:
            LOG.info('pod %s cannot be placed: %s', row.uuid, news[row.id])
    if news:
        _store_reasons(news)


@db.retry
def _store_reasons(reasons: dict[int, str]) -> None:
    with db.writer() as session:
        assignments.explain(session, reasons, _now())


@db.retry
def _remove(uuid: str) -> None:
    """Remove a pod that is to go and never had a host."""
    with db.writer() as session:
        try:
            row = pods.get_row(session, uuid, lock=True)
        except exceptions.PodNotFound:
            return
        if row.host is None and row.desired is states.Desired.ABSENT:
            actions.finish(session, uuid, up_to_generation=row.generation)
            claims.remove(session, [row])
            LOG.info('pod %s is removed; it had no host', uuid)
