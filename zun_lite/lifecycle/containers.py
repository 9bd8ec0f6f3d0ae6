"""What requests about containers do to the desired state of their pod.

Zun refuses an action that does not fit the status; the check is made under
the row's lock, so of two that exclude each other one is refused.
"""
import json
import typing
import uuid

from sqlalchemy import orm

from zun_lite import db
from zun_lite import exceptions
from zun_lite.context import RequestContext
from zun_lite.db import actions
from zun_lite.db import claims
from zun_lite.db import containers
from zun_lite.db import hosts
from zun_lite.db import injected
from zun_lite.db import models
from zun_lite.db import pods
from zun_lite.db import quotas
from zun_lite.db import registries
from zun_lite.lifecycle import backends
from zun_lite.lifecycle import members
from zun_lite.lifecycle import networks
from zun_lite.lifecycle import requests
from zun_lite.lifecycle import transitions
from zun_lite.pod import capabilities
from zun_lite.pod import plain as plain_module
from zun_lite.pod import spec
from zun_lite.pod.states import Action
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.scheduler import request
from zun_lite.zun import actions as zun_actions
from zun_lite.zun import networks as zun_networks
from zun_lite.zun import translation
from zun_lite.zun import words

Values = dict[str, typing.Any]

_DESIRED = {Action.START: Desired.RUNNING, Action.STOP: Desired.STOPPED,
            Action.REBOOT: Desired.RUNNING, Action.PAUSE: Desired.PAUSED,
            Action.UNPAUSE: Desired.RUNNING, Action.SIGNAL: Desired.STOPPED}
_NEEDS = {Action.PAUSE: Action.PAUSE, Action.UNPAUSE: Action.PAUSE}
ORIGIN = models.Origin.CONTAINER
MAIN = plain_module.NAME


def text(document: Values) -> str:
    return json.dumps(document, separators=(',', ':'))


def state(row: pods.PodRow) -> words.State:
    """The container's state in Zun's words."""
    return words.state(row, json.loads(row.status), containers.plain(row),
                       db.now())


class Containers:
    """`ident` is a UUID or a unique name; `ctx.project_filter` its scope.

    All raise ContainerNotFound, AmbiguousName and Unavailable (the database)
    beside what they tell.
    """

    def __init__(self, conductor: requests.Bell):
        self._conductor = conductor

    def create(self, ctx: RequestContext, name: str,
               made: translation.Translated, *, run: bool) -> pods.PodRow:
        """Accept a container; `run`: and start it once it is made.

        :raises Invalid: no live host's driver supports what it asks for.
        :raises OverQuota:
        :raises Unavailable: it has files, and there is no key for secrets.
        """
        own = zun_networks.default(ctx.project_id or '')
        named = any(net.network != own for net in made.nets)
        parts = request.beside(made.plain.model_dump(exclude_none=True))
        backends.check(made.spec, request.needs(
            parts | {'networks'} if named else parts))
        row = _insert(ctx, name, made, str(uuid.uuid4()), run)
        self._conductor.pod_changed(row.uuid)
        return row

    def change(self, ctx: RequestContext, ident: str, action: Action, *,
               timeout_s: int | None = None) -> pods.PodRow:
        """Start, stop, reboot, pause, unpause or kill a container.

        `timeout_s`: between asking it to end and killing it.

        :raises Conflict: the status does not fit.
        :raises NotSupported: the driver cannot.
        """
        return self.rung(_change(ctx, ident, action, timeout_s))

    def rebuild(self, ctx: RequestContext, ident: str,
                image: str | None) -> pods.PodRow:
        """Make a container anew from its image, or from another one.

        :raises Conflict: the status does not fit.
        """
        return self.rung(_rebuild(ctx, ident, image))

    def delete(self, ctx: RequestContext, ident: str, *, force: bool = False,
               stop: bool = False) -> None:
        """Remove a container. `stop`: also one that runs.

        `force` also removes the record of one whose host is silent.

        :raises Conflict: the status does not fit.
        """
        row = _delete(ctx, ident, force, stop)
        if row is not None:
            self._conductor.pod_changed(row.uuid)

    def update(self, ctx: RequestContext, ident: str, *,
               name: str | None = None, auto_heal: bool | None = None,
               cpu: float | None = None, memory: int | None = None,
               action: Action = Action.UPDATE,
               ) -> tuple[pods.PodRow, pods.PodRow]:
        """Change the record; (before, after). The engine is not told.

        :raises Conflict: the status does not fit, or the host is full.
        :raises OverQuota:
        :raises NotSupported: the driver cannot change what is made.
        """
        return _update(ctx, ident, name, auto_heal, cpu, memory, action)

    def restore(self, ctx: RequestContext, before: pods.PodRow) -> None:
        """Take back the amounts of an `update` that the engine refused."""
        _restore(ctx, before)

    def note(self, ctx: RequestContext, row: pods.PodRow, action: Action,
             result: str, message: str | None = None) -> None:
        """Record what was done at once."""
        _note(ctx, row, action, result, message)

    def rung(self, row: pods.PodRow) -> pods.PodRow:
        """Tell the conductor of a change."""
        self._conductor.pod_changed(row.uuid)
        return row


