"""What requests about capsules do: a capsule is a pod with Zun's name."""
import typing

from zun_lite import db
from zun_lite.context import RequestContext
from zun_lite.db import actions
from zun_lite.db import configs
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.lifecycle import backends
from zun_lite.lifecycle import transitions
from zun_lite.pod import references
from zun_lite.pod import spec
from zun_lite.pod.states import Action
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.zun import capsules

ORIGIN = models.Origin.CAPSULE


class Pods(typing.Protocol):
    """The part of `Lifecycle` that is used here."""

    def ring(self, row: pods.PodRow) -> None: ...

    def delete(self, ctx: RequestContext, ident: str) -> object: ...


class Capsules:
    """`ident` is a UUID or a unique name; `ctx.project_filter` its scope."""

    def __init__(self, lifecycle: Pods):
        self._pods = lifecycle

    def create(self, ctx: RequestContext, name: str,
               manifest: spec.PodManifest) -> pods.PodRow:
        """Accept a capsule; the manifest's own name does not count.

        :raises Invalid: no live host's driver supports what it asks for.
        """
        backends.check(manifest.spec)
        row = _insert(ctx, name, manifest, capsules.new_uuid())
        self._pods.ring(row)
        return row

    def delete(self, ctx: RequestContext, ident: str) -> None:
        """Remove a capsule; asking twice is asking once.

        :raises PodNotFound:
        :raises AmbiguousName:
        """
        with db.reader() as session:
            row = pods.resolve(session, ctx.project_filter, ident,
                               origin=ORIGIN)
        self._pods.delete(ctx, row.uuid)


@db.retry
def _insert(ctx: RequestContext, name: str, manifest: spec.PodManifest,
            uuid: str) -> pods.PodRow:
    asked, metadata = manifest.spec, manifest.metadata
    cpu_millis, memory_bytes = asked.requested
    with db.writer() as session:
        row = pods.insert(
            session, uuid=uuid, project_id=ctx.project_id,
            user_id=ctx.user_id or '', origin=ORIGIN, name=name,
            labels=metadata.labels,
            annotations=pods.text(metadata.annotations),
            spec=asked.model_dump_json(exclude_unset=True),
            container_uuids=pods.text(capsules.member_uuids(uuid, asked)),
            desired=Desired.RUNNING, generation=1, phase=Phase.PENDING,
            status=transitions.PENDING, cpu_millis=cpu_millis,
            memory_bytes=memory_bytes, created_at=db.now())
        configs.refer(session, row.id, {
            (found.kind, found.name) for found in references.of(asked)})
        actions.insert(
            session, pod_uuid=row.uuid, project_id=row.project_id,
            user_id=row.user_id, request_id=ctx.request_id,
            action=Action.CREATE, generation=row.generation)
    return row
