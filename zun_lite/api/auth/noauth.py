"""auth_strategy noauth: whoever is on this machine is who they say they are.

For tests. Headers as auth_token would set them (X-Project-Id, X-User-Id,
X-Roles) choose an identity; without them it is the administrator's.
"""
import typing
from collections.abc import Iterable

from zun_lite import exceptions
from zun_lite.api import auth
from zun_lite.api.auth import loopback


class Authentication:
    def __init__(self, app: typing.Any, public: frozenset[str]) -> None:
        self._app = app

    def __call__(self, environ: auth.Environ,
                 start_response: typing.Any) -> Iterable[bytes]:
        peer = environ.get('REMOTE_ADDR')
        # Empty or absent: a Unix socket, or a call within the process.
        if peer and not loopback.is_loopback(peer):
            raise exceptions.Forbidden(
                'auth_strategy noauth serves this machine only.')
        roles = environ.get('HTTP_X_ROLES', 'admin').split(',')
        auth.identify(
            environ, roles=auth.implied(r.strip() for r in roles),
            user_id=environ.get('HTTP_X_USER_ID', 'noauth'),
            project_id=environ.get('HTTP_X_PROJECT_ID', 'default') or None)
        return self._app(environ, start_response)
