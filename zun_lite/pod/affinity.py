"""Near which pods of its project a pod is placed, and apart from which.

Part of the document, see `spec`. Source: Kubernetes API reference,
v1.Affinity and v1.TopologySpreadConstraint (v1.33).
"""
import typing

import pydantic

from zun_lite.pod import fields
from zun_lite.pod.part import at_most
from zun_lite.pod.part import Document

HOSTNAME: typing.Final = 'kubernetes.io/hostname'
ZONE: typing.Final = 'topology.kubernetes.io/zone'
TopologyKey = typing.Literal[
    'kubernetes.io/hostname', 'topology.kubernetes.io/zone']
"""A domain is one host (of a cluster: one node), or one zone."""

Values = typing.Annotated[tuple[fields.LabelValue, ...], at_most(64)]
Weight = typing.Annotated[int, pydantic.Field(ge=1, le=100)]


class LabelRequirement(Document):
    """In and NotIn have values; Exists and DoesNotExist have none."""
    model_config = pydantic.ConfigDict(json_schema_extra={'oneOf': [
        {'required': ['values'], 'properties': {
            'operator': {'enum': ['In', 'NotIn']},
            'values': {'type': 'array', 'minItems': 1}}},
        {'properties': {
            'operator': {'enum': ['Exists', 'DoesNotExist']},
            'values': {'type': ['array', 'null'], 'maxItems': 0}}}]})
    key: fields.LabelKey
    operator: typing.Literal['In', 'NotIn', 'Exists', 'DoesNotExist']
    values: Values | None = None


class LabelSelector(Document):
    """All of it must hold; an empty one chooses every pod."""
    match_labels: fields.Labels | None = None
    match_expressions: typing.Annotated[
        tuple[LabelRequirement, ...], at_most(20)] | None = None


class PodAffinityTerm(Document):
    """Pods, and in which domain theirs is to be ours, or not ours.

    Without a selector it is about no pod.
    """
    topology_key: TopologyKey
    label_selector: LabelSelector | None = None


class WeightedPodAffinityTerm(Document):
    weight: Weight
    pod_affinity_term: PodAffinityTerm


class PodAffinity(Document):
    """What must hold where the pod is placed, and what had better hold."""
    required_during_scheduling_ignored_during_execution: typing.Annotated[
        tuple[PodAffinityTerm, ...], at_most(16)] | None = None
    preferred_during_scheduling_ignored_during_execution: typing.Annotated[
        tuple[WeightedPodAffinityTerm, ...], at_most(16)] | None = None


class Affinity(Document):
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class TopologySpreadConstraint(Document):
    """How evenly the chosen pods are spread over the domains.

    `max_skew`: by how many more than in the emptiest domain.
    """
    max_skew: fields.Count
    topology_key: TopologyKey
    when_unsatisfiable: typing.Literal['DoNotSchedule', 'ScheduleAnyway']
    label_selector: LabelSelector | None = None
