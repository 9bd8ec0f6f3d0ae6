"""What the watch has told of our pods, for reading without a request."""
import threading
import typing

from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import seen

Json = dict[str, typing.Any]


class Known:
    """Pods by uuid, trimmed to what is told of them.

    Answers to our own requests and the watch may come in either order; the
    newer resource version wins.
    """

    def __init__(self) -> None:
        self._pods: dict[str, Json] = {}
        self._ends: dict[str, Json] = {}    # uuids that are awaited
        self._change = threading.Condition()
        self._listed = threading.Event()
        self._fresh = False
        self.trouble: str | None = None     # why there is no list now

    @property
    def fresh(self) -> bool:
        """Whether the watch keeps this true now."""
        return self._fresh

    def wait_listed(self, timeout_s: float) -> bool:
        """Until there has been a list at all."""
        return self._listed.wait(timeout_s)

    def lost(self, trouble: str | None) -> None:
        """The watch broke: changes may be missed until the next list.

        `trouble`: what the server, which does not answer, is to be excused
        with meanwhile.
        """
        self._fresh = False
        self.trouble = trouble

    def get(self, uuid: str) -> Json | None:
        return self._pods.get(uuid)

    def all(self) -> list[Json]:
        with self._change:
            return list(self._pods.values())

    def put(self, pod: Json) -> Json:
        """Remember a pod of ours; what is known of it now."""
        with self._change:
            found = self._told(pod)
            uuid = found['labels'][names.POD]
            held = self._pods.get(uuid)
            if held is None or _newer(found, held):
                self._pods[uuid] = found
            return self._pods[uuid]

    def told(self, pod: Json) -> Json:
        """What is told of a pod of ours, without remembering it."""
        with self._change:
            return self._told(pod)

    def _told(self, pod: Json) -> Json:
        found = seen.trimmed(pod)
        held = self._pods.get(found['labels'][names.POD])
        return seen.settled(found, held if held is not None and (
            held['uid'] == found['uid']) else None)

    def drop(self, pod: Json) -> str | None:
        """The pod is gone; its uuid, unless another took its place."""
        found = seen.trimmed(pod)
        uuid: str = found['labels'][names.POD]
        with self._change:
            held = self._pods.get(uuid)
            self._ended(found)
            if held and held['uid'] != found['uid']:
                return None
            self._pods.pop(uuid, None)
            self._change.notify_all()
            return uuid

    def forget(self, known: Json) -> None:
        """The server says that this pod is gone."""
        uuid = known['labels'][names.POD]
        with self._change:
            held = self._pods.get(uuid)
            if held and held['uid'] == known['uid']:
                self._ended(held)
                del self._pods[uuid]
            self._change.notify_all()

    def _ended(self, found: Json) -> None:
        held = self._ends.get(found['labels'][names.POD])
        if held is not None and held['uid'] == found['uid']:
            self._ends[found['labels'][names.POD]] = found

    def replace(self, pods: list[Json]) -> None:
        """A complete list; what is not on it is gone."""
        with self._change:
            found = {one['labels'][names.POD]: one
                     for one in map(self._told, pods)}
            for held in self._pods.values():
                self._ended(held)
            self._pods = found
            self._fresh, self.trouble = True, None
            self._listed.set()
            self._change.notify_all()

    def expect_end(self, known: Json) -> None:
        """Remember how this very pod ends, for `wait_gone`."""
        with self._change:
            self._ends[known['labels'][names.POD]] = known

    def wait_gone(self, known: Json, timeout_s: float) -> Json | None:
        """What was last seen of a pod that went; None: it is still there."""
        uuid = known['labels'][names.POD]

        def gone() -> bool:
            held = self._pods.get(uuid)
            return held is None or held['uid'] != known['uid']
        with self._change:
            if not self._change.wait_for(gone, max(0.0, timeout_s)):
                return None
            return self._ends.pop(uuid, known)


def _newer(one: Json, other: Json) -> bool:
    if one['uid'] != other['uid']:
        return True
    old, new = other['version'], one['version']
    if old.isdigit() and new.isdigit():
        return int(new) >= int(old)
    return True
