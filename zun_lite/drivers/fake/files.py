"""File trees of simulated containers: a root, volumes mounted over it."""
import dataclasses
import errno
import os
import posixpath
import typing
from collections.abc import Callable
from collections.abc import Iterator


@dataclasses.dataclass(eq=False)
class File:
    data: bytearray = dataclasses.field(default_factory=bytearray)
    read: Callable[[], bytes] | None = None       # computed: /proc, /sys
    link: str | None = None
    mode: int = 0o644

    def content(self) -> bytes:
        return bytes(self.data) if self.read is None else self.read()


@dataclasses.dataclass(eq=False)
class Tree:
    """One file system. `files` maps each path below its root to a File, or
    to None for a directory. `capacity`: bytes after which it is full.
    `gid`: the group that owns everything in it."""
    kind: str = 'overlay'
    capacity: int | None = None
    gid: int = 0
    files: dict[str, File | None] = dataclasses.field(
        default_factory=lambda: {'/': None})

    @property
    def used(self) -> int:
        return sum(len(f.data) for f in self.files.values() if f)

    def put(self, path: str, content: bytes | Callable[[], bytes]) -> None:
        """Add a file and the directories above it."""
        self.mkdirs(posixpath.dirname(path))
        self.files[path] = (File(read=content) if callable(content)
                            else File(bytearray(content)))

    def mkdirs(self, path: str) -> None:
        while path not in self.files:
            self.files[path] = None
            path = posixpath.dirname(path)


class Mount(typing.NamedTuple):
    path: str
    tree: Tree
    read_only: bool = False
    open_to_all: bool = True       # users other than root may write
    part: str = ''                 # of the tree, that is mounted: /sub


def _for_all(path: str) -> bool:
    """Every user may write to /tmp."""
    return path.split('/')[1] == 'tmp'


def error(code: int, path: str) -> OSError:
    return OSError(code, os.strerror(code), path)


class View:
    """What one container's processes see: its mounts, longest path first."""

    def __init__(self, mounts: list[Mount]):
        self.mounts = sorted(mounts, key=lambda m: -len(m.path))

    def _place(self, path: str) -> tuple[Mount, str]:
        for mount in self.mounts:
            if mount.path == '/' or path == mount.path or path.startswith(
                    mount.path + '/'):
                inner = path if mount.path == '/' else (
                    path[len(mount.path):])
                return mount, mount.part + inner or '/'
        raise error(errno.ENOENT, path)

    def exists(self, path: str) -> bool:
        mount, inner = self._place(path)
        return inner in mount.tree.files

    def is_dir(self, path: str) -> bool:
        mount, inner = self._place(path)
        return mount.tree.files.get(inner, 0) is None

    def file(self, path: str) -> File:
        mount, inner = self._place(path)
        if inner not in mount.tree.files:
            raise error(errno.ENOENT, path)
        found = mount.tree.files[inner]
        if found is None:
            raise error(errno.EISDIR, path)
        return found

    def group(self, path: str) -> int:
        """The one that a file or directory belongs to."""
        mount, inner = self._place(path)
        if inner not in mount.tree.files:
            raise error(errno.ENOENT, path)
        return mount.tree.gid

    def read(self, path: str) -> bytes:
        return self.file(path).content()

    def write(self, path: str, data: bytes, uid: int, *,
              append: bool) -> None:
        if path in ('/dev/null', '/dev/stdout', '/dev/stderr'):
            return
        mount, inner = self._writable(path, uid)
        tree = mount.tree
        if not self.is_dir(posixpath.dirname(path)):
            raise error(errno.ENOENT, path)
        found = tree.files.setdefault(inner, File())
        if found is None:
            raise error(errno.EISDIR, path)
        if not append:
            found.data.clear()
        if tree.capacity is not None:
            room = tree.capacity - tree.used
            found.data += data[:room]
            if len(data) > room:
                raise error(errno.ENOSPC, path)
        else:
            found.data += data

    def mkdir(self, path: str, uid: int) -> None:
        mount, inner = self._writable(path, uid)
        if inner in mount.tree.files:
            raise error(errno.EEXIST, path)
        if not self.is_dir(posixpath.dirname(path)):
            raise error(errno.ENOENT, path)
        mount.tree.files[inner] = None

    def remove(self, path: str, uid: int) -> None:
        mount, inner = self._writable(path, uid)
        if inner not in mount.tree.files:
            raise error(errno.ENOENT, path)
        for name in [n for n in mount.tree.files
                     if n == inner or n.startswith(inner + '/')]:
            del mount.tree.files[name]

    def _writable(self, path: str, uid: int) -> tuple[Mount, str]:
        mount, inner = self._place(path)
        if mount.read_only:
            raise error(errno.EROFS, path)
        if uid and not mount.open_to_all and not _for_all(inner):
            raise error(errno.EACCES, path)
        return mount, inner

    def names(self, path: str) -> Iterator[str]:
        """Entries of a directory, sorted."""
        mount, inner = self._place(path)
        if inner not in mount.tree.files:
            raise error(errno.ENOENT, path)
        found = {posixpath.basename(name) for name in mount.tree.files
                 if name != '/' and posixpath.dirname(name) == inner}
        found |= {posixpath.basename(m.path) for m in self.mounts
                  if m.path != '/' and posixpath.dirname(m.path) == path}
        yield from sorted(found)
