"""The small pure parts."""
import ipaddress
import struct
import threading
import unittest

import docker.errors
import requests

from zun_lite.drivers import base
from zun_lite.drivers import feed
from zun_lite.drivers.docker import checks
from zun_lite.drivers.docker import eviction
from zun_lite.drivers.docker import execs
from zun_lite.drivers.docker import logs
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import network
from zun_lite.drivers.docker import pulling
from zun_lite.drivers.docker import reference
from zun_lite.drivers.docker import times
from zun_lite.drivers.docker import usage
from zun_lite.drivers.docker import waiting
from zun_lite.tests.unit.drivers.docker import builders


class TestReference(unittest.TestCase):
    def test_good(self):
        digest = 'sha256:' + 'a' * 64
        for image, expected in (
                ('busybox', ('busybox', 'latest')),
                ('busybox:1', ('busybox', '1')),
                ('a/b/c:v1.2-3', ('a/b/c', 'v1.2-3')),
                ('localhost:5000/x', ('localhost:5000/x', 'latest')),
                ('Host.example:80/x:y', ('Host.example:80/x', 'y')),
                ('[::1]:5000/x', ('[::1]:5000/x', 'latest')),
                (f'x@{digest}', ('x', digest)),
                (f'x:1@{digest}', ('x', digest))):
            self.assertEqual(expected, reference.split(image))

    def test_bad(self):
        for image in ('', 'UPPER', 'a//b', ':tag', 'a:', 'a b', 'a@sha256:1',
                      '-a', 'a:-x', 'http://a/b', 'a\n'):
            with self.assertRaises(ValueError, msg=image):
                reference.split(image)


class TestPulling(unittest.TestCase):
    def test_meanings(self):
        for text, meaning in (
                ('write /x: no space left on device', 'disk'),
                ('pull access denied for x, repository does not exist or '
                 'may require docker login', 'no such image, or access'),
                ('unauthorized: authentication required', 'credentials'),
                ('manifest for x:1 not found: manifest unknown',
                 'there is no such image:'),
                ('dial tcp 127.0.0.1:1: connect: connection refused',
                 'cannot be reached'),
                ('toomanyrequests: slow down', 'rate')):
            found = pulling.meaning(text)
            self.assertIn(meaning, found)
            self.assertTrue(found.endswith(text))

    def test_unknown(self):
        self.assertEqual('odd', pulling.meaning('odd'))


class TestNetwork(unittest.TestCase):
    def subnets(self, taken, start=0, pool='10.0.0.0/22'):
        taken = [ipaddress.IPv4Network(t) for t in taken]
        return [str(s) for s in network.candidates(pool, 24, taken, start)]

    def test_routes_of_the_machine_are_left_alone(self):
        routes = (
            'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask'
            '\t\tMTU\tWindow\tIRTT\n'
            'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'
            'tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n'
            'zl-a\t00E5D00A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'
            'tun1\t0000D20A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n'
            'zl-b\t0001D30A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n')
        self.assertEqual(
            ['10.208.229.0/24', '10.210.0.0/16'],
            [str(one) for one in network.routed(
                routes, '10.208.0.0/12', besides='zl-b')])

    def test_begins_anywhere_and_goes_around(self):
        self.assertEqual(['10.0.2.0/24', '10.0.3.0/24', '10.0.0.0/24',
                          '10.0.1.0/24'], self.subnets([], 1002))

    def test_what_is_taken_is_left_out(self):
        self.assertEqual(['10.0.3.0/24'], self.subnets(
            ['10.0.0.0/23', '10.0.2.128/25', '192.168.0.0/16']))
        self.assertEqual([], self.subnets(['10.0.0.0/8']))

    def test_names_fit_the_kernel(self):
        self.assertEqual(15, len(names.bridge('h', 'p' * 255)))
        self.assertNotEqual(names.network('h', 'p'), names.network('i', 'p'))


class Bridges:
    """An engine with one network, which something is on at first."""

    def __init__(self):
        self.api = self
        self.asked, self.answer = threading.Event(), threading.Event()
        self.removed = False

    def remove_network(self, name):
        if not self.asked.is_set():
            self.asked.set()
            self.answer.wait(5)
            refusal = requests.Response()
            refusal.status_code = 403
            raise docker.errors.APIError('in use', response=refusal)
        self.removed = True


class TestRelease(unittest.TestCase):
    def test_the_last_pod_goes_while_the_one_before_is_refused(self):
        engine = Bridges()
        bridges = network.Networks(engine, None, 'host')
        pods = [threading.Thread(target=bridges.release, args=('project',))
                for _ in range(2)]
        pods[0].start()
        self.assertTrue(engine.asked.wait(5))
        pods[1].start()
        pods[1].join(0.1)
        engine.answer.set()
        for pod in pods:
            pod.join(5)
        self.assertTrue(engine.removed)


