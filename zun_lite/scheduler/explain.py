"""Why a pod fits nowhere, and what each host says to it."""
import collections
import dataclasses
from collections.abc import Iterable
from collections.abc import Sequence

from zun_lite import exceptions
from zun_lite.pod import host as pod_host
from zun_lite.scheduler import filters
from zun_lite.scheduler import request as scheduler_request

NO_HOSTS = ('There is no host yet; the pod is placed when a compute agent '
            'registers.')


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What one host says to a pod. `fields`: faults that have a path."""
    host: str
    driver: str
    accepted: bool
    message: str
    fields: tuple[exceptions.FieldError, ...] = ()


def verdict(host: pod_host.HostSummary,
            request: scheduler_request.PodRequest) -> Verdict:
    found = list(filters.refusals(host, request))
    return Verdict(
        host.name, host.driver, not found,
        '; '.join(r.message for r in found) or 'the pod fits',
        tuple(fault for r in found for fault in r.faults))


def verdicts(hosts: Iterable[pod_host.HostSummary],
             request: scheduler_request.PodRequest) -> list[Verdict]:
    """Each host's verdict, for a request that is only tried."""
    return [verdict(host, request) for host in hosts]


def reason(hosts: Sequence[pod_host.HostSummary],
           request: scheduler_request.PodRequest) -> str:
    """Why no host takes the pod: counts, and the smallest change.

    "None of 3 hosts can take the pod: 2 short of cpu, 1 silent. Smallest
    change: ask for 500m less cpu, or free as much on host b."
    """
    if not hosts:
        return NO_HOSTS
    refused = [list(filters.refusals(host, request)) for host in hosts]
    counts = collections.Counter(
        refusal.counted for found in refused for refusal in found)
    told = ', '.join(f'{count} {counted}' for counted, count
                     in counts.most_common())
    nearest = min(refused, key=_distance)
    change = ' and '.join(refusal.change for refusal in nearest)
    of = f'{len(hosts)} hosts' if len(hosts) > 1 else '1 host'
    return (f'None of {of} can take the pod: {told}. '
            f'Smallest change: {change}.')


def _distance(found: Sequence[filters.Refusal]) -> tuple[int, int, float]:
    """The hardest part of a change counts first, then parts, then size."""
    return (max((r.effort for r in found), default=0), len(found),
            sum(r.short for r in found))
