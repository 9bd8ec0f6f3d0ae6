"""Whether policy lets a caller do something.

oslo.policy looks at the policy files' times on every question and walks the
rules anew. Here the files are looked at once in `RECHECK_S`, and what was
answered to the same caller in between is remembered: an answer depends on
nothing but the rule and the caller's identity, project and roles.
"""
import logging
import threading
import time
import typing

from oslo_policy import opts
from oslo_policy import policy

from zun_lite import exceptions
from zun_lite import policies
from zun_lite.conf import CONF

LOG = logging.getLogger(__name__)

RECHECK_S = 5.0    # an edited policy file counts after this long at most
REMEMBERED = 4096  # answers

_enforcer: policy.Enforcer | None = None
_checked_at = 0.0
_answers: dict[tuple[typing.Any, ...], bool] = {}
_lock = threading.Lock()


class Caller(typing.Protocol):
    """What policy needs to know of a request's context."""
    project_id: str | None

    def to_policy_values(self) -> dict[str, typing.Any]: ...


def enforcer() -> policy.Enforcer:
    """The enforcer with every rule loaded; also the generators' entry."""
    global _enforcer, _checked_at
    found = _enforcer
    now = time.monotonic()
    if found is not None and now - _checked_at < RECHECK_S:
        return found
    with _lock:
        if _enforcer is None:
            made = _make()
            made.load_rules()
            _enforcer = made
        else:
            _reload(_enforcer)
        _answers.clear()
        _checked_at = now
        return _enforcer


def _reload(known: policy.Enforcer) -> None:
    """Look at the files. One that cannot be read any more changes nothing.

    A half-written file must not close the service to everyone.
    """
    try:
        known.load_rules()
    except Exception:
        LOG.exception('The policy files are unusable; the rules read before '
                      'them go on to count.')


def _make() -> policy.Enforcer:
    opts.set_defaults(CONF, enforce_scope=True, enforce_new_defaults=True)
    made = policy.Enforcer(CONF)
    made.suppress_default_change_warnings = True
    made.register_defaults(policies.list_rules())
    return made


def reset() -> None:
    """Forget rules and files, so that they are read anew (tests)."""
    global _enforcer
    with _lock:
        _enforcer = None


def allowed(rule: str, caller: Caller,
            project_id: str | None = None) -> bool:
    """Whether `rule` passes; its target is the caller's own project.

    What belongs to other projects is not found in the first place, unless
    `pod:all_projects` and its like let the caller look there. `project_id`:
    the target, where a request names a project.

    :raises KeyError: there is no such rule: a mistake of ours.
    """
    found = enforcer()
    creds = caller.to_policy_values()
    target = caller.project_id if project_id is None else project_id
    key = (rule, target, *creds.values())
    answer = _answers.get(key)
    if answer is None:
        # Tokens that are not scoped to a project were refused before this.
        answer = bool(found.rules[rule](
            {'project_id': target}, creds, found, rule))
        if len(_answers) >= REMEMBERED:
            _answers.clear()
        _answers[key] = answer
    return answer


def enforce(rule: str, caller: Caller,
            project_id: str | None = None) -> None:
    """Raise unless `rule` passes.

    :raises Forbidden: naming the rule, so that an operator can find it.
    """
    if not allowed(rule, caller, project_id):
        raise exceptions.Forbidden(f'Policy does not allow {rule}.')
