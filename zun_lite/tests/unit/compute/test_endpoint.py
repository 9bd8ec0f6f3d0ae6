import base64
import threading
import unittest

from oslo_config import fixture

from zun_lite import exceptions
from zun_lite.compute import endpoint
from zun_lite.conf import CONF
from zun_lite.drivers import base
from zun_lite.tests.unit.compute.stub import pod
from zun_lite.tests.unit.compute.stub import StubDriver
from zun_lite.tests.unit.compute.stub import wait_for

CTX = {'request_id': 'req-1'}


class Able(StubDriver, base.SplitLogs, base.Exec, base.Top, base.Stats):
    def __init__(self):
        super().__init__()
        self.asked, self.inside = [], 0

    def logs(self, uuid, container, **kwargs):
        self.asked.append((uuid, container, kwargs))
        self.inside += 1
        self.gate.wait(5)
        self.inside -= 1
        return b'\xff\n'

    def logs_of(self, uuid, container, stream, **kwargs):
        self.asked.append((uuid, container, stream, kwargs))
        return b'x\n'

    def exec(self, uuid, container, command, **kwargs):
        self.asked.append((uuid, container, command, kwargs))
        return base.ExecResult(3, b'out', b'err', True)

    def top(self, uuid, container):
        return {'titles': ['PID'], 'processes': [['1']]}

    def stats(self, uuid):
        return [{'name': 'main'}]


class TestEndpoint(unittest.TestCase):
    def setUp(self):
        config = fixture.Config(CONF)
        config.setUp()
        self.addCleanup(config.cleanUp)
        config.config(group='compute', reads=2, execs=1)
        self.driver, self.taken = Able(), []
        self.addCleanup(self.driver.gate.set)
        self.endpoint = self.make(self.driver)
        self.addCleanup(setattr, endpoint, 'PATIENCE_S', endpoint.PATIENCE_S)

    def make(self, driver):
        return endpoint.ComputeEndpoint(
            driver, lambda *args: self.taken.append(args),
            lambda *args: self.taken.append(args))

    def test_sync_pods(self):
        given = pod(policy='Never', last_phase='Running')
        self.endpoint.sync_pods(
            CTX, [given.model_dump(mode='json', exclude_unset=True)],
            {given.uuid: 'req-2'})
        self.assertEqual([([given], {given.uuid: 'req-2'})], self.taken)

    def test_reads(self):
        self.assertEqual(
            {'data': base64.b64encode(b'\xff\n').decode()},
            self.endpoint.logs(CTX, 'p1', 'main', tail=3,
                               limit_bytes=2**30))
        self.assertEqual(
            ('p1', 'main', {'tail': 3, 'since': None, 'timestamps': False,
                            'previous': False, 'limit_bytes': 2**20}),
            self.driver.asked[0])
        self.assertEqual({'data': 'eAo='}, self.endpoint.logs_of(
            CTX, 'p1', 'main', base.STDERR, since='x'))
        self.assertEqual(
            ('p1', 'main', 2, {'tail': None, 'since': 'x', 'timestamps':
                               False, 'limit_bytes': 2**20}),
            self.driver.asked[1])
        self.assertEqual({'titles': ['PID'], 'processes': [['1']]},
                         self.endpoint.top(CTX, 'p1', 'main'))
        self.assertEqual([{'name': 'main'}], self.endpoint.stats(CTX, 'p1'))

    def test_exec(self):
        self.assertEqual(
            {'exit_code': 3, 'truncated': True,
             'stdout': base64.b64encode(b'out').decode(),
             'stderr': base64.b64encode(b'err').decode()},
            self.endpoint.exec(CTX, 'p1', 'main', ['ls', '-l'],
                               timeout_s=1e9, limit_bytes=5))
        self.assertEqual(('p1', 'main', ('ls', '-l'),
                          {'timeout_s': 300.0, 'limit_bytes': 5}),
                         self.driver.asked[0])

    def test_a_lacking_group_is_refused_by_name(self):
        unable = self.make(StubDriver())
        for action, args in (('logs', ('main',)), ('top', ('main',)),
                             ('exec', ('main', ['ls'], 1)), ('stats', ())):
            with self.assertRaisesRegex(exceptions.NotSupported,
                                        f'stub does not support {action}'):
                getattr(unable, action)(CTX, 'p1', *args)

    def test_reads_are_bounded_and_do_not_starve_commands(self):
        endpoint.PATIENCE_S = 0.05
        self.driver.gate.clear()
        refused, threads = [], []

        def read():
            try:
                self.endpoint.logs(CTX, 'p1', 'main')
            except exceptions.Unavailable as error:
                refused.append(error)
        for _ in range(6):
            threads.append(threading.Thread(target=read))
            threads[-1].start()
        wait_for(lambda: len(refused) == 4)
        self.assertEqual(2, self.driver.inside)
        self.endpoint.exec(CTX, 'p1', 'main', ['ls'], 1)
        self.driver.gate.set()
        for thread in threads:
            thread.join()
        self.endpoint.logs(CTX, 'p1', 'main')

    def test_a_place_is_given_back_after_an_error(self):
        self.driver.stats = lambda uuid: self.fail('no such pod')
        for _ in range(10):
            with self.assertRaises(AssertionError):
                self.endpoint.stats(CTX, 'p1')
        self.endpoint.logs(CTX, 'p1', 'main')
