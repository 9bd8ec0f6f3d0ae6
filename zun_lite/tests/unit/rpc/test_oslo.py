"""Over a real RabbitMQ, where ZUN_LITE_TEST_RABBIT_URL names one."""
import os
import threading
import time
import unittest
import urllib.parse
import uuid

from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.conf import CONF
from zun_lite.rpc import oslo
from zun_lite.tests import proxy
from zun_lite.tests.unit.rpc import cases

URL = os.environ.get('ZUN_LITE_TEST_RABBIT_URL')


def bus(url: str) -> rpc.Bus:
    oslo.is_local(CONF)                   # registers the option
    CONF.set_override('transport_url', url)
    try:
        return rpc.connect(CONF)
    finally:
        CONF.clear_override('transport_url')


class Connect(unittest.TestCase):
    def test_local(self):
        made = bus('local://')
        self.assertIsInstance(made, rpc.LocalBus)
        made.close()

    def test_a_broker_is_not_needed_to_begin_with(self):
        made = bus('rabbit://guest:guest@127.0.0.1:9/')
        self.assertIsInstance(made, oslo.OsloBus)
        made.close()


class OsloBusCases(cases.BusCases):
    def make_bus(self) -> rpc.Bus:
        return bus(URL)

    def test_a_burst_of_hints(self):
        self.serve()
        wanted = {str(uuid.uuid4()) for _ in range(500)}
        begun = time.monotonic()
        for one in wanted:
            self.conductor.pod_changed(one)
        self.assertLess(time.monotonic() - begun, 2)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not wanted <= {
                heard for heard, _request in self.endpoint.heard}:
            time.sleep(0.05)
        self.assertLessEqual(wanted, {
            heard for heard, _request in self.endpoint.heard})


class BrokerAwayCases:
    """What a broker that dies costs: time that is bounded, and hints."""

    def setUp(self) -> None:
        super().setUp()
        parts = urllib.parse.urlsplit(URL)
        self.proxy = proxy.Proxy(parts.hostname, parts.port or 5672)
        self.addCleanup(self.proxy.cut)
        login = parts.netloc.rpartition('@')[0]
        self.url = parts._replace(
            netloc=f'{login}@127.0.0.1:{self.proxy.port}').geturl()
        CONF.set_override('call_timeout', 4.0, 'rpc')
        self.addCleanup(CONF.clear_override, 'call_timeout', 'rpc')

    def timed(self, function, *args) -> float:
        begun = time.monotonic()
        function(*args)
        return time.monotonic() - begun

    def test_away_from_the_start(self):
        self.proxy.cut()
        made = bus(self.url)
        client = rpc.ConductorClient(made)
        served = made.serve(rpc.CONDUCTOR_TOPIC, 'c', cases.Endpoint())
        for _ in range(2):
            begun = time.monotonic()
            with self.assertRaises(exceptions.Unavailable):
                client.list_pods('h', 1, None, 1)
            self.assertLess(time.monotonic() - begun, 8)
        self.assertLess(self.timed(client.pod_changed, 'p'), 0.9)
        self.assertLess(self.timed(served.stop), 6)
        self.assertLess(self.timed(made.close), 8)

    def test_comes_late(self):
        self.proxy.cut()
        made = bus(self.url)
        self.addCleanup(made.close)
        endpoint = cases.Endpoint()
        served = made.serve(rpc.CONDUCTOR_TOPIC, 'late', endpoint)
        self.addCleanup(served.stop)
        self.proxy.restore()
        self.assert_heals(rpc.ConductorClient(made), endpoint)

    def test_dies_and_comes_back(self):
        made = bus(self.url)
        self.addCleanup(made.close)
        client, endpoint = rpc.ConductorClient(made), cases.Endpoint()
        served = made.serve(rpc.CONDUCTOR_TOPIC, 'dies', endpoint)
        self.addCleanup(served.stop)
        self.assert_heals(client, endpoint)
        # Other tests of this process may have left some.
        before = threading.active_count()
        self.proxy.cut()
        begun = time.monotonic()
        with self.assertRaises(exceptions.Unavailable):
            client.list_pods('h', 1, None, 1)
        self.assertLess(time.monotonic() - begun, 8)
        self.assertLess(self.timed(lambda: [
            client.pod_changed(str(n)) for n in range(20000)]), 10)
        self.assertLess(threading.active_count() - before, 90)
        self.proxy.restore()
        self.assert_heals(client, endpoint)

    def assert_heals(self, client: rpc.ConductorClient,
                     endpoint: cases.Endpoint) -> None:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            try:
                client.list_pods('h', 1, None, 1)
                break
            except exceptions.Unavailable:
                pass
        else:
            self.fail('calls did not come back')
        while time.monotonic() < deadline:
            one = str(uuid.uuid4())
            client.pod_changed(one)
            time.sleep(0.1)
            if any(heard == one for heard, _request in endpoint.heard):
                return
        self.fail('hints did not come back')


if URL:
    class OsloBus(OsloBusCases, unittest.TestCase):
        pass

    class BrokerAway(BrokerAwayCases, unittest.TestCase):
        pass
