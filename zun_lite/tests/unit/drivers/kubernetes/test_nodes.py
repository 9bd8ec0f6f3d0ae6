"""Capacity and labels of a cluster's nodes."""
import unittest

from zun_lite.drivers.kubernetes import discovery
from zun_lite.drivers.kubernetes import nodes
from zun_lite.tests.unit.drivers.kubernetes.documents import node

SIDECARS = 'spec.initContainers.restartPolicy'
SIZE = 'spec.volumes.emptyDir.medium=Memory.sizeLimit'


class TestInventory(unittest.TestCase):
    def test_sums_what_is_allocatable(self):
        found = nodes.inventory([node('a', cpu='1500m'), node('b')],
                                {'gitVersion': 'v1.20.2'})
        self.assertEqual((3500, 2 * 2**30),
                         (found.cpu_millis, found.memory_bytes))
        self.assertEqual('Kubernetes v1.20.2', found.engine)

    def test_leaves_out_what_takes_no_pods(self):
        found = nodes.inventory([
            node('a', ready=False), node('b', cordoned=True)], {})
        self.assertEqual(0, found.cpu_millis)
        self.assertFalse(found.nodes.satisfy({}))

    def test_leaves_out_what_is_tainted(self):
        """Unless the taint only asks to look elsewhere first."""
        for effect, cpu in (('NoSchedule', 0), ('NoExecute', 0),
                            ('PreferNoSchedule', 2000)):
            one = node('control-plane')
            one['spec']['taints'] = [{'key': 'role', 'effect': effect}]
            found = nodes.inventory([one], {})
            self.assertEqual(cpu, found.cpu_millis, effect)
            self.assertEqual(cpu > 0, found.nodes.satisfy({}), effect)

    def test_labels_are_told_once(self):
        found = nodes.inventory([
            node('a', disk='ssd'), node('b', disk='ssd'),
            node('c', disk='hdd', gpu='yes')], {}).nodes
        self.assertEqual({'kubernetes.io/os': 'linux'}, found.common)
        self.assertEqual(({'disk': 'hdd', 'gpu': 'yes'}, {'disk': 'ssd'}),
                         found.sets)

    def test_one_node_must_have_all_labels(self):
        found = nodes.inventory([
            node('a', disk='ssd'), node('b', disk='hdd', gpu='yes')],
            {}).nodes
        self.assertTrue(found.satisfy({'disk': 'ssd'}))
        self.assertTrue(found.satisfy({'disk': 'hdd', 'gpu': 'yes',
                                       'kubernetes.io/os': 'linux'}))
        self.assertFalse(found.satisfy({'disk': 'ssd', 'gpu': 'yes'}))
        self.assertFalse(found.satisfy({'kubernetes.io/os': 'windows'}))
        self.assertEqual({'ssd', 'hdd'}, found.values('disk'))

    def test_one_node(self):
        found = nodes.inventory([node('a')], {}).nodes
        self.assertTrue(found.satisfy({'kubernetes.io/os': 'linux'}))


class TestDiscovery(unittest.TestCase):
    def test_versions(self):
        for text, expected in (('v1.20.2', (1, 20)), ('1.33', (1, 33)),
                               ('v1.31.4-gke.12', (1, 31)), ('', (0, 0))):
            with self.subTest(text):
                self.assertEqual(expected, discovery.version(text))

    def test_an_old_cluster_lacks_more(self):
        metrics = frozenset({discovery.METRICS})
        for version, lacking in (
                ((1, 20), {SIZE, SIDECARS}), ((1, 22), {SIDECARS}),
                ((1, 28), {SIDECARS}), ((1, 29), set())):
            with self.subTest(version):
                self.assertEqual(lacking,
                                 discovery.lacking(version, metrics))

    def test_no_stats_without_metrics(self):
        self.assertEqual({'action:stats'},
                         discovery.lacking((1, 30), frozenset()))
