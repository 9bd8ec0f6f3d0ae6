"""Request bodies: bounded, and of a type that is understood."""
import contextlib
import time
import typing
from collections.abc import Callable
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.conf import CONF

Environ = dict[str, typing.Any]

_PIECE = 256 * 1024
_DRAIN_S = 20.0
DEFAULT_TYPE = 'application/json'
# What clients send that do not think about it, for a body they do not send.
_UNDECIDED = frozenset({'', 'application/octet-stream'})


def declared_length(environ: Environ) -> int | None:
    """Content-Length; None where the body is chunked or absent.

    :raises Invalid: not a length.
    """
    text = environ.get('CONTENT_LENGTH') or ''
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise exceptions.Invalid('Content-Length is not a number.')
    return int(text)


def refuse_large(environ: Environ,
                 streamed: Callable[[str, str], bool]) -> None:
    """Refuse a body that says itself that it is too large, unread.

    `streamed(method, path)`: whether a body is passed on as it comes.
    :raises TooLarge:
    """
    length = declared_length(environ)
    if length is None or length <= CONF.api.max_body_bytes:
        return
    if not streamed(environ['REQUEST_METHOD'], environ['PATH_INFO']):
        raise _too_large()
    if length > CONF.api.max_archive_bytes:
        raise _too_large(CONF.api.max_archive_bytes)


def _too_large(limit: int | None = None) -> exceptions.TooLarge:
    return exceptions.TooLarge(
        f'The request body is larger than '
        f'{limit or CONF.api.max_body_bytes} bytes.')


def read(environ: Environ) -> bytes:
    """The whole body, never more than the limit.

    :raises TooLarge: also of a chunked body, which has no declared length.
    :raises Invalid: the connection ended before the body did.
    """
    length = declared_length(environ)
    if length is None:
        if not _chunked(environ):
            return b''
        text = _read_some(environ, CONF.api.max_body_bytes + 1)
        if len(text) > CONF.api.max_body_bytes:
            raise _too_large()
        return text
    text = _read_some(environ, length)
    if len(text) < length:
        raise exceptions.Invalid('The request body ends early.')
    return text


def pieces(environ: Environ) -> Iterator[bytes]:
    """The body as it comes, a little at a time.

    :raises TooLarge: of a chunked body that is larger than an archive may be.
    :raises Invalid: the connection ended before the body did.
    """
    length, taken = declared_length(environ), 0
    if length is None and not _chunked(environ):
        length = 0
    while length is None or taken < length:
        piece = _read_some(environ, _PIECE if length is None
                           else min(_PIECE, length - taken))
        if not piece and length is None:
            return
        if not piece:
            raise exceptions.Invalid('The request body ends early.')
        taken += len(piece)
        if taken > CONF.api.max_archive_bytes:
            raise _too_large(CONF.api.max_archive_bytes)
        yield piece


def drain(environ: Environ) -> None:
    """Take what is left of a body that was refused, for a while.

    A connection that is closed with something unread is reset, and the
    answer that says why is lost with it.
    """
    end = time.monotonic() + _DRAIN_S
    with contextlib.suppress(exceptions.Invalid):
        while time.monotonic() < end and _read_some(environ, _PIECE):
            pass


def _chunked(environ: Environ) -> bool:
    # Without an end of its own, reading on would wait for the next request.
    return bool(environ.get('wsgi.input_terminated')) or (
        'chunked' in environ.get('HTTP_TRANSFER_ENCODING', '').lower())


def _read_some(environ: Environ, size: int) -> bytes:
    found: list[bytes] = []
    while size > 0:
        try:
            piece = environ['wsgi.input'].read(size)
        except OSError as exc:
            raise exceptions.Invalid(
                'The request body could not be read.') from exc
        if not piece:
            break
        found.append(piece)
        size -= len(piece)
    return b''.join(found)


def media_type(environ: Environ) -> str:
    """The type of the body without parameters, in lower case."""
    header = environ.get('CONTENT_TYPE') or ''
    found = header.partition(';')[0].strip().lower()
    return DEFAULT_TYPE if found in _UNDECIDED else found


def check_type(environ: Environ, accepted: typing.Collection[str]) -> None:
    """Refuse a body of another type.

    :raises UnsupportedMediaType:
    """
    found = media_type(environ)
    if found not in accepted:
        raise exceptions.UnsupportedMediaType(
            f'Content-Type {found[:64]} is not supported; send '
            f'{" or ".join(accepted)}.')
