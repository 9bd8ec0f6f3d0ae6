"""Notes about plain containers, kept on the engine as empty volumes.

A record says which generation was acted on, and leads to the container: the
first one is made before anything else and the last one is removed after
everything else. It is written when all that comes before a start is done, and
says when the container had been started before; so whether the start itself
was carried out is seen from the container.
"""
import dataclasses
import json
import typing
from collections.abc import Iterable
from collections.abc import Mapping

import docker.errors

from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import network
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.seen import Run
from zun_lite.pod.spec import Pod

KIND = 'record'
RUN = 'zun-lite/run'                    # id of the engine container
STARTED = 'zun-lite/started-before'     # see `stamp`

Marks = Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """`generation` 0: nothing is made yet. `document`: the pod, as JSON."""
    volume: str
    pod: str
    project: str
    generation: int
    document: str = ''
    run: str = ''
    started: str = ''
    deployment: str | None = None


def stamp(run: Run | None) -> str:
    """When it was last started, as records write it; '' is never."""
    if run is None or run.started_at is None:
        return ''
    return repr(run.started_at)


def is_record(marks: Marks) -> bool:
    return marks.get(labels.KIND) == KIND


def read(marks: Marks) -> Record:
    """From the labels of a volume, and its `Name`."""
    return Record(
        volume=marks['Name'], pod=marks[labels.POD],
        project=marks.get(labels.PROJECT, ''),
        generation=int(marks.get(labels.GENERATION, 0)),
        document=marks.get(labels.DOCUMENT, ''), run=marks.get(RUN, ''),
        started=marks.get(STARTED, ''),
        deployment=marks.get(labels.DEPLOYMENT))


def newest_first(found: Iterable[Record]) -> list[Record]:
    return sorted(found, key=lambda r: r.generation, reverse=True)


def document(pod: Pod) -> str:
    """What a later agent needs to show and end it; no content of files."""
    kept = json.loads(labels.document(pod))
    kept.get('plain', {}).pop('files', None)
    return json.dumps(kept, separators=(',', ':'))


class Records:
    """Writes and removes them. Idempotent."""

    def __init__(self, engine: Engine, host: str):
        self._engine, self._host = engine, host

    def begin(self, pod: Pod) -> Record:
        """The one that leads to what is about to be made."""
        return self._write(pod, 0, None)

    def note(self, pod: Pod, run: Run | None) -> Record:
        """`pod` was acted on, by what is now `run`."""
        return self._write(pod, pod.generation, run)

    def _write(self, pod: Pod, generation: int, run: Run | None) -> Record:
        about: dict[str, typing.Any] = labels.of_pod(pod, self._host) | {
            labels.KIND: KIND, labels.GENERATION: str(generation),
            labels.DOCUMENT: document(pod), **network.marks(pod)}
        if run is not None:
            about |= {RUN: run.id, STARTED: stamp(run)}
        name = names.record(pod.uuid, generation, run.id if run else '')
        self._engine.api.create_volume(name, driver='local', labels=about)
        return read(about | {'Name': name})

    def drop(self, records: Iterable[Record]) -> None:
        for record in records:
            try:
                self._engine.api.remove_volume(record.volume, force=True)
            except docker.errors.NotFound:
                continue
