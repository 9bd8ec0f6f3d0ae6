"""What API servers refuse is refused here, and no more than that."""
import json
import typing
import unittest

import jsonschema

from zun_lite import exceptions
from zun_lite.pod import manifest
from zun_lite.pod import spec

Document = dict[str, typing.Any]

HEADER = 'spec.containers[0].livenessProbe.httpGet.httpHeaders[0].name'
FIELD = 'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath'
FILE = 'spec.volumes[0].downwardAPI.items[0].fieldRef.fieldPath'
PREFIX = 'spec.containers[0].envFrom[0].prefix'
CONFIG = 'spec.containers[0].env[0].valueFrom.configMapKeyRef.key'
SECRET = 'spec.containers[0].env[0].valueFrom.secretKeyRef.key'
SEARCH = 'spec.dnsConfig.searches[0]'
SOURCES = 'spec.volumes[0].projected.sources'

DOTS = ('.', '..', '..x', '...')
KEYS = ('bad key!', '-a', 'a-', 'a/', '/a', 'a/b/c', 'a_b/c', 'a' * 64,
        f'{"a" * 254}/b', 'a\n')
GOOD_KEYS = ('a', 'A.b_c-d', 'example.org/A', 'a' * 63, f'{"a" * 253}/b')
DOMAIN = '.'.join(['a' * 62] * 4)           # 251 characters


def paths(labels, kind='labels') -> tuple[str, ...]:
    return tuple(f"metadata.{kind}['{key}']" for key in labels)


# The place, what is refused there, and what is not.
TABLE = (
    (HEADER, ('X_Foo', 'a.b', 'a!', '`a`', 'a|b', ''),
     ('Accept', 'X-1', '-', 'x--')),
    (FIELD, paths((*KEYS, 'Example.org/a'))
     + paths(KEYS, 'annotations') + ("metadata.labels['']",),
     paths(GOOD_KEYS)
     + paths((*GOOD_KEYS, 'Example.org/a'), 'annotations')),
    (FILE, paths(KEYS) + paths(KEYS, 'annotations'),
     paths(GOOD_KEYS) + ('metadata.labels',)),
    (PREFIX, (*DOTS, '1a', 'a=', 'a b'),
     ('', 'A_', '.a', '-', 'a..', '_.')),
    (CONFIG, (*DOTS, '', 'a/b', 'a' * 254),
     ('.x', 'x..', '1', '-', '_', 'a' * 253)),
    (SECRET, (*DOTS, '', 'a/b', 'a' * 254),
     ('.x', 'x..', '1', '-', '_', 'a' * 253)),
    (SEARCH, ('.', '..', 'a..', '.a', 'a.-b.', 'A.b.', f'{DOMAIN}.aa.'),
     ('a', 'a.', 'a.example', 'a.example.', f'{DOMAIN}.')))


def document(path: str, value: str) -> Document:
    """A sound pod but for `value` at `path`."""
    container = {'name': 'web', 'image': 'nginx'}
    pod = {'containers': [container]}
    entry = {'name': 'a', 'key': value}
    if path == HEADER:
        container['livenessProbe'] = {'httpGet': {
            'port': 1, 'httpHeaders': [{'name': value, 'value': ''}]}}
    elif path == PREFIX:
        container['envFrom'] = [
            {'prefix': value, 'configMapRef': {'name': 'a'}}]
    elif path == SEARCH:
        pod['dnsConfig'] = {'searches': [value]}
    elif path == FILE:
        pod['volumes'] = [{'name': 'v', 'downwardAPI': {'items': [
            {'path': 'a', 'fieldRef': {'fieldPath': value}}]}}]
    else:
        container['env'] = [{'name': 'A', 'valueFrom': {
            FIELD: {'fieldRef': {'fieldPath': value}},
            CONFIG: {'configMapKeyRef': entry},
            SECRET: {'secretKeyRef': entry}}[path]}]
    return whole(pod)


