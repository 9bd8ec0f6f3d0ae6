"""A plain container as the engine shows it, with what is on record of it."""
import dataclasses
import re
import typing
from collections.abc import Iterable
from collections.abc import Mapping

from zun_lite.drivers.docker import seen
from zun_lite.drivers.docker import times
from zun_lite.drivers.docker.plain import records
from zun_lite.drivers.docker.plain.records import Record
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import State
from zun_lite.pod import plain

_EXITED = re.compile(r'Exited \((\d+)\)')


@dataclasses.dataclass(frozen=True, slots=True)
class SeenPlain:
    """`records`: newest first, at least one. `run`: None where there is no
    container (yet, or any more). `committed`: an image is being made of it,
    for which the engine freezes it and lets it go on by itself."""
    records: tuple[Record, ...]
    run: Run | None = None
    committed: bool = False

    @property
    def record(self) -> Record:
        return self.records[0]

    @property
    def uuid(self) -> str:
        return self.record.pod

    @property
    def generation(self) -> int:
        """That which was acted on last; 0: none."""
        return self.record.generation

    @property
    def made(self) -> bool:
        """Whether the container is the one that the record tells of."""
        return self.run is not None and self.run.id == self.record.run

    @property
    def paused(self) -> bool:
        """Because somebody asked for it."""
        return (self.run is not None and self.run.paused
                and not self.committed)

    @property
    def was_started(self) -> bool:
        """Since the record was written."""
        return self.made and records.stamp(self.run) != self.record.started


def group(found: Iterable[Record]) -> SeenPlain | None:
    """Without the container; None where there is no record."""
    sorted_ = records.newest_first(found)
    return SeenPlain(tuple(sorted_)) if sorted_ else None


def from_inspection(body: Mapping[str, typing.Any], record: Record) -> Run:
    """The body of GET /containers/{id}/json."""
    state = body['State']
    return Run(
        **_known(record), id=body['Id'], attempt=body.get('RestartCount', 0),
        state=seen.STATES.get(state['Status'], State.ENDED),
        created_at=times.parse(body['Created']) or 0.0,
        image=body['Config']['Image'], image_id=body['Image'],
        started_at=times.parse(state['StartedAt']),
        finished_at=times.parse(state['FinishedAt']),
        exit_code=state['ExitCode'], oom_killed=state['OOMKilled'],
        error=state['Error'], paused=state['Status'] == 'paused',
        restarting=state['Status'] == 'restarting',
        health=(state.get('Health') or {}).get('Status', ''),
        address=seen.address(body['NetworkSettings'].get('Networks')),
        addresses=seen.addresses(body['NetworkSettings'].get('Networks')),
        complete=True)


def from_list(entry: Mapping[str, typing.Any], record: Record) -> Run:
    """An entry of GET /containers/json, which has no times."""
    ended = _EXITED.match(entry.get('Status', ''))
    return Run(
        **_known(record), id=entry['Id'], attempt=0,
        state=seen.STATES.get(entry['State'], State.ENDED),
        created_at=float(entry['Created']), image=entry['Image'],
        image_id=entry['ImageID'], exit_code=int(ended[1]) if ended else 0,
        paused=entry['State'] == 'paused',
        restarting=entry['State'] == 'restarting',
        address=seen.address(entry['NetworkSettings'].get('Networks')),
        addresses=seen.addresses(entry['NetworkSettings'].get('Networks')))


def _known(record: Record) -> dict[str, typing.Any]:
    return {'pod': record.pod, 'project': record.project,
            'generation': record.generation, 'kind': 'container',
            'name': plain.NAME, 'sandbox': 0, 'document': record.document}
