"""The shapes in which rows of `pods` are read: each a choice of columns.

A view names what it shows, and no more: to PyMySQL each column of a small
row costs about as much as everything else that is done with it.
"""
import datetime
import typing

from zun_lite.db import models
from zun_lite.pod import states


class PodRow(typing.NamedTuple):
    """A pod as stored. Documents are JSON text, times naive UTC."""
    id: int
    uuid: str
    project_id: str
    user_id: str
    origin: models.Origin
    name: str
    labels: str | None
    annotations: str | None
    spec: str
    container_uuids: str
    document: str | None
    extras: str | None
    desired: states.Desired
    generation: int
    phase: states.Phase
    status: str
    observed_generation: int
    host: str | None
    cpu_millis: int
    memory_bytes: int
    created_at: datetime.datetime
    updated_at: datetime.datetime | None
    deleted_at: datetime.datetime | None


class ShownPod(typing.NamedTuple):
    """What is shown of a pod as a v1.Pod."""
    uuid: str
    project_id: str
    name: str
    labels: str | None
    annotations: str | None
    spec: str
    desired: states.Desired
    generation: int
    status: str
    observed_generation: int
    host: str | None
    created_at: datetime.datetime
    deleted_at: datetime.datetime | None


class ShownContainer(typing.NamedTuple):
    """What is shown of a container that was made as one.

    `id`: what a list is sorted by.
    """
    id: int
    uuid: str
    project_id: str
    user_id: str
    name: str
    document: str | None
    extras: str | None
    desired: states.Desired
    generation: int
    phase: states.Phase
    status: str
    observed_generation: int
    host: str | None
    created_at: datetime.datetime
    updated_at: datetime.datetime | None


Pod = PodRow | ShownPod
Container = PodRow | ShownContainer
Shape = typing.TypeVar('Shape', PodRow, ShownPod, ShownContainer)
Listed = typing.TypeVar('Listed', PodRow, ShownContainer)
