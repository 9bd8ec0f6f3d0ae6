import unittest

import hypothesis
from hypothesis import strategies as st

from zun_lite.pod import host as pod_host
from zun_lite.pod import spec
from zun_lite.scheduler import explain
from zun_lite.scheduler import filters
from zun_lite.scheduler import request
from zun_lite.scheduler import weighers

GIB = 2**30


def host(name: str = 'a', **values) -> pod_host.HostSummary:
    return pod_host.HostSummary(**{
        'name': name, 'driver': 'docker', 'cpu_millis': 4000,
        'memory_bytes': 8 * GIB, 'max_pods': 10, **values})


def asked(**values) -> request.PodRequest:
    return request.PodRequest(**values)


def counted(one: pod_host.HostSummary, **values) -> list[str]:
    return [r.counted for r in filters.refusals(one, asked(**values))]


class Filters(unittest.TestCase):
    def test_an_empty_host_takes_anything_it_is_large_enough_for(self):
        self.assertEqual([], counted(host(), cpu_millis=4000,
                                     memory_bytes=8 * GIB))

    def test_amounts(self):
        busy = host(cpu_millis_claimed=3000, memory_bytes_claimed=7 * GIB)
        self.assertEqual([], counted(busy, cpu_millis=1000,
                                     memory_bytes=GIB))
        self.assertEqual(['short of cpu'], counted(busy, cpu_millis=1001))
        self.assertEqual(['short of memory'],
                         counted(busy, memory_bytes=GIB + 1))

    def test_what_asks_for_nothing_fits_an_overdrawn_host(self):
        self.assertEqual([], counted(host(cpu_millis_claimed=9999)))

    def test_pods(self):
        self.assertEqual(['full of pods'], counted(host(pods_claimed=10)))

    def test_silent_and_broken_hosts(self):
        self.assertEqual(['silent'], counted(host(live=False)))
        self.assertEqual(['without a working engine'],
                         counted(host(engine_error='cannot connect')))

    def test_disabled_hosts(self):
        self.assertEqual(['disabled'], counted(host(disabled=True)))
        self.assertFalse(filters.has_room(host(disabled=True), 0, 0))

    def test_selector_of_a_clusters_nodes(self):
        cluster = host(
            driver='kubernetes', labels={'rack': '1', 'zun-lite/tier': 'x'},
            nodes=pod_host.NodeLabels({'os': 'linux'}, (
                {'disk': 'ssd'}, {'disk': 'hdd', 'gpu': 'yes'})))
        for wanted, fits in [
                ({'disk': 'ssd'}, True), ({'gpu': 'yes', 'os': 'linux'}, True),
                ({'disk': 'ssd', 'gpu': 'yes'}, False),
                ({'disk': 'tape'}, False),
                ({'rack': '1'}, False),      # the agent's, not the nodes'
                ({'zun-lite/tier': 'x', 'disk': 'hdd'}, True),
                ({'zun-lite/tier': 'y'}, False),
                ({'zun-lite/driver': 'kubernetes'}, True)]:
            with self.subTest(wanted):
                self.assertEqual(
                    [] if fits else ['excluded by nodeSelector'],
                    counted(cluster, node_selector=wanted))

    def test_selector_faults_name_the_keys_no_node_has(self):
        cluster = host(nodes=pod_host.NodeLabels({}, ({'disk': 'ssd'},)))
        refusal, = filters.refusals(cluster, asked(
            node_selector={'disk': 'ssd', 'gpu': 'yes'}))
        self.assertEqual(['spec.nodeSelector.gpu'],
                         [fault.path for fault in refusal.faults])

    def test_selector(self):
        ssd = host(labels={'disk': 'ssd', 'zun-lite/host': 'forged'})
        for wanted, fits in [
                ({'disk': 'ssd'}, True), ({'disk': 'hdd'}, False),
                ({'zone': 'x'}, False), ({'zun-lite/driver': 'docker'}, True),
                ({'zun-lite/driver': 'kubernetes'}, False),
                ({'zun-lite/host': 'a', 'disk': 'ssd'}, True),
                ({'zun-lite/host': 'forged'}, False)]:
            with self.subTest(wanted):
                self.assertEqual(fits, filters.passes(
                    ssd, asked(node_selector=wanted)))

    def test_selector_faults_have_paths(self):
        found = explain.verdict(host(labels={'disk': 'hdd'}), asked(
            node_selector={'disk': 'ssd', 'zun-lite/host': 'b'}))
        self.assertEqual(
            [('spec.nodeSelector.disk',
              "asks for 'ssd', and this host has 'hdd'"),
             ('spec.nodeSelector[zun-lite/host]',
              "asks for 'b', and this host has 'a'")],
            [(f.path, f.message) for f in found.fields])

    def test_capabilities(self):
        wanted = request.PodRequest.of(spec.PodSpec.model_validate_json(
            '{"containers":[{"name":"a","image":"i","tty":true,'
            '"livenessProbe":{"exec":{"command":["x"]}}}],'
            '"nodeSelector":{"zun-lite/driver":"docker"}}'))
        self.assertEqual(['unable to honour the spec'],
                         counted(host(), uses=wanted.uses))
        able = host(capabilities=frozenset(wanted.uses))
        self.assertTrue(filters.passes(able, wanted))
        lacking = explain.verdict(host(), wanted)
        self.assertEqual(['spec.containers[0].tty',
                          'spec.containers[0].livenessProbe'],
                         [f.path for f in lacking.fields])


