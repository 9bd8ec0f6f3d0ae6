"""The optional groups: logs, exec, top and stats."""
import concurrent.futures
import threading
import time
import typing
from collections.abc import Mapping

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.docker import execs
from zun_lite.drivers.docker import logs
from zun_lite.drivers.docker import seen as seen_module
from zun_lite.drivers.docker import usage
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.client import refusals
from zun_lite.drivers.docker.plain.look import Look
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import SeenPod
from zun_lite.drivers.docker.survey import Survey
from zun_lite.drivers.docker.view import View
from zun_lite.pod.spec import Pod

_APART_S = 1.0              # between two samples of our own
_OLD_S = 60.0               # an older sample is no base for an average
_AT_ONCE = 8

_Timed = tuple[float, usage.Sample]


class Reads(base.SplitLogs, base.Exec, base.Top, base.Stats):
    """What can be asked of a pod that is there; changes nothing."""
    _engine: Engine
    _survey: Survey
    _look: Look
    _view: View

    def __init__(self) -> None:
        self._samples: dict[str, _Timed] = {}
        self._samples_lock = threading.Lock()

    @refusals()
    def logs(self, uuid: str, container: str, *, tail: int | None = None,
             since: str | None = None, timestamps: bool = False,
             previous: bool = False, limit_bytes: int = 2**20) -> bytes:
        return self._log(self._run(uuid, container, previous=previous),
                         tail=tail, since=since, timestamps=timestamps,
                         limit_bytes=limit_bytes)

    @refusals()
    def logs_of(self, uuid: str, container: str, stream: int, *,
                tail: int | None = None, since: str | None = None,
                timestamps: bool = False,
                limit_bytes: int = 2**20) -> bytes:
        return self._log(self._run(uuid, container), stream=stream,
                         tail=tail, since=since, timestamps=timestamps,
                         limit_bytes=limit_bytes)

    def _log(self, run: Run, **what: typing.Any) -> bytes:
        try:
            return logs.read(self._engine, run.id, **what)
        except docker.errors.NotFound as exc:
            raise exceptions.ContainerNotFound(explain(exc)) from exc

    @refusals()
    def exec(self, uuid: str, container: str, command: tuple[str, ...], *,
             timeout_s: float, limit_bytes: int = 2**20) -> base.ExecResult:
        run = self._running(uuid, container)
        return execs.run(self._engine, run.id, command, timeout_s=timeout_s,
                         limit_bytes=limit_bytes)

    @refusals()
    def top(self, uuid: str, container: str) -> dict[str, typing.Any]:
        run = self._running(uuid, container)
        try:
            found = self._engine.api.top(run.id)
        except docker.errors.APIError as exc:
            if exc.status_code not in (404, 409):
                raise
            raise exceptions.Conflict(
                'The container does not run.') from exc
        return {'titles': found['Titles'],
                'processes': found['Processes'] or []}

    @refusals()
    def stats(self, uuid: str) -> list[dict[str, typing.Any]]:
        seen = self._pod(uuid)
        document = self._view.document(seen)
        running = sorted((r for r in seen.newest if r.running),
                         key=lambda r: r.name)
        asked = [*running, seen.sandbox] if seen.sandbox else [*running]
        samples = self._sample([r.id for r in asked if r.running])
        shared = samples.get(asked[-1].id) if asked else None
        links = usage.network(shared[2]) if shared else (0, 0)
        limits = _limits(document, {
            run.name: usage.memory_limit(samples[run.id][2])
            for run in running if run.id in samples})
        return [_entry(run, samples[run.id], links, limits.get(run.name))
                for run in running if run.id in samples]

    def _pod(self, uuid: str) -> SeenPod:
        seen = seen_module.group(
            uuid, self._survey.pod(uuid) or self._look.runs(uuid))
        if seen is None:
            raise exceptions.PodNotFound()
        return seen

    def _run(self, uuid: str, container: str, *,
             previous: bool = False) -> Run:
        seen = self._pod(uuid)
        runs = seen.runs.get(container, ())
        if len(runs) > previous:
            return runs[int(previous)]
        if not self._is_asked_for(seen, container):
            raise exceptions.ContainerNotFound()
        raise exceptions.ContainerNotFound(
            f'Container {container} has not been '
            f'{"restarted" if runs else "started"} yet.')

    def _is_asked_for(self, seen: SeenPod, container: str) -> bool:
        pod = self._view.document(seen)
        return pod is not None and any(
            c.name == container for c in pod.spec.all_containers)

    def _running(self, uuid: str, container: str) -> Run:
        seen = self._pod(uuid)
        run = seen.latest(container)
        if run is None and not self._is_asked_for(seen, container):
            raise exceptions.ContainerNotFound()
        if run is None or not run.running:
            raise exceptions.Conflict(
                f'Container {container} does not run.')
        return run

    def _sample(self, ids: list[str]) -> dict[str, tuple[float, usage.Sample,
                                                         usage.Sample]]:
        """(seconds apart, earlier, later) for each that still runs."""
        with self._samples_lock:
            earlier = {i: self._samples[i] for i in ids if i in
                       self._samples and time.monotonic()
                       - self._samples[i][0] < _OLD_S}
        if len(earlier) < len(ids):
            earlier = self._take(ids)
            time.sleep(_APART_S)
        later = self._take(ids)
        with self._samples_lock:
            self._samples = {i: s for i, s in self._samples.items()
                             if time.monotonic() - s[0] < _OLD_S} | later
        return {i: (later[i][0] - earlier[i][0], earlier[i][1], later[i][1])
                for i in ids if i in later and i in earlier}

    def _take(self, ids: list[str]) -> dict[str, _Timed]:
        def one(container_id: str) -> _Timed | None:
            try:
                return (time.monotonic(),
                        self._engine.api.one_stat(container_id))
            except docker.errors.APIError as exc:
                if exc.status_code not in (404, 409):
                    raise
                return None             # it has ended meanwhile
        with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
            taken = zip(ids, pool.map(one, ids), strict=True)
            return {i: sample for i, sample in taken if sample is not None}


def _limits(pod: Pod | None, held: Mapping[str, int | None],
            ) -> dict[str, int | None]:
    """`held`: what the engine holds each to, all of its memory at most. Of a
    plain container that counts: it may be changed while it runs."""
    if pod is None:
        return {}
    return {c.name: held.get(c.name) if pod.plain is not None
            else c.limits.memory_bytes for c in pod.spec.all_containers}


def _entry(run: Run, sample: tuple[float, usage.Sample, usage.Sample],
           links: tuple[int, int], limit: int | None,
           ) -> dict[str, typing.Any]:
    apart, earlier, later = sample
    read, written = usage.blocks(later)
    return {'name': run.name,
            'cpu_millis': usage.cpu_millis(earlier, later, apart),
            'memory_bytes': usage.memory_bytes(later),
            'memory_limit_bytes': limit,
            'rx_bytes': links[0], 'tx_bytes': links[1],
            'read_bytes': read, 'write_bytes': written,
            'pids': usage.pids(later)}
