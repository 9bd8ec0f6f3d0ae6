"""Events of pods on their way to the conductor: a bounded buffer."""
import collections
import itertools
import logging
import typing

from zun_lite.pod.status import PodEvent

LOG = logging.getLogger(__name__)


class Events:
    """Keeps the newest, warnings before normal ones.

    Not locked: its owner is.
    """

    def __init__(self, limit: int):
        self._limit = limit
        self._waiting: collections.OrderedDict[int, tuple[str, PodEvent]] = (
            collections.OrderedDict())
        self._normal: collections.deque[int] = collections.deque()
        self._numbers = itertools.count()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, uuid: str, event: PodEvent) -> None:
        number = next(self._numbers)
        self._waiting[number] = (uuid, event)
        if event.type == 'Normal':
            self._normal.append(number)
        if len(self._waiting) > self._limit:
            self._drop()

    def first(self, count: int) -> dict[int, dict[str, typing.Any]]:
        """The oldest `count`, for the wire, by a number to remove them by."""
        return {number: event.model_dump(mode='json', exclude_none=True)
                | {'uuid': uuid}
                for number, (uuid, event)
                in itertools.islice(self._waiting.items(), count)}

    def remove(self, numbers: typing.Iterable[int]) -> None:
        """Forget what has been handed over, and tell what was lost."""
        for number in numbers:
            self._waiting.pop(number, None)
        while self._normal and self._normal[0] not in self._waiting:
            self._normal.popleft()
        if self.dropped:
            LOG.warning('%d events of pods were dropped while they could '
                        'not be handed over', self.dropped)
            self.dropped = 0

    def _drop(self) -> None:
        if not self.dropped:
            LOG.warning('More than %d events of pods wait to be handed over; '
                        'dropping the oldest', self._limit)
        self.dropped += 1
        while self._normal:
            if self._waiting.pop(self._normal.popleft(), None):
                return
        self._waiting.popitem(last=False)
