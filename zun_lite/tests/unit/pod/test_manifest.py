"""Manifests from text: what is read back, and what is refused how."""
import json
import string
import unittest

import hypothesis
import yaml
from hypothesis import strategies as st

from zun_lite import exceptions
from zun_lite.pod import manifest
from zun_lite.pod import spec
from zun_lite.tests import strategies

JSON, YAML = 'application/json', 'application/yaml'
SOUND = {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'},
         'spec': {'containers': [{'name': 'web', 'image': 'nginx'}]}}


def faults(body: bytes | str, kind: str = JSON) -> dict[str, str]:
    """{path: message} of what `parse` refuses; empty when it does not."""
    text = body.encode() if isinstance(body, str) else body
    try:
        manifest.parse(text, kind)
    except exceptions.Invalid as error:
        return {f.path: f.message for f in error.fields}
    return {}


def web(**fields) -> str:
    """A manifest whose only container has `fields` too."""
    container = {'name': 'web', 'image': 'nginx', **fields}
    return json.dumps({**SOUND, 'spec': {'containers': [container]}})


class TestRoundTrip(unittest.TestCase):

    @hypothesis.settings(
        max_examples=60, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(strategies.documents())
    def test_json_reads_back_as_sent(self, document):
        found = manifest.parse(json.dumps(document).encode(), JSON)
        self.assertEqual(document, found.model_dump(
            mode='json', exclude_unset=True))
        text = found.spec.model_dump_json(exclude_unset=True)
        self.assertEqual(found.spec, spec.PodSpec.model_validate_json(text))

    @hypothesis.settings(
        max_examples=40, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(strategies.documents(), st.booleans())
    def test_yaml_is_the_same_as_json(self, document, flow):
        # PyYAML writes this line break as it is, and reads it as another.
        hypothesis.assume('\\u0085' not in json.dumps(document))
        text = yaml.dump(document, Dumper=Careful, default_flow_style=flow,
                         allow_unicode=True)
        self.assertEqual(manifest.parse(json.dumps(document).encode(), JSON),
                         manifest.parse(text.encode(), YAML))


class Careful(yaml.SafeDumper):
    """No aliases; quotes what looks like a number or boolean to anyone."""

    def ignore_aliases(self, data):
        return True

    def represent_str(self, data):
        doubtful = data[:1] in '-+.0123456789' or len(data) <= 5
        return self.represent_scalar('tag:yaml.org,2002:str', data,
                                     style='"' if doubtful else None)


Careful.add_representer(str, Careful.represent_str)


class TestNeverRaisesAnythingElse(unittest.TestCase):

    def parse(self, body, kind):
        try:
            found = manifest.parse(body, kind)
        except exceptions.Invalid as error:
            self.assertTrue(error.fields)
            json.dumps(error.to_dict()).encode()
        else:
            self.assertIsInstance(found, spec.PodManifest)

    @hypothesis.settings(max_examples=300, deadline=None)
    @hypothesis.given(st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(
            lambda t: t.encode('utf-8', 'surrogatepass')),
        st.text(st.sampled_from('{}[]:,-"\'&*!|>%@#?\n\t aA01.~\\u'),
                max_size=60).map(str.encode)))
    def test_any_bytes(self, body):
        self.parse(body, JSON)
        self.parse(body, YAML)

    @hypothesis.settings(max_examples=150, deadline=None)
    @hypothesis.given(st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(),
                  st.text(st.characters(), max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.sampled_from(
                ['apiVersion', 'kind', 'metadata', 'spec', 'containers',
                 'name', 'image', 'env', 'ports', 'livenessProbe', 'httpGet',
                 'port', 'labels', 'volumes', 'resources', 'limits', 'cpu']),
                inner, max_size=5)), max_leaves=30))
    def test_any_document(self, document):
        self.parse(json.dumps(document).encode(), JSON)
        self.parse(json.dumps(document).encode(), YAML)

    @hypothesis.settings(
        max_examples=100, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(strategies.documents(), st.data())
    def test_a_sound_document_with_a_part_replaced(self, document, data):
        holder = document
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(
                range(len(holder)))
            if not keys:
                return
            key = data.draw(st.sampled_from(keys))
            if not isinstance(holder[key], dict | list) or data.draw(
                    st.sampled_from([True, False, False])):
                break
            holder = holder[key]
        holder[key] = data.draw(st.sampled_from(
            [None, True, 0, -1, 1.5, '', 'x', '\0', [], {}, [None], {'a': 1},
             {'a': {}}, 10**30, 'yes', '0777']))
        self.parse(json.dumps(document).encode(), JSON)
        self.parse(json.dumps(document).encode(), YAML)


class TestJson(unittest.TestCase):

    def test_refused_text(self):
        for body, words in (
                (b'', 'empty'), (b' \n', 'empty'), (b'{"a": NaN}', 'NaN'),
                (b'[-Infinity]', 'Infinity'), (b'{', 'line 1, column 2'),
                (b'{} x', 'column 4'), (b'\xff', 'UTF-8'),
                (b'[' * 100000, 'nested'), (b'[' * 50 + b']' * 50, 'nested'),
                (b'[' + b'9' * 5000 + b']', 'digits'),
                (b'["\\ud800"]', 'surrogate'), (b'["\\u0000"]', 'NUL'),
                (b'{"a\\u0000": 1}', 'NUL'), (b"{'a': 1}", 'line 1'),
                (b'[' + b'1,' * 60000 + b'1]', 'more than 50000')):
            with self.subTest(body[:20]):
                found = faults(body)
                self.assertEqual(1, len(found))
                self.assertIn(words, next(iter(found.values())))

    def test_repeated_keys_each_at_its_path(self):
        text = json.dumps(SOUND).replace(
            '"image": "nginx"', '"image": "a", "image": "b"').replace(
                '{"name": "web"}', '{"name": "web", "name": "web"}', 1)
        self.assertEqual({'metadata.name': 'is given twice',
                          'spec.containers[0].image': 'is given twice'},
                         faults(text))

    def test_one_repeated_key_among_many_is_found_quickly(self):
        text = '{' + ', '.join(f'"k{n}": 1' for n in range(40000)) + (
            ', "k1": 2}')
        self.assertEqual('is given twice', faults(text)['k1'])

    def test_a_byte_order_mark_is_ignored(self):
        body = b'\xef\xbb\xbf' + json.dumps(SOUND).encode()
        self.assertEqual({}, faults(body))

    def test_media_types(self):
        for kind in ('text/plain', '', 'application/xml',
                     'application/json; charset=latin-1'):
            with self.subTest(kind), self.assertRaises(
                    exceptions.UnsupportedMediaType):
                manifest.parse(b'{}', kind)
        body = json.dumps(SOUND).encode()
        for kind in ('application/json; charset=UTF-8', 'text/yaml',
                     'Application/YAML', 'application/x-yaml;charset="utf-8"'):
            with self.subTest(kind):
                manifest.parse(body, kind)


class TestYaml(unittest.TestCase):

    def test_refused_text(self):
        for text, path, words in (
                ('a: &x 1', 'a', 'anchors'), ('a: [*x]', 'a[0]', 'aliases'),
                ('&x a: 1', '', 'anchors'), ('*x : 1', '', 'anchors'),
                ('? {a: b}\n: c', '', 'must be text'),
                ('? ' * 90000, '', 'must be text'),
                ('a: 1\n---\nb: 2', '', 'several'),
                ('a: !!python/name:os.system x', 'a', 'tag'),
                ('a: !!binary aGk=', 'a', 'tag'), ('!x {}', '', 'tag'),
                ('a: [1', '', 'line 2, column 1'), ('a: "\x07"', '', 'contr'),
                ('a: 1\na: 2', 'a', 'twice (line 2)'),
                ('1: 2', '[1]', 'quotes'), ('null: 2', 'null', 'quotes'),
                ('on: 2', 'on', 'quotes'), ('a: "\\0"', 'a', 'NUL'),
                ('a: .inf', 'a', 'JSON'), ('a: ' + '9' * 99, 'a', 'JSON'),
                ('- ' * 5000 + 'a', '[0][0][0][0]', 'nested'),
                ('[' * 90000, '[0][0][0][0]', 'nested'),
                ('[' + 'a,' * 200000 + ']', '', 'more than 50000'),
                ('# only a comment', '', 'map')):
            with self.subTest(text[:20]):
                found = faults(text, YAML)
                self.assertIn(path, found)
                self.assertIn(words, found[path])

    def test_what_readers_differ_on_must_be_quoted(self):
        for word in ('yes', 'No', 'ON', 'off', 'y', 'N', '0777', '-010',
                     '1_000', '0b11', '0o17', '0899'):
            with self.subTest(word):
                text = f'{{name: A, value: {word}}}'
                found = faults(web(env=[]).replace(
                    '"env": []', f'env: [{text}]'), YAML)
                self.assertEqual(['spec.containers[0].env[0].value'],
                                 list(found))
                self.assertIn('quotes', next(iter(found.values())))

    def test_what_only_old_readers_misread_is_text(self):
        for word in ('2026-01-31', '12:30:45', '1.2.3', 'NO_PROXY', 'a: b',
                     '2001-12-14t21:59:43.10-05:00', '=', '-', '0x', '1e'):
            with self.subTest(word):
                quoted = word if word != 'a: b' else "'a: b'"
                text = web(args=['@']).replace('"@"', quoted)
                found = manifest.parse(text.encode(), YAML)
                self.assertEqual((word,), found.spec.containers[0].args)

    def test_plain_scalars(self):
        text = '''
            apiVersion: v1
            kind: Pod
            metadata: {name: !!str 5, labels: {a: 'yes', b: "0777"}}
            spec:
              hostname: ~
              shareProcessNamespace: True
              terminationGracePeriodSeconds: 0x1F
              containers:
              - {name: a, image: b, resources: {limits: {cpu: 0.5}}}
            '''
        found = manifest.parse(text.encode(), YAML)
        self.assertEqual(31, found.spec.grace_period_s)
        self.assertIsNone(found.spec.hostname)
        self.assertTrue(found.spec.share_process_namespace)
        self.assertEqual(500, found.spec.containers[0].limits.cpu_millis)
        self.assertEqual({'a': 'yes', 'b': '0777'}, found.metadata.labels)

    def test_numbers_for_text_say_to_quote(self):
        text = web(env=[]).replace('"env": []',
                                   'env: [{name: PORT, value: 8080}]')
        self.assertEqual({'spec.containers[0].env[0].value':
                          'must be a string; put it in quotes'},
                         faults(text, YAML))


class TestFaults(unittest.TestCase):
    """Paths and words of faults of shape."""

    def check(self, fields, path, words):
        found = faults(web(**fields))
        at = f'spec.containers[0].{path}'
        self.assertEqual([at], list(found))
        self.assertIn(words, found[at])

    def test_words(self):
        for fields, path, words in (
                ({'image': ''}, 'image', 'empty'),
                ({'image': 'Nginx::'}, 'image', 'image reference'),
                ({'image': 'a' * 513}, 'image', 'at most 512'),
                ({'image': 5}, 'image', 'string; put it in quotes'),
                ({'image': []}, 'image', 'must be a string'),
                ({'name': 'Web'}, 'name', 'lower-case'),
                ({'name': 'web\n'}, 'name', 'lower-case'),
                ({'tty': 'yes'}, 'tty', 'true or false'),
                ({'args': 'x'}, 'args', 'must be a list'),
                ({'env': [{}]}, 'env[0].name', 'required'),
                ({'env': [{'name': 'a=b'}]}, 'env[0].name', 'letters'),
                ({'env': ['A=b']}, 'env[0]', 'must be a map'),
                ({'env': {}}, 'env', 'must be a list'),
                ({'env': [{'name': 'A'}] * 1025}, 'env', 'at most 1024'),
                ({'ports': [{'containerPort': 0}]}, 'ports[0].containerPort',
                 'at least 1'),
                ({'ports': [{'containerPort': 65536}]},
                 'ports[0].containerPort', 'at most 65535'),
                ({'ports': [{'containerPort': '80'}]},
                 'ports[0].containerPort', 'whole number'),
                ({'ports': [{'containerPort': 1.5}]},
                 'ports[0].containerPort', 'whole number'),
                ({'ports': [{'containerPort': 1, 'protocol': 'tcp'}]},
                 'ports[0].protocol', "'TCP', 'UDP' or 'SCTP'"),
                ({'ports': [{'containerPort': 1, 'name': '80'}]},
                 'ports[0].name', 'at least one letter'),
                ({'ports': [{'containerPort': 1, 'name': 'a--b'}]},
                 'ports[0].name', 'single -'),
                ({'ports': [{'containerPort': 1, 'name': 'a' * 16}]},
                 'ports[0].name', 'at most 15'),
                ({'imagePullPolicy': 'always'}, 'imagePullPolicy',
                 "'Always', 'IfNotPresent' or 'Never'"),
                ({'workingDir': 'srv'}, 'workingDir', 'absolute'),
                ({'volumeMounts': [{'name': 'x', 'mountPath': 'data'}]},
                 'volumeMounts[0].mountPath', 'absolute'),
                ({'volumeMounts': [{'name': 'x', 'mountPath': '/a:b'}]},
                 'volumeMounts[0].mountPath', 'absolute'),
                ({'resources': {'limits': {'cpu': '-1'}}},
                 'resources.limits.cpu', 'not negative'),
                ({'resources': {'limits': {'memory': '1 Gi'}}},
                 'resources.limits.memory', 'quantity'),
                ({'livenessProbe': {'exec': {'command': []}}},
                 'livenessProbe.exec.command', 'at least 1 item'),
                ({'livenessProbe': {'httpGet': {'port': True}}},
                 'livenessProbe.httpGet.port', 'port number from 1 to 65535'),
                ({'livenessProbe': {'httpGet': {'port': 70000}}},
                 'livenessProbe.httpGet.port', 'port number from 1 to 65535'),
                ({'livenessProbe': {'tcpSocket': {}}},
                 'livenessProbe.tcpSocket.port', 'required'),
                ({'livenessProbe': {'httpGet': {'port': 1, 'path': 'x'}}},
                 'livenessProbe.httpGet.path', 'begin with /'),
                ({'livenessProbe': {'httpGet': {'port': 1, 'httpHeaders': [
                    {'name': 'A', 'value': 'b\r\nC: d'}]}}},
                 'livenessProbe.httpGet.httpHeaders[0].value', 'control'),
                ({'livenessProbe': {'tcpSocket': {'port': 1},
                                    'periodSeconds': 0}},
                 'livenessProbe.periodSeconds', 'at least 1'),
                ({'securityContext': {'runAsUser': -1}},
                 'securityContext.runAsUser', 'at least 0'),
                ({'securityContext': {'runAsUser': 2**31}},
                 'securityContext.runAsUser', 'at most 2147483647'),
                ({'securityContext': {'capabilities': {'add': ['CAP_KILL']}}},
                 'securityContext.capabilities.add[0]', 'written KILL'),
                ({'securityContext': {'capabilities': {'drop': ['all']}}},
                 'securityContext.capabilities.drop[0]', 'written ALL'),
                ({'securityContext': {'capabilities': {'add': ['FLY']}}},
                 'securityContext.capabilities.add[0]', 'Linux capability'),
                ({'args': ['a\0b']}, 'args[0]', 'NUL')):
            with self.subTest(path=path, words=words):
                self.check(fields, path, words)

    def test_whole_numbers_may_have_a_point(self):
        self.assertEqual({}, faults(web(
            ports=[{'containerPort': 80.0}],
            livenessProbe={'tcpSocket': {'port': 1e2}})))

    def test_fields_that_are_refused(self):
        for fields, path, words in (
                ({'containerPort': 1}, 'containerPort', 'unknown field'),
                ({'imagePullPolicie': 1}, 'imagePullPolicie',
                 "did you mean 'imagePullPolicy'?"),
                ({'working_dir': '/'}, 'working_dir', "mean 'workingDir'?"),
                ({'volumeDevices': []}, 'volumeDevices',
                 'not supported by this service'),
                ({'env': [{'name': 'A', 'valueFrom': {}}]},
                 'env[0].valueFrom', 'exactly one of fieldRef'),
                ({'ports': [{'containerPort': 1, 'hostPort': 1}]},
                 'ports[0].hostPort', 'not supported'),
                ({'resources': {'limits': {'nvidia.com/gpu': 1}}},
                 'resources.limits[nvidia.com/gpu]', 'not supported'),
                ({'resources': {'limits': {'hugepages-2Mi': 1}}},
                 'resources.limits[hugepages-2Mi]', 'not supported'),
                ({'livenessProbe': {'grpc': {'port': 1}}},
                 'livenessProbe.grpc', 'not supported'),
                ({'lifecycle': {'preStop': {'sleep': {'seconds': 1}}}},
                 'lifecycle.preStop.sleep', 'not supported')):
            with self.subTest(path):
                self.check(fields, path, words)

    def test_what_the_service_sets(self):
        found = faults(json.dumps({
            **SOUND, 'status': {}, 'metadata': {
                'name': 'a', 'uid': 'x', 'namespace': 'y', 'finalizers': []},
            'spec': {**SOUND['spec'], 'nodeName': 'h', 'hostNetwork': True,
                     'volumes': [{'name': 'v', 'hostPath': {}}]}}))
        self.assertEqual({
            'status': 'is set by the service',
            'metadata.uid': 'is set by the service',
            'metadata.namespace': 'is set by the service',
            'metadata.finalizers': 'not supported by this service',
            'spec.nodeName': 'is set by the service; choose with '
                             'nodeSelector',
            'spec.hostNetwork': 'not supported by this service',
            'spec.volumes[0].hostPath': 'not supported by this service'},
            found)

    def test_what_is_not_supported_of_affinity(self):
        required = 'requiredDuringSchedulingIgnoredDuringExecution'
        term = {'topologyKey': 'rack', 'namespaces': ['other']}
        spread = {'maxSkew': 1, 'topologyKey': 'kubernetes.io/hostname',
                  'whenUnsatisfiable': 'DoNotSchedule', 'minDomains': 2}
        found = faults(json.dumps({**SOUND, 'spec': {
            **SOUND['spec'], 'topologySpreadConstraints': [spread],
            'affinity': {'nodeAffinity': {},
                         'podAffinity': {required: [term]}}}}))
        at = f'spec.affinity.podAffinity.{required}[0]'
        self.assertEqual(
            {'spec.affinity.nodeAffinity', f'{at}.namespaces',
             'spec.topologySpreadConstraints[0].minDomains',
             f'{at}.topologyKey'}, set(found))
        self.assertIn('topology.kubernetes.io/zone',
                      found[f'{at}.topologyKey'])

    def test_all_that_is_missing(self):
        self.assertEqual(dict.fromkeys(
            ('apiVersion', 'kind', 'metadata', 'spec'), 'is required'),
            faults('{}'))
        found = faults(json.dumps({**SOUND, 'spec': {'containers': []}}))
        self.assertEqual({'spec.containers': 'must have at least 1 item(s)'},
                         found)

    def test_a_faulty_item_does_not_make_its_list_too_short(self):
        found = faults(json.dumps(
            {**SOUND, 'spec': {'containers': [{'name': 'a'}]}}))
        self.assertEqual({'spec.containers[0].image': 'is required'}, found)

    def test_labels(self):
        found = faults(json.dumps({**SOUND, 'metadata': {
            'name': 'web', 'labels': {
                'a/b/c': '', 'x': 'y z', 'UPPER/x': 'y', 'n': None,
                '-': '-', 'ok.example.org/a_b': 'A.b', 'v': 'a\n'},
            'annotations': {'Upper.Example/x': 'any thing', ' ': ''}}}))
        self.assertEqual(
            {'metadata.labels[a/b/c]', 'metadata.labels.x',
             'metadata.labels[UPPER/x]', 'metadata.labels.n',
             'metadata.labels[-]', 'metadata.labels.v',
             'metadata.annotations[ ]'}, set(found))
        self.assertRegex(found['metadata.labels[-]'],
                         '^the key must be .*; the value must be empty')

    def test_values_are_never_repeated(self):
        secret = 'hunter2\0'
        found = faults(web(env=[{'name': 'A', 'value': secret}],
                           image=secret, tty=secret))
        self.assertEqual(3, len(found))
        self.assertNotIn('hunter2', str(found))

    def test_many_faults_have_a_bounded_answer(self):
        document = {**SOUND, **dict.fromkeys(
            (a + b + c for a in string.ascii_letters
             for b in string.ascii_letters for c in 'abcdef'), 1)}
        with self.assertRaises(exceptions.Invalid) as caught:
            manifest.parse(json.dumps(document).encode(), JSON)
        self.assertEqual(256, len(caught.exception.fields))
        self.assertIn('more faults', caught.exception.message)

    def test_meaning_is_told_beside_shape(self):
        found = faults(json.dumps({**SOUND, 'spec': {
            'hostNetwork': True, 'restartPolicy': 'Sometimes',
            'volumes': [{'name': 'v', 'nfs': {}}],
            'containers': [
                {'name': 'a', 'image': 'b', 'stdinOnce': True,
                 'livenessProbe': {'grpc': {}},
                 'volumeMounts': [{'name': 'w', 'mountPath': '/w'}]},
                {'name': 'a', 'image': 'b'}]}}))
        self.assertEqual(
            {'spec.hostNetwork', 'spec.restartPolicy', 'spec.containers[0]'
             '.stdinOnce', 'spec.containers[0].livenessProbe.grpc',
             'spec.volumes[0].nfs', 'spec.containers[1].name',
             'spec.containers[0].volumeMounts[0].name'}, set(found))

    def test_meaning_waits_where_leaving_out_would_mislead(self):
        found = faults(json.dumps({**SOUND, 'spec': {
            'volumes': 5, 'containers': [
                {'name': 'a', 'image': 'b', 'volumeMounts': [
                    {'name': 'w', 'mountPath': '/w'}]}]}}))
        self.assertEqual({'spec.volumes': 'must be a list'}, found)
