"""Removing what belongs to a pod, in an order that a crash may cut anywhere.

Containers, then the sandbox, then volumes, then the project's network: what
is left still carries the pod's labels, so that it is found and removed.
"""
import threading
from collections.abc import Iterable

import docker.errors

from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.events import EventReader
from zun_lite.drivers.docker.plain import records
from zun_lite.drivers.docker.seen import Run
from zun_lite.drivers.docker.survey import Survey


class Remover:
    """What is not there is fine; what is being removed, too."""

    def __init__(self, engine: Engine, survey: Survey, events: EventReader):
        self._engine, self._survey, self._events = engine, survey, events

    def runs(self, runs: Iterable[Run]) -> None:
        """Containers side by side, then sandboxes."""
        members: list[Run] = []
        sandboxes: list[Run] = []
        for run in runs:
            (sandboxes if run.kind == 'sandbox' else members).append(run)
        if len(members) > 1:
            self._side_by_side(members)
        else:
            for run in members:
                self._one(run)
        for run in sandboxes:
            self._one(run)

    def volumes(self, uuid: str, *, keep: int | None = None) -> set[str]:
        """The pod's volumes, except those of generation `keep`.

        What leads to the others goes last. The networks that it was on.
        """
        found = sorted(self._survey.volumes(uuid), key=records.is_record)
        for volume in found:
            if volume.get(labels.GENERATION) == str(keep):
                continue
            try:
                self._engine.api.remove_volume(volume['Name'], force=True)
            except docker.errors.NotFound:
                continue
        return set().union(*map(labels.networks, found))

    def _side_by_side(self, runs: list[Run]) -> None:
        faults: list[Exception] = []

        def remove(run: Run) -> None:
            try:
                self._one(run)
            except Exception as exc:    # raised again where it is waited for
                faults.append(exc)
        threads = [threading.Thread(target=remove, args=(run,), daemon=True,
                                    name='docker-remove') for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise faults[0]

    def _one(self, run: Run) -> None:
        self.container(run.id)

    def container(self, container_id: str) -> None:
        """One, with its unnamed volumes."""
        self._events.ignore(container_id)
        try:
            self._engine.api.remove_container(
                container_id, v=True, force=True)
        except docker.errors.NotFound:
            pass
        except docker.errors.APIError as exc:
            if exc.status_code != 409:      # its removal is in progress
                raise
        self._survey.forget(container_id)
