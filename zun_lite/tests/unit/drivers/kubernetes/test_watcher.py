"""Lists and watches, against a scripted API server."""
import http.server
import json
import pathlib
import tempfile
import threading
import time
import unittest
import urllib.parse

import yaml

from zun_lite import exceptions
from zun_lite.drivers.kubernetes import client
from zun_lite.drivers.kubernetes import settings
from zun_lite.drivers.kubernetes import watcher
from zun_lite.tests.unit.drivers.kubernetes.documents import pod


class Script(http.server.ThreadingHTTPServer):
    """Answers lists with `items` at `version`, and each watch with the next
    of `watches`: (status, [change, ...]); then a watch hangs."""
    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.items, self.version, self.page = [], 1, 500
        self.watches, self.asked = [], []
        self.open = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def kubeconfig(self, folder: str) -> str:
        path = pathlib.Path(folder) / 'kubeconfig'
        path.write_text(yaml.safe_dump({
            'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'x',
            'clusters': [{'name': 'c', 'cluster': {
                'server': f'http://127.0.0.1:{self.server_port}'}}],
            'users': [{'name': 'u', 'user': {'token': 't'}}],
            'contexts': [{'name': 'x', 'context': {
                'cluster': 'c', 'user': 'u'}}]}))
        return str(path)


class Handler(http.server.BaseHTTPRequestHandler):
    server: Script

    def log_message(self, *_):
        pass

    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(
            urllib.parse.urlsplit(self.path).query))
        self.server.asked.append(query)
        if 'watch' in query:
            self._watch()
        else:
            self._list(int(query.get('continue', 0)))

    def _list(self, begin):
        server = self.server
        end = begin + server.page
        metadata = {'resourceVersion': str(server.version)}
        if end < len(server.items):
            metadata['continue'] = str(end)
        self._answer(200, {'metadata': metadata,
                           'items': server.items[begin:end]})

    def _answer(self, status, *documents):
        self.send_response(status)
        self.end_headers()
        for document in documents:
            self.wfile.write(json.dumps(document).encode() + b'\n')
            self.wfile.flush()

    def _watch(self):
        try:
            status, changes = self.server.watches.pop(0)
        except IndexError:
            self._answer(200)
            self.server.open.wait(20)
            return
        self._answer(status, *changes)


def change(kind, version, **fields):
    return {'type': kind, 'object': pod(version=version, **fields)}


GONE = {'type': 'ERROR', 'object': {'kind': 'Status', 'code': 410,
                                    'message': 'too old', 'metadata': {}}}


class TestStream(unittest.TestCase):
    def setUp(self):
        self.server = Script()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(self.server.open.set)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.cluster = client.Cluster(settings.Settings(
            kubeconfig=self.server.kubeconfig(folder.name), api_timeout=5))
        self.addCleanup(self.cluster.close)
        self.lists, self.changes, self.errors = [], [], []

    def begin(self, **options):
        made = watcher.Stream(
            self.cluster, '/api/v1/pods', {'labelSelector': 'x'},
            watch_timeout_s=30, listed=self.lists.append,
            changed=lambda kind, told: self.changes.append(
                (kind, told['metadata']['resourceVersion'])),
            lost=self.errors.append, **options)
        made.start()
        self.addCleanup(made.close)

    def until(self, check):
        end = time.monotonic() + 10
        while not check():
            self.assertLess(time.monotonic(), end, self.server.asked)
            time.sleep(0.01)

    def watched_from(self):
        return [query['resourceVersion'] for query in self.server.asked
                if 'watch' in query]

    def test_lists_then_watches_from_there(self):
        self.server.version = 7
        self.server.watches = [(200, [change('ADDED', 8)])]
        self.begin()
        self.until(lambda: self.watched_from() == ['7', '8'])
        self.assertEqual([('ADDED', '8')], self.changes)
        self.assertEqual([], self.errors)

    def test_a_long_list_comes_in_pages(self):
        self.server.items = [pod(version=n) for n in range(1201)]
        self.begin()
        self.until(lambda: self.lists)
        self.assertEqual(1201, len(self.lists[0]))
        self.assertEqual(3, sum('watch' not in query
                                for query in self.server.asked))

    def test_bookmarks_keep_the_place(self):
        self.server.watches = [(200, [change('BOOKMARK', 99)])]
        self.begin()
        self.until(lambda: self.watched_from() == ['1', '99'])
        self.assertEqual([], self.changes)
        self.assertEqual(1, len(self.lists))

    def test_a_forgotten_place_begins_with_a_list(self):
        """410 inside the watch, as API servers send it."""
        self.server.watches = [(200, [change('ADDED', 5), GONE])]
        self.begin()
        self.until(lambda: len(self.lists) == 2)
        self.assertIsInstance(self.errors[0], watcher.Stale)

    def test_a_place_refused_at_once(self):
        """410 instead of a watch."""
        self.server.watches = [(410, [{'reason': 'Expired', 'code': 410}])]
        self.begin()
        self.until(lambda: len(self.lists) == 2)

    def test_a_server_that_fails_is_asked_again(self):
        self.server.watches = [(500, [{'message': 'no etcd'}]),
                               (200, [change('ADDED', 5)])]
        self.begin()
        self.until(lambda: self.changes)
        self.assertIsInstance(self.errors[0],
                              exceptions.EngineUnavailable)

    def test_what_nobody_foresaw_does_not_end_it(self):
        self.server.watches = [(200, [change('ADDED', 5)]),
                               (200, [change('ADDED', 6)])]
        take, taken = self.changes.append, []

        def stumble(found):
            taken.append(found)
            if len(taken) == 1:
                raise KeyError('nobody foresaw this')
            take(found)
        self.changes = type('Changes', (), {'append': stumble})
        with self.assertLogs(watcher.LOG, 'ERROR'):
            self.begin()
            self.until(lambda: len(taken) == 2)
        self.assertIsInstance(self.errors[0], KeyError)
        self.assertEqual(2, len(self.lists))

    def test_events_go_on_from_where_they_were(self):
        """Nothing is listed: what was is of no interest."""
        self.server.watches = [(200, [change('ADDED', 5)]),
                               (503, [{'message': 'busy'}])]
        self.begin(keep_list=False)
        self.until(lambda: self.watched_from() == ['1', '5', '5'])
        self.assertEqual([], self.lists)

    def test_it_ends_when_closed(self):
        self.begin()
        self.until(self.watched_from)
        begin = time.monotonic()
        self.doCleanups()
        self.assertLess(time.monotonic() - begin, 5)
