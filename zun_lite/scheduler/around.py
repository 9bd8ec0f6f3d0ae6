"""The pods of a project that are placed, as a new one finds them."""
import collections
import dataclasses
import functools
import json
import typing
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence

from zun_lite.conf import CONF
from zun_lite.pod import affinity
from zun_lite.pod import host as pod_host
from zun_lite.pod import spec
from zun_lite.scheduler.rules import Rules
from zun_lite.scheduler.rules import Term

LABEL_ZONE = 'zun-lite/availability-zone'


def domains(host: pod_host.HostSummary, key: str) -> frozenset[str]:
    """The domains of a topology that a host has: mostly one.

    A cluster has those of its nodes: none, where they lack the label, or
    several, of which it chooses one itself.
    """
    if host.nodes is not None:
        return host.nodes.values(key)
    if key == affinity.HOSTNAME:
        return frozenset({host.name})
    return frozenset({host.labels.get(key) or host.labels.get(
        LABEL_ZONE, CONF.containers.default_availability_zone)})


class Row(typing.Protocol):
    """What the database tells; see `db.neighbours`."""
    @property
    def host(self) -> str: ...
    @property
    def labels(self) -> str | None: ...
    @property
    def spec(self) -> str | None: ...


@functools.lru_cache(maxsize=256)
def rules_of(spec_text: str) -> Rules:
    return Rules.of(spec.PodSpec.model_validate_json(spec_text))


@dataclasses.dataclass(frozen=True, slots=True)
class Neighbour:
    """A placed pod. `apart`: those that it must not get near it."""
    host: str
    labels: Mapping[str, str]
    apart: tuple[Term, ...] = ()

    @classmethod
    def of(cls, row: Row) -> 'Neighbour':
        """`row.spec` None: it keeps nobody away."""
        return cls(row.host, json.loads(row.labels or '{}'),
                   rules_of(row.spec).apart if row.spec else ())


@dataclasses.dataclass(frozen=True, slots=True)
class Tally:
    """How many pods were counted: in each domain, and on each host.

    Those on a cluster of several domains are in no domain that we know.
    """
    domains: Mapping[str, int]
    hosts: Mapping[str, int]

    def near(self, host: pod_host.HostSummary, key: str) -> int:
        """Those in the host's domain; of several, on the whole cluster."""
        its = domains(host, key)
        if len(its) == 1:
            return sum(self.domains.get(domain, 0) for domain in its)
        return self.hosts.get(host.name, 0) if its else 0


class Around:
    """`spread_over`: the hosts whose domains are to be filled evenly."""

    def __init__(self, hosts: Iterable[pod_host.HostSummary],
                 neighbours: Sequence[Neighbour],
                 spread_over: Sequence[pod_host.HostSummary] = ()) -> None:
        self._hosts = {host.name: host for host in hosts}
        self._neighbours = neighbours
        self._spread_over = spread_over
        self._tallies: dict[Term, Tally] = {}

    def tally(self, term: Term) -> Tally:
        """Of the pods that a term chooses."""
        if term not in self._tallies:
            self._tallies[term] = self._count(term.key, (
                one.host for one in self._neighbours
                if term.chooses(one.labels)))
        return self._tallies[term]

    def keeping_away(self, labels: Mapping[str, str],
                     ) -> Iterable[tuple[str, Tally]]:
        """By topology, of the pods that must not get these labels near."""
        hosts: dict[str, list[str]] = collections.defaultdict(list)
        for one in self._neighbours:
            for key in {term.key for term in one.apart
                        if term.chooses(labels)}:
                hosts[key].append(one.host)
        return [(key, self._count(key, found))
                for key, found in hosts.items()]

    def least(self, term: Term) -> int:
        """In the emptiest of the domains that are to be filled evenly."""
        counted = self.tally(term).domains
        open_to = {domain for host in self._spread_over
                   if len(its := domains(host, term.key)) == 1
                   for domain in its}
        return min((counted.get(d, 0) for d in open_to), default=0)

    def _count(self, key: str, hosts: Iterable[str]) -> Tally:
        by_host = collections.Counter(hosts)
        by_domain: collections.Counter[str] = collections.Counter()
        for name, count in by_host.items():
            its = (domains(self._hosts[name], key)
                   if name in self._hosts else ())
            if len(its) == 1:
                by_domain[next(iter(its))] += count
        return Tally(by_domain, by_host)
