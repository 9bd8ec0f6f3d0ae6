"""Every rule of meaning: the least that breaks it, and its path."""
import json
import unittest

import hypothesis

from zun_lite.pod import spec
from zun_lite.pod import validation
from zun_lite.pod.validation import resources
from zun_lite.tests import strategies

WEB = {'name': 'web', 'image': 'nginx'}
EMPTY = {'exec': {'command': ['']}}
TRUE = {'exec': {'command': ['true']}}
REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'


def faults(pod_spec: dict, **metadata) -> dict[str, str]:
    """{path: message} of a document whose shape is right."""
    manifest = spec.PodManifest.model_validate_json(json.dumps({
        'apiVersion': 'v1', 'kind': 'Pod',
        'metadata': {'name': 'web', **metadata},
        'spec': {'containers': [WEB], **pod_spec}}))
    found = validation.check(manifest)
    assert len({f.path for f in found}) == len(found), found
    return {f.path: f.message for f in found}


def of_container(**fields) -> dict[str, str]:
    """The same for fields of the only container, paths from there."""
    found = faults({'containers': [{**WEB, **fields}],
                    'volumes': [{'name': 'v', 'emptyDir': {}}]})
    return {path.removeprefix('spec.containers[0].'): message
            for path, message in found.items()}


class TestCheck(unittest.TestCase):

    def accepts(self, *cases):
        for case in cases:
            with self.subTest(case):
                self.assertEqual({}, of_container(**case))

    def refuses(self, *cases):
        for fields, path, words in cases:
            with self.subTest(path=path, words=words):
                found = of_container(**fields)
                self.assertEqual([path], list(found))
                self.assertIn(words, found[path])


class TestContainers(TestCheck):

    def test_words(self):
        self.accepts({'command': []}, {'args': ['']}, {'command': ['a', '']})
        long = 'é' * 70_000
        self.refuses(
            ({'command': ['']}, 'command[0]', 'empty'),
            ({'command': ['a', long]}, 'command[1]', '131071 bytes'),
            ({'args': [long]}, 'args[0]', '131071 bytes'))

    def test_env(self):
        twice = [{'name': 'A', 'value': '1'}, {'name': 'A', 'value': '2'}]
        self.accepts({'env': twice}, {'env': [{'name': '.a'}]})
        self.refuses(
            ({'env': [{'name': '.'}]}, 'env[0].name', "'.'"),
            ({'env': [{'name': '..a'}]}, 'env[0].name', "'..'"),
            ({'env': [{'name': 'A', 'value': 'x' * 131070}]},
             'env[0].value', 'bytes'))

    def test_port_names(self):
        port = {'containerPort': 80, 'name': 'http'}
        self.accepts({'ports': [{'containerPort': 80}] * 2})
        self.refuses(({'ports': [port, port]}, 'ports[1].name',
                      'used twice, first at spec.containers[0].ports[0]'))

    def test_names_are_unique_in_the_pod(self):
        found = faults({'containers': [WEB, WEB], 'initContainers': [WEB]})
        self.assertEqual({'spec.containers[1].name',
                          'spec.initContainers[0].name'}, set(found))

    def test_init_containers_end_by_themselves(self):
        found = faults({'initContainers': [{
            'name': 'init', 'image': 'x', 'livenessProbe': TRUE,
            'readinessProbe': TRUE, 'startupProbe': TRUE,
            'lifecycle': {'preStop': TRUE}, 'command': ['']}]})
        self.assertEqual({f'spec.initContainers[0].{name}' for name in (
            'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle',
            'command[0]')}, set(found))


    def test_sidecars_are_probed(self):
        side = {'name': 'side', 'image': 'x', 'restartPolicy': 'Always',
                'livenessProbe': TRUE, 'readinessProbe': TRUE,
                'startupProbe': TRUE, 'lifecycle': {'preStop': TRUE}}
        self.assertEqual({}, faults({'initContainers': [side]}))
        self.assertEqual(
            ['spec.initContainers[0].startupProbe'],
            list(faults({'initContainers': [side | {'startupProbe': {}}]})))