class Reason(unittest.TestCase):
    def test_no_hosts(self):
        self.assertIn('no host yet', explain.reason([], asked()))

    def test_counts_and_the_smallest_change(self):
        hosts = [host('a', live=False),
                 host('b', cpu_millis_claimed=3800),
                 host('c', cpu_millis_claimed=3500),
                 host('d', labels={'disk': 'hdd'})]
        self.assertEqual(
            'None of 4 hosts can take the pod: '
            '4 excluded by nodeSelector, 2 short of cpu, 1 silent. '
            'Smallest change: drop disk=ssd from nodeSelector.',
            explain.reason(hosts, asked(cpu_millis=1000,
                                        node_selector={'disk': 'ssd'})))

    def test_the_nearest_amount(self):
        hosts = [host('a', cpu_millis_claimed=3900),
                 host('b', cpu_millis_claimed=3500)]
        self.assertTrue(explain.reason(hosts, asked(cpu_millis=1000))
                        .endswith('Smallest change: ask for 500m less cpu, '
                                  'or free as much on host b.'))

    def test_two_things_lack(self):
        self.assertEqual(
            'None of 1 host can take the pod: 1 short of cpu, 1 short of '
            'memory. Smallest change: ask for 1000m less cpu, or free as '
            'much on host a and ask for 1Gi less memory, or free as much on '
            'host a.', explain.reason([host()], asked(
                cpu_millis=5000, memory_bytes=9 * GIB)))

    @hypothesis.given(
        cpu=st.integers(0, 8000), memory=st.integers(0, 16 * GIB),
        claimed=st.lists(st.tuples(
            st.integers(0, 5000), st.integers(0, 9 * GIB),
            st.integers(0, 11), st.booleans()), min_size=1, max_size=5))
    def test_a_pod_fits_or_there_is_a_reason(self, cpu, memory, claimed):
        hosts = [host(str(i), cpu_millis_claimed=c, memory_bytes_claimed=m,
                      pods_claimed=p, live=live)
                 for i, (c, m, p, live) in enumerate(claimed)]
        pod = asked(cpu_millis=cpu, memory_bytes=memory)
        fitting = weighers.candidates(hosts, pod)
        for one in fitting:
            self.assertTrue(explain.verdict(one, pod).accepted)
        if not fitting:
            self.assertIn('Smallest change: ', explain.reason(hosts, pod))
            self.assertNotIn('change: .', explain.reason(hosts, pod))


class Amounts(unittest.TestCase):
    def test_shown(self):
        for count, text in [(1, '1'), (1024, '1Ki'), (GIB, '1Gi'),
                            (GIB + 1, '1025Mi'), (20 * GIB + 1, '21Gi')]:
            self.assertEqual(text, filters.amount(count))
        self.assertEqual('20Gi', filters.amount(20 * GIB + 1, down=True))


class Weighers(unittest.TestCase):
    def names(self, hosts, pod=None) -> list[str]:
        return [h.name for h in weighers.candidates(hosts, pod or asked())]

    def test_the_emptier_first(self):
        self.assertEqual(['b', 'a'], self.names(
            [host('a', pods_claimed=1), host('b')]))
        self.assertEqual(['b', 'c', 'a'], self.names(
            [host('a', cpu_millis_claimed=3000), host('b'),
             host('c', memory_bytes_claimed=GIB)]))

    def test_what_does_not_fit_is_left_out(self):
        self.assertEqual([], self.names([host(pods_claimed=10)]))

    def test_equal_hosts_take_turns(self):
        hosts = [host('a'), host('b')]
        self.assertEqual({'a', 'b'}, {self.names(hosts)[0]
                                      for _ in range(64)})

    def test_a_burst_is_spread(self):
        hosts = {name: host(name) for name in 'abc'}
        for _ in range(30):
            best = weighers.candidates(hosts.values(), asked(
                cpu_millis=100, memory_bytes=2**20))[0]
            hosts[best.name] = best.claimed(100, 2**20)
        self.assertEqual([10, 10, 10],
                         [h.pods_claimed for h in hosts.values()])
