"""Pods that look at the pods around them."""
import json
import unittest

from zun_lite.pod import host as pod_host
from zun_lite.pod import spec
from zun_lite.scheduler import around
from zun_lite.scheduler import explain
from zun_lite.scheduler import filters
from zun_lite.scheduler import weighers
from zun_lite.scheduler.around import Neighbour
from zun_lite.scheduler.request import PodRequest

HOSTNAME, ZONE = 'kubernetes.io/hostname', 'topology.kubernetes.io/zone'
REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

def host(name: str, zone: str = '', **values) -> pod_host.HostSummary:
    given = {'name': name, 'driver': 'docker', 'cpu_millis': 4000,
             'memory_bytes': 2**30, 'max_pods': 10,
             'labels': {ZONE: zone} if zone else {}, **values}
    return pod_host.HostSummary(**given)


def cluster(name: str, *nodes: dict[str, str]) -> pod_host.HostSummary:
    return host(name, driver='kubernetes',
                nodes=pod_host.NodeLabels({}, nodes))


def term(key: str = HOSTNAME, **labels: str) -> dict:
    return {'topologyKey': key, 'labelSelector': {'matchLabels': labels}}


def spread(key: str = HOSTNAME, skew: int = 1, *, hard: bool = True,
           **labels: str) -> dict:
    return {'maxSkew': skew, 'whenUnsatisfiable': 'DoNotSchedule' if hard
            else 'ScheduleAnyway', **term(key, **labels)}


def pod(labels: dict[str, str] | None = None, near=(), apart=(), even=(),
        **fields) -> PodRequest:
    kinds = {'podAffinity': near, 'podAntiAffinity': apart}
    asked = spec.PodSpec.model_validate_json(json.dumps({
        'containers': [{'name': 'a', 'image': 'i'}],
        'affinity': {kind: {REQUIRED: [*terms]}
                     for kind, terms in kinds.items()},
        'topologySpreadConstraints': [*even], **fields}))
    found = PodRequest.of(asked, labels)
    object.__setattr__(found, 'uses', {})       # not what is tested here
    return found


class AffinityTest(unittest.TestCase):
    hosts = (host('a', 'z1'), host('b', 'z1'), host('c', 'z2'))

    def fitting(self, asked, *neighbours, hosts=None):
        """Names of the hosts that can take it, among such pods."""
        hosts = hosts or self.hosts
        asked = filters.among(asked, hosts, neighbours)
        return ''.join(sorted(one.name for one in weighers.candidates(
            hosts, asked)))

    def near(self, name, **labels):
        return Neighbour(name, labels)


class Near(AffinityTest):

    def test_domains(self):
        web = self.near('a', app='web')
        for key, expected in ((HOSTNAME, 'a'), (ZONE, 'ab')):
            self.assertEqual(expected, self.fitting(
                pod(near=[term(key, app='web')]), web))

    def test_every_term(self):
        asked = pod(near=[term(ZONE, app='web'), term(app='db')])
        self.assertEqual('b', self.fitting(
            asked, self.near('a', app='web'), self.near('b', app='db')))
        self.assertEqual('', self.fitting(
            asked, self.near('a', app='web'), self.near('c', app='db')))

    def test_the_first_of_its_kind(self):
        """It may begin anywhere, if it is one of those it is near to."""
        asked = [term(app='web')]
        self.assertEqual('abc', self.fitting(pod({'app': 'web'}, asked)))
        self.assertEqual('', self.fitting(pod({'app': 'db'}, asked)))
        self.assertEqual('b', self.fitting(
            pod({'app': 'web'}, asked), self.near('b', app='web')))

    def test_selectors(self):
        neighbours = [self.near('a', app='web', tier='front'),
                      self.near('b', app='web'), self.near('c')]
        for selector, expected in (
                ({}, 'abc'), (None, ''),
                ({'matchExpressions': [
                    {'key': 'tier', 'operator': 'Exists'}]}, 'a'),
                ({'matchLabels': {'app': 'web'}, 'matchExpressions': [
                    {'key': 'tier', 'operator': 'DoesNotExist'}]}, 'b'),
                ({'matchExpressions': [{'key': 'app', 'operator': 'NotIn',
                                        'values': ['web']}]}, 'c')):
            with self.subTest(selector):
                asked = pod(near=[{'topologyKey': HOSTNAME,
                                   'labelSelector': selector}])
                self.assertEqual(expected, self.fitting(asked, *neighbours))


class Apart(AffinityTest):

    def test_domains(self):
        web = self.near('a', app='web')
        for key, expected in ((HOSTNAME, 'bc'), (ZONE, 'c')):
            self.assertEqual(expected, self.fitting(
                pod(apart=[term(key, app='web')]), web))

    def test_those_that_were_there_first(self):
        """A pod that wants nothing keeps away from those that want it so."""
        apart = pod(apart=[term(ZONE, app='web')]).rules.apart
        other = Neighbour('a', {'app': 'db'}, apart)
        self.assertEqual('c', self.fitting(pod({'app': 'web'}), other))
        self.assertEqual('abc', self.fitting(pod({'app': 'x'}), other))

    def test_reasons_are_counted(self):
        asked = filters.among(
            pod(apart=[term(ZONE, app='web')]), self.hosts,
            [self.near('a', app='web'), self.near('c', app='web')])
        told = explain.reason(self.hosts, asked)
        self.assertIn('None of 3 hosts can take the pod: 3 near pods it '
                      'must be apart from.', told)
        self.assertIn(f'do without spec.affinity.podAntiAffinity.{REQUIRED}'
                      '[0]', told)
        fault, = explain.verdict(self.hosts[0], asked).fields
        self.assertEqual(f'spec.affinity.podAntiAffinity.{REQUIRED}[0]',
                         fault.path)


