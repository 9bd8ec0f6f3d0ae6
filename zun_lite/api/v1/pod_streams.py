"""Sessions and archives: streams between a caller and a pod's host."""
import json
import typing

from zun_lite import db
from zun_lite import exceptions
from zun_lite.api import body
from zun_lite.api import streams
from zun_lite.api.operations import operation
from zun_lite.api.operations import TAR
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import pod_reads
from zun_lite.api.v1.schemas import pod_reads as schemas
from zun_lite.api.v1.schemas import pods as pod_schemas
from zun_lite.db import actions
from zun_lite.pod.states import Action

POD = pod_reads.POD
STAT = 'X-Zun-Lite-Path-Stat'


class PodStreams:
    """No transaction is held while a stream lasts."""

    def __init__(self, services: typing.Any) -> None:
        self._streams = streams.Streams(services.compute)

    @operation('POST', f'{POD}/attach', "Join a container's own process",
               rule='pod:attach', query=pod_schemas.ShowQuery,
               body=schemas.Attach, body_required=False,
               answers={201: schemas.Session}, errors=pod_reads.ERRORS)
    def attach(self, req: Request, resp: Response, pod: str) -> Response:
        """What it writes from now on, and input where it has `stdin`."""
        asked = req.document(schemas.Attach)
        row = pod_reads.find(req, pod, Action.ATTACH)
        container = pod_reads.container_of(row, asked.container)
        found = self._streams.attach(row.host, row.uuid, container)
        pod_reads.record(req, row, db.now(), actions.SUCCESS,
                         f'{container}: session {found.session}',
                         Action.ATTACH)
        return resp.values(found._asdict(), 201)

    @operation('POST', f'{POD}/resize', "Set the size of a session's terminal",
               rule='pod:attach', query=pod_schemas.ShowQuery,
               body=schemas.Resize, answers={204: None},
               errors=pod_reads.ERRORS)
    def resize(self, req: Request, resp: Response, pod: str) -> Response:
        asked = req.document(schemas.Resize)
        row = pod_reads.find(req, pod, Action.ATTACH)
        container = '' if asked.session else pod_reads.container_of(
            row, asked.container)
        self._streams.resize(row.host, row.uuid, container, asked.width,
                             asked.height, asked.session)
        return resp.nothing([])

    @operation('GET', f'{POD}/archive', 'Get files out of a container',
               rule='pod:get_archive', query=schemas.ArchiveQuery,
               answers={200: None}, produces=TAR, errors=pod_reads.ERRORS)
    def get_archive(self, req: Request, resp: Response,
                    pod: str) -> Response:
        """A tar archive of what is at `path`, whose last part begins the
        names in it. The header X-Zun-Lite-Path-Stat describes it as JSON."""
        row = pod_reads.find(req, pod, Action.COPY)
        flow = self._streams.get_archive(
            req.environ, row.host, row.uuid,
            pod_reads.container_of(row, req.query.container), req.query.path)
        return resp.stream(flow, [
            ('Content-Type', TAR), (STAT, json.dumps(flow.opened['info']))])

    @operation('PUT', f'{POD}/archive', 'Put files into a container',
               rule='pod:put_archive', query=schemas.ArchiveQuery,
               streamed=True, body_types=(TAR, 'application/octet-stream'),
               answers={204: None}, errors=(*pod_reads.ERRORS, 413, 415))
    def put_archive(self, req: Request, resp: Response,
                    pod: str) -> Response:
        """The body is a tar archive, unpacked in the directory `path`."""
        row = pod_reads.find(req, pod, Action.COPY)
        body.check_type(req.environ, req.operation.body_types)
        container, began = pod_reads.container_of(
            row, req.query.container), db.now()
        try:
            self._streams.put_archive(row.host, row.uuid, container,
                                      req.query.path,
                                      body.pieces(req.environ))
        except exceptions.ZunLiteError as exc:
            pod_reads.record(req, row, began, actions.ERROR,
                             f'{container}: {exc}', Action.COPY)
            raise
        pod_reads.record(req, row, began, actions.SUCCESS, container,
                         Action.COPY)
        return resp.nothing([])
