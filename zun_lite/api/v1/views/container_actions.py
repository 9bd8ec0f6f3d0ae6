"""Records of actions in Zun's keys."""
import datetime
import typing

from zun_lite.db import actions

Values = dict[str, typing.Any]

_RESULTS = {None: None, actions.ERROR: 'Error'}


def timestamp(at: datetime.datetime | None) -> str | None:
    """2026-01-05T09:20:00.000100: naive UTC."""
    return None if at is None else at.isoformat(timespec='microseconds')


def action(row: actions.ActionRow) -> Values:
    failed = row.result == actions.ERROR
    return {
        'action': row.action, 'container_uuid': row.pod_uuid,
        'request_id': row.request_id, 'user_id': row.user_id,
        'project_id': row.project_id,
        'start_time': timestamp(row.started_at),
        'finish_time': timestamp(row.finished_at),
        'message': (row.message or 'Error') if failed else None}


def with_events(row: actions.ActionRow) -> Values:
    """One event, as one worker carries it out."""
    what = (row.action if row.action.startswith('network_')
            else f'container_{row.action}')
    return action(row) | {'events': [{
        'event': f'compute__do_{what}',
        'start_time': timestamp(row.started_at),
        'finish_time': timestamp(row.finished_at),
        'result': _RESULTS.get(row.result, 'Success'), 'traceback': None}]}
