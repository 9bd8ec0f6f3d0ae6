"""What a spec needs of a backend."""
import json
import unittest

import hypothesis

from zun_lite.pod import capabilities
from zun_lite.pod import spec
from zun_lite.pod import states
from zun_lite.tests import strategies


def pod(**fields) -> spec.PodSpec:
    return spec.PodSpec.model_validate_json(json.dumps(
        {'containers': [{'name': 'web', 'image': 'nginx'}], **fields}))


def web(**fields) -> spec.PodSpec:
    return pod(containers=[{'name': 'web', 'image': 'nginx', **fields}])


class TestAll(unittest.TestCase):

    def test_names(self):
        for name in ('spec.containers.livenessProbe.httpGet',
                     'spec.containers.startupProbe.exec',
                     'spec.volumes.emptyDir.medium=Memory',
                     'spec.restartPolicy=OnFailure', 'spec.initContainers',
                     'spec.containers.ports.protocol=SCTP',
                     'spec.containers.securityContext.capabilities.add',
                     'spec.nodeSelector', 'spec.hostAliases.hostnames'):
            with self.subTest(name):
                self.assertIn(name, capabilities.ALL)

    def test_what_every_backend_has_is_not_named(self):
        for name in ('spec.containers', 'spec.containers.name',
                     'spec.containers.image', 'spec.volumes.name',
                     'spec.restartPolicy', 'spec.volumes.emptyDir.medium',
                     'spec.initContainers.tty'):
            with self.subTest(name):
                self.assertNotIn(name, capabilities.ALL)

    @hypothesis.settings(
        max_examples=40, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(strategies.manifests())
    def test_a_spec_needs_nothing_else(self, manifest):
        used = capabilities.used_by(manifest.spec)
        self.assertLessEqual(used.keys(), capabilities.ALL)
        self.assertEqual([], capabilities.missing(manifest.spec,
                                                  capabilities.ALL))
        for name in used:
            fewer = capabilities.ALL - {name}
            self.assertTrue(capabilities.missing(manifest.spec, fewer))


class TestUsedBy(unittest.TestCase):

    def test_paths_are_as_users_write_them(self):
        found = capabilities.used_by(pod(
            containers=[{'name': 'a', 'image': 'x', 'tty': True},
                        {'name': 'b', 'image': 'x', 'tty': True}],
            initContainers=[{'name': 'c', 'image': 'x', 'tty': True}]))
        self.assertEqual(
            {'spec.containers.tty': (
                'spec.containers[0].tty', 'spec.containers[1].tty',
                'spec.initContainers[0].tty'),
             'spec.initContainers': ('spec.initContainers',)}, found)

    def test_what_only_init_containers_have(self):
        found = capabilities.used_by(pod(
            restartPolicy='Always', initContainers=[
                {'name': 'c', 'image': 'x', 'restartPolicy': 'Always'}]))
        self.assertEqual(
            {'spec.restartPolicy=Always': ('spec.restartPolicy',),
             'spec.initContainers': ('spec.initContainers',),
             'spec.initContainers.restartPolicy': (
                 'spec.initContainers[0].restartPolicy',)}, found)

    def test_nothing_is_needed_for_what_absence_gives(self):
        for given in (
                web(), web(tty=False, stdin=None, env=[], command=[]),
                web(securityContext=None), pod(hostAliases=[], volumes=None),
                pod(shareProcessNamespace=False, nodeSelector={}),
                pod(nodeSelector={'zun-lite/driver': 'docker'})):
            with self.subTest(given):
                self.assertEqual({}, capabilities.used_by(given))

    def test_values_that_decide(self):
        for given, name in (
                (web(securityContext={'allowPrivilegeEscalation': False}),
                 'spec.containers.securityContext.allowPrivilegeEscalation'),
                (web(livenessProbe={'tcpSocket': {'port': 1},
                                    'initialDelaySeconds': 0}),
                 'spec.containers.livenessProbe.initialDelaySeconds'),
                (pod(terminationGracePeriodSeconds=0),
                 'spec.terminationGracePeriodSeconds'),
                (pod(volumes=[{'name': 'v', 'emptyDir': {}}]),
                 'spec.volumes.emptyDir'),
                (pod(volumes=[{'name': 'v', 'emptyDir': {
                    'medium': 'Memory'}}]),
                 'spec.volumes.emptyDir.medium=Memory'),
                (pod(restartPolicy='Never'), 'spec.restartPolicy=Never'),
                (pod(nodeSelector={'zun-lite/host': 'a', 'disk': 'ssd'}),
                 'spec.nodeSelector')):
            with self.subTest(name):
                self.assertIn(name, capabilities.used_by(given))
        allowed = web(securityContext={'allowPrivilegeEscalation': True})
        self.assertEqual({'spec.containers.securityContext'},
                         set(capabilities.used_by(allowed)))


class TestMissing(unittest.TestCase):

    def test_only_the_outermost_is_told(self):
        given = web(livenessProbe={'exec': {'command': ['true']}},
                    lifecycle={'preStop': {'exec': {'command': ['true']}}})
        lacking = capabilities.ALL - {
            'spec.containers.livenessProbe',
            'spec.containers.livenessProbe.exec',
            'spec.containers.lifecycle.preStop'}
        self.assertEqual(
            ['spec.containers[0].livenessProbe',
             'spec.containers[0].lifecycle.preStop'],
            [f.path for f in capabilities.missing(given, lacking)])

    def test_actions(self):
        self.assertEqual('action:logs',
                         capabilities.action(states.Action.LOGS))
