import io
import unittest

from zun_lite import exceptions
from zun_lite.api import body
from zun_lite.tests.unit.api import samples


class Trap(io.BytesIO):
    """A body that must not be read."""

    def read(self, *args):
        raise AssertionError('the body was read')


class Read(unittest.TestCase):

    def test_exactly_the_declared_length(self):
        environ = {'CONTENT_LENGTH': '3', 'wsgi.input': io.BytesIO(b'abcd')}
        self.assertEqual(b'abc', body.read(environ))

    def test_none_is_read_where_none_is_declared(self):
        self.assertEqual(b'', body.read({'wsgi.input': Trap()}))

    def test_one_that_ends_early_is_refused(self):
        environ = {'CONTENT_LENGTH': '9', 'wsgi.input': io.BytesIO(b'abcd')}
        with self.assertRaises(exceptions.Invalid):
            body.read(environ)

    def test_a_length_is_a_number(self):
        for text in ('x', '-1', '1.5', '٣'):
            with self.subTest(text), self.assertRaises(exceptions.Invalid):
                body.declared_length({'CONTENT_LENGTH': text})

    def test_pieces_are_joined(self):
        class Slow(io.BytesIO):
            def read(self, size=-1):
                return super().read(min(size, 2))
        environ = {'wsgi.input': Slow(b'abcde'), 'CONTENT_LENGTH': '5'}
        self.assertEqual(b'abcde', body.read(environ))

    def test_a_lost_connection_is_the_callers_fault(self):
        class Lost(io.BytesIO):
            def read(self, size=-1):
                raise OSError('reset')
        with self.assertRaises(exceptions.Invalid):
            body.read({'wsgi.input': Lost(), 'CONTENT_LENGTH': '5'})


class Types(unittest.TestCase):

    def test_parameters_and_case_do_not_count(self):
        environ = {'CONTENT_TYPE': 'Application/JSON; charset=utf-8'}
        self.assertEqual('application/json', body.media_type(environ))

    def test_none_is_json(self):
        body.check_type({}, ('application/json',))

    def test_others_are_refused(self):
        with self.assertRaises(exceptions.UnsupportedMediaType):
            body.check_type({'CONTENT_TYPE': 'text/html'},
                            ('application/json',))


class OnTheWire(samples.ApiTest):

    def setUp(self):
        super().setUp()
        self.override('max_body_bytes', 2000)

    def test_a_declared_excess_is_refused_unread(self):
        found = self.api.post('/v1/pods', headers={'Content-Length': '2001'},
                              **{'wsgi.input': Trap()})
        self.assertEqual(413, found.status)
        self.assertEqual('zun_lite.request.too_large', found.error['code'])

    def test_a_chunked_excess_is_not_read_to_its_end(self):
        endless = io.BytesIO(b' ' * 10**6)
        found = self.api.post('/v1/pods', **{
            'wsgi.input': endless, 'wsgi.input_terminated': True,
            'CONTENT_TYPE': 'application/json'})
        self.assertEqual(413, found.status)
        self.assertLessEqual(endless.tell(), 2001)

    def test_a_chunked_body_is_taken(self):
        import json
        text = json.dumps(samples.POD).encode()
        found = self.api.post('/v1/pods', **{
            'wsgi.input': io.BytesIO(text), 'wsgi.input_terminated': True,
            'CONTENT_TYPE': 'application/json'})
        self.assertEqual(202, found.status, found.body)

    def test_forms_are_415(self):
        found = self.api.post(
            '/v1/pods', b'a=b', headers={
                'Content-Type': 'application/x-www-form-urlencoded'})
        self.assertEqual(415, found.status)
        self.assertEqual([], self.bell.rung)

    def test_malformed_json_is_400(self):
        for text in (b'{', b'[]', b'"x"', b'\xff', b'null', b''):
            with self.subTest(text):
                found = self.api.post('/v1/pods', text)
                self.assertEqual(400, found.status)

    def test_yaml(self):
        text = (b'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n'
                b'spec: {containers: [{name: a, image: b}]}\n')
        found = self.api.post('/v1/pods', text,
                              headers={'Content-Type': 'application/yaml'})
        self.assertEqual(202, found.status, found.body)

    def test_yaml_is_for_pods_only(self):
        self.pod()
        found = self.api.patch('/v1/pods/web', b'metadata: {}', headers={
            'Content-Type': 'application/yaml'})
        self.assertEqual(415, found.status)
