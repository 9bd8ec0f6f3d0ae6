"""/v1/pods/{pod}/actions and /events: what was done and what happened."""
import re
import typing

from sqlalchemy import orm

from zun_lite import context
from zun_lite import db
from zun_lite import exceptions
from zun_lite.api import paging
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1.schemas import records as schemas
from zun_lite.api.v1.views import records as views
from zun_lite.db import actions
from zun_lite.db import events
from zun_lite.db import pods

POD = '/v1/pods/{pod}'
_UUID = re.compile(r'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')


class Records:
    """Both outlive their pod for a while; it is then named by its UUID."""

    @operation('GET', f'{POD}/actions', 'Who did what to a pod',
               rule='pod:actions', query=schemas.RecordsQuery,
               answers={200: schemas.ActionList}, errors=(404, 409))
    def actions(self, req: Request, resp: Response, pod: str) -> Response:
        return resp.values(_page(req, pod, actions, views.action, 'actions'))

    @operation('GET', f'{POD}/events', 'What happened to a pod',
               rule='pod:events', query=schemas.RecordsQuery,
               answers={200: schemas.EventList}, errors=(404, 409))
    def events(self, req: Request, resp: Response, pod: str) -> Response:
        return resp.values(_page(req, pod, events, views.event, 'events'))


def _page(req: Request, pod: str, queries: typing.Any, view: typing.Any,
          key: str) -> dict[str, typing.Any]:
    limit = paging.size(req.query.limit)
    with db.reader() as session:
        uuid = _uuid(session, req.caller, pod)
        found = queries.list_page(
            session, req.caller.project_filter, uuid, limit=limit + 1,
            marker=req.query.marker)
    rows, last = paging.cut(found, limit)
    return {key: [view(row) for row in rows],
            'next': last and paging.next_url(req.environ, last.id)}


def _uuid(session: orm.Session, caller: context.RequestContext,
          pod: str) -> str:
    """The UUID of a pod, also of one that is gone.

    :raises PodNotFound: nothing was ever done to it in this project.
    """
    try:
        return pods.resolve(session, caller.project_filter, pod).uuid
    except exceptions.PodNotFound:
        if not _UUID.fullmatch(pod) or not actions.list_page(
                session, caller.project_filter, pod, limit=1):
            raise
        return pod
