"""Selectors of pods, and constraints that say the same twice."""
from collections.abc import Iterator

from zun_lite.exceptions import FieldError
from zun_lite.pod.affinity import LabelRequirement
from zun_lite.pod.affinity import LabelSelector
from zun_lite.pod.affinity import PodAffinity
from zun_lite.pod.spec import PodSpec
from zun_lite.pod.validation import metadata
from zun_lite.pod.validation import repeats

REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'


def faults(spec: PodSpec, at: str) -> Iterator[FieldError]:
    """Faults of a pod's affinity and of how it is spread."""
    if spec.affinity is not None:
        for name, kind in (('podAffinity', spec.affinity.pod_affinity),
                           ('podAntiAffinity',
                            spec.affinity.pod_anti_affinity)):
            yield from _kind_faults(kind, f'{at}.affinity.{name}')
    at = f'{at}.topologySpreadConstraints'
    constraints = spec.topology_spread_constraints or ()
    for index, one in enumerate(constraints):
        yield from _selector_faults(one.label_selector, f'{at}[{index}]')
    yield from repeats.faults(
        ((f'{at}[{index}]',
          f'{{{one.topology_key}, {one.when_unsatisfiable}}}')
         for index, one in enumerate(constraints)), 'the constraint')


def _kind_faults(kind: PodAffinity | None, at: str) -> Iterator[FieldError]:
    if kind is None:
        return
    for index, term in enumerate(
            kind.required_during_scheduling_ignored_during_execution or ()):
        yield from _selector_faults(term.label_selector,
                                    f'{at}.{REQUIRED}[{index}]')
    for index, wish in enumerate(
            kind.preferred_during_scheduling_ignored_during_execution or ()):
        yield from _selector_faults(
            wish.pod_affinity_term.label_selector,
            f'{at}.{PREFERRED}[{index}].podAffinityTerm')


def _selector_faults(selector: LabelSelector | None,
                     at: str) -> Iterator[FieldError]:
    if selector is None:
        return
    yield from metadata.key_faults(selector.match_labels,
                                   f'{at}.labelSelector.matchLabels')
    for index, one in enumerate(selector.match_expressions or ()):
        yield from _requirement_faults(
            one, f'{at}.labelSelector.matchExpressions[{index}]')


def _requirement_faults(one: LabelRequirement,
                        at: str) -> Iterator[FieldError]:
    wanted = one.operator in ('In', 'NotIn')
    if wanted and not one.values:
        yield FieldError(f'{at}.values', f'must be given for {one.operator}')
    elif one.values and not wanted:
        yield FieldError(f'{at}.values',
                         f'must not be given for {one.operator}')
    yield from metadata.prefix_faults(one.key, f'{at}.key')
