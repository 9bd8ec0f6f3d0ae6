"""Zun's API in the shape of a deployment, and how it bears many rows.

One client measures what many rows cost, as its times are not those of a
queue for two processors.
"""
import os
import time

import sqlalchemy as sa
from benchmark import load
from benchmark import service
from benchmark.manifests import bad
from benchmark.table import Row

FEW, MANY = 1_000, 100_000
BODY = ('{"name":"c%d","image":"zun-lite/busybox:1",'
        '"command":["sleep","3600"]}')
VERSION = {'OpenStack-API-Version': 'container 1.40'}
CALM_S, WRITTEN_S, CLEAN_PAGES = 20, 120, 200
TIMES = 3
# Not of a host, and nothing is left to do for it.
QUIET = {'host': None, 'settled': True}


def rows() -> list[Row]:
    with service.ThreeProcesses() as zun:
        zun.headers |= VERSION
        url = f'{zun.url}/containers'
        client = load.Client(zun.url, zun.headers)
        seed = client.request('POST', '/containers', {
            'name': 'seed', 'image': 'zun-lite/busybox:1'})
        copy(seed['uuid'], FEW)
        found = rates(url, zun, seed['uuid'])
        # The containers that were made then run on, beside both.
        copy(seed['uuid'], FEW)
        few = costs(url, zun, seed['uuid'])
        copy(seed['uuid'], MANY)
        many = costs(url, zun, seed['uuid'])
    return [*found, *(
        Row(f'{what} at {MANY:,} rows, cost beside {FEW:,}', many[what]
            / few[what], 'times', '<= 1.2', f'p50 {many[what]:.2f} ms')
        for what in few)]


def rates(url: str, zun: service.Service, uuid: str) -> list[Row]:
    """Sixteen clients."""
    one, page, whole = (
        load.wrk(f'{url}{path}', zun.headers, clients=16)
        for path in (f'/{uuid}', '?limit=100', f'?limit={FEW}'))
    create = load.wrk(url, zun.headers, clients=16, body=BODY)
    where = 'containers, 16 clients'
    return [
        Row(f'{where}: GET one', one.per_s, '/s', '>= 1000', note(one)),
        Row(f'{where}: page of 100', page.per_s, '/s', '>= 220', note(page)),
        Row(f'{where}: list of {FEW:,}', whole.per_s, '/s', '>= 24',
            note(whole)),
        Row(f'{where}: creates accepted', create.per_s, '/s', '>= 150',
            note(create))]


def note(rate: load.Rate) -> str:
    return f'p50 {rate.p50_ms:.0f} ms{bad(rate)}'


def costs(url: str, zun: service.Service, uuid: str) -> dict[str, float]:
    """What each request takes for a client alone, p50 in milliseconds.

    The least of several times: what else runs on the machine only adds.
    """
    def least(path: str = '', body: str | None = None) -> float:
        return min(load.wrk(url + path, zun.headers, clients=1, seconds=5,
                            body=body).p50_ms for _ in range(TIMES))
    return {'GET one': least(f'/{uuid}'),
            'page of 100': least('?limit=100'), 'create': least(body=BODY)}


def copy(uuid: str, count: int) -> None:
    """Copy a container's row until there are `count`."""
    engine = sa.create_engine(os.environ['ZUN_LITE_TEST_MYSQL_URL'])
    with engine.begin() as connection:
        pods = sa.Table('pods', sa.MetaData(), autoload_with=connection)
        columns = [c for c in pods.c if c.name != 'id']
        values = [{'uuid': sa.func.uuid(), 'name': sa.func.uuid()}.get(
            c.name, sa.literal(QUIET[c.name], c.type) if c.name in QUIET
            else c) for c in columns]
        present = connection.scalar(
            sa.select(sa.func.count(pods.c.id))
            .where(pods.c.origin == 'container'))
        sequence = sa.table(f'seq_1_to_{max(count - present, 1)}')
        connection.execute(pods.insert().from_select(
            columns, sa.select(*values).select_from(
                pods.join(sequence, sa.true())).where(
                    pods.c.uuid == uuid)))
        connection.execute(sa.text('ANALYZE TABLE pods'))
    # The agent may work off the creates before, and the database writes what
    # was copied: neither belongs to what is measured next.
    time.sleep(CALM_S)
    end = time.monotonic() + WRITTEN_S
    while dirty_pages(engine) > CLEAN_PAGES and time.monotonic() < end:
        time.sleep(1)
    engine.dispose()


def dirty_pages(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.text(
            "SHOW GLOBAL STATUS LIKE 'innodb_buffer_pool_pages_dirty'",
        )).one()[1])
