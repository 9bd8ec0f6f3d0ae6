"""What the API does with streams that it passes on."""
import io
import socket

from zun_lite import exceptions
from zun_lite.api import body
from zun_lite.api import streams
from zun_lite.tests.unit.api import samples

TAR = {'Content-Type': 'application/x-tar'}


class Bodies(samples.ApiTest):
    def environ(self, data, **more):
        return {'wsgi.input': io.BytesIO(data), **more}

    def test_pieces(self):
        data = bytes(600_000)
        found = list(body.pieces(self.environ(
            data + b'next', CONTENT_LENGTH=str(len(data)))))
        self.assertEqual(data, b''.join(found))
        self.assertGreater(len(found), 2)

    def test_of_a_chunked_body(self):
        self.assertEqual([b'abc'], list(body.pieces(self.environ(
            b'abc', HTTP_TRANSFER_ENCODING='chunked'))))

    def test_no_body(self):
        self.assertEqual([], list(body.pieces(self.environ(b'next'))))

    def test_that_ends_early(self):
        with self.assertRaises(exceptions.Invalid):
            list(body.pieces(self.environ(b'abc', CONTENT_LENGTH='4')))

    def test_that_is_too_large(self):
        self.override('max_archive_bytes', 1024)
        with self.assertRaises(exceptions.TooLarge):
            list(body.pieces(self.environ(
                bytes(1025), HTTP_TRANSFER_ENCODING='chunked')))


class Reader(samples.ApiTest):
    def test_waitress_tells(self):
        told = streams.reader_gone(
            {'waitress.client_disconnected': lambda: True})
        self.assertTrue(told())

    def test_under_gunicorn_the_socket_tells(self):
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        gone = streams.reader_gone({'gunicorn.socket': ours})
        self.assertFalse(gone())
        theirs.send(b'the next request')
        self.assertFalse(gone())
        ours.recv(100)
        theirs.close()
        self.assertTrue(gone())

    def test_elsewhere_a_write_finds_out(self):
        self.assertFalse(streams.reader_gone({})())


class Requests(samples.ApiTest):
    def setUp(self):
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING)
        self.row = self.pod(name='web', host='one', phase='Running')
        self.compute.answers |= {
            'open_stream': {'url': 'ws://127.0.0.1:1/', 'token': 'T',
                            'session': 'S', 'ttl': 60},
            'resize_stream': None}

    def test_a_session(self):
        found = self.api.post('/v1/pods/web/attach', {})
        self.assertEqual(201, found.status)
        uuid = self.row.uuid
        self.assertEqual(
            {'session': 'S', 'url': 'ws://127.0.0.1:6784/?token='
             f'{uuid}.T&uuid={uuid}'}, found.json)
        actions = self.api.get('/v1/pods/web/actions').json['actions']
        self.assertEqual(['attach'], [a['action'] for a in actions])
        self.assertNotIn('.T', str(actions))

    def test_where_sessions_are_for_others(self):
        self.override('base_url', 'wss://cloud.example/zun/',
                      'websocket_proxy')
        found = self.api.post('/v1/pods/web/exec', {
            'interactive': True, 'tty': True, 'command': ['sh']})
        self.assertTrue(found.json['url'].startswith(
            'wss://cloud.example/zun/?token='), found.json)

    def test_a_host_that_does_not_answer(self):
        for method, path in (('GET', 'logs?follow=true'),
                             ('GET', 'archive?path=/x')):
            found = self.api(method, f'/v1/pods/web/{path}')
            self.assertEqual(503, found.status, path)
        self.assertEqual(0, streams._places._taken)

    def test_not_too_many(self):
        self.override('max_streams', 1)
        streams._places.take()
        self.addCleanup(streams._places.free)
        found = self.api.get('/v1/pods/web/logs?follow=true')
        self.assertEqual(503, found.status)
        self.assertIn('Too many', found.error['title'])

    def test_what_does_not_fit(self):
        for path in ('archive', 'archive?path=relative',
                     'logs?follow=true&previous=true'):
            found = self.api.get(f'/v1/pods/web/{path}')
            self.assertEqual(400, found.status, path)
        for size in ({}, {'width': 0, 'height': 1},
                     {'width': 1, 'height': 10**6}):
            found = self.api.post('/v1/pods/web/resize', size)
            self.assertEqual(400, found.status, size)
