"""What every bus must do; run against each of them."""
import threading
import time
import typing
from uuid import uuid4

from oslo_context import context

from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.conf import CONF


class Endpoint:
    """Answers as told, and remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.ring = threading.Semaphore(0)
        self.gate = threading.Event()

    def list_pods(self, ctx, **args) -> dict[str, typing.Any]:
        return args | {'ctx': ctx, 'seen': context.get_current().request_id}

    def heartbeat(self, ctx, **args):
        raise exceptions.StaleEpoch('superseded', fields=[
            exceptions.FieldError('epoch', 'too old')])

    def report(self, ctx, **args):
        raise RuntimeError('password=secret')

    def pods_changed(self, ctx, entries):
        self.heard.extend(entries.items())
        self.ring.release()

    def top(self, ctx, **args):
        self.gate.wait(10)
        return {'titles': []}

    def logs(self, ctx, **args):
        return {'data': 'aGk='}

    def exec(self, ctx, **args):
        return {'exit_code': 3, 'stdout': 'aGk=', 'stderr': '',
                'truncated': False}


class BusCases:
    """`make_bus` is set by the class that inherits this."""

    def make_bus(self) -> rpc.Bus:
        raise NotImplementedError

    def setUp(self) -> None:
        super().setUp()
        self.bus = self.make_bus()
        self.addCleanup(self.bus.close)
        self.endpoint = Endpoint()
        self.conductor = rpc.ConductorClient(self.bus)
        self.compute = rpc.ComputeClient(self.bus)
        CONF.set_override('call_timeout', 3.0, 'rpc')
        self.addCleanup(CONF.clear_override, 'call_timeout', 'rpc')

    def serve(self, topic: str = rpc.CONDUCTOR_TOPIC,
              server: str = 'c1') -> rpc.Server:
        served = self.bus.serve(topic, server, self.endpoint)
        self.addCleanup(served.stop)
        self.addCleanup(self.endpoint.gate.set)        # before the stop
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                self.bus.call(topic, server, 'list_pods')
                break
            except exceptions.Unavailable:
                time.sleep(0.05)
        return served

    def test_values_arrive(self):
        self.serve()
        answer = self.conductor.list_pods('hé', 2**40, None, 5)
        self.assertEqual(('hé', 2**40, None, 5), (
            answer['host'], answer['epoch'], answer['marker'],
            answer['limit']))

    def test_the_request_id_travels(self):
        self.serve()
        context.RequestContext(request_id='req-me', overwrite=True)
        answer = self.conductor.list_pods('h', 1, None, 5)
        self.assertEqual('req-me', answer['seen'])
        self.assertEqual('req-me', answer['ctx']['request_id'])
        self.assertEqual('req-me', context.get_current().request_id)

    def test_errors_keep_their_class(self):
        self.serve()
        with self.assertRaises(exceptions.StaleEpoch) as caught:
            self.conductor.heartbeat('h', 1, None, [], None)
        self.assertEqual('superseded', caught.exception.message)
        self.assertEqual((exceptions.FieldError('epoch', 'too old'),),
                         caught.exception.fields)

    def test_a_bug_tells_nothing(self):
        self.serve()
        with self.assertLogs('zun_lite.rpc.bus', 'ERROR'):
            with self.assertRaises(exceptions.ZunLiteError) as caught:
                self.conductor.report('h', 1, [], [])
        self.assertNotIn('secret', str(caught.exception))
        self.assertEqual(500, caught.exception.status)

    def test_nobody_is_there(self):
        begun = time.monotonic()
        with self.assertRaises(exceptions.Unavailable) as caught:
            self.compute.top('nowhere', 'u', 'c')
        self.assertLess(time.monotonic() - begun, 8)
        self.assertIn('Host nowhere', str(caught.exception))

    def test_an_answer_that_takes_too_long(self):
        self.serve(rpc.COMPUTE_TOPIC, 'h1')
        CONF.set_override('call_timeout', 0.5, 'rpc')
        begun = time.monotonic()
        with self.assertRaises(exceptions.Unavailable):
            self.compute.top('h1', 'u', 'c')
        self.assertLess(time.monotonic() - begun, 8)

    def test_a_slow_call_holds_up_no_other(self):
        self.serve(rpc.COMPUTE_TOPIC, 'h1')
        slow = threading.Thread(target=self.compute.top,
                                args=('h1', 'u', 'c'))
        slow.start()
        self.assertEqual(b'hi', self.compute.logs('h1', 'u', 'c'))
        self.endpoint.gate.set()
        slow.join()

    def test_bytes(self):
        self.serve(rpc.COMPUTE_TOPIC, 'h1')
        found = self.compute.exec('h1', 'u', 'c', ('ls',), timeout_s=1)
        self.assertEqual({'exit_code': 3, 'stdout': b'hi', 'stderr': b'',
                          'truncated': False}, found)

    def test_private_and_missing_methods(self):
        self.serve()
        for method in ('_secret', 'nothing', '__init__'):
            with self.subTest(method), self.assertRaises(
                    exceptions.ZunLiteError):
                self.bus.call(rpc.CONDUCTOR_TOPIC, None, method)

    def test_a_hint_is_heard(self):
        self.serve()
        context.RequestContext(request_id='req-bell', overwrite=True)
        uuid = str(uuid4())
        self.conductor.pod_changed(uuid)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not self.endpoint.heard:
            self.endpoint.ring.acquire(timeout=0.1)
        # A broker may first bring what an earlier server left.
        self.assertIn((uuid, 'req-bell'), self.endpoint.heard)

    def test_hints_to_nobody_cost_nothing(self):
        begun = time.monotonic()
        for n in range(200):
            self.conductor.pod_changed(f'p{n}')
            self.compute.sync_pods('nowhere', [{'uuid': str(n)}], {})
        self.assertLess(time.monotonic() - begun, 4)

    def test_several_servers_share_the_work(self):
        other = Endpoint()
        self.serve()
        served = self.bus.serve(rpc.CONDUCTOR_TOPIC, 'c2', other)
        self.addCleanup(served.stop)
        deadline = time.monotonic() + 10
        while not other.heard and time.monotonic() < deadline:
            self.conductor.pod_changed(str(time.monotonic()))
            time.sleep(0.01)
        self.assertTrue(other.heard)

    def test_a_stopped_server_hears_no_more(self):
        self.serve().stop()
        with self.assertRaises(exceptions.Unavailable):
            self.conductor.list_pods('h', 1, None, 5)
        self.conductor.pod_changed('p1')
        self.assertFalse(self.endpoint.ring.acquire(timeout=0.2))
