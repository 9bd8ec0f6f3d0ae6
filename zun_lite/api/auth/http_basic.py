"""auth_strategy http_basic: users of a local file.

oslo.middleware's reads the file and runs bcrypt for every request. Here the
file is read when it changed, and a password that was right a moment ago is
recognised by a keyed digest instead of by bcrypt.
"""
import base64
import binascii
import hashlib
import hmac
import logging
import secrets
import threading
import time
import typing
from collections.abc import Iterable

import bcrypt

from zun_lite import exceptions
from zun_lite.api import auth
from zun_lite.api import errors
from zun_lite.api.auth import htpasswd
from zun_lite.conf import CONF

LOG = logging.getLogger(__name__)

CHALLENGE = ('WWW-Authenticate', 'Basic realm="zun_lite", charset="UTF-8"')
MAX_PASSWORD = 72          # bytes; bcrypt takes no more


class Verified:
    """Passwords that were right lately, as digests.

    The key lives in this process only, so a digest is of no use elsewhere.
    An entry is bound to the user's line: a changed password ends it.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: dict[str, tuple[bytes, bytes, float]] = {}

    def _digest(self, password: bytes) -> bytes:
        return hmac.digest(self._key, password, hashlib.sha256)

    def holds(self, user: htpasswd.User, password: bytes) -> bool:
        found = self._known.get(user.name)
        return (found is not None and found[1] == user.password_hash
                and found[2] > time.monotonic()
                and hmac.compare_digest(found[0], self._digest(password)))

    def add(self, user: htpasswd.User, password: bytes) -> None:
        self._known[user.name] = (
            self._digest(password), user.password_hash,
            time.monotonic() + CONF.api.http_basic_cache_time)


class Authentication:
    """:raises Invalid: at the start, when the user file is unusable."""

    def __init__(self, app: typing.Any, public: frozenset[str]) -> None:
        self._app = app
        self._public = public
        self._users = htpasswd.File(CONF.api.http_basic_auth_user_file)
        self._users.read()
        self._verified = Verified()
        # One at a time: guessing must not take all of the machine.
        self._hashing = threading.Lock()

    def __call__(self, environ: auth.Environ,
                 start_response: typing.Any) -> Iterable[bytes]:
        if environ['PATH_INFO'] not in self._public:
            try:
                user = self._check(environ.get('HTTP_AUTHORIZATION'))
            except exceptions.Unauthorized as exc:
                LOG.info('%s: refused a request from %s: %s',
                         environ['openstack.request_id'],
                         environ.get('REMOTE_ADDR'), exc)
                return errors.answer(exc, environ, start_response,
                                     [CHALLENGE])
            auth.identify(environ, user_id=user.name, user_name=user.name,
                          project_id=user.project_id,
                          roles=auth.implied(user.roles))
        return self._app(environ, start_response)

    def _check(self, header: str | None) -> htpasswd.User:
        """:raises Unauthorized: for any reason; the text tells none apart."""
        name, password = _credentials(header)
        user = self._users.read().get(name)
        if user is not None and self._verified.holds(user, password):
            return user
        # Someone unknown costs as much time as someone known.
        expected = user.password_hash if user else self._users.decoy
        with self._hashing:
            right = bcrypt.checkpw(password, expected)
        if user is None or not right:
            raise exceptions.Unauthorized('The name or password is wrong.')
        self._verified.add(user, password)
        return user


def _credentials(header: str | None) -> tuple[str, bytes]:
    """Name and password.

    :raises Unauthorized: there are none.
    """
    scheme, _, encoded = (header or '').partition(' ')
    if scheme.lower() != 'basic':
        raise exceptions.Unauthorized()
    try:
        name, found, password = base64.b64decode(
            encoded.strip(), validate=True).partition(b':')
        text = name.decode()
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise exceptions.Unauthorized(
            'The credentials are malformed.') from exc
    if not found or len(password) > MAX_PASSWORD or b'\0' in password:
        raise exceptions.Unauthorized('The name or password is wrong.')
    return text, password
