"""The requests: one transaction each, and then the conductor's bell."""
import json
import typing
import uuid
from collections.abc import Mapping

from sqlalchemy import orm

from zun_lite import db
from zun_lite.context import RequestContext
from zun_lite.db import actions
from zun_lite.db import claims
from zun_lite.db import configs
from zun_lite.db import neighbours
from zun_lite.db import pods
from zun_lite.lifecycle import backends
from zun_lite.lifecycle import transitions
from zun_lite.lifecycle.capsules import Capsules
from zun_lite.lifecycle.configs import Configs
from zun_lite.pod import manifest
from zun_lite.pod import references
from zun_lite.pod import spec
from zun_lite.pod import validation
from zun_lite.pod.states import Action
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.scheduler import rules

Patch = Mapping[str, str | None]


class Bell(typing.Protocol):
    """The part of `rpc.ConductorClient` that is used here."""

    def pod_changed(self, uuid: str) -> None: ...

    def config_changed(self, project_id: str, kind: str,
                       name: str) -> None: ...


class Lifecycle:
    """What users ask for. Each takes the caller's context: scope and record.

    `ident` is a UUID or a unique name. All raise PodNotFound, AmbiguousName
    and Unavailable (the database) beside what they tell.
    """

    def __init__(self, conductor: Bell):
        self._conductor = conductor
        self.configs = Configs(conductor)
        self.capsules = Capsules(self)

    def create(self, ctx: RequestContext,
               manifest: spec.PodManifest) -> pods.PodRow:
        """Accept a pod whose shape and meaning were checked.

        Without any live host it is accepted and waits.

        :raises Invalid: no live host's driver supports the spec; `fields`.
        :raises OverQuota:
        """
        backends.check(manifest.spec)
        row = _insert(ctx, manifest, str(uuid.uuid4()))
        self.ring(row)
        return row

    def ring(self, row: pods.PodRow) -> None:
        """Hint that what is desired of the pod changed."""
        self._conductor.pod_changed(row.uuid)

    def dry_run(self, ctx: RequestContext,
                manifest: spec.PodManifest) -> list[backends.Verdict]:
        """What each live host would say to the pod now; writes nothing."""
        return backends.verdicts(manifest, ctx.project_id or '')

    def start(self, ctx: RequestContext, ident: str) -> pods.PodRow:
        """Run a pod that was stopped or has ended; else do nothing.

        :raises Conflict: the pod is being deleted.
        """
        return self._change(ctx, ident, Action.START)

    def stop(self, ctx: RequestContext, ident: str) -> pods.PodRow:
        """End a pod's containers and keep the pod.

        :raises Conflict: the pod is being deleted.
        """
        return self._change(ctx, ident, Action.STOP)

    def delete(self, ctx: RequestContext, ident: str, *,
               force: bool = False) -> pods.PodRow | None:
        """Remove a pod; the record goes when the host says that it is gone.

        None: no host has it, so it is gone now.
        `force` removes the record at once, for a host that is gone for good.
        Should the host come back, its agent removes what it still has.
        """
        if force:
            _remove(ctx, ident)
            return None
        row = self._change(ctx, ident, Action.DELETE)
        return row if row.host is not None else None

    def update_metadata(self, ctx: RequestContext, ident: str,
                        labels: Patch | None = None,
                        annotations: Patch | None = None) -> pods.PodRow:
        """Merge labels and annotations; a key with None is removed.

        Nothing is started or ended: `generation` stays. The host is told,
        for the engine and the pod's files to follow.

        :raises Conflict: the pod is being deleted.
        """
        row = _patch(ctx, ident, labels or {}, annotations or {})
        self._conductor.pod_changed(row.uuid)
        return row

    def _change(self, ctx: RequestContext, ident: str,
                action: Action) -> pods.PodRow:
        row, changed = _transition(ctx, ident, action)
        if changed:
            self._conductor.pod_changed(row.uuid)
        return row


