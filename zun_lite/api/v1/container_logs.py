"""What a container wrote: at once where it is little, else as it comes."""
import contextlib
import datetime
import re
import typing
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.api import streams
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import JSON
from zun_lite.api.response import Response
from zun_lite.api.v1 import container_reads
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import container_actions as schemas
from zun_lite.conf import CONF
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import members
from zun_lite.pod.states import Action
from zun_lite.zun import archives

STDOUT, STDERR = 1, 2
LINES = 10_000       # of a longer log it is not known whether it is short
TEXT = [('Content-Type', 'text/plain; charset=utf-8'),
        ('X-Content-Type-Options', 'nosniff')]
_SINCE = re.compile(r'^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:,(\d{1,6}))?$',
                    re.ASCII)
_NOTHING = (exceptions.ContainerNotFound, exceptions.PodNotFound)


class Asked(typing.NamedTuple):
    """`tail`: lines from the end; None: all. `stream`: None: both."""
    tail: int | None
    since: str | None
    timestamps: bool
    stream: int | None

    @property
    def lines(self) -> int:
        """As many as are asked for, or are known to be few."""
        return LINES if self.tail is None else min(self.tail, LINES)

    def is_all(self, data: bytes, limit_bytes: int) -> bool:
        """Whether the last `lines`, or the last bytes, leave nothing out."""
        return len(data) < limit_bytes and (
            self.lines == self.tail or data.count(b'\n') < self.lines)


class _Text:
    """A JSON string, written while the log comes."""

    def __init__(self, flow: streams.Flow) -> None:
        self._flow = flow

    def __iter__(self) -> Iterator[bytes]:
        yield b'"'
        yield from archives.in_text(self._flow, errors='replace')
        yield b'"'

    def close(self) -> None:
        self._flow.close()


class ContainerLogs:
    """No transaction is held while a host is asked."""

    def __init__(self, services: typing.Any) -> None:
        self._compute = services.compute
        self._streams = streams.Streams(services.compute)

    @operation('GET', f'{container_reads.PATH}/logs',
               'Read what a container wrote', rule='container:logs',
               born=container_reads.BORN, merged=True, query=schemas.Logs,
               answers={200: None}, errors=container_reads.ERRORS)
    def logs(self, req: Request, resp: Response, ident: str) -> Response:
        """One JSON string of any size; followed, it is text. Neither stream
        is both."""
        given = zun_requests.arguments(req, schemas.Logs)
        zun_requests.gate(req, ['follow'] if given.follow else [],
                          {'follow': 41})
        asked = _asked(given)
        member = self._find(req, ident, asked, given.follow)
        if member.row.host is None:
            return resp.values('')
        if given.follow:
            return resp.stream(self._flow(req, member, asked, True), TEXT)
        limit_bytes = CONF.api.max_output_bytes
        data = self._last(member, asked, limit_bytes)
        if not asked.is_all(data, limit_bytes):
            # A driver that has no streams tells what fits.
            with contextlib.suppress(exceptions.NotSupported):
                return resp.stream(
                    _Text(self._flow(req, member, asked, False)),
                    [('Content-Type', JSON)])
        return resp.values(data.decode('utf-8', 'replace'))

    @staticmethod
    def _find(req: Request, ident: str, asked: Asked,
              follow: bool) -> members.Member:
        """:raises NotSupported: the driver lacks one of what it takes."""
        needs = [Action.FOLLOW] if follow else [Action.LOGS]
        if asked.stream is not None:
            needs.append(Action.SPLIT_LOGS)
        return [container_reads.find(req, ident, action, 'logs')
                for action in needs][-1]

    def _last(self, member: members.Member, asked: Asked,
              limit_bytes: int) -> bytes:
        where = (member.row.host, member.row.uuid, member.name)
        what = {'tail': asked.lines, 'since': asked.since,
                'timestamps': asked.timestamps, 'limit_bytes': limit_bytes}
        try:
            return (self._compute.logs(*where, **what)
                    if asked.stream is None else
                    self._compute.logs_of(*where, asked.stream, **what))
        except _NOTHING:
            return b''                      # it has never run

    def _flow(self, req: Request, member: members.Member, asked: Asked,
              follow: bool) -> streams.Flow:
        row = member.row
        return self._streams.follow(
            req.environ, row.host, row.uuid, member.name, tail=asked.tail,
            since=asked.since, timestamps=asked.timestamps, follow=follow,
            stream=asked.stream)


def _asked(given: schemas.Logs) -> Asked:
    """:raises Invalid: `since` is no time."""
    both = given.stdout == given.stderr
    return Asked(
        tail=int(given.tail) if given.tail.isdecimal() else None,
        since=_instant(given.since), timestamps=given.timestamps,
        stream=None if both else STDOUT if given.stdout else STDERR)


def _instant(since: str | None) -> str | None:
    """RFC 3339 of what Zun's clients write.

    :raises Invalid: it is no time.
    """
    if not since:
        return None
    found = _SINCE.match(since)
    with contextlib.suppress(ValueError):       # as of a 31st of June
        if found:
            datetime.datetime.fromisoformat(f'{found[1]}T{found[2]}')
            return f'{found[1]}T{found[2]}Z'
        if re.fullmatch(r'\d{1,11}', since, re.ASCII):
            at = datetime.datetime.fromtimestamp(int(since), datetime.UTC)
            return at.isoformat().replace('+00:00', 'Z')
    raise exceptions.Invalid(fields=[FieldError(
        'since', 'must be seconds since the epoch or '
        'YYYY-MM-DD HH:MM:SS,mmm')])
