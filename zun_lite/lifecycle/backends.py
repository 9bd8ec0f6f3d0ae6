"""What the live backends say to a pod before it is accepted."""
import dataclasses
import types
from collections.abc import Mapping

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import hosts
from zun_lite.db import neighbours
from zun_lite.pod import capabilities
from zun_lite.pod import host as pod_host
from zun_lite.pod import spec
from zun_lite.scheduler import around
from zun_lite.scheduler import explain
from zun_lite.scheduler import filters
from zun_lite.scheduler import request

_NOTHING: Mapping[str, tuple[str, ...]] = types.MappingProxyType({})


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What one host says. Refused: why, and the fields it is about."""
    host: str
    driver: str
    accepted: bool
    fields: tuple[exceptions.FieldError, ...] = ()
    reason: str | None = None


def check(asked: spec.PodSpec,
          needs: Mapping[str, tuple[str, ...]] = _NOTHING) -> None:
    """Refuse what no live backend among those selected supports.

    `needs`: capabilities beside those of the spec, with what asks for them.

    Whether there is room is not asked: that changes, and the pod can wait.
    Nor is anything refused while no such backend is live.

    :raises Invalid: `fields` are those of the backend that lacks least.
    """
    with db.reader() as session:
        live = hosts.live(session)
    # Hosts of one driver mostly have the very same capabilities.
    kinds = {host.capabilities for host in live if _selected(asked, host)}
    faults = [[*capabilities.missing(asked, kind), *_missing(needs, kind)]
              for kind in kinds]
    if faults and all(faults):
        least = min(faults, key=len)
        raise exceptions.Invalid('No live backend supports this pod.',
                                 fields=least)


def _missing(needs: Mapping[str, tuple[str, ...]],
             held: frozenset[str]) -> list[exceptions.FieldError]:
    return [exceptions.FieldError(path, 'not supported by this backend')
            for name, paths in needs.items() if name not in held
            for path in paths]


def _selected(asked: spec.PodSpec, host: pod_host.HostSummary) -> bool:
    """Whether the nodeSelector names this host and its driver, or neither."""
    wanted = asked.node_selector or {}
    return (wanted.get(filters.LABEL_DRIVER, host.driver) == host.driver
            and wanted.get(filters.LABEL_HOST, host.name) == host.name)


def verdicts(manifest: spec.PodManifest, project_id: str) -> list[Verdict]:
    """What each live host would say to the pod now, room included."""
    asked = request.PodRequest.of(manifest.spec, manifest.metadata.labels)
    with db.reader() as session:
        known = hosts.summaries(session)
        near = neighbours.of(session, [project_id],
                             [project_id] if asked.rules else ())
    asked = filters.among(asked, known, [*map(around.Neighbour.of, near)])
    return [Verdict(said.host, said.driver, said.accepted, said.fields,
                    None if said.accepted else said.message)
            for said in explain.verdicts(
                [host for host in known if host.live], asked)]
