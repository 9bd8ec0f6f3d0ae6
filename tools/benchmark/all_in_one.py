"""The all-in-one on a real Docker Engine, beside the engine alone."""
import statistics
import time

from benchmark import engine
from benchmark import load
from benchmark import manifests
from benchmark import service
from benchmark.manifests import bad
from benchmark.manifests import manifest
from benchmark.table import Row

BURST, THREADS, PAIRS = 50, 4, 20


def rows() -> list[Row]:
    with service.AllInOne() as zun:
        found = idle(zun) + all_in_one_api(zun)
        raw = engine.Raw(manifests.IMAGE, manifests.SANDBOX)
        found += overhead(zun, raw) + burst(zun, raw)
        raw.close()
    return found


def idle(zun: service.AllInOne) -> list[Row]:
    """Before anything was asked of it."""
    time.sleep(5)
    before, seconds = service.cpu_s(zun.pid), 20
    time.sleep(seconds)
    used = 100 * (service.cpu_s(zun.pid) - before) / seconds
    return [Row('all-in-one idle, memory', service.rss_mib(zun.pid), 'MiB',
                '<= 150'),
            Row('all-in-one idle, CPU', used, '%', '<= 1')]


def all_in_one_api(zun: service.AllInOne) -> list[Row]:
    """Requests to the service that runs on the real engine."""
    client = load.Client(zun.url, zun.headers)
    pod = client.request('POST', '/pods', manifest('one'))['metadata']['uid']
    client.wait_phase(pod, 'Running')
    one = load.wrk(f'{zun.url}/pods/{pod}', zun.headers, clients=1)
    client.request('DELETE', f'/pods/{pod}')
    create = load.wrk(f'{zun.url}/pods', zun.headers, clients=8,
                      body=manifests.body(placed=False))
    manifests.remove_all(client)
    return [Row('all-in-one GET one, 1 client, p50', one.p50_ms, 'ms',
                '<= 4', bad(one)),
            Row('all-in-one create accepted, 8 clients, p99', create.p99_ms,
                'ms', '<= 100', f'{create.per_s:.0f}/s{bad(create)}')]


def overhead(zun: service.AllInOne, raw: engine.Raw) -> list[Row]:
    """One pod at a time, ours and the engine's own, in turns.

    Another pod keeps the project's network, as the engine's own has one.
    """
    client = load.Client(zun.url, zun.headers)
    keeper = client.request('POST', '/pods', manifest('keeper'))
    client.wait_phase(keeper['metadata']['uid'], 'Running')
    ours, theirs = [], []
    for number in range(PAIRS + 2):
        began = time.monotonic()
        made = raw.make()
        theirs.append(time.monotonic() - began)
        raw.remove(made)
        began = time.monotonic()
        pod = client.request('POST', '/pods', manifest(f'turn{number}'))
        uid = pod['metadata']['uid']
        client.wait_phase(uid, 'Running')
        ours.append(time.monotonic() - began)
        client.request('DELETE', f'/pods/{uid}')
        client.wait_gone([uid])
    manifests.remove_all(client)
    mine, engines = (1000 * statistics.median(times[2:])
                     for times in (ours, theirs))
    return [Row('one pod, engine alone, p50', engines, 'ms'),
            Row('one pod, POST to Running, p50', mine, 'ms'),
            Row('overhead of zun_lite, p50', mine - engines, 'ms', '<= 100')]


def burst(zun: service.AllInOne, raw: engine.Raw) -> list[Row]:
    """Fifty pods at once, ours and the engine's own, twice in turns."""
    rates: dict[str, list[float]] = {'ours': [], 'engine': []}
    for _ in range(2):
        began = time.monotonic()
        made = raw.burst(BURST, THREADS)
        rates['engine'].append(BURST / (time.monotonic() - began))
        raw.remove_all(made)
        rates['ours'].append(one_burst(zun))
    mine, engines = max(rates['ours']), max(rates['engine'])
    return [Row(f'burst of {BURST}, engine alone', engines, 'pods/s'),
            Row(f'burst of {BURST}, ours', mine, 'pods/s'),
            Row('burst, share of the engine\'s rate', 100 * mine / engines,
                '%', '>= 85')]


def one_burst(zun: service.AllInOne) -> float:
    client = load.Client(zun.url, zun.headers)
    began = time.monotonic()
    uids = manifests.create_many(zun.url, zun.headers, BURST)
    while True:
        items = client.request('GET', '/pods?phase=Running')['items']
        if len(items) == BURST:
            break
        if time.monotonic() - began > 180:
            raise TimeoutError(f'{len(items)} of {BURST} are Running')
        time.sleep(0.05)
    rate = BURST / (time.monotonic() - began)
    assert {pod['metadata']['uid'] for pod in items} == uids
    manifests.remove_all(client)
    return rate
