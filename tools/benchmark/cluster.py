"""The all-in-one on a real Kubernetes, beside Kubernetes alone.

Pods made straight through its API are seen to run by a watch, ours by asking
the service now and then. What an agent needs for a thousand pods is measured
on an API server alone, which never schedules them.
"""
import os
import random
import statistics
import time
import typing

from benchmark import direct
from benchmark import load
from benchmark import manifests
from benchmark import service
from benchmark.manifests import manifest
from benchmark.sight import Sight
from benchmark.table import Row

BURST, BURSTS, PAIRS, KNOWN = 100, 2, 12, 1000
ASK_ONE_S, ASK_ALL_S = 0.02, 0.5
CALM_S = 65         # a kubelet removes what has ended once a minute


def rows() -> list[Row]:
    with (direct.Kubernetes(os.environ['KUBECONFIG']) as raw,
          service.AllInOne('kubernetes') as zun):
        client, sight = load.Client(zun.url, zun.headers), raw.sight()
        keeper = client.request('POST', '/pods', manifest('keeper'))
        client.wait_phase(keeper['metadata']['uid'], 'Running')
        found = overhead(client, raw, sight) + burst(zun, raw, sight)
        # The connection of before was closed meanwhile.
        manifests.remove_all(load.Client(zun.url, zun.headers))
    return [*found, memory()]


class Turn(typing.NamedTuple):
    """One pod from the request on, in seconds.

    `outside`: of `whole`, until the cluster has the pod, and since it told
    that it runs.
    """
    whole: float
    outside: float


def overhead(client: load.Client, raw: direct.Kubernetes,
             sight: Sight) -> list[Row]:
    """One pod at a time, ours and Kubernetes' own, in turns.

    A kubelet looks at its containers once a second, which decides when a pod
    runs. So each turn begins another share of a second after the pod before
    is gone: the same shares on both sides.
    """
    waits = [number / PAIRS for number in range(PAIRS)]
    random.Random(1).shuffle(waits)     # noqa: S311
    ours, theirs = [], []
    for number, wait_s in enumerate([0.0, *waits]):
        time.sleep(wait_s)
        theirs.append(direct_turn(raw, sight, f'turn{number}'))
        time.sleep(wait_s)
        ours.append(our_turn(client, sight, f'turn{number}'))
    mine, engines = (1000 * statistics.median(t.whole for t in turns[1:])
                     for turns in (ours, theirs))
    outside, engines_outside = (
        1000 * statistics.median(t.outside for t in turns[1:])
        for turns in (ours, theirs))
    return [Row('one pod, Kubernetes alone, p50', engines, 'ms'),
            Row('one pod on Kubernetes, POST to Running, p50', mine, 'ms'),
            Row('overhead on Kubernetes, p50', mine - engines, 'ms',
                '<= 100'),
            Row('overhead before it is made and after it runs, p50',
                outside - engines_outside, 'ms', '<= 100',
                f'{outside:.0f} and {engines_outside:.0f} ms')]


def direct_turn(raw: direct.Kubernetes, sight: Sight, name: str) -> Turn:
    began = time.monotonic()
    raw.create(manifest(name))
    ran = sight.wait_running({name})
    raw.remove_all()
    sight.wait_gone({name})
    return Turn(ran - began, sight.made[name] - began)


def our_turn(client: load.Client, sight: Sight, name: str) -> Turn:
    began = time.monotonic()
    uid = client.request('POST', '/pods', manifest(name))['metadata']['uid']
    client.wait_phase(uid, 'Running', every_s=ASK_ONE_S)
    shown = time.monotonic()
    client.request('DELETE', f'/pods/{uid}')
    client.wait_gone([uid])
    sight.wait_gone({in_cluster(uid)})
    made, ran = (when[in_cluster(uid)] for when in (sight.made, sight.ran))
    return Turn(shown - began, made - began + shown - ran)


def in_cluster(uid: str) -> str:
    """What the driver calls a pod there."""
    return f'zun-{uid}'


def burst(zun: service.AllInOne, raw: direct.Kubernetes,
          sight: Sight) -> list[Row]:
    """A hundred pods at once, Kubernetes' own and ours, twice in turns."""
    mine_s = engines_s = 0.0
    lags: list[float] = []
    for number in range(BURSTS):
        time.sleep(CALM_S)
        engines_s += direct_burst(raw, sight, f'burst{number}-')
        time.sleep(CALM_S)
        took_s, late = our_burst(zun, sight)
        mine_s += took_s
        lags += late
    lags.sort()
    return [Row(f'burst of {BURST}, Kubernetes alone',
                BURSTS * BURST / engines_s, 'pods/s'),
            Row(f'burst of {BURST} on Kubernetes, ours',
                BURSTS * BURST / mine_s, 'pods/s'),
            Row("burst, share of Kubernetes' rate", 100 * engines_s / mine_s,
                '%', '>= 90'),
            Row('status lag, p99', 1000 * lags[int(0.99 * len(lags)) - 1],
                'ms', '<= 1000', f'p50 {1000 * lags[len(lags) // 2]:.0f} ms')]


def direct_burst(raw: direct.Kubernetes, sight: Sight, what: str) -> float:
    """The seconds until all of them ran."""
    began = time.monotonic()
    names = raw.create_many(BURST, what)
    took_s = sight.wait_running(names) - began
    raw.remove_all()
    sight.wait_gone(names)
    return took_s


def our_burst(zun: service.AllInOne, sight: Sight,
              ) -> tuple[float, list[float]]:
    """(The seconds until all of them were told to run, the lag of each)."""
    began = time.monotonic()
    client = load.Client(zun.url, zun.headers)
    uids = manifests.create_many(zun.url, zun.headers, BURST)
    shown = first_shown(client, uids)
    took_s = max(shown.values()) - began
    for uid in uids:
        client.request('DELETE', f'/pods/{uid}')
    client.wait_gone(uids)
    sight.wait_gone(set(map(in_cluster, uids)))
    return took_s, [shown[uid] - sight.ran[in_cluster(uid)] for uid in uids]


def first_shown(client: load.Client, uids: set[str]) -> dict[str, float]:
    """When each of the pods was first listed as running."""
    shown: dict[str, float] = {}
    end = time.monotonic() + 300
    while len(shown) < len(uids):
        items = client.request('GET', '/pods?phase=Running')['items']
        now = time.monotonic()
        for pod in items:
            uid = pod['metadata']['uid']
            if uid in uids:
                shown.setdefault(uid, now)
        if now > end:
            raise TimeoutError(f'{len(shown)} of {len(uids)} are Running')
        time.sleep(ASK_ALL_S)
    return shown


def memory() -> Row:
    """An agent whose cluster holds a thousand pods of its own."""
    kubeconfig = os.environ['ZUN_LITE_BENCH_BARE_KUBECONFIG']
    with (direct.Kubernetes(kubeconfig, namespace='zun-bench') as raw,
          service.ThreeProcesses('kubernetes', kubeconfig) as zun):
        raw.add_node()
        for number in range(KNOWN):
            client = load.Client(zun.url, zun.headers)
            client.request('POST', '/pods', manifest(f'known{number}'))
        raw.wait_known(KNOWN)
        time.sleep(5)
        return Row(f'agent that knows {KNOWN} pods, memory',
                   service.rss_mib(zun.agent), 'MiB', '<= 150')
