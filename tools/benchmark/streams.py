"""Sessions, archives and logs of the all-in-one on a real Docker Engine."""
import base64
import concurrent.futures
import io
import itertools
import pathlib
import re
import statistics
import tarfile
import time
import typing

import requests
import websocket
from benchmark import manifests
from benchmark import service
from benchmark.table import Row

KEYS, SESSIONS, TURNS = 300, 50, 10
MIB, LARGE = 2**20, 300
ZUN = {'OpenStack-API-Version': 'container 1.40'}
PODS = {'OpenStack-API-Version': 'container latest'}
LINE = 'l' * 1023                   # and its end


def rows() -> list[Row]:
    with service.AllInOne() as zun:
        api = Api(zun)
        talk = api.container('talk', ['cat'], tty=True)
        found = [*keys(api, talk), *many(api, talk, zun.pid),
                 *archives(api, talk, zun.pid), *log(api, zun.pid)]
        api('DELETE', f'/containers/{talk}?stop=true')
        api.wait('/containers', lambda told: not told['containers'])
    return found


class Api:
    """Zun's API, and ours, with one connection."""

    def __init__(self, zun: service.Service) -> None:
        self._url = zun.url
        self._session = requests.Session()
        self._session.headers.update(zun.headers | ZUN)

    def __call__(self, method: str, path: str, **more: typing.Any,
                 ) -> requests.Response:
        answer = self._session.request(method, self._url + path, timeout=600,
                                       **more)
        if not answer.ok:
            raise LookupError(f'{method} {path}: {answer.text}')
        return answer

    def container(self, name: str, command: list[str],
                  tty: bool = False) -> str:
        made = self('POST', '/containers?run=true', json={
            'name': name, 'image': manifests.IMAGE, 'command': command,
            'interactive': tty, 'tty': tty}).json()['uuid']
        self.wait(f'/containers/{made}',
                  lambda told: told['status'] == 'Running')
        return made

    def wait(self, path: str, met: typing.Callable[[typing.Any], bool],
             **more: typing.Any) -> None:
        while not met(self('GET', path, **more).json()):
            time.sleep(0.1)


def opened(url: str) -> websocket.WebSocket:
    return websocket.create_connection(url, subprotocols=['binary'],
                                       timeout=60)


def echo_s(session: websocket.WebSocket, key: bytes) -> float:
    """From a key to its echo."""
    begin, seen = time.monotonic(), b''
    session.send_binary(key)
    while key not in seen:
        seen += session.recv()
    return time.monotonic() - begin


def keys(api: Api, container: str) -> list[Row]:
    """A single user who types."""
    session = opened(api('GET', f'/containers/{container}/attach').json())
    took = [echo_s(session, b'%d' % (n % 10)) for n in range(KEYS)][20:]
    session.close()
    return [Row('attach, key to echo, p50', 1000 * statistics.median(took),
                'ms', '<= 15', f'p99 {1000 * _p99(took):.1f} ms')]


def _p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[98]


def many(api: Api, container: str, pid: int) -> list[Row]:
    """Many who type at the same time, each in a shell of their own."""
    before = service.rss_mib(pid)

    def join(_: int) -> websocket.WebSocket:
        return opened(api(
            'POST', f'/containers/{container}/execute?command=cat'
            '&interactive=true&run=false').json()['proxy_url'])

    def type_on(session: websocket.WebSocket) -> list[float]:
        found = []
        for turn in range(TURNS):
            found.append(echo_s(session, b'%d;' % turn))
            time.sleep(0.2)             # five keys a second
        return found
    with concurrent.futures.ThreadPoolExecutor(SESSIONS) as pool:
        begin = time.monotonic()
        sessions = list(pool.map(join, range(SESSIONS)))
        opening_s = time.monotonic() - begin
        took = list(itertools.chain(*pool.map(type_on, sessions)))
        grown = service.rss_mib(pid) - before
        for session in sessions:
            session.close()
    return [Row(f'{SESSIONS} sessions of exec, key to echo, p50',
                1000 * statistics.median(took), 'ms', '',
                f'p99 {1000 * _p99(took):.0f} ms'),
            Row(f'{SESSIONS} sessions, opened', SESSIONS / opening_s, '/s'),
            Row(f'{SESSIONS} sessions, memory for all', grown, 'MiB')]