@db.retry
def _insert(ctx: RequestContext, name: str, made: translation.Translated,
            pod_uuid: str, run: bool) -> pods.PodRow:
    cpu_millis, memory_bytes = made.spec.requested
    plain = made.plain
    with db.writer() as session:
        joined = networks.resolve(session, ctx.project_id or '', made.nets)
        if any(one.cidr for one in joined):
            plain = plain.model_copy(update={'networks': tuple(joined)})
        row = pods.insert(
            session, uuid=pod_uuid, project_id=ctx.project_id,
            user_id=ctx.user_id or '', origin=ORIGIN, name=name,
            spec=made.spec.model_dump_json(exclude_unset=True),
            container_uuids=pods.text({plain_module.NAME: pod_uuid}),
            document=text(made.document),
            extras=text(made.extras | _hidden(pod_uuid, plain)),
            desired=Desired.RUNNING if run else Desired.CREATED,
            generation=1, phase=Phase.PENDING, status=transitions.PENDING,
            cpu_millis=cpu_millis, memory_bytes=memory_bytes,
            disk_gib=made.document['disk'], created_at=db.now())
        networks.join(session, row.id, joined)
        _record(session, ctx, row, Action.CREATE)
        if made.document['registry_id'] is not None:
            registries.link(session, row.id, made.document['registry_id'])
    return row


def _hidden(pod_uuid: str, plain: plain_module.Plain) -> Values:
    """The `Plain`, and what its files hold, encrypted.

    :raises Unavailable: there is no key to encrypt them with.
    """
    kept = plain.model_copy(update={'files': tuple(
        file.model_copy(update={'content': None}) for file in plain.files)})
    found = {'plain': kept.model_dump(mode='json', exclude_none=True)}
    if not plain.files:
        return found
    return found | {injected.KEY: injected.seal(pod_uuid, plain.files)}


def _record(session: orm.Session, ctx: RequestContext, row: pods.PodRow,
            action: Action, result: str | None = None,
            message: str | None = None) -> None:
    actions.insert(
        session, pod_uuid=row.uuid, project_id=row.project_id,
        user_id=ctx.user_id or '', request_id=ctx.request_id, action=action,
        generation=row.generation, result=result, message=message)


def find(session: orm.Session, ctx: RequestContext, ident: str,
         action: str, *, lock: bool = False) -> pods.PodRow:
    """The container, when `action` fits its status.

    :raises Conflict: it does not.
    """
    row = _own(session, ctx, ident, lock=lock)
    zun_actions.check(action, state(row).status, row.uuid)
    return row


