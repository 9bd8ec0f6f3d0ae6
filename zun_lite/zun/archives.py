"""Archives as Zun carries them: inside of JSON, piece by piece.

From 1.25 on in base64; before that as text. A tar archive is not always
text: bytes that are no UTF-8 then travel as the lone surrogates that Python
escapes them with, and so come back as they were.
"""
import base64
import binascii
import codecs
import json
import stat
import typing
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from zun_lite import exceptions
from zun_lite.exceptions import FieldError

_ESCAPE = 'surrogateescape'
_SPACE = str.maketrans('', '', ' \t\r\n')
# st_mode, and what it is in Go's FileMode, which the Docker API tells.
_KINDS = {stat.S_IFDIR: 1 << 31, stat.S_IFLNK: 1 << 27,
          stat.S_IFIFO: 1 << 25, stat.S_IFSOCK: 1 << 24,
          stat.S_IFCHR: 1 << 21 | 1 << 26, stat.S_IFBLK: 1 << 26}
_BITS = {stat.S_ISUID: 1 << 23, stat.S_ISGID: 1 << 22, stat.S_ISVTX: 1 << 20}


def path_stat(info: Mapping[str, typing.Any]) -> dict[str, typing.Any]:
    """`info`: drivers' FileInfo."""
    mode = info['mode']
    go_mode = _KINDS.get(stat.S_IFMT(mode), 0) | mode & 0o777 | sum(
        go for bit, go in _BITS.items() if mode & bit)
    return {'name': info['name'], 'size': info['size'], 'mode': go_mode,
            'mtime': info['mtime'], 'linkTarget': info['link_target']}


def in_base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What stands between the quotes of a JSON string."""
    rest = b''
    for piece in pieces:
        piece = rest + piece
        cut = len(piece) - len(piece) % 3
        rest = piece[cut:]
        yield base64.b64encode(piece[:cut])
    yield base64.b64encode(rest)


def in_text(pieces: Iterable[bytes],
            errors: str = _ESCAPE) -> Iterator[bytes]:
    """What stands between the quotes of a JSON string."""
    decoder = codecs.getincrementaldecoder('utf-8')(errors)
    for piece in pieces:
        yield _quoted(decoder.decode(piece))
    yield _quoted(decoder.decode(b'', final=True))


def _quoted(text: str) -> bytes:
    return json.dumps(text)[1:-1].encode()


def of_base64(texts: Iterable[str]) -> Iterator[bytes]:
    """:raises Invalid: it is not base64."""
    rest, ended = '', False
    for text in texts:
        text = rest + text.translate(_SPACE)
        cut = len(text) - len(text) % 4
        rest = text[cut:]
        if ended and text:
            raise _wrong('base64')
        ended = ended or text[:cut].endswith('=')
        try:
            yield binascii.a2b_base64(text[:cut], strict_mode=True)
        except ValueError:
            raise _wrong('base64') from None
    if rest:
        raise _wrong('base64')


def of_text(texts: Iterable[str]) -> Iterator[bytes]:
    """:raises Invalid: it is not what `in_text` makes."""
    for text in texts:
        try:
            yield text.encode('utf-8', _ESCAPE)
        except UnicodeEncodeError:
            raise _wrong('a tar archive as text') from None


def _wrong(wanted: str) -> exceptions.Invalid:
    return exceptions.Invalid(fields=[FieldError('data',
                                                 f'must be {wanted}')])
