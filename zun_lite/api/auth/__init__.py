"""Who the caller is: one middleware for each [api] auth_strategy.

Each leaves a `RequestContext` in the WSGI environment as `zun_lite.caller`,
or answers 401 itself. Public paths pass through untouched.
"""
import importlib
import typing

from zun_lite import context
from zun_lite.api.auth import loopback
from zun_lite.conf import CONF

Environ = dict[str, typing.Any]

IMPLIED = {'admin': ('manager', 'member', 'reader'),
           'manager': ('member', 'reader'), 'member': ('reader',)}


def wrap(app: typing.Any, public: typing.Collection[str]) -> typing.Any:
    """`app` behind the configured authentication.

    :raises Invalid: the strategy's settings do not make sense.
    """
    # Not at the top: only one of them is needed, and Keystone's is large.
    module = importlib.import_module(
        f'{__name__}.{CONF.api.auth_strategy}')
    return module.Authentication(app, frozenset(public))


def check_bind(host: str) -> None:
    """Refuse to listen on `host` where the strategy forbids it.

    Whoever opens a listening socket calls this first.

    :raises Invalid: noauth and anything but a loopback address.
    """
    if CONF.api.auth_strategy == 'noauth':
        loopback.require(host)


def identify(environ: Environ, **identity: typing.Any) -> None:
    """Store who the caller is, with the request's ids."""
    environ['zun_lite.caller'] = context.RequestContext(
        request_id=environ['openstack.request_id'],
        global_request_id=environ.get('openstack.global_request_id'),
        **identity)


def implied(roles: typing.Iterable[str]) -> list[str]:
    """The roles and those they imply, as Keystone would list them."""
    found = set(roles)
    for role in tuple(found):
        found.update(IMPLIED.get(role, ()))
    return sorted(found)
