"""auth_strategy keystone: tokens of OpenStack Identity.

keystonemiddleware's auth_token does the work. Around it: our error body for
what it refuses, 503 where it lets a failure of Keystone escape, and a token
cache that is bounded and is not scanned.
"""
import collections
import logging
import threading
import time as clock
import typing
from collections.abc import Iterable

from keystoneauth1 import exceptions as ksa_exceptions
from keystonemiddleware import auth_token
from keystonemiddleware import opts as auth_token_opts

from zun_lite import exceptions
from zun_lite.api import auth
from zun_lite.api import errors
from zun_lite.conf import CONF

LOG = logging.getLogger(__name__)

GROUP = 'keystone_authtoken'
CACHE = 'zun_lite.token_cache'      # key of the WSGI environment
SILENT = 'The identity service does not answer; try again later.'
DEFAULTS = {
    # Tokens of application credentials with access rules need it.
    'service_type': 'container',
    # A revoked token works for as long as this.
    'token_cache_time': 60,
    # Without it a Keystone that accepts and is silent holds a thread forever.
    'http_connect_timeout': 5, 'http_request_max_retries': 1,
}


class TokenCache:
    """What auth_token keeps about tokens, in this process.

    Bounded: the least lately used goes. Not shared with other processes,
    which then each ask Keystone once; [keystone_authtoken]
    memcached_servers shares it.
    """

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._kept: collections.OrderedDict[
            str, tuple[typing.Any, float]] = collections.OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> typing.Any:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if found[1] < clock.monotonic():
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return found[0]

    def set(self, key: str, value: typing.Any, time: float = 0) -> None:
        with self._lock:
            self._kept[key] = (value, clock.monotonic() + time)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


def set_defaults() -> None:
    """Register auth_token's options, with defaults that fit this service."""
    for group, opts in auth_token_opts.list_auth_token_opts():
        CONF.register_opts(opts, group)
    for name, value in DEFAULTS.items():
        CONF.set_default(name, value, GROUP)


def _caller(environ: auth.Environ) -> None:
    """Take over what auth_token found out."""
    def header(name: str) -> str | None:
        return environ.get(f'HTTP_X_{name}') or None
    auth.identify(
        environ, user_id=header('USER_ID'), user_name=header('USER_NAME'),
        project_id=header('PROJECT_ID'), domain_id=header('DOMAIN_ID'),
        project_name=header('PROJECT_NAME'),
        user_domain_id=header('USER_DOMAIN_ID'),
        project_domain_id=header('PROJECT_DOMAIN_ID'),
        system_scope=environ.get('HTTP_OPENSTACK_SYSTEM_SCOPE'),
        roles=[r.strip() for r in environ.get('HTTP_X_ROLES', '').split(',')
               if r.strip()])


class Authentication:
    def __init__(self, app: typing.Any, public: frozenset[str]) -> None:
        set_defaults()
        self._app = app
        self._public = public
        self._cache = (None if CONF[GROUP].memcached_servers
                       else TokenCache())
        self._protected = auth_token.AuthProtocol(
            self._inner, {'oslo_config_config': CONF, 'cache': CACHE})

    def _inner(self, environ: auth.Environ,
               start_response: typing.Any) -> Iterable[bytes]:
        environ['zun_lite.authenticated'] = True
        _caller(environ)
        return self._app(environ, start_response)

    def __call__(self, environ: auth.Environ,
                 start_response: typing.Any) -> Iterable[bytes]:
        if environ['PATH_INFO'] in self._public:
            return self._app(environ, start_response)
        environ[CACHE] = self._cache
        refusal: list[typing.Any] = []

        def start(status: str, headers: list[tuple[str, str]],
                  exc_info: typing.Any = None) -> typing.Any:
            if 'zun_lite.authenticated' in environ:
                return start_response(status, headers, exc_info)
            refusal.extend((int(status[:3]), headers))
            return None
        try:
            answer = self._protected(environ, start)
        except (ksa_exceptions.ClientException, OSError) as exc:
            if 'zun_lite.authenticated' in environ:
                raise
            LOG.error('The identity service failed: %s', exc)
            raise exceptions.Unavailable(SILENT) from exc
        if refusal:
            return _refuse(refusal[0], refusal[1], environ, start_response)
        return answer


def _refuse(status: int, headers: list[tuple[str, str]],
            environ: auth.Environ, start_response: typing.Any,
            ) -> Iterable[bytes]:
    """auth_token's refusal in our shape, with its challenge."""
    error = (exceptions.Unauthorized() if status == 401
             else exceptions.Unavailable(SILENT))
    return errors.answer(error, environ, start_response, [
        h for h in headers if h[0].lower() == 'www-authenticate'])
