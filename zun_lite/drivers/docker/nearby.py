"""Volumes that lie on this very machine, written to without the engine.

Unpacking an archive through the engine mounts the container's filesystem for
it, which takes as long as a third of a container's start. An engine elsewhere
keeps its volumes where this process does not see them.

Only for volumes that no container has had a hand in, or whose own directory
alone is touched: a link inside would be followed.
"""
import os
import tarfile
from collections.abc import Iterable
from collections.abc import Mapping


def unpack(directories: Mapping[str, str],
           entries: Iterable[tarfile.TarInfo]) -> bool:
    """Make directories and empty files as an archive of them would.

    `directories`: where each volume lies, by its path in the archive. False:
    they cannot be seen from here, and nothing was done.
    """
    if not all(os.path.isdir(path) for path in directories.values()):
        return False
    for entry in entries:
        if entry.isdir():
            _open_up(directories[entry.name], entry)
        else:
            volume, _, name = entry.name.partition('/')
            _make(os.path.join(directories[volume], name), entry.mode)
    return True


def _open_up(path: str, entry: tarfile.TarInfo) -> None:
    os.chown(path, entry.uid, entry.gid)
    os.chmod(path, entry.mode)


def _make(path: str, mode: int) -> None:
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC
                   | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        os.fchmod(made, mode)
    finally:
        os.close(made)
