"""What was seen, on its way to the conductor until it is acknowledged.

Statuses are kept by level: of each pod only the newest, with a number that
rises by every change, sent again until the conductor has it. Memory is thus
bounded by the pods of the host, however long the conductor is away.
"""
import collections
import dataclasses
import itertools
import logging
import threading
import typing
from collections.abc import Callable
from collections.abc import Iterable

from zun_lite import exceptions
from zun_lite.compute import events
from zun_lite.compute import queue
from zun_lite.pod import spec
from zun_lite.pod.states import Phase
from zun_lite.pod.status import ObservedPod
from zun_lite.pod.status import PodEvent
from zun_lite.pod.status import PodStatus

LOG = logging.getLogger(__name__)

BATCH = 100            # statuses, and events, in one message
LINGER_S = 0.004       # what comes within this goes in one message
PATIENCE_S = 0.25      # what is not urgent waits so long for company: a pod
                       # that starts tells ten things, two of them urgent

Plain = dict[str, typing.Any]
Send = Callable[[list[Plain], list[Plain]], Plain]


@dataclasses.dataclass(slots=True)
class _Entry:
    """The newest of one pod; `status` None: it is gone."""
    generation: int
    status: PodStatus | None
    sequence: int
    tried: bool = False                 # it may have arrived
    known: tuple[int, PodStatus | None] | None = None    # acknowledged

    @property
    def outline(self) -> tuple[int, Phase | None, bool]:
        """What others wait for, and is not to be late."""
        if self.status is None:
            return self.generation, None, False
        return self.generation, self.status.phase, self.status.ready

    def wire(self, uuid: str) -> Plain:
        return {'uuid': uuid, 'generation': self.generation,
                'sequence': self.sequence, 'gone': self.status is None,
                'status': self.status and self.status.to_dict()}


