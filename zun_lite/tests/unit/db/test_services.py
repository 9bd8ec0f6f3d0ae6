from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import claims
from zun_lite.db import hosts
from zun_lite.db import pods
from zun_lite.db import services
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples


@databases.on_each
class Services(databases.DatabaseTest):

    def setUp(self) -> None:
        super().setUp()
        hosts.forget_live()
        with db.writer() as session:
            samples.host(session)

    def do(self, act, *args, **more):
        with db.writer() as session:
            return act(session, *args, **more)

    def summary(self):
        with db.reader() as session:
            return hosts.summaries(session)[0]

    def get(self) -> hosts.HostRow:
        with db.reader() as session:
            return hosts.get(session, 'h1')

    def place(self) -> None:
        with db.writer() as session:
            row = samples.pod(session)
            claims.claim(session, row, 'h1', row.status)

    def test_a_disabled_host_gets_no_pods_whoever_saw_it_enabled(self):
        self.do(services.disable, 'h1', 'disk')
        self.assertEqual((True, False, 'disk'), (
            self.summary().live, self.summary().takes_pods,
            self.get().disabled_reason))
        with self.assertRaises(claims.HostFull):
            self.place()
        self.do(services.enable, 'h1')
        self.assertIsNone(self.get().disabled_reason)
        self.place()

    def test_a_host_that_was_forced_down_is_gone_whatever_it_says(self):
        self.do(services.force_down, 'h1', True)
        self.do(hosts.heartbeat, 'h1', 1, inventory=None, capabilities=[],
                engine_error=None)
        self.do(samples.host)            # its agent registers again
        self.assertFalse(self.get().up)
        with self.assertRaises(claims.HostFull):
            self.place()
        with db.reader() as session:
            self.assertEqual([], hosts.live(session))
        self.do(services.force_down, 'h1', False)
        self.place()

    def test_what_was_said_outlives_registrations(self):
        self.do(services.disable, 'h1', 'disk')
        self.do(samples.host)
        found = self.get()
        self.assertEqual((True, 'disk'),
                         (found.disabled, found.disabled_reason))

    def test_heartbeats_are_counted(self):
        for _ in range(3):
            self.do(hosts.heartbeat, 'h1', 1, inventory=None,
                    capabilities=[], engine_error=None)
        self.assertEqual(3, self.get().report_count)

    def test_removed_when_down_and_empty(self):
        with self.assertRaises(exceptions.Conflict):
            self.do(hosts.remove, 'h1')
        self.place()
        self.do(services.force_down, 'h1', True)
        with self.assertRaises(exceptions.Conflict):
            self.do(hosts.remove, 'h1')
        with db.writer() as session:
            row = pods.resolve(session, 'alpha', 'web', lock=True)
            claims.remove(session, [row])
            hosts.remove(session, 'h1')
        with self.assertRaises(exceptions.HostNotFound):
            self.do(services.enable, 'h1')

    def test_pages_by_name(self):
        self.do(samples.host, 'b')
        self.do(samples.host, 'a')
        found, marker = [], None
        with db.reader() as session:
            while page := hosts.list_page(session, 2, marker,
                                          sort_key='name', descending=True):
                found += [row.name for row in page]
                marker = page[-1].name
        self.assertEqual(['h1', 'b', 'a'], found)
