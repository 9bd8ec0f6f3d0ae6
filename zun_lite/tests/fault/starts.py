"""Counts the starts of a host's containers while they happen.

The engine remembers only its last 256 events, so it cannot be asked later.
"""
import collections
import contextlib
import threading

import docker

from zun_lite.tests import neighbours

Start = tuple[str, str, str]            # pod, generation, container


class Starts:
    def __init__(self, host: str):
        self._client = docker.DockerClient(neighbours.docker_host())
        self._stream = self._client.events(decode=True, filters={
            'event': 'start', 'type': 'container',
            'label': [f'zun-lite/host={host}', 'zun-lite/kind=container']})
        self.counted: collections.Counter[Start] = collections.Counter()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        # The stream breaks when it is closed, in whichever way.
        with contextlib.suppress(Exception):
            for event in self._stream:
                labels = event['Actor']['Attributes']
                self.counted[labels['zun-lite/pod'],
                             labels['zun-lite/generation'],
                             labels['zun-lite/container']] += 1

    def close(self) -> None:
        self._stream.close()
        self._thread.join(5)
        self._client.close()
