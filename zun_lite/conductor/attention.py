"""The pods that hints tell of, those that wait together at once."""
import itertools
import logging
import threading
from collections.abc import Callable

from zun_lite import exceptions

LOG = logging.getLogger(__name__)

BATCH = 20

Hints = dict[str, str | None]
"""Of each pod's UUID the id of the request behind the hint."""


class Attention:
    """Calls `attend(hints)` from one thread at a time.

    Who hints while another one's thread attends leaves the pod to that: the
    more pods come, the more of them share one look at the hosts and one
    transaction. What waits is bounded by the number of pods.
    """

    def __init__(self, attend: Callable[[Hints], None]) -> None:
        self._attend = attend
        self._lock = threading.Lock()
        self._waiting: Hints = {}
        self._busy = False

    def turn_to(self, hints: Hints) -> None:
        """Attend to pods, now or soon, and to others that come meanwhile."""
        with self._lock:
            self._waiting.update(hints)
            if self._busy:
                return
            self._busy = True
        while batch := self._next():
            self.now(batch)

    def is_due(self, uuid: str) -> bool:
        """Whether a pod waits its turn."""
        return uuid in self._waiting

    def now(self, hints: Hints) -> None:
        """Attend to just these. What fails is left to a sweep; a fault that
        one of them shows keeps none of the others waiting."""
        try:
            self._attend(hints)
        except exceptions.Unavailable as exc:
            LOG.warning('%d pods are left to a sweep: %s', len(hints), exc)
        except Exception:
            if len(hints) == 1:
                LOG.exception('pod %s is left to a sweep', *hints)
                return
            for uuid, request_id in hints.items():
                self.now({uuid: request_id})

    def _next(self) -> Hints:
        with self._lock:
            batch = dict(itertools.islice(self._waiting.items(), BATCH))
            for uuid in batch:
                del self._waiting[uuid]
            self._busy = bool(batch)
        return batch
