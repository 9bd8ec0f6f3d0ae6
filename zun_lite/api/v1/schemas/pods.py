"""Pods on the wire, beside the document itself (`zun_lite.pod.spec`)."""
import typing

import pydantic

from zun_lite.api.v1.schemas import common
from zun_lite.pod import fields
from zun_lite.pod import spec
from zun_lite.pod import states
from zun_lite.pod import status

Marker = typing.Annotated[str | None, pydantic.Field(
    description='UUID of the last item of the previous page.')]


class ShowQuery(common.Query):
    all_projects: common.AllProjects = False


class ListQuery(common.Query):
    label_selector: typing.Annotated[str | None, pydantic.Field(
        alias='labelSelector', max_length=4096,
        description='As in Kubernetes: a=b,c!=d,e in (x,y),!f.')] = None
    name: typing.Annotated[str | None, pydantic.Field(
        description='Only pods of this name.')] = None
    phase: states.Phase | None = None
    desired: states.Desired | None = None
    host: typing.Annotated[str | None, pydantic.Field(
        description='Only pods on this host. Administrators only.')] = None
    limit: common.Limit = None
    marker: Marker = None
    all_projects: common.AllProjects = False


class CreateQuery(common.Query):
    dry_run: typing.Annotated[common.Flag, pydantic.Field(
        description='Write nothing; answer what each live host says.')] = False


class DeleteQuery(ShowQuery):
    force: typing.Annotated[common.Flag, pydantic.Field(
        description='Remove the record at once, for a pod whose host is gone '
                    'for good. Administrators only.')] = False


_CLOSED = {'additionalProperties': False}
LabelChanges = typing.Annotated[
    dict[fields.LabelKey, fields.LabelValue | None],
    pydantic.Field(max_length=64, json_schema_extra=_CLOSED)]
AnnotationChanges = typing.Annotated[
    dict[fields.AnnotationKey, fields.AnnotationValue | None],
    pydantic.Field(max_length=256, json_schema_extra=_CLOSED)]


class MetadataPatch(common.Body):
    """null removes a key."""
    labels: LabelChanges | None = None
    annotations: AnnotationChanges | None = None


class PodPatch(common.Body):
    """A JSON merge patch of labels and annotations, and of nothing else."""
    metadata: MetadataPatch


class Nothing(common.Body):
    """No body, or an empty object."""


class PodMetadata(common.Answer):
    name: str
    uid: str
    namespace: typing.Annotated[str, pydantic.Field(
        description='The project.')]
    labels: dict[str, str]
    annotations: dict[str, str]
    generation: typing.Annotated[int, pydantic.Field(
        description='Counts changes of what is desired.')]
    creation_timestamp: common.Time
    deletion_timestamp: common.Time | None = None


class PlacedSpec(spec.PodSpec):
    """As it was sent, and where it was placed."""
    node_name: typing.Annotated[str | None, pydantic.Field(
        description='The host. Administrators only.')] = None


class ReportedStatus(status.PodStatus):
    """As it was last seen."""
    observed_generation: typing.Annotated[int, pydantic.Field(
        description='The generation that this status is about.')]
    desired: states.Desired
    host: typing.Annotated[str | None, pydantic.Field(
        description='Administrators only.')] = None


class Pod(common.Answer):
    api_version: typing.Literal['v1']
    kind: typing.Literal['Pod']
    metadata: PodMetadata
    spec: PlacedSpec
    status: ReportedStatus
    links: list[common.Link]


class ListMetadata(common.Answer):
    continue_: typing.Annotated[str | None, pydantic.Field(
        alias='continue', description='Marker of the next page.')] = None


class PodList(common.Answer):
    api_version: typing.Literal['v1']
    kind: typing.Literal['PodList']
    metadata: ListMetadata
    items: list[Pod]
    next: typing.Annotated[str | None, pydantic.Field(
        description='Where the next page is; null on the last one.')]


class Verdict(common.Answer):
    """What one kind of live host says of a pod."""
    driver: str
    accepted: bool
    host: typing.Annotated[str | None, pydantic.Field(
        description='Administrators only.')] = None
    reason: str | None = None
    fields: list[common.FieldFault]


class DryRun(common.Answer):
    accepted: typing.Annotated[bool, pydantic.Field(
        description='Whether at least one live host would take it.')]
    verdicts: list[Verdict]
