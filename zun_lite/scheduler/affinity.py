"""Filters and preferences that look at the pods around.

A cluster of several domains places pods in them itself, and we do not know
in which: it is refused only where, as the pods may lie, none is left.
"""
from collections.abc import Callable

from zun_lite import exceptions
from zun_lite.pod import affinity
from zun_lite.pod import host as pod_host
from zun_lite.scheduler import around
from zun_lite.scheduler import request as scheduler_request
from zun_lite.scheduler.refusal import Effort
from zun_lite.scheduler.refusal import Refusal
from zun_lite.scheduler.rules import Spread
from zun_lite.scheduler.rules import Term

Host = pod_host.HostSummary
Request = scheduler_request.PodRequest

_WORDS = {affinity.HOSTNAME: 'host', affinity.ZONE: 'zone'}


def near(host: Host, request: Request) -> Refusal | None:
    """Required podAffinity. The first of pods that attract each other may
    begin anywhere."""
    for term in request.rules.near:
        tally = _around(request).tally(term)
        first = not tally.hosts and term.chooses(request.labels)
        if not around.domains(host, term.key) or not (
                first or tally.near(host, term.key)):
            return _refusal('away from pods it must be near', term,
                            f'no pod that it must be near is in {_of(term)}')
    return None


def apart(host: Host, request: Request) -> Refusal | None:
    """Required podAntiAffinity."""
    for term in request.rules.apart:
        if _is_full(_around(request).tally(term), host, term.key):
            return _refusal('near pods it must be apart from', term,
                            'a pod that it must be apart from is in '
                            + _of(term))
    return None


def left_alone(host: Host, request: Request) -> Refusal | None:
    """Required podAntiAffinity of those that were there before."""
    if request.around is None:
        return None
    for key, tally in request.around.keeping_away(request.labels):
        if _is_full(tally, host, key):
            where = f'its {_WORDS[key]}'
            return Refusal(
                'kept free by podAntiAffinity of other pods',
                f'a pod in {where} keeps pods with such labels away',
                'change the labels of one of them', Effort.FIELDS, 1,
                (exceptions.FieldError(
                    'metadata.labels', 'podAntiAffinity of a pod in '
                    f'{where} is against them'),))
    return None


def even(host: Host, request: Request) -> Refusal | None:
    """Constraints of how pods are spread, with DoNotSchedule."""
    for spread in request.rules.even:
        skew = _skew(spread, host, request)
        if skew is None or skew > spread.max_skew:
            return _refusal(
                'too full of the pods to be spread', spread.term,
                f'{_of(spread.term)} is not known' if skew is None else
                f'{_of(spread.term)} would have {skew} more than the '
                f'emptiest, and at most {spread.max_skew} are allowed')
    return None


FILTERS: tuple[Callable[[Host, Request], Refusal | None], ...] = (
    near, apart, left_alone, even)


def preference(host: Host, request: Request) -> float:
    """What is preferred, but need not be: the more, the better."""
    score = sum(wish.weight for wish in request.rules.wishes
                if _around(request).tally(wish.term).near(
                    host, wish.term.key))
    return score - sum(
        (_skew(spread, host, request) or 0) / spread.max_skew
        for spread in request.rules.rather_even)


def _skew(spread: Spread, host: Host, request: Request) -> int | None:
    """How many more there would be than in the emptiest domain.

    None: the host is in no domain. A cluster spreads among its own.
    """
    its = around.domains(host, spread.term.key)
    if not its:
        return None
    if len(its) > 1:
        return 0
    found = _around(request)
    return (found.tally(spread.term).near(host, spread.term.key)
            + spread.term.chooses(request.labels) - found.least(spread.term))


def _around(request: Request) -> around.Around:
    """Where nobody looked, nobody is."""
    return request.around or around.Around((), ())


def _is_full(tally: around.Tally, host: Host, key: str) -> bool:
    its = around.domains(host, key)
    return bool(its) and tally.near(host, key) >= len(its)


def _of(term: Term) -> str:
    return f'its {_WORDS[term.key]}'


def _refusal(counted: str, term: Term, message: str) -> Refusal:
    return Refusal(counted, message, f'do without {term.path}',
                   Effort.SELECTOR, 1,
                   (exceptions.FieldError(term.path, message),))