def _own(session: orm.Session, ctx: RequestContext, ident: str, *,
         lock: bool) -> pods.PodRow:
    """A container that has a life of its own.

    :raises Conflict: it is a capsule's.
    """
    try:
        return pods.resolve(session, ctx.project_filter, ident, lock=lock,
                            origin=ORIGIN)
    except exceptions.ContainerNotFound:
        member = members.of_capsule(session, ctx, ident)
        if member is None:
            raise
    raise exceptions.Conflict(
        f'The container is part of capsule {member.row.uuid} and starts and '
        'ends with it.')


def check_driver(session: orm.Session, row: pods.PodRow,
                 action: Action) -> None:
    """:raises NotSupported: the driver of the container's host cannot."""
    if row.host is None:
        return
    host = hosts.get(session, row.host)
    if capabilities.action(action) not in json.loads(host.capabilities):
        raise exceptions.NotSupported(
            f'The driver {host.driver} of this container does not support '
            f'{action}.')


@db.retry
def _change(ctx: RequestContext, ident: str, action: Action,
            timeout_s: int | None) -> pods.PodRow:
    with db.writer() as session:
        row = find(session, ctx, ident, action.value, lock=True)
        if action in _NEEDS:
            check_driver(session, row, _NEEDS[action])
        plain = ({'restarted': row.generation + 1}
                 if action is Action.REBOOT else {})
        columns: Values = {}
        if action in (Action.START, Action.STOP, Action.REBOOT,
                      Action.SIGNAL):
            columns['spec'] = text(_patient(row, timeout_s))
        return advance(session, ctx, row, action, _DESIRED[action], plain,
                       **columns)


def _patient(row: pods.PodRow, timeout_s: int | None = None) -> Values:
    """What is asked for, with the time that its end may take from now on.

    The `timeout` of one action is nothing to the next.
    """
    return json.loads(row.spec) | {'terminationGracePeriodSeconds': (
        translation.GRACE_S if timeout_s is None else timeout_s)}


def advance(session: orm.Session, ctx: RequestContext, row: pods.PodRow,
            action: Action, desired: Desired, plain: Values,
            **columns: typing.Any) -> pods.PodRow:
    """Write the next generation and the record of it."""
    columns |= {'desired': desired, 'generation': row.generation + 1,
                'updated_at': db.now()}
    if plain:
        extras = json.loads(row.extras or '{}')
        extras['plain'] = extras.get('plain', {}) | plain
        columns['extras'] = text(extras)
    settled = row.host is None and desired is Desired.STOPPED
    if row.host is None and desired is not Desired.ABSENT:
        columns |= {'phase': Phase.PENDING, 'status': transitions.PENDING}
    if settled:
        columns |= {'phase': Phase.STOPPED, 'status': transitions.STOPPED,
                    'observed_generation': columns['generation']}
    actions.finish(session, row.uuid, up_to_generation=row.generation,
                   result=actions.SUPERSEDED)
    pods.update(session, row.id, settled=settled, **columns)
    row = row._replace(**columns)
    _record(session, ctx, row, action, actions.SUCCESS if settled else None)
    return row


def _image(session: orm.Session, shown: Values) -> str:
    """The whole name of the image that a container's document has."""
    ident = shown.get('registry_id')
    found = ident and registries.resolve(session, None, ident)
    return translation.image(shown | {
        'registry': found and {'uuid': ident, 'domain': found.domain}})


@db.retry
def _rebuild(ctx: RequestContext, ident: str,
             image: str | None) -> pods.PodRow:
    with db.writer() as session:
        row = find(session, ctx, ident, 'rebuild', lock=True)
        runs = state(row).status == words.RUNNING
        asked = _patient(row)
        columns: Values = {'spec': text(asked)}
        if image is not None:
            shown = json.loads(row.document or '{}') | {'image': image}
            asked['containers'][0]['image'] = _image(session, shown)
            translation.checked(asked, {})
            columns = {'spec': text(asked), 'document': text(shown)}
        return advance(
            session, ctx, row, Action.REBUILD,
            Desired.RUNNING if runs else Desired.CREATED,
            {'made': row.generation + 1}, **columns)