class Reports:
    """The reconciler's reporter; `send` is called from one thread.

    `send(statuses, events)` answers as the conductor's `report`. What it
    raises is given to `failed`, and tried again after a back-off, or as soon
    as the conductor is heard of, until `halt`. `unknown` gets the pods that
    no record wants.
    """

    def __init__(self, send: Send, *, failed: Callable[[Exception], None],
                 unknown: Callable[[list[str]], None], event_limit: int,
                 backoff: queue.Backoff):
        self._send, self._failed, self._unknown = send, failed, unknown
        self._backoff = backoff
        self._lock = threading.Lock()
        self._change = threading.Condition(self._lock)
        self._entries: dict[str, _Entry] = {}
        self._pending: collections.OrderedDict[str, None] = (
            collections.OrderedDict())
        self._events = events.Events(event_limit)
        self._sequence = itertools.count(1)
        self._batch = BATCH
        self._urgent = False
        self._stopping = threading.Event()
        self._heard = threading.Event()     # since the last try
        self._thread = threading.Thread(target=self._run, name='reports',
                                        daemon=True)

    # The reconciler's side.

    def status(self, pod: spec.Pod, observed: ObservedPod) -> None:
        self._put(pod.uuid, pod.generation, observed.status)

    def gone(self, pod: spec.Pod) -> None:
        self._put(pod.uuid, pod.generation, None)

    def event(self, uuid: str, event: PodEvent) -> None:
        with self._lock:
            self._events.add(uuid, event)
            self._change.notify()

    # The service's side.

    def start(self) -> None:
        self._thread.start()

    def halt(self) -> None:
        """Send nothing more, without waiting."""
        self._stopping.set()
        self._heard.set()
        with self._lock:
            self._change.notify()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Send what waits, if that takes no longer than `timeout_s`."""
        with self._lock:
            self._hasten()
            self._change.wait_for(
                lambda: not self._waiting() or self._stopping.is_set(),
                timeout_s)
        self.halt()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def renew(self, uuids: Iterable[str] | None = None) -> None:
        """Send again, as new, what was seen of these pods (None: of all):
        the conductor wants to hear it."""
        with self._lock:
            for uuid in list(self._entries if uuids is None else uuids):
                entry = self._entries.get(uuid)
                if entry is not None:
                    entry.sequence = next(self._sequence)
                    entry.known = None
                    self._pending[uuid] = None
            self._change.notify()
        self.hurry()

    def hurry(self) -> None:
        """The conductor is there: what it did not take is sent again now."""
        self._heard.set()

    def retain(self, uuids: Iterable[str]) -> None:
        """Forget pods that are not among these and need no telling."""
        keep = frozenset(uuids)
        with self._lock:
            for uuid in list(self._entries):
                if uuid not in keep and uuid not in self._pending:
                    del self._entries[uuid]

    def __len__(self) -> int:
        """How many statuses and events are not acknowledged."""
        with self._lock:
            return len(self._pending) + len(self._events)

    # Inside.

    def _put(self, uuid: str, generation: int, status: PodStatus | None,
             ) -> None:
        with self._lock:
            old = self._entries.get(uuid)
            new = (generation, status)
            if old is not None and (old.generation, old.status) == new:
                return
            if old is not None and old.known == new and not old.tried:
                self._pending.pop(uuid, None)
                old.generation, old.status = new
                return
            entry = _Entry(generation, status, next(self._sequence))
            if old is not None:
                entry.known, entry.tried = old.known, old.tried
            self._entries[uuid] = entry
            self._pending[uuid] = None
            before = old.outline if old else (generation, Phase.PENDING, False)
            if entry.outline != before:
                self._hasten()
            self._change.notify()

    def _hasten(self) -> None:
        self._urgent = True
        self._change.notify_all()

    def _waiting(self) -> bool:
        return bool(self._pending or self._events)

    def _run(self) -> None:
        failures = 0
        while self._wait():
            self._heard.clear()
            try:
                self._send_batch()
                failures = 0
            except Exception as error:
                failures += 1
                self._tell(error, failures)
                self._failed(error)
                if not self._stopping.is_set():
                    self._heard.wait(self._backoff.delay_s(failures))

    def _wait(self) -> bool:
        """Until there is something to send; False: no more."""
        with self._lock:
            self._change.wait_for(
                lambda: self._waiting() or self._stopping.is_set())
            self._change.wait_for(
                lambda: self._urgent or self._full() or (
                    self._stopping.is_set()), PATIENCE_S)
            # Of a full message's rest nobody knows how urgent it is.
            self._urgent = full = self._full()
        if not full:
            self._stopping.wait(LINGER_S)
        return not self._stopping.is_set()

    def _full(self) -> bool:
        return max(len(self._pending), len(self._events)) >= self._batch

    def _send_batch(self) -> None:
        with self._lock:
            statuses = [(uuid, self._entries[uuid]) for uuid
                        in itertools.islice(self._pending, self._batch)]
            for _, entry in statuses:
                entry.tried = True
            sent = {uuid: entry.sequence for uuid, entry in statuses}
            happened = self._events.first(self._batch)
        try:
            answer = self._send([e.wire(uuid) for uuid, e in statuses],
                                list(happened.values()))
        except (exceptions.Unavailable, exceptions.TimedOut):
            raise
        except Exception:
            self._narrow(sent, happened)
            raise
        self._acknowledge(sent, happened, answer.get('unknown') or [])

    def _narrow(self, sent: Iterable[str], happened: Iterable[int]) -> None:
        """Not even an outage: single out what the conductor cannot take.

        An event is given up for that, a status goes to the end of the line.
        """
        with self._lock:
            if self._batch == 1:
                self._events.remove(happened)
                for uuid in sent:
                    self._pending.move_to_end(uuid)
            self._batch = max(1, self._batch // 4)

    def _acknowledge(self, sent: dict[str, int], happened: Iterable[int],
                     unknown: list[str]) -> None:
        missed = []
        with self._lock:
            self._batch = min(BATCH, self._batch * 2)
            self._events.remove(happened)
            for uuid, sequence in sent.items():
                entry = self._entries[uuid]
                if uuid in unknown and entry.status is not None:
                    missed.append(uuid)
                if entry.sequence != sequence:
                    continue
                self._pending.pop(uuid, None)
                entry.tried = False
                entry.known = (entry.generation, entry.status)
                if entry.status is None or uuid in unknown:
                    del self._entries[uuid]
            self._change.notify_all()
        if missed:
            self._unknown(missed)

    def _tell(self, error: Exception, failures: int) -> None:
        """The first of a row of failures, and what nobody foresaw."""
        if not isinstance(error, exceptions.ZunLiteError):
            LOG.error('Observations could not be handed over',
                      exc_info=error)
        elif failures == 1:
            LOG.warning('Observations wait: %s', error)