class TestFrames(unittest.TestCase):
    BODY = (struct.pack('>BxxxL', 1, 5) + b'hello'
            + struct.pack('>BxxxL', 2, 0)
            + struct.pack('>BxxxL', 2, 3) + b'err')

    def test_however_it_is_cut(self):
        for size in range(1, len(self.BODY) + 1):
            output = execs.Output(100)
            chunks = (self.BODY[i:i + size]
                      for i in range(0, len(self.BODY), size))
            for stream, data in execs.frames(chunks):
                output.add(stream, data)
            self.assertEqual((b'hello', b'err'), (output.stdout,
                                                  output.stderr), size)
            self.assertFalse(output.truncated)

    def test_limit(self):
        output = execs.Output(3)
        output.add(1, b'ab')
        output.add(1, b'cd')
        output.add(2, b'xyz')
        self.assertEqual((b'abc', b'xyz', True), (
            output.stdout, output.stderr, output.truncated))


class TestLogs(unittest.TestCase):
    def test_last_lines(self):
        for text, count, expected in (
                (b'a\nb\nc\n', 2, b'b\nc\n'), (b'a\nb', 1, b'b'),
                (b'a\rb\nc\n', 2, b'a\rb\nc\n'), (b'a\n', 9, b'a\n'),
                (b'a\n', 0, b''), (b'', 3, b'')):
            self.assertEqual(expected, logs.last_lines(text, count))

    def test_newest(self):
        chunks = [b'aaa', b'bb', b'cccc']
        for limit, expected in ((0, b''), (1, b'c'), (5, b'bcccc'),
                                (9, b'aaabbcccc'), (99, b'aaabbcccc')):
            self.assertEqual(expected, logs.newest(iter(chunks), limit))


class TestFeed(unittest.TestCase):
    def test_changes_are_merged_until_read(self):
        found = feed.Feed()
        for uuid in ('a', 'b', 'a'):
            found.changed(uuid)
        reading = found.read()
        self.assertEqual(base.Changed('a'), next(reading))
        found.changed('a')
        self.assertEqual(base.Changed('b'), next(reading))
        self.assertEqual(base.Changed('a'), next(reading))
        found.close()
        self.assertEqual([], list(reading))

    def test_too_much_becomes_a_relist(self):
        found = feed.Feed()
        for number in range(10_001):
            found.changed(str(number))
        self.assertEqual(base.Relist(), next(found.read()))


class TestEviction(unittest.TestCase):
    def test_over_limit(self):
        pod = builders.pod(volumes=[
            {'name': 'big', 'emptyDir': {'sizeLimit': '1Ki'}},
            {'name': 'free', 'emptyDir': {}},
            {'name': 'ram', 'emptyDir': {'sizeLimit': '1Ki',
                                         'medium': 'Memory'}}])

        def sizes(**by_name):
            return {names.volume(pod.uuid, 1, name): size
                    for name, size in by_name.items()}
        self.assertEqual({}, eviction.over_limit([pod], {}))
        self.assertEqual({}, eviction.over_limit([pod], sizes(
            big=1024, free=10**9, ram=10**9)))
        self.assertEqual({pod.uuid: 'big'}, eviction.over_limit(
            [pod], sizes(big=1025)))


class TestUsage(unittest.TestCase):
    def test_figures(self):
        before = {'cpu_stats': {'cpu_usage': {'total_usage': 10**9}}}
        after = {
            'cpu_stats': {'cpu_usage': {'total_usage': 2 * 10**9}},
            'memory_stats': {'usage': 500, 'stats': {'inactive_file': 100}},
            'networks': {'eth0': {'rx_bytes': 1, 'tx_bytes': 2},
                         'eth1': {'rx_bytes': 3, 'tx_bytes': 4}},
            'blkio_stats': {'io_service_bytes_recursive': [
                {'op': 'Read', 'value': 5}, {'op': 'write', 'value': 6},
                {'op': 'Total', 'value': 11}]},
            'pids_stats': {'current': 7}}
        self.assertEqual(500, usage.cpu_millis(before, after, 2.0))
        self.assertEqual(400, usage.memory_bytes(after))
        self.assertEqual((4, 6), usage.network(after))
        self.assertEqual((5, 6), usage.blocks(after))
        self.assertEqual(7, usage.pids(after))

    def test_nothing_known(self):
        self.assertEqual(0, usage.memory_bytes({}))
        self.assertEqual((0, 0), usage.network({'networks': None}))
        self.assertEqual((0, 0), usage.blocks({}))
        self.assertEqual(0, usage.pids({}))


class TestRetry(unittest.TestCase):
    def test_doubles_up_to_the_cap(self):
        retry = waiting.Retry(10, 50)
        self.assertEqual([10, 20, 40, 50, 50],
                         [retry.failed(0) for _ in range(5)])


class TestTimes(unittest.TestCase):
    def test_round_trip(self):
        at = times.parse('2026-11-20T19:21:00.123456789Z')
        self.assertEqual('2026-11-20T19:21:00Z', times.rfc3339(at))

    def test_absent(self):
        self.assertIsNone(times.parse('0001-01-01T00:00:00Z'))
        self.assertIsNone(times.parse(''))


class TestPorts(unittest.TestCase):
    def test_by_name(self):
        container = builders.pod({'ports': [
            {'containerPort': 80, 'name': 'web'}]}).spec.containers[0]
        self.assertEqual(80, checks.port_of('web', container))
        self.assertEqual(81, checks.port_of(81, container))
        with self.assertRaises(LookupError):
            checks.port_of('other', container)
