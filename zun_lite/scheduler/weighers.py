"""Which of the hosts that fit a pod goes to: the one left with most room.

Spreading keeps a host's loss small and its engine quick; each resource
counts the same, as a share of what the host has. Before that counts what the
pod itself prefers.
"""
import random
from collections.abc import Iterable

from zun_lite.pod import host as pod_host
from zun_lite.scheduler import affinity
from zun_lite.scheduler import filters
from zun_lite.scheduler import request as scheduler_request


def weight(host: pod_host.HostSummary,
           request: scheduler_request.PodRequest) -> float:
    """The share of the host that would stay free: 0 full, 1 empty."""
    after = host.claimed(request.cpu_millis, request.memory_bytes)
    shares = (after.cpu_millis_free / max(host.cpu_millis, 1),
              after.memory_bytes_free / max(host.memory_bytes, 1),
              after.pods_free / max(host.max_pods, 1))
    return sum(shares) / len(shares)


def candidates(hosts: Iterable[pod_host.HostSummary],
               request: scheduler_request.PodRequest,
               ) -> list[pod_host.HostSummary]:
    """The hosts that can take the pod, best first.

    Equal ones in random order, so that conductors do not collide.
    """
    weighed = [((affinity.preference(host, request), weight(host, request),
                 random.random()), host)  # noqa: S311
               for host in hosts if filters.passes(host, request)]
    weighed.sort(key=lambda entry: entry[0], reverse=True)
    return [host for _weight, host in weighed]
