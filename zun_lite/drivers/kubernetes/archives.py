"""Files in and out: a tar inside the container, through a session."""
import io
import posixpath
import stat
import tarfile
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.kubernetes import channels

Open = Callable[[Sequence[str]], channels.Session]

_ABSENT, _NO_DIRECTORY, _NO_TAR = 97, 98, 99
_HEAD = 65536                   # in which the first entry surely begins
_PIECE = 2**20
_GET = f'''
[ -e "$1/$2" ] || [ -L "$1/$2" ] || exit {_ABSENT}
command -v tar >/dev/null || exit {_NO_TAR}
exec tar -cf - -C "$1" -- "$2"
'''
# The protocol cannot end the input, so its pieces come with their length.
# dd, since head reads further than it is told to. Nothing is sent before it
# says that it is ready: how a command ended that leaves input lying is lost.
_PUT = f'''
[ -e "$0" ] || exit {_ABSENT}
[ -d "$0" ] || exit {_NO_DIRECTORY}
command -v tar >/dev/null || exit {_NO_TAR}
echo ready
while read -r n && [ "$n" -gt 0 ]; do
    dd bs="$n" count=1 iflag=fullblock 2>/dev/null || exit 1
done | tar -xf - -C "$0"
'''
# Beginnings of what the system says no with; the rest is the archive's.
_REFUSALS = ('ead-only', 'ermission denied', 'o space left',
             'not permitted', 'quota exceeded', 'ile exists')


def _error(code: int | None, path: str, said: str,
           session: channels.Session) -> exceptions.ZunLiteError:
    match code:
        case None:
            return channels.outcome(session)
        case 97:
            return exceptions.NotFound(f'Nothing is at {path}.')
        case 98:
            return exceptions.Invalid(fields=[exceptions.FieldError(
                'path', f'{path} is not a directory')])
        case 99 | channels.NOT_STARTED:
            return exceptions.Conflict(
                "Copying needs sh and tar in the container's image: "
                f'{session.message or said or "there is no tar"}')
        case _ if any(word in said for word in _REFUSALS):
            return exceptions.Conflict(said)
    return exceptions.Invalid(
        f'The archive was refused: {said or f"tar ended with {code}"}')


class Archive(base.Archive):
    """:raises NotFound:"""

    def __init__(self, session: channels.Session, path: str) -> None:
        self._session, self._path = session, path
        self._said = bytearray()
        self._head = b''
        try:
            while len(self._head) < _HEAD and (piece := self._next()):
                self._head += piece
                if len(self._head) >= tarfile.RECORDSIZE:
                    break
            self.info = _info(self._head)
        except BaseException:
            self.close()
            raise

    def read(self) -> bytes:
        found, self._head = self._head, b''
        return found or self._next()

    def _next(self) -> bytes:
        while (piece := self._session.read()) is not None:
            if piece.stream == base.STDOUT:
                return piece.data
            self._said += piece.data[:1024 - len(self._said)]
        if self._session.exit_code() != 0:
            raise _error(self._session.exit_code(), self._path,
                         self._said.decode(errors='replace').strip(),
                         self._session)
        return b''

    def close(self) -> None:
        self._session.close()


def _info(head: bytes) -> base.FileInfo:
    """What the first entry says."""
    try:
        with tarfile.open(fileobj=io.BytesIO(head), mode='r|') as tar:
            found = tar.next()
    except tarfile.TarError:
        found = None
    if found is None:
        raise exceptions.Unavailable('The archive cannot be read.')
    kind = (stat.S_IFDIR if found.isdir() else stat.S_IFLNK if found.issym()
            else stat.S_IFREG)
    return base.FileInfo(
        posixpath.basename(found.name), found.size, kind | found.mode,
        time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(found.mtime)),
        found.linkname)


def get(begin: Open, path: str) -> Archive:
    """See `base.Copy`."""
    path = posixpath.normpath(path)
    return Archive(begin((
        'sh', '-c', _GET, 'get', posixpath.dirname(path),
        posixpath.basename(path) or '.')), path)


def put(begin: Open, path: str, data: Iterator[bytes]) -> None:
    """See `base.Copy`."""
    session = begin(('sh', '-c', _PUT, path))
    said = bytearray()
    ready, ended = threading.Event(), threading.Event()

    def listen() -> None:
        try:
            while (piece := session.read()) is not None:
                if piece.stream == base.STDERR:
                    said.extend(piece.data[:1024 - len(said)])
                else:
                    ready.set()
        except exceptions.EngineUnavailable as exc:
            session.message = exc.message
        ended.set()
        ready.set()
    listener = threading.Thread(target=listen, daemon=True, name='unpack')
    listener.start()
    try:
        ready.wait()
        _send(session, data, ended)
        ended.wait()
    finally:
        session.close()
        listener.join()
    if session.exit_code() != 0:
        raise _error(session.exit_code(), path,
                     said.decode(errors='replace').strip(), session)


def _send(session: channels.Session, data: Iterator[bytes],
          ended: threading.Event) -> None:
    for piece in data:
        for at in range(0, len(piece), _PIECE):
            if ended.is_set():
                return
            part = piece[at:at + _PIECE]
            session.write(b'%d\n' % len(part) + part)
    session.write(b'0\n')
