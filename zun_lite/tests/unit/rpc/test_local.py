import threading
import unittest

from zun_lite import rpc
from zun_lite.tests.unit.rpc import cases


class LocalBus(cases.BusCases, unittest.TestCase):
    def make_bus(self) -> rpc.Bus:
        return rpc.LocalBus()

    def test_nothing_is_shared(self):
        self.serve()
        sent = [{'uuid': 'u'}]
        answer = self.bus.call(rpc.CONDUCTOR_TOPIC, None, 'list_pods',
                               pods=sent)
        self.assertEqual(sent, answer['pods'])
        self.assertIsNot(sent[0], answer['pods'][0])

    def test_only_plain_values(self):
        self.serve()
        with self.assertRaises(TypeError):
            self.bus.call(rpc.CONDUCTOR_TOPIC, None, 'list_pods', a=object())

    def test_closing_leaves_no_thread(self):
        before = threading.active_count()
        bus = rpc.LocalBus()
        for name in 'ab':
            bus.serve(rpc.COMPUTE_TOPIC, name, self.endpoint)
            rpc.ComputeClient(bus).logs(name, 'u', 'c')
            bus.gather(rpc.COMPUTE_TOPIC, name, 'pods_changed', {'u': None})
        self.assertGreater(threading.active_count(), before)
        bus.close()
        self.assertEqual(before, threading.active_count())
