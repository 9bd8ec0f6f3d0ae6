"""What a pod asks of the pods around it, ready to be compared."""
import dataclasses
from collections.abc import Iterator
from collections.abc import Mapping

from zun_lite.pod import affinity
from zun_lite.pod import selectors
from zun_lite.pod import spec
from zun_lite.pod.selectors import Operator
from zun_lite.pod.selectors import Requirement

_OPERATORS = {'In': Operator.IN, 'NotIn': Operator.NOT_IN,
              'Exists': Operator.EXISTS, 'DoesNotExist': Operator.ABSENT}
_REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
_SPREAD = 'spec.topologySpreadConstraints'


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """Some pods of the project, and the topology their domains are in.

    `selector` None: no pods. `path`: where the user wrote it.
    """
    key: str
    selector: selectors.Selector | None
    path: str

    def chooses(self, labels: Mapping[str, str]) -> bool:
        return self.selector is not None and selectors.matches(
            self.selector, labels)


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """What had better be; a negative weight: what had better not."""
    term: Term
    weight: int


@dataclasses.dataclass(frozen=True, slots=True)
class Spread:
    term: Term
    max_skew: int


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """`near`, `apart`, `even` must hold; `wishes`, `rather_even` may."""
    near: tuple[Term, ...] = ()
    apart: tuple[Term, ...] = ()
    even: tuple[Spread, ...] = ()
    wishes: tuple[Wish, ...] = ()
    rather_even: tuple[Spread, ...] = ()

    def __bool__(self) -> bool:
        return any((self.near, self.apart, self.even, self.wishes,
                    self.rather_even))

    @property
    def spans_hosts(self) -> bool:
        """Whether what happens on other hosts may break what must hold."""
        wide = [*self.apart, *(spread.term for spread in self.even)]
        return bool(self.near) or any(
            term.key != affinity.HOSTNAME for term in wide)

    @classmethod
    def of(cls, asked: spec.PodSpec) -> 'Rules':
        both = asked.affinity or affinity.Affinity()
        near, apart = both.pod_affinity, both.pod_anti_affinity
        spreads = [(one.when_unsatisfiable, Spread(
            _term(one.topology_key, one.label_selector,
                  f'{_SPREAD}[{index}]'), one.max_skew))
            for index, one in enumerate(
                asked.topology_spread_constraints or ())]
        return cls(
            tuple(_required(near, 'spec.affinity.podAffinity')),
            tuple(_required(apart, 'spec.affinity.podAntiAffinity')),
            tuple(s for when, s in spreads if when == 'DoNotSchedule'),
            (*_preferred(near, 1), *_preferred(apart, -1)),
            tuple(s for when, s in spreads if when == 'ScheduleAnyway'))


def _required(kind: affinity.PodAffinity | None, at: str) -> Iterator[Term]:
    terms = kind and kind.required_during_scheduling_ignored_during_execution
    for index, term in enumerate(terms or ()):
        yield _term(term.topology_key, term.label_selector,
                    f'{at}.{_REQUIRED}[{index}]')


def _preferred(kind: affinity.PodAffinity | None,
               sign: int) -> Iterator[Wish]:
    wishes = kind and (
        kind.preferred_during_scheduling_ignored_during_execution)
    for wish in wishes or ():
        term = wish.pod_affinity_term
        yield Wish(_term(term.topology_key, term.label_selector, ''),
                   sign * wish.weight)


def _term(key: str, selector: affinity.LabelSelector | None,
          path: str) -> Term:
    return Term(key, None if selector is None else _selector(selector), path)


def _selector(given: affinity.LabelSelector) -> selectors.Selector:
    labels = sorted((given.match_labels or {}).items())
    return (*(Requirement(key, Operator.IN, (value,))
              for key, value in labels),
            *(Requirement(one.key, _OPERATORS[one.operator],
                          one.values or ())
              for one in given.match_expressions or ()))
