"""What a watch of a cluster's pods tells, by when it was told."""
import json
import threading
import time
import typing
from collections.abc import Callable
from collections.abc import Collection

from kubernetes import client

Json = dict[str, typing.Any]

LONGEST_S = 7200


class Sight:
    """Follows the pods that have a label, from a thread of its own.

    `made` and `ran`: when each pod was first seen at all and as running, by
    its name in the cluster, on the clock of `time.monotonic`.
    """

    def __init__(self, api: client.CoreV1Api, label: str) -> None:
        self.made: dict[str, float] = {}
        self.ran: dict[str, float] = {}
        self._there: set[str] = set()
        self._news = threading.Condition()
        # Answered at once, with those that are there.
        stream = api.list_pod_for_all_namespaces(
            label_selector=label, watch=True, timeout_seconds=LONGEST_S,
            _preload_content=False)
        threading.Thread(target=self._follow, args=(stream,),
                         daemon=True).start()

    def _follow(self, stream: typing.Any) -> None:
        rest = b''
        for piece in stream.stream(amt=None):
            *lines, rest = (rest + piece).split(b'\n')
            for line in lines:
                self._take(json.loads(line))

    def _take(self, change: Json) -> None:
        now, name = time.monotonic(), change['object']['metadata']['name']
        with self._news:
            self.made.setdefault(name, now)
            if change['object']['status'].get('phase') == 'Running':
                self.ran.setdefault(name, now)
            if change['type'] == 'DELETED':
                self._there.discard(name)
            else:
                self._there.add(name)
            self._news.notify_all()

    def wait_running(self, names: Collection[str]) -> float:
        """When the last of them was seen to run."""
        self._wait(lambda: self.ran.keys() >= set(names), 'run')
        return max(self.ran[name] for name in names)

    def wait_gone(self, names: Collection[str]) -> None:
        """Until the cluster has none of them any more."""
        self._wait(lambda: self._there.isdisjoint(names), 'are gone')

    def _wait(self, met: Callable[[], bool], what: str,
              timeout_s: float = 300) -> None:
        with self._news:
            if not self._news.wait_for(met, timeout_s):
                raise TimeoutError(f'not all pods {what}')