@db.retry
def _delete(ctx: RequestContext, ident: str, force: bool,
            stop: bool) -> pods.PodRow | None:
    """None: nothing is left to be done."""
    fits = ('delete_after_stop' if stop else
            'delete_force' if force else 'delete')
    with db.writer() as session:
        row = _own(session, ctx, ident, lock=True)
        silent = force and row.host is not None and not _lives(session, row)
        if row.desired is Desired.ABSENT and not silent:
            return row                  # asking twice is asking once
        status = state(row).status
        zun_actions.check(fits, status, row.uuid)
        if stop and status == words.RUNNING:
            _record(session, ctx, row, Action.STOP, actions.SUCCESS)
        row = advance(session, ctx, row, Action.DELETE, Desired.ABSENT, {},
                      deleted_at=db.now(), spec=text(_patient(row)))
        if row.host is None or silent:
            actions.finish(session, row.uuid,
                           up_to_generation=row.generation)
            claims.remove(session, [row])
            return None
        return row


def _lives(session: orm.Session, row: pods.PodRow) -> bool:
    try:
        return hosts.get(session, row.host or '').up
    except exceptions.HostNotFound:
        return False


@db.retry
def _update(ctx: RequestContext, ident: str, name: str | None,
            auto_heal: bool | None, cpu: float | None, memory: int | None,
            action: Action) -> tuple[pods.PodRow, pods.PodRow]:
    with db.writer() as session:
        before = find(session, ctx, ident, action.value, lock=True)
        shown = json.loads(before.document or '{}')
        extras = json.loads(before.extras or '{}')
        columns: Values = {} if name is None else {'name': name}
        if auto_heal is not None:
            shown['auto_heal'] = extras['plain']['heal'] = auto_heal
        if cpu is not None or memory is not None:
            check_driver(session, before, Action.RESIZE)
            columns |= _resized(session, before, cpu, memory)
            shown |= {} if cpu is None else {'cpu': cpu}
            shown |= {} if memory is None else {'memory': str(memory)}
        if (name, auto_heal, cpu, memory) == (None,) * 4:
            return before, before
        columns |= {'document': text(shown), 'extras': text(extras),
                    'updated_at': db.now()}
        pods.update(session, before.id, **columns)
        row = before._replace(**columns)
        _record(session, ctx, row, action, actions.SUCCESS)
    return before, row


def _resized(session: orm.Session, row: pods.PodRow, cpu: float | None,
             memory: int | None) -> Values:
    asked = translation.resized(
        spec.PodSpec.model_validate_json(row.spec), cpu, memory)
    cpu_millis, memory_bytes = asked.requested
    _reserve(session, row, cpu_millis - row.cpu_millis,
             memory_bytes - row.memory_bytes)
    return {'spec': asked.model_dump_json(exclude_unset=True),
            'cpu_millis': cpu_millis, 'memory_bytes': memory_bytes}


def _reserve(session: orm.Session, row: pods.PodRow, cpu_millis: int,
             memory_bytes: int, *, checked: bool = True) -> None:
    """Take so much more of the project's quota, and of the host."""
    quotas.reserve(session, row.project_id, quotas.Amounts(
        cpu_millis=cpu_millis, memory_bytes=memory_bytes), checked=checked)
    if row.host is not None:
        claims.resize(session, row.host, cpu_millis, memory_bytes,
                      checked=checked)


@db.retry
def _restore(ctx: RequestContext, before: pods.PodRow) -> None:
    with db.writer() as session:
        row = pods.get_row(session, before.uuid, lock=True)
        _reserve(session, row, before.cpu_millis - row.cpu_millis,
                 before.memory_bytes - row.memory_bytes, checked=False)
        pods.update(session, row.id, spec=before.spec,
                    document=before.document, cpu_millis=before.cpu_millis,
                    memory_bytes=before.memory_bytes)


@db.retry
def _note(ctx: RequestContext, row: pods.PodRow, action: Action, result: str,
          message: str | None) -> None:
    with db.writer() as session:
        _record(session, ctx, row, action, result, message)