@db.retry
def _insert(ctx: RequestContext, manifest: spec.PodManifest,
            pod_uuid: str) -> pods.PodRow:
    metadata, asked = manifest.metadata, manifest.spec
    cpu_millis, memory_bytes = asked.requested
    with db.writer() as session:
        row = pods.insert(
            session, uuid=pod_uuid, project_id=ctx.project_id,
            user_id=ctx.user_id, name=metadata.name, labels=metadata.labels,
            annotations=pods.text(metadata.annotations),
            spec=asked.model_dump_json(exclude_unset=True),
            container_uuids=pods.text({
                c.name: str(uuid.uuid4()) for c in asked.all_containers}),
            desired=Desired.RUNNING, generation=1, phase=Phase.PENDING,
            status=transitions.PENDING, cpu_millis=cpu_millis,
            memory_bytes=memory_bytes, created_at=db.now())
        configs.refer(session, row.id, {
            (found.kind, found.name) for found in references.of(asked)})
        if rules.Rules.of(asked).apart:
            neighbours.mark(session, row.id, row.project_id)
        _record(session, ctx, row, Action.CREATE)
    return row


def _record(session: orm.Session, ctx: RequestContext, row: pods.PodRow,
            action: Action, result: str | None = None,
            message: str | None = None) -> None:
    actions.insert(
        session, pod_uuid=row.uuid, project_id=row.project_id,
        user_id=ctx.user_id or '', request_id=ctx.request_id, action=action,
        generation=row.generation, result=result, message=message)


@db.retry
def _transition(ctx: RequestContext, ident: str,
                action: Action) -> tuple[pods.PodRow, bool]:
    """The row as it is now, and whether anything is left to be done."""
    with db.writer() as session:
        row = pods.resolve(session, ctx.project_filter, ident, lock=True)
        change = transitions.decide(action, row)
        if not change.columns:
            _record(session, ctx, row, action, actions.SUCCESS,
                    change.message)
            return row, False
        _supersede(session, row)
        row = row._replace(updated_at=db.now(), **change.columns)
        _record(session, ctx, row, action,
                actions.SUCCESS if change.settled else None)
        if change.settled and row.desired == Desired.ABSENT:
            pods.delete(session, row.id)
        else:
            pods.update(session, row.id, settled=change.settled,
                        updated_at=row.updated_at, **change.columns)
    return row, not change.settled


def _supersede(session: orm.Session, row: pods.PodRow) -> None:
    actions.finish(session, row.uuid, up_to_generation=row.generation,
                   result=actions.SUPERSEDED)


@db.retry
def _remove(ctx: RequestContext, ident: str) -> None:
    with db.writer() as session:
        row = pods.resolve(session, ctx.project_filter, ident, lock=True)
        _supersede(session, row)
        _record(session, ctx, row, Action.DELETE, actions.SUCCESS,
                'The record was removed without asking the host.')
        claims.remove(session, [row])


@db.retry
def _patch(ctx: RequestContext, ident: str, labels: Patch,
           annotations: Patch) -> pods.PodRow:
    with db.writer() as session:
        row = pods.resolve(session, ctx.project_filter, ident, lock=True)
        transitions.refuse_leaving(row)
        before = json.loads(row.labels or '{}')
        after = _merged(before, labels)
        notes = _merged(json.loads(row.annotations or '{}'), annotations)
        _check(row.name, after, notes)
        changes: dict[str, typing.Any] = {
            'labels': pods.text(after), 'updated_at': db.now(),
            'annotations': pods.text(notes)}
        pods.update(session, row.id, **changes)
        pods.replace_labels(session, row.id, before, after)
        _record(session, ctx, row, Action.UPDATE, actions.SUCCESS)
    return row._replace(**changes)


def _check(name: str, labels: Mapping[str, str],
           annotations: Mapping[str, str]) -> None:
    """The limits on the whole, which small patches add up to.

    :raises Invalid: there would be too many, or too much of them.
    """
    document = json.dumps({'name': name, 'labels': labels,
                           'annotations': annotations})
    manifest.parse_as(
        spec.Metadata, document.encode(), 'application/json',
        lambda metadata: [*validation.metadata.faults(metadata, 'metadata')])


def _merged(before: Mapping[str, str], patch: Patch) -> dict[str, str]:
    """JSON merge patch of a flat map."""
    return {key: value for key, value in {**before, **patch}.items()
            if value is not None}
