"""Actions and events of a pod."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.api.v1.schemas import pods


class RecordsQuery(pods.ShowQuery):
    limit: common.Limit = None
    marker: typing.Annotated[common.Positive | None, pydantic.Field(
        description='The id of the last item of the previous page.')] = None


class Action(common.Answer):
    id: int
    action: str
    request_id: str
    user_id: str
    project_id: str
    generation: int
    started_at: common.Time
    finished_at: common.Time | None
    result: typing.Annotated[
        typing.Literal['success', 'error', 'superseded'] | None,
        pydantic.Field(description='null while it goes on.')]
    message: str | None


class ActionList(common.Answer):
    actions: list[Action]
    next: str | None


class Event(common.Answer):
    id: int
    type: typing.Literal['Normal', 'Warning']
    reason: str
    message: str
    container: str | None
    count: int
    first_timestamp: common.Time
    last_timestamp: common.Time


class EventList(common.Answer):
    events: list[Event]
    next: str | None