def whole(pod: Document) -> Document:
    return {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'},
            'spec': pod}


def faults(found: Document) -> dict[str, str]:
    """{path: message} of what is refused."""
    try:
        manifest.parse(json.dumps(found).encode(), 'application/json')
    except exceptions.Invalid as error:
        return {f.path: f.message for f in error.fields}
    return {}


class TestValues(unittest.TestCase):

    def test_refused_at_their_paths(self):
        for path, refused, _ in TABLE:
            for value in refused:
                with self.subTest(path, value=value):
                    self.assertEqual(
                        [path], list(faults(document(path, value))))

    def test_accepted(self):
        for path, _, accepted in TABLE:
            for value in accepted:
                with self.subTest(path, value=value):
                    self.assertEqual({}, faults(document(path, value)))

    def test_the_schema_takes_what_is_accepted(self):
        checker = jsonschema.Draft202012Validator(
            manifest.json_schema('#/$defs/{model}'))
        for path, _, accepted in TABLE:
            for value in accepted:
                with self.subTest(path, value=value):
                    self.assertTrue(checker.is_valid(document(path, value)))

    def test_the_schema_tells_of_names(self):
        checker = jsonschema.Draft202012Validator(
            manifest.json_schema('#/$defs/{model}'))
        for path, value in ((HEADER, 'X_Foo'),
                            (FIELD, "metadata.labels['bad key!']"),
                            (SEARCH, 'a..'), (PREFIX, '1a')):
            with self.subTest(path):
                self.assertFalse(checker.is_valid(document(path, value)))

    def test_what_is_stored_stays_readable(self):
        """Hosts have run pods with values that are refused by now."""
        for path, value in ((HEADER, 'X_Foo'), (PREFIX, '..'),
                            (CONFIG, '..x'),
                            (FIELD, "metadata.labels['bad key!']")):
            with self.subTest(path):
                spec.PodManifest.model_validate(
                    document(path, value), strict=False)


def source(kind: str, *places: str) -> Document:
    """One source of a projected volume with items at these places."""
    if kind == 'downwardAPI':
        return {kind: {'items': [
            {'path': place, 'fieldRef': {'fieldPath': 'metadata.name'}}
            for place in places]}}
    items = {'items': [{'key': 'k', 'path': place} for place in places]}
    return {kind: {'name': 'a'} | (items if places else {})}


class TestProjected(unittest.TestCase):
    """pkg/apis/core/validation: "conflicting duplicate paths"."""

    def found(self, *sources: Document) -> dict[str, str]:
        return faults(whole({
            'containers': [{'name': 'web', 'image': 'nginx'}], 'volumes': [
                {'name': 'v', 'projected': {'sources': list(sources)}},
                {'name': 'w', 'configMap': source(
                    'configMap', 'a', 'b')['configMap']}]}))

    def test_one_path_of_several_sources(self):
        kinds = ('configMap', 'secret', 'downwardAPI')
        for first in kinds:
            for second in kinds:
                with self.subTest(f'{first} {second}'):
                    told = self.found(source(first, 'x', 'a'),
                                      source('configMap'),
                                      source(second, 'b', './a'))
                    path = f'{SOURCES}[2].{second}.items[1].path'
                    self.assertEqual([path], list(told))
                    self.assertIn(f'[0].{first}.items[1].path', told[path])

    def test_within_one_source(self):
        self.assertEqual(
            [f'{SOURCES}[0].secret.items[1].path'],
            list(self.found(source('secret', 'a', 'a'))))

    def test_accepted(self):
        for sources in ((source('configMap', 'a'), source('secret', 'b'),
                         source('downwardAPI', 'c')),
                        (source('configMap', 'a/b'), source('secret', 'b')),
                        (source('configMap'), source('configMap')),
                        (source('configMap'), source('secret', 'k'))):
            with self.subTest(sources=sources):
                self.assertEqual({}, self.found(*sources))
