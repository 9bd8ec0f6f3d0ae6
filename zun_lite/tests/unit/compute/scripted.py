"""A conductor that keeps what it is told in memory; served over any bus."""
import itertools
import json
import threading

from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.pod import spec


class ScriptedConductor:
    """`wanted` is what list_pods answers; `error` is what each call raises.

    `phases` gives what is on record as (generation, phase), None: gone.
    """

    def __init__(self, page: int = 2):
        self.wanted: dict[str, spec.Pod] = {}
        self.reported: dict[str, dict] = {}
        self.history: list[dict] = []
        self.events: list[dict] = []
        self.hosts: dict[str, dict] = {}
        self.beats: list[dict] = []
        self.epoch = 0
        self.lists = 0
        self.resync = False
        self.deployment: str | None = 'here'
        self.error: Exception | None = None
        self._page = page
        self._lock = threading.Lock()

    def register_host(self, ctx, host, driver, inventory, capabilities,
                      max_pods):
        self._check()
        with self._lock:
            self.epoch += 1
            self.hosts[host] = {'driver': driver, 'inventory': inventory,
                                'capabilities': capabilities,
                                'max_pods': max_pods}
            told = {'deployment': self.deployment} if self.deployment else {}
            return {'epoch': self.epoch, **told}

    def heartbeat(self, ctx, host, epoch, inventory, capabilities,
                  engine_error):
        self._check(host, epoch)
        self.beats.append({'inventory': inventory, 'error': engine_error})
        resync, self.resync = self.resync, False
        return {'resync': resync}

    def report(self, ctx, host, epoch, statuses, events):
        self._check(host, epoch)
        unknown = []
        with self._lock:
            for each in statuses:
                self._store(each | {'epoch': epoch})
                if each['uuid'] not in self.wanted:
                    unknown.append(each['uuid'])
                elif each['gone'] \
                        and self.wanted[each['uuid']].desired == 'absent':
                    del self.wanted[each['uuid']]
            self.events += events
        return {'unknown': unknown}

    def list_pods(self, ctx, host, epoch, marker, limit):
        self._check(host, epoch)
        self.lists += 1
        with self._lock:
            rest = sorted(u for u in self.wanted if u > (marker or ''))
            page = rest[:min(limit, self._page)]
            more = page[-1] if len(rest) > len(page) else None
            return {'pods': [self.plain(u) for u in page], 'next': more}

    def plain(self, uuid: str) -> dict:
        """A pod as the conductor hands it over."""
        pod = self.wanted[uuid]
        plain = pod.model_dump(mode='json', exclude_unset=True)
        seen = self.reported.get(uuid)
        if seen and seen['status'] and seen['generation'] == pod.generation:
            plain['lastPhase'] = seen['status']['phase']
        return json.loads(json.dumps(plain))

    def phases(self) -> dict[str, tuple[int, str | None]]:
        with self._lock:
            return {uuid: (s['generation'],
                           s['status'] and s['status']['phase'])
                    for uuid, s in self.reported.items()}

    def hand_over(self, bus: rpc.Bus, *pods: spec.Pod,
                  host: str = 'here') -> None:
        with self._lock:
            self.wanted |= {pod.uuid: pod for pod in pods}
        for batch in itertools.batched(pods, 50) if hasattr(
                itertools, 'batched') else [pods]:
            rpc.ComputeClient(bus).sync_pods(
                host, [self.plain(pod.uuid) for pod in batch], {})

    def _store(self, each: dict) -> None:
        self.history.append(each)
        held = self.reported.get(each['uuid'])
        if held is None or (held['epoch'], held['sequence']) < (
                each['epoch'], each['sequence']):
            self.reported[each['uuid']] = each

    def _check(self, host: str | None = None, epoch: int = 0) -> None:
        if self.error:
            raise self.error
        if host is not None and host not in self.hosts:
            raise exceptions.HostNotFound
        if host is not None and epoch != self.epoch:
            raise exceptions.StaleEpoch
