"""Conductors that are killed while pods come in over a real broker."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import uuid

from zun_lite import db
from zun_lite import rpc
from zun_lite.conf import CONF
from zun_lite.db import claims
from zun_lite.db import pods
from zun_lite.pod.states import Desired
from zun_lite.rpc import oslo
from zun_lite.tests import databases
from zun_lite.tests.unit.conductor import base
from zun_lite.tests.unit.db import samples

URL = os.environ.get('ZUN_LITE_TEST_RABBIT_URL')
COUNT = 200

CONDUCTOR = '''
from zun_lite.cmd import conductor
conductor.main()
'''


class ConductorKilled(databases.DatabaseTest):
    """One of two conductors dies; then the one that is left."""

    def setUp(self) -> None:
        super().setUp()
        oslo.is_local(CONF)
        CONF.set_override('transport_url', URL)
        self.addCleanup(CONF.clear_override, 'transport_url')
        self.bus = rpc.connect(CONF)
        self.addCleanup(self.bus.close)
        self.client = rpc.ConductorClient(self.bus)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.config = pathlib.Path(directory.name, 'zun_lite.conf')
        self.config.write_text(
            f'[DEFAULT]\ntransport_url = {URL}\n'
            f'[database]\nconnection = {self.url}\n'
            '[conductor]\nsweep_interval = 1\nrecast_after = 0.5\n')
        self.agents = {}
        for host in ('fault-1', 'fault-2'):
            self.agents[host] = base.Agent()
            served = self.bus.serve(rpc.COMPUTE_TOPIC, host,
                                    self.agents[host])
            self.addCleanup(served.stop)
            with db.writer() as session:
                samples.host(session, host, max_pods=1000,
                             cpu_millis=10**6, memory_bytes=2**50)

    def conductor(self) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, '-c', CONDUCTOR, '--config-file',
             str(self.config)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def create(self) -> pods.PodRow:
        with db.writer() as session:
            row = samples.pod(session, uuid=str(uuid.uuid4()))
        self.client.pod_changed(row.uuid)
        return row

    def wait_works(self) -> None:
        row = self.create()
        base.wait_for(lambda: self.told(row), 30)

    def told(self, row: pods.PodRow) -> set[str]:
        return {host for host, agent in self.agents.items()
                if agent.told[row.uuid]}

    def test_every_pod_reaches_one_host(self):
        first, second = self.conductor(), self.conductor()
        self.wait_works()
        rows = []
        for n in range(COUNT):
            rows.append(self.create())
            if n == COUNT // 3:
                first.kill()
            if n == COUNT * 2 // 3:
                second.kill()
        self.conductor()
        base.wait_for(lambda: all(map(self.told, rows)), 60)
        for row in rows:
            with db.reader() as session:
                placed = pods.get_row(session, row.uuid).host
            self.assertEqual({placed}, self.told(row))
        with db.reader() as session:
            self.assertEqual([], claims.differences(session))

    def test_it_ends_in_an_orderly_way(self):
        process = self.conductor()
        self.wait_works()
        row = self.create()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(0, process.wait(30))
        with db.writer() as session:
            pods.update(session, row.id, desired=Desired.ABSENT)
            self.assertEqual([], claims.differences(session))


if not URL:
    del ConductorKilled
