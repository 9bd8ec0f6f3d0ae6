"""Measures zun_lite and prints a table; see tools/bench."""
import argparse
import concurrent.futures
import os
import statistics
import sys
import time

from benchmark import engine
from benchmark import load
from benchmark import service
from benchmark import table
from benchmark.table import Row

IMAGE, SANDBOX = 'zun-lite/busybox:1', 'zun-lite/pause:1'
NOWHERE = {'zun-lite/host': 'nowhere'}       # accepted, never placed
BURST, THREADS, PAIRS = 50, 4, 20


def manifest(name: str, **spec: object) -> dict[str, object]:
    return {'apiVersion': 'v1', 'kind': 'Pod',
            'metadata': {'name': name, 'labels': {'bench': 'yes'}},
            'spec': {'terminationGracePeriodSeconds': 0, 'containers': [
                {'name': 'main', 'image': IMAGE,
                 'imagePullPolicy': 'IfNotPresent',
                 'command': ['sleep', '3600']}], **spec}}


BODY = ('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p%d",'
        '"labels":{"bench":"yes"}},"spec":{__SELECT__"containers":[{"name":'
        '"main","image":"zun-lite/busybox:1","command":["sleep","3600"]}]}}')


def body(placed: bool) -> str:
    return BODY.replace('__SELECT__', '' if placed else
                        '"nodeSelector":{"zun-lite/host":"nowhere"},')


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
                      body=body(placed=False))
    remove_all(client)
    return [Row('all-in-one GET one, 1 client, p50', one.p50_ms, 'ms',
                '<= 4', bad(one)),
            Row('all-in-one create accepted, 8 clients, p99', create.p99_ms,
                'ms', '<= 100', f'{create.per_s:.0f}/s{bad(create)}')]


def bad(rate: load.Rate) -> str:
    return f', {rate.bad} failed' if rate.bad else ''


def remove_all(client: load.Client) -> None:
    while items := client.request('GET', '/pods?limit=100')['items']:
        for pod in items:
            if 'deletionTimestamp' not in pod['metadata']:
                client.request('DELETE', f'/pods/{pod["metadata"]["uid"]}')
        time.sleep(0.1)


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
    remove_all(client)
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

    def create(number: int) -> str:
        return load.Client(zun.url, zun.headers).request(
            'POST', '/pods', manifest(f'burst{number}'))['metadata']['uid']
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        uids = set(pool.map(create, range(BURST)))
    while True:
        items = client.request('GET', '/pods?phase=Running')['items']
        if len(items) == BURST:
            break
        if time.monotonic() - began > 180:
            raise TimeoutError(f'{len(items)} of {BURST} are Running')
        time.sleep(0.05)
    rate = BURST / (time.monotonic() - began)
    assert {pod['metadata']['uid'] for pod in items} == uids
    remove_all(client)
    return rate


def three_processes(database: str, broker: str) -> list[Row]:
    """The shape of a deployment, its load on the same machine."""
    with service.ThreeProcesses(database, broker) as zun:
        client = load.Client(zun.url, zun.headers)
        for number in range(1000):
            client.request('POST', '/pods', manifest(
                f'seed{number}', nodeSelector=NOWHERE))
        uid = client.request('GET', '/pods?limit=1')['items'][0][
            'metadata']['uid']
        one = load.wrk(f'{zun.url}/pods/{uid}', zun.headers, clients=16)
        page = load.wrk(f'{zun.url}/pods?limit=100', zun.headers, clients=16)
        create = load.wrk(f'{zun.url}/pods', zun.headers, clients=16,
                          body=body(placed=True))
    where = 'three processes, 16 clients'
    return [Row(f'{where}: GET one', one.per_s, '/s', '>= 1000',
                f'p50 {one.p50_ms:.0f} ms{bad(one)}'),
            Row(f'{where}: page of 100', page.per_s, '/s', '>= 220',
                f'p50 {page.p50_ms:.0f} ms{bad(page)}'),
            Row(f'{where}: creates accepted', create.per_s, '/s', '>= 150',
                f'p99 {create.p99_ms:.0f} ms{bad(create)}')]


def docker_rows() -> list[Row]:
    with service.AllInOne() as zun:
        rows = idle(zun) + all_in_one_api(zun)
        raw = engine.Raw(IMAGE, SANDBOX)
        rows += overhead(zun, raw) + burst(zun, raw)
        raw.close()
    return rows


SECTIONS = {
    'docker': docker_rows,
    'api': lambda: three_processes(
        os.environ['ZUN_LITE_TEST_MYSQL_URL'],
        os.environ['ZUN_LITE_TEST_RABBIT_URL'])}


def main() -> None:
    parser = argparse.ArgumentParser(prog='bench', description=__doc__)
    parser.add_argument('section', nargs='*', choices=[[], *SECTIONS],
                        help='default: all of them')
    chosen = parser.parse_args().section or list(SECTIONS)
    rows: list[Row] = []
    for name in chosen:
        print(f'==> {name}', file=sys.stderr)
        rows += SECTIONS[name]()
    print(f'{table.machine()}, {time.strftime("%Y-%m-%d")}\n')
    print(table.rst(rows))


if __name__ == '__main__':
    main()
