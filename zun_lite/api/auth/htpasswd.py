"""The user file: ``NAME:BCRYPT:PROJECT:ROLE,ROLE``, one user a line.

Its first two fields are what ``htpasswd -nbB`` prints; the others may be
left out. Empty lines and lines beginning with # do not count.
"""
import dataclasses
import logging
import os
import re
import secrets
import threading

import bcrypt

from zun_lite import exceptions
from zun_lite.conf import CONF

LOG = logging.getLogger(__name__)

# A generated password has 160 bits: nobody guesses it however cheap a guess,
# so its hash may be the cheapest, about a millisecond.
GENERATED_BYTES = 20
GENERATED_ROUNDS = 4

_HASH = re.compile(r'^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$')
_NAME = re.compile(r'^[^:\s\0]{1,64}$')
_ID = re.compile(r'^[-_.A-Za-z0-9]{1,64}$')


@dataclasses.dataclass(frozen=True, slots=True)
class User:
    name: str
    password_hash: bytes
    project_id: str
    roles: tuple[str, ...]


def generate(name: str, project_id: str, roles: tuple[str, ...],
             ) -> tuple[str, str]:
    """A new password, and the line for it without a line end."""
    password = secrets.token_urlsafe(GENERATED_BYTES)
    hashed = bcrypt.hashpw(password.encode(),
                           bcrypt.gensalt(GENERATED_ROUNDS)).decode()
    return password, ':'.join((name, hashed, project_id, ','.join(roles)))


def parse(line: str) -> User:
    """:raises ValueError: with what is wrong; never with the hash."""
    name, hashed, project, roles, *more = [*line.split(':'), '', '', ''][
        :max(4, line.count(':') + 1)]
    if more or not _NAME.fullmatch(name):
        raise ValueError('write NAME:BCRYPT:PROJECT:ROLE,ROLE')
    if not _HASH.fullmatch(hashed):
        raise ValueError(f'the hash of {name} is not bcrypt (htpasswd -B)')
    project = project or CONF.api.http_basic_project
    found = tuple(filter(None, roles.split(','))) or ('member',)
    if not all(map(_ID.fullmatch, (project, *found))):
        raise ValueError(f'the project or roles of {name} are malformed')
    return User(name, hashed.encode(), project, found)


class File:
    """The users, read again whenever the file changed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._users: dict[str, User] = {}
        self._lock = threading.Lock()
        self.decoy = bcrypt.hashpw(secrets.token_bytes(16),
                                   bcrypt.gensalt(GENERATED_ROUNDS))

    def read(self) -> dict[str, User]:
        """Users by name.

        A file that breaks while it is in use is told in the log, and those
        that it had go on to count.

        :raises Invalid: at first, when a line is malformed.
        :raises Unavailable: at first, when it cannot be read.
        """
        try:
            found = os.stat(self._path)
            now = (found.st_mtime_ns, found.st_size, found.st_ino)
            if now != self._seen:
                with self._lock:
                    self._load(now)
        except (OSError, exceptions.Invalid) as exc:
            self._failed(exc)
        return self._users

    def _failed(self, exc: Exception) -> None:
        error = exc if isinstance(exc, exceptions.ZunLiteError) else (
            exceptions.Unavailable(
                f'The user file {self._path} cannot be read: {exc}.'))
        if self._seen is None:
            raise error from exc
        LOG.error('%s %s', error, '; '.join(map(str, error.fields)))

    def _load(self, version: tuple[int, int, int]) -> None:
        users, faults = {}, []
        with open(self._path, encoding='utf-8') as lines:
            for number, line in enumerate(map(str.strip, lines), 1):
                if not line or line.startswith('#'):
                    continue
                try:
                    user = parse(line)
                    users[user.name] = user
                except ValueError as exc:
                    faults.append(exceptions.FieldError(
                        f'line {number}', str(exc)))
        if self._seen is not None:
            self._seen = version       # told once, however often it is asked
        if faults:
            raise exceptions.Invalid(
                f'The user file {self._path} is malformed.', fields=faults)
        self._users, self._seen = users, version
        if users:
            # As costly as the costliest line.
            self.decoy = max((u.password_hash for u in users.values()),
                             key=lambda h: h[4:6])
