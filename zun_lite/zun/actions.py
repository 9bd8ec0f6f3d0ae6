"""Which action fits which status: Zun's table."""
from collections.abc import Mapping

from zun_lite import exceptions
from zun_lite.zun import words

_ENDED = frozenset({words.CREATED, words.STOPPED, words.ERROR})
_RUNS = frozenset({words.RUNNING})
_STILL = frozenset({words.CREATED, words.RUNNING, words.STOPPED,
                    words.PAUSED})

ALLOWED: Mapping[str, frozenset[str]] = {
    'start': _ENDED,
    **dict.fromkeys(('stop', 'pause', 'kill', 'execute', 'execute_resize',
                     'attach', 'resize', 'top', 'stats'), _RUNS),
    'unpause': frozenset({words.PAUSED}),
    'reboot': _ENDED | _RUNS,
    'rebuild': _ENDED | _RUNS,
    'logs': _ENDED | _RUNS | {words.PAUSED, words.UNKNOWN},
    **dict.fromkeys(('get_archive', 'put_archive', 'update',
                     'resize_container', 'add_security_group',
                     'remove_security_group'), _STILL),
    'commit': frozenset({words.RUNNING, words.STOPPED, words.PAUSED}),
    'delete': _ENDED | {words.DEAD, words.DELETED},
    'delete_after_stop': _ENDED | _RUNS | {words.DEAD, words.DELETED},
    'delete_force': frozenset(words.ALL) - {words.PAUSED},
}


def check(action: str, status: str, ident: str) -> None:
    """Refuse what does not fit; what is not in the table always does.

    :raises Conflict:
    """
    allowed = ALLOWED.get(action)
    if allowed is not None and status not in allowed:
        verb = action.removesuffix('_force').removesuffix('_after_stop')
        raise exceptions.Conflict(
            f'Cannot {verb} container {ident} in {status} state')
