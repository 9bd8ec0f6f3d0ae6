"""Pieces of a stream that are too small to be sent one by one."""
import threading
import typing
from collections.abc import Iterator

from zun_lite.drivers import base


class Gathered:
    """What came while the last piece was being sent, as one.

    Engines pass on logs line by line, and a line costs as much to send as a
    thousand. No more than `limit` bytes, and a piece, are read ahead.
    """

    def __init__(self, stream: base.Stream, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._held = bytearray()
        self._changed = threading.Condition()
        self._ended = self._closed = False
        self._failure: Exception | None = None
        threading.Thread(target=self._read, daemon=True,
                         name='stream-gather').start()

    def _read(self) -> None:
        try:
            for piece in self._stream:
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._closed or len(self._held) < self._limit)
                    if self._closed:
                        return
                    self._held += piece
                    self._changed.notify_all()
        except Exception as exc:
            self._failure = exc         # raised where it is iterated
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def __iter__(self) -> Iterator[bytes]:
        """:raises Exception: what the stream raised, after what it gave."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._held or self._ended)
                piece = bytes(self._held)
                self._held.clear()
                self._changed.notify_all()
            if piece:
                yield piece
            elif self._failure is not None:
                raise self._failure
            else:
                return

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Read no more; the stream is closed by whoever opened it."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
