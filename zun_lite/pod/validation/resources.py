"""Amounts of CPU and memory.

The lower bounds are the engines': Docker refuses less memory, and the kernel
a CPU quota below 1 ms in its period of 100 ms. The upper ones keep every sum
well inside a database's and JSON's integers.
"""
import dataclasses
from collections.abc import Callable
from collections.abc import Iterator

from zun_lite.exceptions import FieldError
from zun_lite.pod import quantities
from zun_lite.pod.spec import ResourceList
from zun_lite.pod.spec import Resources

MAX_MEMORY = '1Pi'
MAX_MEMORY_BYTES = quantities.whole(MAX_MEMORY)


@dataclasses.dataclass(frozen=True, slots=True)
class _Bounds:
    value: Callable[[str], int]
    smallest_limit: str
    largest: str


_BOUNDS = {'cpu': _Bounds(quantities.millis, '10m', '100k'),
           'memory': _Bounds(quantities.whole, '6Mi', MAX_MEMORY)}


def faults(resources: Resources | None, at: str) -> Iterator[FieldError]:
    """Faults of one container's requests and limits."""
    if resources is None:
        return
    limits = resources.limits or ResourceList()
    requests = resources.requests or ResourceList()
    for name, bounds in _BOUNDS.items():
        limit, request = getattr(limits, name), getattr(requests, name)
        wrong = [*_limit_faults(limit, bounds, f'{at}.limits.{name}'),
                 *_size_faults(request, bounds, f'{at}.requests.{name}')]
        yield from wrong
        if not wrong and request is not None and limit is not None and (
                quantities.parse(request) > quantities.parse(limit)):
            yield FieldError(f'{at}.requests.{name}',
                             f'must be at most the limit, {limit}')


def _limit_faults(limit: str | None, bounds: _Bounds,
                  at: str) -> Iterator[FieldError]:
    if limit is not None and (
            bounds.value(limit) < bounds.value(bounds.smallest_limit)):
        yield FieldError(at, f'must be at least {bounds.smallest_limit}')
    yield from _size_faults(limit, bounds, at)


def _size_faults(amount: str | None, bounds: _Bounds,
                 at: str) -> Iterator[FieldError]:
    if amount is not None and (
            bounds.value(amount) > bounds.value(bounds.largest)):
        yield FieldError(at, f'must be at most {bounds.largest}')
