"""The all-in-one on a real Kubernetes, beside Kubernetes alone.

What an agent needs for a thousand pods is measured on an API server alone,
which never schedules them.
"""
import os
import statistics
import threading
import time

from benchmark import direct
from benchmark import load
from benchmark import manifests
from benchmark import service
from benchmark.manifests import manifest
from benchmark.table import Row

BURST, PAIRS, KNOWN = 100, 10, 1000


def rows() -> list[Row]:
    with (direct.Kubernetes(os.environ['KUBECONFIG']) as raw,
          service.AllInOne('kubernetes') as zun):
        client = load.Client(zun.url, zun.headers)
        keeper = client.request('POST', '/pods', manifest('keeper'))
        client.wait_phase(keeper['metadata']['uid'], 'Running')
        found = overhead(client, raw) + burst(zun, raw)
        manifests.remove_all(client)
    return [*found, memory()]


def overhead(client: load.Client, raw: direct.Kubernetes) -> list[Row]:
    """One pod at a time, ours and Kubernetes' own, in turns."""
    ours, theirs = [], []
    for number in range(PAIRS + 1):
        name = f'turn{number}'
        began = time.monotonic()
        raw.create(manifest(name))
        raw.wait_running({name})
        theirs.append(time.monotonic() - began)
        raw.remove_all()
        began = time.monotonic()
        uid = client.request('POST', '/pods', manifest(name))[
            'metadata']['uid']
        client.wait_phase(uid, 'Running')
        ours.append(time.monotonic() - began)
        client.request('DELETE', f'/pods/{uid}')
        client.wait_gone([uid])
    mine, engines = (1000 * statistics.median(times[1:])
                     for times in (ours, theirs))
    return [Row('one pod, Kubernetes alone, p50', engines, 'ms'),
            Row('one pod on Kubernetes, POST to Running, p50', mine, 'ms'),
            Row('overhead on Kubernetes, p50', mine - engines, 'ms',
                '<= 100')]


def burst(zun: service.AllInOne, raw: direct.Kubernetes) -> list[Row]:
    """A hundred pods at once, Kubernetes' own and then ours."""
    began = time.monotonic()
    names = raw.create_many(BURST)
    raw.wait_running(names)
    engines = BURST / (time.monotonic() - began)
    raw.remove_all()
    began = time.monotonic()
    known: dict[str, float] = {}
    threading.Thread(target=raw.note_running, args=(known,),
                     daemon=True).start()
    uids = manifests.create_many(zun.url, zun.headers, BURST)
    shown = first_shown(load.Client(zun.url, zun.headers), uids)
    mine = BURST / (time.monotonic() - began)
    while not uids <= known.keys():
        time.sleep(0.1)
    lags = sorted(shown[uid] - known[uid] for uid in uids)
    return [Row(f'burst of {BURST}, Kubernetes alone', engines, 'pods/s'),
            Row(f'burst of {BURST} on Kubernetes, ours', mine, 'pods/s'),
            Row("burst, share of Kubernetes' rate", 100 * mine / engines,
                '%', '>= 90'),
            Row('status lag, p99', 1000 * lags[int(0.99 * len(lags)) - 1],
                'ms', '<= 1000', f'p50 {1000 * lags[len(lags) // 2]:.0f} ms')]


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
        time.sleep(0.1)
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
