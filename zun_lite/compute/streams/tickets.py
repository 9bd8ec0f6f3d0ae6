"""Tokens that open one stream each, once, and soon."""
import dataclasses
import hashlib
import secrets
import threading
import time
import typing

from zun_lite import exceptions
from zun_lite.conf import CONF

WAITING = 1000              # tickets that nobody has used yet


@dataclasses.dataclass(frozen=True, slots=True)
class Ticket:
    """What a token is for. `args` go to the driver's verb."""
    kind: str                   # follow, attach, exec, get, put
    uuid: str
    container: str
    args: dict[str, typing.Any]
    # As long as Zun's clients expect of an exec_id.
    session: str = dataclasses.field(
        default_factory=lambda: secrets.token_hex(32))


class Tickets:
    """Kept in memory, by the hash of their token: what is not here (any
    more) opens nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[bytes, tuple[float, Ticket]] = {}

    def issue(self, ticket: Ticket) -> str:
        """A token for it.

        :raises Unavailable: too many have not been used yet.
        """
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._expire()
            if len(self._waiting) >= WAITING:
                raise exceptions.Unavailable(
                    'The host has too many streams that were asked for and '
                    'not opened; try again later.')
            self._waiting[_digest(token)] = (
                time.monotonic() + CONF.compute.stream_token_ttl, ticket)
        return token

    def redeem(self, token: str) -> Ticket:
        """What the token is for; it is spent.

        :raises Unauthorized: it was, or it is too late, or never was one.
        """
        with self._lock:
            self._expire()
            _, ticket = self._waiting.pop(_digest(token), (0.0, None))
        if ticket is None:
            raise _unknown()
        return ticket

    def find(self, token: str, uuid: str) -> None:
        """Make sure that the token opens something of this pod.

        :raises Unauthorized: as `redeem`.
        """
        with self._lock:
            self._expire()
            found = self._waiting.get(_digest(token))
        if found is None or found[1].uuid != uuid:
            raise _unknown()

    def _expire(self) -> None:
        # All live equally long, so they are in the order of their ends.
        now = time.monotonic()
        for key, (end, _) in list(self._waiting.items()):
            if end > now:
                break
            del self._waiting[key]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _unknown() -> exceptions.Unauthorized:
    return exceptions.Unauthorized(
        'The token was used already, has expired, or is none.')
