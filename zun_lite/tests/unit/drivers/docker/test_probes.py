"""Probes of what answers slowly, or never."""
import contextlib
import socket
import threading
import time
import unittest

from zun_lite.drivers.docker import checks
from zun_lite.drivers.docker.probes import Prober
from zun_lite.drivers.feed import Feed
from zun_lite.tests.contract import web
from zun_lite.tests.unit.drivers.docker import builders

HOST = web.HOST
ENOUGH_S = 10


def target(uuid: str, number: int = 0, **probes) -> checks.Target:
    return checks.Target(
        uuid=uuid, project=f'of-{uuid}', run_id=f'{uuid}-{number}',
        address=HOST,
        started_at=time.time(),
        container=builders.pod(probes).spec.containers[0])


class Dripping:
    """Takes connections, says `first` and then a space now and then."""

    def __init__(self, first: bytes):
        self._first, self._over = first, threading.Event()
        self._socket = socket.create_server((HOST, 0))
        self.port = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def _serve(self) -> None:
        while True:
            line, _ = self._socket.accept()
            if self._over.is_set():
                line.close()
                return
            self._threads.append(threading.Thread(
                target=self._drip, args=(line,)))
            self._threads[-1].start()

    def _drip(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.sendall(self._first)
            while not self._over.wait(0.05):
                line.sendall(b' ')

    def close(self) -> None:
        self._over.set()
        socket.create_connection((HOST, self.port)).close()
        for thread in self._threads:
            thread.join(ENOUGH_S)
        self._socket.close()


HEAD = b'HTTP/1.1 200 OK\r\n'
SLOW = {
    'before it says anything': b'',
    'in its head': HEAD + b'X-Long:',
    'in its body': HEAD + b'Content-Length: 1000000\r\n\r\n',
    'in a body of unknown length': HEAD + b'\r\n',
    'where it redirects to': b'HTTP/1.1 302 Found\r\nLocation: /\r\n'
                             b'Content-Length: 1000000\r\n\r\n',
}


class TestTimeLimit(unittest.TestCase):
    def ask(self, question):
        """What came of it, and how long it took."""
        probe = builders.pod({'readinessProbe': {
            **question, 'timeoutSeconds': 1}}).spec.containers[
                0].readiness_probe
        begin = time.monotonic()
        outcome = checks.carry_out(None, probe, target('a'))
        return outcome, time.monotonic() - begin

    def serving(self, first: bytes = b'') -> int:
        server = Dripping(first)
        self.addCleanup(server.close)
        return server.port

    def test_a_server_that_never_comes_to_an_end(self):
        """Each piece comes in time, but not the whole."""
        for where, first in SLOW.items():
            with self.subTest(where):
                outcome, took = self.ask(
                    {'httpGet': {'port': self.serving(first)}})
                self.assertEqual(checks.Outcome(False, 'timed out'), outcome)
                self.assertTrue(0.9 < took < 2, took)

    def test_a_handshake_that_never_comes_to_an_end(self):
        """A record whose length is told, and which is not complete."""
        outcome, took = self.ask({'httpGet': {
            'port': self.serving(b'\x16\x03\x03\x3f\xff\x02'),
            'scheme': 'HTTPS'}})
        self.assertFalse(outcome.ok)
        self.assertIn('timed out', outcome.message)
        self.assertTrue(0.9 < took < 2, took)

    def test_one_that_answers(self):
        for tls in (False, True):
            with self.subTest(tls=tls), web.serving(tls=tls) as server:
                question = {'httpGet': {
                    'port': server.port, 'path': '/a?b',
                    'scheme': 'HTTPS' if tls else 'HTTP'}}
                self.assertTrue(self.ask(question)[0].ok)
                server.healthy = False
                outcome, _ = self.ask(question)
                self.assertEqual(checks.Outcome(
                    False, 'HTTP probe failed with statuscode: 503'), outcome)
                self.assertEqual('/a?b', server.asked[-1][0])
                self.assertEqual(f'{HOST}:{server.port}',
                                 server.asked[-1][1]['Host'])

    def test_connections(self):
        port = self.serving()
        self.assertTrue(self.ask({'tcpSocket': {'port': port}})[0].ok)
        self.assertTrue(self.ask({'tcpSocket': {
            'port': port, 'host': 'localhost'}})[0].ok)
        with socket.create_server((HOST, 0)) as free:
            port = free.getsockname()[1]
        for question in ({'tcpSocket': {'port': port}},
                         {'httpGet': {'port': port}}):
            outcome, _ = self.ask(question)
            self.assertFalse(outcome.ok)
            self.assertIn('refused', outcome.message)


class TestShares(unittest.TestCase):
    """Which probes are carried out while those of `a` hang."""

    def setUp(self):
        self.over, self.news = threading.Event(), threading.Condition()
        self.asked = []
        self.addCleanup(self.over.set)

    def ask(self, probe, asked):
        with self.news:
            self.asked.append(asked.run_id)
            self.news.notify_all()
        if asked.uuid == 'a':
            self.over.wait(ENOUGH_S)
        return checks.Outcome(True)

    def prober(self, workers):
        made = Prober(self.ask, Feed(), workers)
        self.addCleanup(made.close)
        return made

    def keep(self, prober, uuid, count):
        found = [target(uuid, number, readinessProbe={
            'tcpSocket': {'port': 1}, 'periodSeconds': 3600})
            for number in range(count)]
        prober.keep(uuid, {one.run_id: one for one in found})

    def wait_asked(self, count):
        with self.news:
            self.assertTrue(self.news.wait_for(
                lambda: len(self.asked) >= count, ENOUGH_S), self.asked)

    def test_a_pod_whose_probes_hang(self):
        for workers, places in ((2, 1), (5, 2)):
            with self.subTest(workers=workers):
                self.over.clear()
                self.asked.clear()
                prober = self.prober(workers)
                self.keep(prober, 'a', 7)
                self.wait_asked(places)
                self.keep(prober, 'b', 3)
                self.wait_asked(places + 3)
                self.assertEqual(places, sum(
                    run.startswith('a') for run in self.asked))
                self.over.set()
                self.wait_asked(7 + 3)          # none was forgotten
                self.assertEqual(10, len(set(self.asked)))

    def test_a_single_worker(self):
        prober = self.prober(1)
        self.over.set()
        self.keep(prober, 'a', 3)
        self.wait_asked(3)

    def test_the_end_with_probes_that_wait(self):
        prober = self.prober(2)
        self.keep(prober, 'a', 3)
        self.wait_asked(1)
        prober.close()
        self.over.set()
        time.sleep(0.05)
        self.assertEqual(1, len(self.asked))
