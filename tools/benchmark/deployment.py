"""The shape of a deployment, with the load on the same machine."""
from benchmark import load
from benchmark import manifests
from benchmark import service
from benchmark.manifests import bad
from benchmark.manifests import manifest
from benchmark.table import Row


def rows() -> list[Row]:
    with service.ThreeProcesses() as zun:
        client = load.Client(zun.url, zun.headers)
        for number in range(1000):
            client.request('POST', '/pods', manifest(
                f'seed{number}', nodeSelector=manifests.NOWHERE))
        uid = client.request('GET', '/pods?limit=1')['items'][0][
            'metadata']['uid']
        one = load.wrk(f'{zun.url}/pods/{uid}', zun.headers, clients=16)
        page = load.wrk(f'{zun.url}/pods?limit=100', zun.headers, clients=16)
        create = load.wrk(f'{zun.url}/pods', zun.headers, clients=16,
                          body=manifests.body(placed=True))
    where = 'three processes, 16 clients'
    return [Row(f'{where}: GET one', one.per_s, '/s', '>= 1000',
                f'p50 {one.p50_ms:.0f} ms{bad(one)}'),
            Row(f'{where}: page of 100', page.per_s, '/s', '>= 220',
                f'p50 {page.p50_ms:.0f} ms{bad(page)}'),
            Row(f'{where}: creates accepted', create.per_s, '/s', '>= 150',
                f'p99 {create.p99_ms:.0f} ms{bad(create)}')]
