"""Actions and events as plain values."""
import typing

from zun_lite.api.v1.views import pods as pod_views
from zun_lite.db import actions
from zun_lite.db import events

Values = dict[str, typing.Any]


def action(row: actions.ActionRow) -> Values:
    finished = row.finished_at
    return {
        'id': row.id, 'action': row.action, 'requestId': row.request_id,
        'userId': row.user_id, 'projectId': row.project_id,
        'generation': row.generation,
        'startedAt': pod_views.timestamp(row.started_at),
        'finishedAt': pod_views.timestamp(finished) if finished else None,
        'result': row.result, 'message': row.message}


def event(row: events.EventRow) -> Values:
    return {
        'id': row.id, 'type': row.type, 'reason': row.reason,
        'message': row.message, 'container': row.container,
        'count': row.count,
        'firstTimestamp': pod_views.timestamp(row.first_at),
        'lastTimestamp': pod_views.timestamp(row.last_at)}
