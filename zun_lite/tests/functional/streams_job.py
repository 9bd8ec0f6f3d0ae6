"""Streams as users have them: requests, websocket-client, websockets."""
import base64
import concurrent.futures
import contextlib
import hashlib
import itertools
import pathlib
import re
import socket
import statistics
import tarfile
import threading
import time
import typing
import urllib.parse
import uuid

import requests
import websocket
from websockets.sync import client as websockets

from zun_lite.tests import neighbours

TICKS = 'i=0; while sleep 0.3; do i=$((i + 1)); echo tick $i; done'
MIB = 2**20
BLOCK = bytes(range(256)) * (MIB // 256)
ZUN = {'OpenStack-API-Version': 'container 1.40'}


def manifest(name: str) -> dict[str, typing.Any]:
    image = {'image': neighbours.IMAGE, 'imagePullPolicy': 'Never'}
    return {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': name},
            'spec': {'terminationGracePeriodSeconds': 0, 'containers': [
                {'name': 'main', 'command': ['sh', '-c', TICKS], **image},
                {'name': 'shell', 'command': ['sh'], 'stdin': True,
                 'tty': True, **image}]}}


def rss_peak_mib(pid: int) -> float:
    status = pathlib.Path(f'/proc/{pid}/status').read_text()
    return int(re.search(r'VmHWM:\s+(\d+)', status)[1]) / 1024


def forget_peak(pid: int) -> None:
    pathlib.Path(f'/proc/{pid}/clear_refs').write_text('5')


def large_archive(mib: int) -> typing.Iterator[bytes]:
    """A tar of one file, a mebibyte at a time."""
    info = tarfile.TarInfo('large')
    info.size = mib * MIB
    yield info.tobuf()
    yield from itertools.repeat(BLOCK, mib)
    yield bytes(1024)


def in_json(pieces: typing.Iterable[bytes]) -> typing.Iterator[bytes]:
    """The body of Zun's put_archive, with an archive of whole blocks."""
    yield b'{"data": "'
    rest = b''
    for piece in pieces:
        rest += piece
        cut = len(rest) - len(rest) % 3
        yield base64.b64encode(rest[:cut])
        rest = rest[cut:]
    yield base64.b64encode(rest) + b'"}'


class OfJson:
    """A file that is the archive in an answer of Zun's get_archive."""

    def __init__(self, answer: requests.Response) -> None:
        self._pieces = answer.iter_content(MIB)
        head, _, self._text = next(self._pieces).partition(b'"data": "')
        assert b'"stat": {"name": "large"' in head, head
        self._data = b''

    def read(self, size: int) -> bytes:
        while len(self._data) < size:
            text = (self._text + next(self._pieces, b'')).partition(b'"')[0]
            cut = len(text) - len(text) % 4
            if not cut:
                break
            self._data += base64.b64decode(text[:cut])
            self._text = text[cut:]
        found, self._data = self._data[:size], self._data[size:]
        return found


class Terminal:
    """A client's end of a session, with the library of Zun's client."""

    def __init__(self, url: str, **more: typing.Any) -> None:
        self.socket = websocket.create_connection(
            url, subprotocols=['binary', 'base64'], timeout=30, **more)
        self.seen = b''

    def say(self, data: bytes) -> None:
        self.socket.send_binary(data)

    def read(self, text: bytes) -> bytes:
        while text not in self.seen:
            opcode, data = self.socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                raise AssertionError(f'ended: {data!r}; {self.seen!r}')
            self.seen += data
        return self.seen

    def code(self) -> int | None:
        """With which the session is closed; None: it broke off."""
        try:
            while True:
                opcode, data = self.socket.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return int.from_bytes(data[:2])
                self.seen += data
        except (websocket.WebSocketConnectionClosedException, OSError):
            return None

    def close(self) -> None:
        self.socket.close()


class StreamsJob:
    """Mix into a TestCase with `client`, and `pids` of what may not grow."""
    client: neighbours.Client
    pids: dict[str, int]
    pod: str

    @classmethod
    def make_pod(cls) -> None:
        cls.pod = cls.client.create(manifest(f's-{uuid.uuid4().hex[:8]}'))
        cls.client.wait_ready(cls.pod)

    def make_container(self: typing.Any) -> str:
        """A container of Zun's, which runs."""
        made = self.client(
            'POST', '/containers?run=true', status=202, headers=ZUN, json={
                'image': neighbours.IMAGE, 'interactive': True,
                'command': ['cat'], 'cpu': 0.1}).json()['uuid']
        url = f'/containers/{made}'
        self.addCleanup(self.remove_container, url)
        neighbours.wait_for('it runs', lambda: self.client(
            'GET', url, headers=ZUN).json()['status'] == 'Running')
        return made

    def remove_container(self: typing.Any, url: str) -> None:
        """And wait until it is gone: the service ends with the tests."""
        self.client('DELETE', f'{url}?stop=true', headers=ZUN)
        neighbours.wait_for('it is gone', lambda: self.client(
            'GET', url, headers=ZUN).status_code == 404)

    def attach(self: typing.Any, container: str = 'shell',
               ) -> dict[str, str]:
        return self.client('POST', f'/pods/{self.pod}/attach', status=201,
                           json={'container': container}).json()

    def exec(self: typing.Any, *command: str, tty: bool = False,
             ) -> dict[str, str]:
        return self.client(
            'POST', f'/pods/{self.pod}/exec', status=201, json={
                'container': 'main', 'command': command, 'tty': tty,
                'interactive': True}).json()

    def open(self: typing.Any, session: dict[str, str],
             **more: typing.Any) -> Terminal:
        found = Terminal(session['url'], **more)
        self.addCleanup(found.close)
        return found

    def follow(self: typing.Any, query: str) -> requests.Response:
        answer = self.client('GET', f'/pods/{self.pod}/logs?follow=true'
                             f'&{query}', status=200, stream=True)
        self.addCleanup(answer.close)
        return answer

    def processes(self: typing.Any) -> str:
        return self.client('POST', f'/pods/{self.pod}/exec', status=200,
                           json={'container': 'main', 'timeout': 50,
                                 'command': ['ps', '-o', 'args'],
                                 }).json()['stdout']

    @contextlib.contextmanager
    def little_memory(self: typing.Any) -> typing.Iterator[None]:
        """No process may grow by more than 32 MiB meanwhile; an all-in-one
        is three in one."""
        before = {}
        for name, pid in self.pids.items():
            forget_peak(pid)
            before[name] = rss_peak_mib(pid)
        yield
        grown = {name: rss_peak_mib(pid) - before[name]
                 for name, pid in self.pids.items()}
        print(', '.join(f'{k} +{v:.1f} MiB' for k, v in grown.items()))
        for name, mib in grown.items():
            self.assertLess(mib, 32 * (3 if name == 'all-in-one' else 1),
                            name)

    # Logs

    def test_follow(self: typing.Any) -> None:
        lines = self.follow('container=main&tail=1').iter_lines()
        first = [next(lines) for _ in range(3)]
        numbers = [int(line.split()[1]) for line in first]
        self.assertEqual(list(range(numbers[0], numbers[0] + 3)), numbers)

    def test_readers_that_leave_make_room(self: typing.Any) -> None:
        """Silent streams are found out as well: shell writes nothing, so
        not even the answer's head comes."""
        where = urllib.parse.urlsplit(self.client.endpoint)
        user = base64.b64encode(':'.join(
            self.client.auth).encode()).decode()
        ask = (f'GET /v1/pods/{self.pod}/logs?follow=true&container=shell'
               f'&tail=0 HTTP/1.1\r\nHost: {where.netloc}\r\n'
               f'Authorization: Basic {user}\r\n\r\n')
        for _ in range(3):
            silent = []
            for _ in range(8):
                silent.append(socket.create_connection(
                    (where.hostname, where.port)))
                silent[-1].sendall(ask.encode())
            time.sleep(1)
            for one in silent:
                one.close()

        def again() -> bool:
            found = self.client('GET', f'/pods/{self.pod}/logs?follow=true'
                                '&container=main&tail=0', stream=True)
            found.close()
            return found.status_code == 200
        for _ in range(8):
            neighbours.wait_for('room', again)

    # Archives

    def test_a_large_archive_in_little_memory(self: typing.Any) -> None:
        path = f'/pods/{self.pod}/archive?container=main&path='
        tar = {'Content-Type': 'application/x-tar'}
        self.client('PUT', path + '/tmp', status=204, headers=tar,
                    data=b''.join(large_archive(1)))
        self.client('GET', path + '/tmp/large', status=200)
        begin = time.monotonic()
        with self.little_memory():
            self.client('PUT', path + '/tmp', status=204, headers=tar,
                        data=large_archive(300))
            up_s = time.monotonic() - begin
            answer = self.client('GET', path + '/tmp/large', status=200,
                                 stream=True)
            size = sum(len(piece) for piece in answer.iter_content(MIB))
        down_s = time.monotonic() - begin - up_s
        self.assertGreaterEqual(size, 300 * MIB)
        print(f'300 MiB up {up_s:.1f} s, down {down_s:.1f} s')

    def test_a_large_archive_of_a_container(self: typing.Any) -> None:
        """As Zun has it: base64 inside of JSON, in both directions."""
        url = f'/containers/{self.make_container()}'
        begin = time.monotonic()
        with self.little_memory():
            self.client('POST', f'{url}/put_archive?path=/tmp', status=200,
                        headers=ZUN | {'Content-Type': 'application/json'},
                        data=in_json(large_archive(200)))
            up_s = time.monotonic() - begin
            answer = self.client(
                'GET', f'{url}/get_archive?path=/tmp/large', status=200,
                headers=ZUN, stream=True)
            found = hashlib.sha256()
            with tarfile.open(fileobj=OfJson(answer), mode='r|') as tar:
                file = tar.extractfile(tar.next())
                while piece := file.read(MIB):
                    found.update(piece)
        down_s = time.monotonic() - begin - up_s
        wanted = hashlib.sha256()
        for piece in itertools.repeat(BLOCK, 200):
            wanted.update(piece)
        self.assertEqual(wanted.hexdigest(), found.hexdigest())
        print(f'200 MiB as JSON up {up_s:.1f} s, down {down_s:.1f} s')

    def test_archives_that_are_refused(self: typing.Any) -> None:
        tar = {'Content-Type': 'application/x-tar'}
        path = f'/pods/{self.pod}/archive?container=main&path='
        for status, what in ((404, {'path': '/none'}),
                             (400, {'path': '/etc/passwd'})):
            self.client('PUT', path + what['path'], status=status,
                        headers=tar, data=b''.join(large_archive(2)))
        self.client('PUT', path + '/tmp', status=400, headers=tar,
                    data=b'this is none' * 100_000)
        self.client('GET', path + '/none', status=404)
        self.client('GET', path + 'relative', status=400)

    # Sessions

    def test_attach(self: typing.Any) -> None:
        session = self.attach()
        terminal = self.open(session)
        self.assertEqual('binary', terminal.socket.subprotocol)
        self.client('POST', f'/pods/{self.pod}/resize', status=204, json={
            'session': session['session'], 'width': 91, 'height': 37})
        terminal.say(b'stty size; echo caf\xc3\xa9 | tr a-z A-Z\n')
        terminal.read(b'37 91\r\n')
        terminal.read(b'CAF\xc3\xa9\r\n')

    def test_a_session_without_subprotocol(self: typing.Any) -> None:
        """And with the other library, and with text frames."""
        url = self.exec('cat')['url']
        with websockets.connect(url, proxy=None) as session:
            self.assertIsNone(session.subprotocol)
            session.send('text\n')
            self.assertEqual(b'text\n', session.recv(10))

    def test_frames_end_between_characters(self: typing.Any) -> None:
        """Trap 21: clients decode each frame by itself."""
        session = self.open(self.exec('sh', '-c', (
            r"read go; i=0; while [ $i -lt 300 ]; do i=$((i + 1)); "
            r"printf '\342\202'; printf '\254'; done")))
        session.say(b'\n')
        told = ''
        while len(told) < 300:
            told += session.socket.recv_data()[1].decode()
        self.assertEqual('€' * 300, told)

    def test_any_bytes_both_ways(self: typing.Any) -> None:
        session = self.open(self.exec('cat'))
        block = bytes(range(256)) * 256

        def write() -> None:
            for _ in range(64):
                session.say(block)
        writer = threading.Thread(target=write)
        writer.start()
        while len(session.seen) < 64 * len(block):
            session.seen += session.socket.recv_data()[1]
        writer.join()
        self.assertEqual(block * 64, session.seen)

    def test_a_token_opens_once(self: typing.Any) -> None:
        session = self.exec('cat')
        self.open(session)
        url = session['url']
        parts = urllib.parse.urlsplit(url)
        for bad in (url, f'ws://{parts.netloc}/',
                    f'ws://{parts.netloc}/?token=x',
                    f'ws://{parts.netloc}/?token={uuid.uuid4()}.x',
                    f'ws://{parts.netloc}/?token={self.pod}.x'):
            with self.assertRaises(
                    websocket.WebSocketBadStatusException) as raised:
                Terminal(bad)
            self.assertEqual(401, raised.exception.status_code)

    def test_pages_of_strangers(self: typing.Any) -> None:
        session = self.exec('cat')
        with self.assertRaises(
                websocket.WebSocketBadStatusException) as raised:
            Terminal(session['url'], origin='http://evil.example')
        self.assertEqual(403, raised.exception.status_code)
        self.open(session)      # the token was not spent

    def test_the_command_ends(self: typing.Any) -> None:
        session = self.open(self.exec('sh', '-c', 'read x; echo bye $x'))
        session.say(b'now\n')
        self.assertEqual(1000, session.code())
        self.assertEqual(b'bye now\n', session.seen)

    def test_the_client_goes(self: typing.Any) -> None:
        for mark, leave in (('3621', lambda s: s.close()),
                            ('3622', lambda s: s.sock.shutdown(2))):
            session = self.open(self.exec('sleep', mark, tty=True))
            neighbours.wait_for('it runs',
                                lambda m=mark: m in self.processes())
            leave(session.socket)
            neighbours.wait_for(
                'it ends', lambda m=mark: m not in self.processes(), 20)

    def test_the_pod_goes(self: typing.Any) -> None:
        pod = self.client.create(manifest(f's-{uuid.uuid4().hex[:8]}'))
        self.client.wait_ready(pod)
        url = self.client('POST', f'/pods/{pod}/attach', status=201,
                          json={'container': 'shell'}).json()['url']
        session = Terminal(url)
        self.addCleanup(session.close)
        session.say(b'echo on\n')
        session.read(b'on\r\n')
        self.client('DELETE', f'/pods/{pod}', status=202)
        self.assertEqual(1000, session.code())
        self.client.wait_gone(pod)

    def test_slow_readers_are_waited_for(self: typing.Any) -> None:
        """What they do not take stays with who writes it."""
        with self.little_memory():
            slow = [self.open(self.exec('cat', '/dev/zero'))
                    for _ in range(12)]
            time.sleep(5)
            quick = self.open(self.exec('cat'))
            quick.say(b'on\n')
            quick.read(b'on\n')
        for session in slow:
            while len(session.seen) < 4 * MIB:
                session.seen += session.socket.recv_data()[1]
            self.assertEqual(bytes(len(session.seen)), session.seen)
            session.close()
        neighbours.wait_for('the commands end',
                            lambda: '/dev/zero' not in self.processes())

    def test_fifty_at_once(self: typing.Any) -> None:
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            sessions = list(pool.map(
                lambda _: self.open(self.exec('cat')), range(50)))
        took = []
        for turn in range(4):
            for number, session in enumerate(sessions):
                told = f'{turn} {number}\n'.encode()
                begin = time.monotonic()
                session.say(told)
                session.read(told)
                took.append(time.monotonic() - begin)
        print(f'echo with 50 sessions: p50 {statistics.median(took) * 1e3:.1f}'
              f' ms, p99 {statistics.quantiles(took, n=100)[98] * 1e3:.1f}')
        self.assertLess(statistics.median(took), 0.5)
        used = {n: self._used(p) for n, p in self.pids.items()}
        time.sleep(5)
        for name, pid in self.pids.items():
            self.assertLess((self._used(pid) - used[name]) / 5, 0.03, name)

    @staticmethod
    def _used(pid: int) -> float:
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
        fields = stat.rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def test_tokens_are_not_logged(self: typing.Any) -> None:
        session = self.exec('cat')
        self.open(session)
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(
            session['url']).query)['token'][0].partition('.')[2]
        self.assertNotIn(token, self.all_logs())
