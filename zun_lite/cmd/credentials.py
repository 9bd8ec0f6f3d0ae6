"""The first user of an all-in-one, made at its first start."""
import os
import pathlib
import secrets

import bcrypt

USER = 'admin'
PROJECT = 'default'
ROLES = 'admin,member,reader'


def ensure(state: pathlib.Path, endpoint: str) -> None:
    """Write `openrc` and `htpasswd`, both for their owner's eyes only.

    A password that is there is kept; the endpoint is written anew, because
    the port may have changed.
    """
    openrc = state / 'openrc'
    password = _read(openrc)
    if password is None or not (state / 'htpasswd').exists():
        password = password or secrets.token_urlsafe(18)
        # 144 random bits cannot be guessed, so few rounds are enough.
        hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=8))
        _write(state / 'htpasswd',
               f'{USER}:{hashed.decode()}:{PROJECT}:{ROLES}\n')
    _write(openrc, 'export OS_AUTH_TYPE=http_basic\n'
                   f'export OS_ENDPOINT={endpoint}\n'
                   f'export OS_USERNAME={USER}\n'
                   f'export OS_PASSWORD={password}\n')


def _read(openrc: pathlib.Path) -> str | None:
    """The password in `openrc`; None where there is none."""
    try:
        lines = openrc.read_text().splitlines()
    except FileNotFoundError:
        return None
    prefix = 'export OS_PASSWORD='
    found = [x.removeprefix(prefix) for x in lines if x.startswith(prefix)]
    return found[-1] if found else None


def _write(path: pathlib.Path, text: str) -> None:
    """Replace a file at once; it is never readable by others."""
    new = path.with_suffix('.new')
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600),
              'w') as file:
        file.write(text)
    new.rename(path)
