"""A capsule and its members in Zun's words and documents: pure.

Everything is read off the pod: its spec, and what was last seen of it.
"""
import datetime
import functools
import typing
from collections.abc import Iterable
from collections.abc import Mapping

from zun_lite.pod import quantities
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.zun import words

Values = Mapping[str, typing.Any]

_POLICIES = {'Always': 'always', 'OnFailure': 'on-failure', 'Never': 'no'}
_ENDED = frozenset({Phase.STOPPED, Phase.SUCCEEDED, Phase.FAILED})
_MIB = 2**20


def title(capsule: str, name: str) -> str:
    """What a member is called among containers."""
    return f'capsule-{capsule}-{name}'


def own(seen: Values) -> dict[str, Values]:
    """The members' parts of a pod's status, by name."""
    return {status['name']: status
            for key in ('initContainerStatuses', 'containerStatuses')
            for status in seen.get(key) or ()}


def policy(spec: Values, *, init: bool = False) -> dict[str, str]:
    """Of a capsule, or of its init containers, which need to succeed."""
    asked = spec.get('restartPolicy') or 'Always'
    if init and asked == 'Always':
        asked = 'OnFailure'
    return {'Name': _POLICIES[asked], 'MaximumRetryCount': '0'}


def state(row: words.Row, seen: Values, own: Values,
          now: datetime.datetime) -> words.State:
    """Of one member. `own`: its part of `seen`; {}: there is none.

    `now`: naive UTC.
    """
    if row.desired is Desired.ABSENT:
        return words.State(words.DELETING, 'container_deleting')
    if row.phase is Phase.UNKNOWN:
        return words.State(words.UNKNOWN, None, _reason(seen))
    detail = words.detail(row.phase, own, now)
    word, reason = _seen(row, seen, own)
    task = 'container_creating' if word == words.CREATING else None
    if row.desired is Desired.STOPPED and word == words.RUNNING:
        task = 'container_stopping'
    return words.State(word, task, reason, detail)


def _seen(row: words.Row, seen: Values,
          own: Values) -> tuple[str, str | None]:
    found = own.get('state') or {}
    if 'running' in found:
        return words.RUNNING, None
    if 'terminated' in found:
        over = found['terminated']
        return ((words.ERROR, _reason(over))
                if over.get('reason') in words.NEVER_RAN
                else (words.STOPPED, None))
    waits = found.get('waiting') or {}
    for told in (waits, seen):
        if told.get('reason') in words.STUCK:
            return words.ERROR, _reason(told)
    if row.phase is Phase.RUNNING or (
            own.get('lastState') or {}).get('terminated'):
        return words.RESTARTING, _reason(waits)
    if row.phase in _ENDED:
        return words.STOPPED, None
    return words.CREATING, None


def _reason(told: Values) -> str | None:
    found = [told.get('reason'), told.get('message')]
    return ': '.join(w for w in found if w) or None


def capsule(row: words.Row, seen: Values,
            members: Iterable[words.State]) -> tuple[str, str | None]:
    """(status, reason) of the whole."""
    if row.desired is Desired.ABSENT:
        return words.DELETING, None
    match row.phase:
        case Phase.PENDING:
            stuck = [m for m in members if m.status == words.ERROR]
            return ((words.ERROR, stuck[0].status_reason) if stuck
                    else (words.CREATING, None))
        case Phase.RUNNING:
            return words.RUNNING, _reason(seen)
        case Phase.FAILED:
            return words.ERROR, _reason(seen)
        case Phase.UNKNOWN:
            return words.UNKNOWN, _reason(seen)
    return words.STOPPED, None


def document(asked: Values, policy: Mapping[str, str],
             hostname: str) -> dict[str, typing.Any]:
    """What was asked for of one member; `asked`: a container of the spec."""
    cpu, memory = amounts(asked.get('resources') or {})
    return {
        'image': asked['image'], 'image_driver': None, 'cpu': cpu,
        'cpu_policy': 'shared', 'memory': memory, 'disk': 0,
        'command': _texts(asked.get('args')),
        'entrypoint': _texts(asked.get('command')),
        'workdir': asked.get('workingDir'),
        'environment': {
            variable['name']: _text(variable.get('value') or '')
            for variable in asked.get('env') or ()
            if variable.get('valueFrom') is None},
        'labels': {}, 'hostname': hostname, 'security_groups': [],
        'ports': [p['containerPort'] for p in asked.get('ports') or ()],
        'restart_policy': dict(policy), 'healthcheck': {},
        'interactive': bool(asked.get('stdin')),
        'tty': bool(asked.get('tty')), 'auto_remove': False,
        'auto_heal': False, 'registry_id': None}


def hidden(asked: Values) -> dict[str, typing.Any]:
    """What only administrators see of it."""
    security = asked.get('securityContext') or {}
    pull = asked.get('imagePullPolicy')
    return {'image_pull_policy': pull and pull.lower(), 'runtime': None,
            'privileged': bool(security.get('privileged'))}


def amounts(resources: Values) -> tuple[float, str]:
    """(cores, MiB): what is set aside; 0 where nothing was asked for."""
    asked = {**(resources.get('limits') or {}),
             **(resources.get('requests') or {})}
    return _amounts(asked.get('cpu') or '0', asked.get('memory') or '0')


# The members on a page ask for the same few amounts.
@functools.lru_cache(maxsize=1024)
def _amounts(cpu: str, memory: str) -> tuple[float, str]:
    return (quantities.millis(cpu) / 1000,
            str(quantities.whole(memory) // _MIB))


def _texts(asked: Iterable[str] | None) -> list[str]:
    return [_text(word) for word in asked or ()]


def _text(word: str) -> str:
    """As it was asked for: see `translation.literal`."""
    return word.replace('$$', '$')
