"""What placement looks at: the hosts, and the pods that are placed."""
import collections
import dataclasses
import functools
import json
import typing
from collections.abc import Sequence

from sqlalchemy import orm

from zun_lite.db import containers
from zun_lite.db import hosts
from zun_lite.db import neighbours
from zun_lite.db import pods
from zun_lite.pod import host as pod_host
from zun_lite.pod import spec
from zun_lite.scheduler import affinity
from zun_lite.scheduler import filters
from zun_lite.scheduler.around import Neighbour
from zun_lite.scheduler.request import beside
from zun_lite.scheduler.request import PodRequest


@functools.lru_cache(maxsize=256)
def _asked(spec_text: str, parts: frozenset[str]) -> PodRequest:
    return PodRequest.of(spec.PodSpec.model_validate_json(spec_text),
                         parts=parts)


def asked(row: pods.PodRow) -> PodRequest:
    """What a pod asks for, whoever is around."""
    found = _asked(row.spec, beside(containers.plain(row)))
    return dataclasses.replace(found, labels=json.loads(row.labels or '{}'))


@dataclasses.dataclass(slots=True)
class Scene:
    """As it was read, and brought up to date with what was claimed."""
    hosts: list[pod_host.HostSummary] = dataclasses.field(
        default_factory=list)
    neighbours: dict[str, list[Neighbour]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(list))

    @classmethod
    def read(cls, session: orm.Session,
             rows: Sequence[pods.PodRow]) -> typing.Self:
        """What matters to these pods, in a constant number of statements."""
        found = cls()
        if rows:
            found.hosts = hosts.summaries(session)
        whole = {row.project_id for row in rows if asked(row).rules}
        for near in neighbours.of(
                session, {row.project_id for row in rows}, whole):
            found.neighbours[near.project_id].append(Neighbour.of(near))
        return found

    def refresh(self, session: orm.Session,
                rows: Sequence[pods.PodRow]) -> None:
        """Look again, for these pods."""
        found = self.read(session, rows)
        self.hosts[:] = found.hosts
        for row in rows:
            self.neighbours[row.project_id] = found.neighbours[row.project_id]

    def is_indifferent(self, row: pods.PodRow) -> bool:
        """Whether the pods around do not matter to a pod, nor it to them."""
        return not (asked(row).rules or self.neighbours[row.project_id])

    def request(self, row: pods.PodRow) -> PodRequest:
        return filters.among(asked(row), self.hosts,
                             self.neighbours[row.project_id])

    def claimed(self, row: pods.PodRow, host: pod_host.HostSummary) -> None:
        """Take in that a pod was placed."""
        self.hosts[self.hosts.index(host)] = host.claimed(
            row.cpu_millis, row.memory_bytes)
        self.neighbours[row.project_id].append(Neighbour(
            host.name, json.loads(row.labels or '{}'),
            asked(row).rules.apart))

    def still_fits(self, session: orm.Session, row: pods.PodRow,
                   host: pod_host.HostSummary) -> bool:
        """Whether a pod that was just bound to a host fits to the pods that
        are around by now, in the transaction that binds it."""
        request = asked(row)
        found = neighbours.of(
            session, [row.project_id],
            [row.project_id] if request.rules else (), besides=row.id)
        request = filters.among(request, self.hosts,
                                [Neighbour.of(near) for near in found])
        return all(fits(host, request) is None for fits in affinity.FILTERS)
