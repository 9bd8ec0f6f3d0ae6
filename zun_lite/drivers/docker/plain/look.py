"""Finding plain containers on the engine, by their records."""
import dataclasses
from collections.abc import Iterable

import docker.errors

from zun_lite.drivers.docker import names
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.memory import Memory
from zun_lite.drivers.docker.plain import records
from zun_lite.drivers.docker.plain import seen as seen_module
from zun_lite.drivers.docker.plain.records import Marks
from zun_lite.drivers.docker.plain.records import Record
from zun_lite.drivers.docker.plain.seen import SeenPlain
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.survey import Survey

_OURS = {'name': ['^/zun-']}


class Look:
    """Changes nothing."""

    def __init__(self, engine: Engine, survey: Survey, memory: Memory):
        self._engine, self._survey, self._memory = engine, survey, memory

    def one(self, uuid: str) -> SeenPlain | None:
        """Asked for now; None: no record leads to such a container."""
        committed = self._memory.committed()
        found = _records(self._survey.volumes(uuid))
        seen = seen_module.group(found)
        if seen is None:
            return None
        try:
            body = self._engine.api.inspect_container(names.plain(uuid))
        except docker.errors.NotFound:
            return seen
        return self._joined(
            seen, seen_module.from_inspection(body, seen.record), committed)

    def runs(self, uuid: str) -> list[Run]:
        """The container, if there is one."""
        seen = self.one(uuid)
        return [seen.run] if seen is not None and seen.run else []

    def all(self, volumes: Iterable[Marks]) -> list[SeenPlain]:
        """All whose records are among these volumes' labels: one call."""
        committed = self._memory.committed()
        by_pod: dict[str, list[Record]] = {}
        for record in _records(volumes):
            by_pod.setdefault(record.pod, []).append(record)
        if not by_pod:
            return []
        entries = {
            names.plain_uuid(entry['Names'][0]): entry for entry
            in self._engine.api.containers(all=True, filters=_OURS)
            if entry['Names']}
        found = []
        for uuid, its in by_pod.items():
            seen = SeenPlain(tuple(records.newest_first(its)))
            entry = entries.get(uuid)
            found.append(seen if entry is None else self._joined(
                seen, seen_module.from_list(entry, seen.record), committed))
        return found

    def _joined(self, seen: SeenPlain, run: Run,
                committed: frozenset[str]) -> SeenPlain:
        """`committed`: of which images were being made before the look; one
        may have begun, or ended, since.

        Of records of one generation, that of this very container counts.
        """
        found = sorted(seen.records, reverse=True,
                       key=lambda r: (r.generation, r.run == run.id))
        return dataclasses.replace(
            seen, records=tuple(found), run=run,
            committed=seen.uuid in committed | self._memory.committed())


def _records(volumes: Iterable[Marks]) -> list[Record]:
    return [records.read(v) for v in volumes if records.is_record(v)]