class TestProbes(TestCheck):

    def test_exactly_one_handler(self):
        tcp = {'tcpSocket': {'port': 80}}
        for name in ('livenessProbe', 'readinessProbe', 'startupProbe'):
            self.accepts({name: TRUE}, {name: tcp})
            self.refuses(
                ({name: {}}, name, 'not none'),
                ({name: TRUE | tcp}, name, 'not exec and tcpSocket'))

    def test_success_threshold(self):
        twice = TRUE | {'successThreshold': 2}
        self.accepts({'readinessProbe': twice},
                     {'livenessProbe': TRUE | {'successThreshold': 1}})
        for name in ('livenessProbe', 'startupProbe'):
            self.refuses(({name: twice}, f'{name}.successThreshold',
                          f'must be 1 for a {name}'))

    def test_named_ports(self):
        ports = [{'containerPort': 80, 'name': 'http'}]
        for handler in ('httpGet', 'tcpSocket'):
            probe = {'livenessProbe': {handler: {'port': 'http'}}}
            self.accepts({'ports': ports, **probe})
            self.refuses((probe, f'livenessProbe.{handler}.port',
                          "no port named 'http'"))

    def test_commands(self):
        self.refuses(
            ({'startupProbe': EMPTY}, 'startupProbe.exec.command[0]',
             'empty'),
            ({'lifecycle': {'preStop': EMPTY}},
             'lifecycle.preStop.exec.command[0]', 'empty'),
            ({'lifecycle': {'postStart': {}}}, 'lifecycle.postStart',
             'needs exec'))
        self.accepts({'lifecycle': {}}, {'lifecycle': {'postStart': TRUE}})


class TestResources(TestCheck):

    def test_limits(self):
        self.accepts(*({'resources': r} for r in (
            {}, {'limits': {}}, {'limits': {'cpu': '10m', 'memory': '6Mi'}},
            {'requests': {'cpu': '0', 'memory': '0'}},
            {'limits': {'cpu': '1'}, 'requests': {'cpu': '1000m'}},
            {'limits': {'memory': resources.MAX_MEMORY}})))
        self.refuses(*(({'resources': r}, f'resources.{path}', words)
                       for r, path, words in (
            ({'limits': {'cpu': '9m'}}, 'limits.cpu', 'at least 10m'),
            ({'limits': {'cpu': '0'}}, 'limits.cpu', 'at least 10m'),
            ({'limits': {'memory': '5Mi'}}, 'limits.memory', 'least 6Mi'),
            ({'limits': {'memory': '2Pi'}}, 'limits.memory', 'most 1Pi'),
            ({'limits': {'cpu': '1M'}}, 'limits.cpu', 'most 100k'),
            ({'requests': {'cpu': '1e99'}}, 'requests.cpu', 'most 100k'),
            ({'limits': {'cpu': '1'}, 'requests': {'cpu': '1001m'}},
             'requests.cpu', 'at most the limit, 1'),
            ({'limits': {'memory': '1G'}, 'requests': {'memory': '1Gi'}},
             'requests.memory', 'at most the limit, 1G'))))

    def test_the_largest_pod_fits_a_databases_integer(self):
        total = 64 * resources.MAX_MEMORY_BYTES
        self.assertLess(total, 2**63)


class TestSecurity(TestCheck):

    def test_contradictions(self):
        self.accepts(*({'securityContext': c} for c in (
            {}, {'runAsNonRoot': True}, {'runAsUser': 0},
            {'runAsNonRoot': True, 'runAsUser': 1, 'runAsGroup': 0},
            {'privileged': True}, {'allowPrivilegeEscalation': False},
            {'allowPrivilegeEscalation': False,
             'capabilities': {'add': ['CHOWN'], 'drop': ['ALL']}})))
        self.refuses(*(({'securityContext': c}, f'securityContext.{path}', w)
                       for c, path, w in (
            ({'runAsNonRoot': True, 'runAsUser': 0}, 'runAsUser', 'root'),
            ({'allowPrivilegeEscalation': False, 'privileged': True},
             'allowPrivilegeEscalation', 'privileged'),
            ({'allowPrivilegeEscalation': False,
              'capabilities': {'add': ['SYS_ADMIN']}},
             'allowPrivilegeEscalation', 'SYS_ADMIN'))))


