"""Archives out of containers and into them, inside of JSON."""
import json
import typing
from collections.abc import Iterable
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.api import body
from zun_lite.api import json_member
from zun_lite.api import streams
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import JSON
from zun_lite.api.response import Response
from zun_lite.api.v1 import container_reads
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import container_streams as schemas
from zun_lite.db import actions
from zun_lite.exceptions import FieldError
from zun_lite.lifecycle import members
from zun_lite.pod.states import Action
from zun_lite.zun import archives

PATH = container_reads.PATH
ERRORS = container_reads.ERRORS
BASE64 = container_reads.V(1, 25)


class _Document:
    """{"stat", "data"}, written while the archive comes."""

    def __init__(self, flow: streams.Flow, in_base64: bool) -> None:
        self._flow = flow
        self._encode = archives.in_base64 if in_base64 else archives.in_text

    def __iter__(self) -> Iterator[bytes]:
        told = archives.path_stat(self._flow.opened['info'])
        yield f'{{"stat": {json.dumps(told)}, "data": "'.encode()
        yield from self._encode(self._flow)
        yield b'"}'

    def close(self) -> None:
        self._flow.close()


class ContainerArchives:
    """No transaction is held while a stream lasts."""

    def __init__(self, services: typing.Any) -> None:
        self._lifecycle = services.containers
        self._streams = streams.Streams(services.compute)

    @operation('GET', f'{PATH}/get_archive', 'Get files out of a container',
               rule='container:get_archive', born=container_reads.BORN,
               merged=True, query=schemas.GetArchive,
               answers={200: schemas.ZunArchive}, errors=ERRORS)
    def get_archive(self, req: Request, resp: Response,
                    ident: str) -> Response:
        """Of any size; a client that parses it at once must hold it."""
        given = zun_requests.arguments(req, schemas.GetArchive)
        row, name = _find(req, ident, 'get_archive')
        try:
            flow = self._streams.get_archive(
                req.environ, row.host, row.uuid, name, given.path)
        except exceptions.NotFound as exc:
            raise _nothing(exc) from exc
        return resp.stream(_Document(flow, req.version >= BASE64),
                           [('Content-Type', JSON)])

    @operation('POST', f'{PATH}/put_archive', 'Put files into a container',
               rule='container:put_archive', born=container_reads.BORN,
               merged=True, streamed=True, query=schemas.PutArchiveQuery,
               body=schemas.PutArchive, answers={200: None}, errors=ERRORS)
    def put_archive(self, req: Request, resp: Response,
                    ident: str) -> Response:
        """Unpacked in the directory `path` while it comes; what was unpacked
        before a failure stays."""
        body.check_type(req.environ, req.operation.body_types)
        sent = json_member.LargeObject(body.pieces(req.environ), 'data')
        given = zun_requests.merged(
            req, sent.members | ({'data': ''} if sent.found else {}),
            schemas.PutArchive)
        decode = (archives.of_base64 if req.version >= BASE64
                  else archives.of_text)
        member = _find(req, ident, 'put_archive')
        row, name = member
        try:
            self._streams.put_archive(
                row.host, row.uuid, name, given.path,
                decode(_whole(sent, set(sent.members))))
        except exceptions.ZunLiteError as exc:
            self._note(req, member, actions.ERROR, str(exc))
            raise (_nothing(exc) if isinstance(exc, exceptions.NotFound)
                   else exc) from exc
        self._note(req, member, actions.SUCCESS)
        return zun_requests.void(resp, 200)

    def _note(self, req: Request, member: members.Member, result: str,
              message: str | None = None) -> None:
        self._lifecycle.note(req.caller, member.row, Action.COPY, result,
                             member.told(message))


def _find(req: Request, ident: str, action: str) -> members.Member:
    """:raises Conflict: also where nothing is made of it yet."""
    found = container_reads.find(req, ident, Action.COPY, action)
    if found.row.host is None:
        raise _not_made()
    return found


def _not_made() -> exceptions.Conflict:
    return exceptions.Conflict('The container has not been made yet.')


def _nothing(exc: exceptions.NotFound) -> exceptions.ZunLiteError:
    """Zun's answer to a path where nothing is."""
    if type(exc) is exceptions.NotFound:
        return exceptions.Invalid(fields=[FieldError('path', exc.message)])
    return _not_made()


def _whole(sent: json_member.LargeObject,
           known: set[str]) -> Iterable[str]:
    """:raises Invalid: something follows the archive."""
    yield from sent
    for name in sorted(set(sent.members) - known):
        raise exceptions.Invalid(fields=[FieldError(
            name, 'must come before data, or in the query')])
