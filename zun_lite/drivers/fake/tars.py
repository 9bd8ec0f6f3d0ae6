"""Tar archives of simulated files."""
import io
import posixpath
import stat
import tarfile
import time
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.fake import files

_PIECE = 65536


class Archive(base.Archive):
    """Made at once, as it is small."""

    def __init__(self, info: base.FileInfo, data: bytes) -> None:
        self.info = info
        self._data = io.BytesIO(data)

    def read(self) -> bytes:
        return self._data.read(_PIECE)

    def close(self) -> None:
        self._data.seek(0, io.SEEK_END)


class _Pieces(io.RawIOBase):
    """An iterator as the file that tarfile wants."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b''

    def read(self, size: int = -1) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b''
            self._left = piece
        found, self._left = self._left[:size], self._left[size:]
        return found


def _below(view: files.View, path: str) -> Iterator[str]:
    yield path
    if view.is_dir(path):
        for name in view.names(path):
            yield from _below(view, posixpath.join(path, name))


def _member(view: files.View, path: str, name: str,
            ) -> tuple[tarfile.TarInfo, bytes]:
    found = tarfile.TarInfo(name)
    found.mtime = int(time.time())
    if view.is_dir(path):
        found.type, found.mode = tarfile.DIRTYPE, 0o755
        return found, b''
    file = view.file(path)
    if file.link is not None:
        found.type, found.linkname = tarfile.SYMTYPE, file.link
        return found, b''
    data = file.content()
    found.size = len(data)
    return found, data


def get(view: files.View, path: str) -> Archive:
    """:raises NotFound:"""
    path = posixpath.normpath(path)
    if not view.exists(path):
        raise exceptions.NotFound(f'Nothing is at {path}.')
    top = posixpath.basename(path) or '.'
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w') as tar:
        for inner in _below(view, path):
            name = posixpath.normpath(
                posixpath.join(top, posixpath.relpath(inner, path)))
            info, data = _member(view, inner, name)
            tar.addfile(info, io.BytesIO(data))
    info, _ = _member(view, path, top)
    kind = stat.S_IFDIR if info.isdir() else (
        stat.S_IFLNK if info.issym() else stat.S_IFREG)
    return Archive(base.FileInfo(
        top, info.size, kind | info.mode,
        time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(info.mtime)),
        info.linkname), buffer.getvalue())


def put(view: files.View, path: str, data: Iterator[bytes]) -> None:
    """See `base.Copy`; whoever unpacks is root."""
    path = posixpath.normpath(path)
    if not view.exists(path):
        raise exceptions.NotFound(f'Nothing is at {path}.')
    if not view.is_dir(path):
        raise exceptions.Invalid(fields=[exceptions.FieldError(
            'path', f'{path} is not a directory')])
    try:
        with tarfile.open(fileobj=_Pieces(data), mode='r|') as tar:
            for info in tar:
                source = tar.extractfile(info) if info.isreg() else None
                _unpack(view, posixpath.normpath(
                    posixpath.join(path, info.name.lstrip('/'))), info,
                    source.read() if source else b'')
    except tarfile.TarError as exc:
        raise exceptions.Invalid(
            f'The archive cannot be unpacked: {exc}') from exc
    for _ in data:
        pass                            # padding


def _unpack(view: files.View, path: str, info: tarfile.TarInfo,
            data: bytes) -> None:
    try:
        if info.isdir() and not view.exists(path):
            view.mkdir(path, 0)
        elif info.isreg():
            view.write(path, data, 0, append=False)
    except OSError as exc:
        raise exceptions.Conflict(f'{path}: {exc.strerror}') from exc