class TestVolumes(TestCheck):

    def test_mounts(self):
        def mount(path, name='v'):
            return {'name': name, 'mountPath': path}
        self.accepts({'volumeMounts': [mount('/a'), mount('/b')]})
        self.refuses(
            ({'volumeMounts': [mount('/a', 'w')]}, 'volumeMounts[0].name',
             "no volume 'w'"),
            ({'volumeMounts': [mount('/a'), mount('//a/./')]},
             'volumeMounts[1].mountPath', "'/a' is used twice"),
            ({'volumeMounts': [mount('/a/../b')]},
             'volumeMounts[0].mountPath', "'..'"),
            ({'volumeMounts': [mount('//')]}, 'volumeMounts[0].mountPath',
             'root'))

    def test_volumes(self):
        for volume, path, words in (
                ({}, '', 'exactly one source'),
                ({'emptyDir': None}, '', 'exactly one source'),
                ({'emptyDir': {'sizeLimit': '0'}}, '.emptyDir.sizeLimit',
                 'more than 0'),
                ({'emptyDir': {'sizeLimit': '1E'}}, '.emptyDir.sizeLimit',
                 'at most 1Pi')):
            with self.subTest(path=path, words=words):
                found = faults({'volumes': [{'name': 'v', **volume}]})
                self.assertEqual([f'spec.volumes[0]{path}'], list(found))
                self.assertIn(words, found[f'spec.volumes[0]{path}'])

    def test_names_are_unique(self):
        volume = {'name': 'v', 'emptyDir': {'medium': 'Memory'}}
        self.assertEqual(['spec.volumes[1].name'],
                         list(faults({'volumes': [volume, volume]})))


class TestMetadata(TestCheck):

    def test_prefixes_are_bounded(self):
        key = 'a' * 254 + '/b'
        shown = 'a' * 80 + '...'
        self.assertEqual(
            {f'metadata.labels[{shown}]', f'metadata.annotations[{shown}]',
             f'spec.nodeSelector[{shown}]'},
            set(faults({'nodeSelector': {key: ''}}, labels={key: ''},
                       annotations={key: ''})))

    def test_annotations_are_bounded_together(self):
        half = 'é' * 2**16
        self.assertEqual({}, faults({}, annotations={'a': half}))
        found = faults({}, annotations={'a': half, 'b': half})
        self.assertEqual(['metadata.annotations'], list(found))
        self.assertIn('262144 bytes', found['metadata.annotations'])


class TestAllAtOnce(TestCheck):

    @hypothesis.settings(
        max_examples=50, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(strategies.manifests())
    def test_a_sound_manifest_has_no_faults(self, manifest):
        self.assertEqual([], validation.check(manifest))

    def test_every_fault_is_told(self):
        found = faults({
            'containers': [{**WEB, 'command': [''], 'livenessProbe': {},
                            'resources': {'limits': {'cpu': '1m'}}}],
            'initContainers': [{**WEB, 'lifecycle': {}}],
            'volumes': [{'name': 'v'}]})
        self.assertEqual(
            ['spec.containers[0].command[0]',
             'spec.containers[0].resources.limits.cpu',
             'spec.containers[0].livenessProbe',
             'spec.initContainers[0].lifecycle',
             'spec.initContainers[0].name', 'spec.volumes[0]'], list(found))


class TestAffinity(TestCheck):

    def term(self, *requirements, **labels):
        return {'topologyKey': 'kubernetes.io/hostname', 'labelSelector': {
            'matchLabels': labels, 'matchExpressions': [*requirements]}}

    def found(self, **fields):
        return faults(fields)

    def apart(self, *requirements):
        return self.found(affinity={'podAntiAffinity': {
            REQUIRED: [self.term(*requirements, app='web')]}})

    def test_operators(self):
        for operator, values, fault in (
                ('In', ['a'], False), ('NotIn', ['a'], False),
                ('Exists', [], False), ('DoesNotExist', None, False),
                ('In', [], True), ('NotIn', None, True),
                ('Exists', ['a'], True), ('DoesNotExist', ['a'], True)):
            with self.subTest(operator, values=values):
                expected = [
                    f'spec.affinity.podAntiAffinity.{REQUIRED}[0]'
                    '.labelSelector.matchExpressions[0].values']
                self.assertEqual(expected if fault else [], list(self.apart(
                    {'key': 'k', 'operator': operator, 'values': values})))

    def test_the_same_constraint_twice(self):
        spread = {'maxSkew': 1, 'topologyKey': 'kubernetes.io/hostname',
                  'whenUnsatisfiable': 'DoNotSchedule'}
        soft = spread | {'whenUnsatisfiable': 'ScheduleAnyway'}
        self.assertEqual({}, self.found(
            topologySpreadConstraints=[spread, soft]))
        self.assertEqual(
            ['spec.topologySpreadConstraints[2]'], list(self.found(
                topologySpreadConstraints=[spread, soft, spread])))
