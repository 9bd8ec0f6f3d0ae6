"""Logs of containers that are longer than one answer of a host may be."""
import threading
import unittest

from zun_lite.tests.functional import stack

COUNT = 3000
LINES = [f'line {n}\n' for n in range(1, COUNT + 1)]
WRITES = (f'for i in $(seq 1 {COUNT}); do echo line $i; done; '
          r"printf '\303\251\377\n' >&2; ")
WAITS = 'until test -e /tmp/go; do sleep 0.1; done; echo end'
OTHER = 'é\N{REPLACEMENT CHARACTER}\n'


class Logs(unittest.TestCase):

    @classmethod
    def setUpClass(cls) -> None:
        cls.stack = stack.Stack(max_output_bytes=1024)
        cls.stack.start()
        cls.addClassCleanup(cls.stack.stop)

    def setUp(self) -> None:
        made = self.ask('POST', '?run=true', {
            'image': 'zun-lite/busybox:1',
            'command': ['sh', '-c', WRITES + WAITS]}, status=202)
        self.path = f'/{made.json["uuid"]}'
        self.addCleanup(self.ask, 'DELETE', f'{self.path}?stop=true',
                        status=204)
        stack.wait_for(lambda: self.ask('GET', self.path).json[
            'status'] == 'Running')
        stack.wait_for(lambda: self.logs('tail=1') == OTHER)

    def ask(self, method, path, body=None, status=200, version='1.40'):
        found = self.stack.client(
            method, f'/v1/containers{path}', body, headers={
                'OpenStack-API-Version': f'container {version}'})
        self.assertEqual(status, found.status, found.body)
        return found

    def logs(self, query=''):
        return self.ask('GET', f'{self.path}/logs?{query}').json

    def test_all_of_it(self):
        found = self.ask('GET', f'{self.path}/logs')
        self.assertEqual('application/json', found.headers['content-type'])
        self.assertEqual(''.join(LINES) + OTHER, found.json)

    def test_a_part_that_is_long(self):
        self.assertEqual(''.join(LINES[1:]) + OTHER,
                         self.logs(f'tail={COUNT}'))

    def test_a_part_that_is_short(self):
        self.assertEqual(LINES[-1] + OTHER, self.logs('tail=2'))

    def test_one_stream(self):
        self.assertEqual(''.join(LINES), self.logs('stderr=False'))
        self.assertEqual(OTHER, self.logs('stdout=False'))

    def test_times(self):
        lines = self.logs('timestamps=true').splitlines()
        self.assertRegex(lines[0], r'^\d{4}-\d\d-\d\dT\S+Z line 1$')
        self.assertEqual(COUNT + 1, len(lines))
        self.assertEqual(lines[-1], self.logs(
            f'timestamps=true&since={lines[-1].split()[0][:10]}+00:00:00'
            '&tail=1').rstrip())

    def test_followed(self):
        """As text, until it ends."""
        self.ask('GET', f'{self.path}/logs?follow=true', status=400)
        end = threading.Timer(0.5, self.ask, (
            'POST', f'{self.path}/execute?command=touch+/tmp/go'))
        end.start()
        self.addCleanup(end.join)
        found = self.ask('GET', f'{self.path}/logs?follow=true&stderr=false',
                         version='1.41')
        self.assertEqual('text/plain; charset=utf-8',
                         found.headers['content-type'])
        self.assertEqual(''.join(LINES) + 'end\n', found.body.decode())