class Spread(AffinityTest):
    web = {'app': 'web'}

    def test_skew(self):
        asked = pod(self.web, even=[spread(app='web')])
        one, two = self.near('a', app='web'), self.near('b', app='web')
        self.assertEqual('abc', self.fitting(asked))
        self.assertEqual('bc', self.fitting(asked, one))
        self.assertEqual('c', self.fitting(asked, one, two))
        wide = pod(self.web, even=[spread(skew=2, app='web')])
        self.assertEqual('abc', self.fitting(wide, one))

    def test_zones(self):
        asked = pod(self.web, even=[spread(ZONE, app='web')])
        self.assertEqual('c', self.fitting(asked, self.near('a', app='web')))

    def test_only_where_it_could_go(self):
        """What no selector, or no live host, leaves open does not count."""
        asked = pod(self.web, even=[spread(app='web')], nodeSelector={
            'zun-lite/availability-zone': 'x'})
        hosts = [host('a', labels={'zun-lite/availability-zone': 'x'}),
                 host('b'),
                 host('c', labels={'zun-lite/availability-zone': 'x'},
                      live=False)]
        self.assertEqual('a', self.fitting(
            asked, self.near('a', app='web'), hosts=hosts))

    def test_a_pod_that_is_not_counted_itself(self):
        asked = pod(even=[spread(app='web')])
        self.assertEqual('abc', self.fitting(
            asked, self.near('a', app='web')))

    def test_rather_even(self):
        asked = filters.among(
            pod(self.web, even=[spread(hard=False, app='web')]), self.hosts,
            [self.near('a', app='web'), self.near('b', app='web')])
        found = weighers.candidates(self.hosts, asked)
        self.assertEqual(('c', 3), (found[0].name, len(found)))


class Wishes(AffinityTest):

    def best(self, kind, *neighbours, weights=(1,), names=('web',)):
        asked = pod(affinity={kind: {PREFERRED: [
            {'weight': weight, 'podAffinityTerm': term(app=name)}
            for weight, name in zip(weights, names, strict=True)]}})
        asked = filters.among(asked, self.hosts, neighbours)
        return [h.name for h in weighers.candidates(self.hosts, asked)]

    def test_near(self):
        self.assertEqual('b', self.best(
            'podAffinity', self.near('b', app='web'))[0])

    def test_apart(self):
        self.assertEqual('b', self.best(
            'podAntiAffinity', self.near('b', app='web'))[-1])

    def test_the_heavier_wish(self):
        found = self.best('podAffinity', self.near('a', app='web'),
                          self.near('c', app='db'), weights=(10, 90),
                          names=('web', 'db'))
        self.assertEqual(['c', 'a', 'b'], found)


class Clusters(AffinityTest):
    """Their domains are their nodes'."""
    pair = cluster('k', {HOSTNAME: 'n1', ZONE: 'z1'},
                   {HOSTNAME: 'n2', ZONE: 'z1'})

    def test_domains(self):
        self.assertEqual({'n1', 'n2'}, around.domains(self.pair, HOSTNAME))
        self.assertEqual({'z1'}, around.domains(self.pair, ZONE))
        self.assertEqual(set(), around.domains(cluster('k', {}), ZONE))

    def test_a_node_is_left(self):
        asked = pod(apart=[term(app='web')])
        web = self.near('k', app='web')
        self.assertEqual('k', self.fitting(asked, web, hosts=[self.pair]))
        self.assertEqual('', self.fitting(asked, web, web,
                                          hosts=[self.pair]))

    def test_one_zone_on_two_engines(self):
        hosts = [self.pair, host('d', 'z1'), host('e', 'z2')]
        self.assertEqual('dk', self.fitting(
            pod(near=[term(ZONE, app='web')]), self.near('k', app='web'),
            hosts=hosts))
        self.assertEqual('e', self.fitting(
            pod(apart=[term(ZONE, app='web')]), self.near('k', app='web'),
            hosts=hosts))

    def test_near_a_pod_on_some_node(self):
        self.assertEqual('k', self.fitting(
            pod(near=[term(app='web')]), self.near('k', app='web'),
            hosts=[self.pair, host('d')]))

    def test_nodes_without_the_label(self):
        """In no zone, nothing is near and nothing in the way."""
        bare, web = cluster('k', {HOSTNAME: 'n'}), self.near('k', app='web')
        self.assertEqual('', self.fitting(
            pod(near=[term(ZONE, app='web')]), web, hosts=[bare]))
        self.assertEqual('k', self.fitting(
            pod(apart=[term(ZONE, app='web')]), web, hosts=[bare]))
        self.assertEqual('', self.fitting(
            pod(even=[spread(ZONE)]), web, hosts=[bare]))

    def test_it_spreads_over_its_nodes_itself(self):
        self.assertEqual('dk', self.fitting(
            pod({'app': 'web'}, even=[spread(app='web')]),
            self.near('k', app='web'), hosts=[self.pair, host('d')]))
