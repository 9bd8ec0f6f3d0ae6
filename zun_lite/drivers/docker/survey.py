"""Looking at the engine: whose objects are there, and in which state.

A list tells which containers exist and whether they run, in one call; times,
exit codes and errors need an inspection each. What an inspection said of a
container that runs or has ended does not change, so it is asked once.

Lists lag: the engine tells of a container's end, and even answers a stop, a
moment before its lists show it. An inspection waits for that moment, hence
`doubt`.
"""
import dataclasses
import logging
import threading
import time
import typing
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

import docker.errors

from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import seen
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.seen import State

LOG = logging.getLogger(__name__)

_KILLED = 137
_OOM_SETTLES_S = 2.0    # the news that memory ran out may follow the end

Entry = Mapping[str, typing.Any]


class Survey:
    """The containers of one host's pods. Safe for threads."""

    def __init__(self, engine: Engine, host: str):
        self._engine, self._host = engine, host
        self._lock = threading.Lock()
        self._known: dict[str, Run] = {}
        self._doubted: set[str] = set()
        self._left_out: set[str] = set()        # and told of

    def doubt(self, *container_ids: str) -> None:
        """These have just ended: do not believe the list, inspect them."""
        with self._lock:
            self._doubted.update(container_ids)

    def pod(self, uuid: str) -> list[Run]:
        """All containers of one pod, with all details."""
        return self._complete(self._read(self._list(pod=uuid)))

    def everything(self) -> dict[str, list[Run]]:
        """All containers of all pods, by pod."""
        entries = self._list()
        self._forget_all_but({entry['Id'] for entry in entries})
        found: dict[str, list[Run]] = {}
        for run in self._complete(self._read(entries)):
            found.setdefault(run.pod, []).append(run)
        return found

    def volumes(self, uuid: str | None = None) -> list[dict[str, str]]:
        """Labels of the volumes of one pod, or of all; and their `Name`."""
        wanted = {} if uuid is None else {'pod': uuid}
        answer = self._engine.api.volumes(
            filters=labels.owned(self._host, **wanted))
        return [v['Labels'] | {'Name': v['Name']}
                for v in answer['Volumes'] or ()]

    def inspect(self, container_id: str) -> Run:
        """One container, by id or name, asked for now.

        :raises docker.errors.NotFound:
        :raises NotOurs:
        """
        run = seen.from_inspection(
            self._engine.api.inspect_container(container_id))
        with self._lock:
            self._known[run.id] = run
        return run

    def forget(self, container_id: str) -> None:
        with self._lock:
            self._known.pop(container_id, None)
            self._doubted.discard(container_id)

    def _forget_all_but(self, ids: Collection[str]) -> None:
        with self._lock:
            self._known = {i: run for i, run in self._known.items()
                           if i in ids}
            self._doubted.intersection_update(ids)
            self._left_out.intersection_update(ids)

    def _list(self, **wanted: str) -> list[Entry]:
        return list(self._engine.api.containers(
            all=True, filters=labels.owned(self._host, **wanted)))

    def _read(self, entries: Iterable[Entry]) -> list[Run]:
        """What is ours of a list. One that only looks so, as its image has
        such labels, must not hide the others."""
        found = []
        for entry in entries:
            try:
                found.append(seen.from_list(entry))
            except seen.UNREADABLE as exc:
                self._leave_out(entry['Id'], exc)
        return found

    def _leave_out(self, container_id: str, why: Exception) -> None:
        with self._lock:
            told = container_id in self._left_out
            self._left_out.add(container_id)
        if not told:
            LOG.warning('Container %s has labels of a pod and is none of it:'
                        ' %r', container_id, why)

    def _complete(self, runs: list[Run]) -> list[Run]:
        complete = (self._details(run) for run in runs)
        return [run for run in complete if run is not None]

    def _details(self, run: Run) -> Run | None:
        with self._lock:
            doubted = run.id in self._doubted
            self._doubted.discard(run.id)
            known = self._known.get(run.id)
        if not doubted:
            if run.kind == 'sandbox' and run.state is not State.CREATED:
                return run                  # the list has what matters
            if known is not None and known.state is run.state and (
                    _final(known)):
                return dataclasses.replace(known, mark=run.mark)
        try:
            return self.inspect(run.id)
        except docker.errors.NotFound:
            return None                     # removed since it was listed
        except seen.UNREADABLE as exc:
            self._leave_out(run.id, exc)
            return None


def _final(run: Run) -> bool:
    if run.state is State.ENDED and run.exit_code == _KILLED and (
            not run.oom_killed):
        return time.time() > run.ended_at + _OOM_SETTLES_S
    return run.state is not State.CREATED
