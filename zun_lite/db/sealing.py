"""Values that are encrypted at rest.

What is sealed carries the UUID of its owner, so a value that is moved to
another row does not open there. Source of the format: the Fernet
specification, as `cryptography` implements it.
"""
import json
import os
import pathlib
import stat
from collections.abc import Mapping

from cryptography import fernet

from zun_lite import exceptions
from zun_lite.conf import CONF

Entries = Mapping[str, str]


def seal(owner: str, entries: Entries) -> str:
    """:raises Unavailable: there is no key."""
    plain = json.dumps({'owner': owner, 'entries': dict(entries)})
    return _keys().encrypt(plain.encode()).decode()


def unseal(owner: str, sealed: str) -> dict[str, str]:
    """:raises Unavailable: it cannot be opened with the keys there are."""
    try:
        found = json.loads(_keys().decrypt(sealed.encode()))
    except fernet.InvalidToken:
        raise exceptions.Unavailable(
            'A secret cannot be decrypted; the operator must look at '
            '[secrets] encryption_keys.') from None
    if found['owner'] != owner:
        raise exceptions.Unavailable('A stored secret belongs elsewhere.')
    entries: dict[str, str] = found['entries']
    return entries


def reseal(sealed: str) -> str:
    """The same, sealed with the first key."""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except fernet.InvalidToken:
        raise exceptions.Unavailable(
            'A secret cannot be decrypted with any of the keys.') from None


def _keys() -> fernet.MultiFernet:
    texts = CONF.secrets.encryption_keys or _read(CONF.secrets.key_file)
    if not texts:
        raise exceptions.Unavailable(
            'This service has no key for secrets; the operator must set '
            '[secrets] encryption_keys or key_file.')
    try:
        return fernet.MultiFernet([fernet.Fernet(key) for key in texts])
    except ValueError:
        raise exceptions.Unavailable(
            'A key for secrets is not a Fernet key; the operator must look '
            'at [secrets] encryption_keys.') from None


def _read(path: str | None) -> list[str]:
    if not path:
        return []
    try:
        with open(path) as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            lines = [line.strip() for line in file if line.strip()]
    except OSError as exc:
        raise exceptions.Unavailable(
            f'[secrets] key_file cannot be read: {exc.strerror}.') from None
    if mode & 0o077:
        raise exceptions.Unavailable(
            '[secrets] key_file must be readable by its owner alone.')
    return lines


def make_key_file(path: pathlib.Path) -> None:
    """A file with one new key, unless it is there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(handle, 'w') as file:
        file.write(fernet.Fernet.generate_key().decode() + '\n')