class Peak:
    """How far a process' memory rose above where it was."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        pathlib.Path(f'/proc/{pid}/clear_refs').write_text('5')
        self._before = self._now()

    def _now(self) -> float:
        status = pathlib.Path(f'/proc/{self._pid}/status').read_text()
        found = re.search(r'VmHWM:\s+(\d+)', status)
        assert found, status
        return int(found[1]) / 1024

    @property
    def mib(self) -> float:
        return self._now() - self._before


def tar() -> typing.Iterator[bytes]:
    """An archive of one large file."""
    info = tarfile.TarInfo('large')
    info.size = LARGE * MIB
    yield info.tobuf()
    yield from itertools.repeat(bytes(range(256)) * (MIB // 256), LARGE)
    yield bytes(1024)


def in_json() -> typing.Iterator[bytes]:
    yield b'{"data": "'
    rest = b''
    for piece in tar():
        rest += piece
        cut = len(rest) - len(rest) % 3
        yield base64.b64encode(rest[:cut])
        rest = rest[cut:]
    yield base64.b64encode(rest) + b'"}'


def drained(answer: requests.Response) -> int:
    return sum(len(piece) for piece in answer.iter_content(MIB))


def archives(api: Api, container: str, pid: int) -> list[Row]:
    """In and out, as Zun carries them and as they are."""
    url = f'/containers/{container}'
    small = io.BytesIO()
    with tarfile.open(fileobj=small, mode='w') as file:
        file.addfile(tarfile.TarInfo('small'))
    api('POST', f'{url}/put_archive?path=/tmp', json={
        'data': base64.b64encode(small.getvalue()).decode()})
    found = []
    for name, ask in (
            ('put_archive', lambda: api(
                'POST', f'{url}/put_archive?path=/tmp', data=in_json(),
                headers={'Content-Type': 'application/json'})),
            ('get_archive', lambda: drained(api(
                'GET', f'{url}/get_archive?path=/tmp/large', stream=True)))):
        peak, begin = Peak(pid), time.monotonic()
        ask()
        rate = LARGE / (time.monotonic() - begin)
        found += [Row(f'{name} of {LARGE} MiB', rate, 'MiB/s'),
                  Row(f'{name} of {LARGE} MiB, memory', peak.mib, 'MiB',
                      '<= 32')]
    return found


def log(api: Api, pid: int) -> list[Row]:
    """A log that is there, read to its end by who follows it."""
    api('POST', '/pods', headers=PODS, json={
        'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'log'},
        'spec': {'restartPolicy': 'Never', 'containers': [{
            'name': 'main', 'image': manifests.IMAGE, 'command': [
                'sh', '-c', f'yes {LINE} | head -n {LARGE * 1024}']}]}})
    api.wait('/pods/log', headers=PODS, met=lambda told: told['status'][
        'phase'] == 'Succeeded')
    peak, begin = Peak(pid), time.monotonic()
    read = drained(api('GET', '/pods/log/logs?follow=true', headers=PODS,
                       stream=True))
    rate = LARGE / (time.monotonic() - begin)
    assert read == LARGE * MIB, read
    rise = peak.mib
    api('DELETE', '/pods/log', headers=PODS)
    api.wait('/pods', headers=PODS, met=lambda told: not told['items'])
    return [Row(f'a followed log of {LARGE} MiB', rate, 'MiB/s'),
            Row(f'a followed log of {LARGE} MiB, memory', rise, 'MiB',
                '<= 32')]
