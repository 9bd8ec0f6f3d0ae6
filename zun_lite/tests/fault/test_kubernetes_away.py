"""The API server cannot be reached, or takes no notice of who asks."""
import pathlib
import socket
import threading
import time

from zun_lite import exceptions
from zun_lite.drivers.kubernetes import driver
from zun_lite.drivers.kubernetes import settings
from zun_lite.tests.contract.harness import main
from zun_lite.tests.fault.kubernetes_case import KubernetesCase

AWAY_S = 60


class TestCredentials(KubernetesCase):
    def setUp(self):
        super().setUp()
        access = self.engine.access
        self.path = pathlib.Path(access.agent_kubeconfig())
        self.good = self.path.read_text()
        self.bad = self.good.replace(access.token, 'no-such-token')

    def test_a_token_that_is_not_good_yet(self):
        self.path.write_text(self.bad)
        self.use(kubeconfig=str(self.path))
        pod = self.start(self.sleeper())
        self.wait_reason(pod, 'EngineUnavailable', 'Unauthorized')
        self.path.write_text(self.good)
        self.wait_ready(pod)

    def test_a_token_that_expires(self):
        """The file is read again; nothing restarts, nothing is lost."""
        self.use(kubeconfig=str(self.path), watch_timeout=5)
        pod = self.start(self.sleeper())
        before = main(self.wait_ready(pod)).container_id
        # As with an expired token, what is open goes on until it ends.
        cluster = self.driver._cluster
        cluster._api.configuration.api_key['BearerToken'] = 'Bearer expired'
        other = self.start(self.sleeper())
        self.wait_ready(other)
        self.assertEqual(before, main(self.status(pod)).container_id)


class TestHang(KubernetesCase):
    def test_a_server_that_takes_and_does_not_answer(self):
        """Bounded by `api_timeout`, whatever is asked."""
        hole = socket.socket()
        self.addCleanup(hole.close)
        hole.bind(('127.0.0.1', 0))
        hole.listen(64)
        hanging = driver.KubernetesDriver(self.host, settings.Settings(
            kubeconfig=self.engine.access.agent_kubeconfig(
                f'http://127.0.0.1:{hole.getsockname()[1]}'),
            api_timeout=1))
        self.addCleanup(hanging.close)
        pod = self.make(self.sleeper())
        begin = time.monotonic()
        for verb in (lambda: hanging.ensure_pod(pod), hanging.list_pods,
                     hanging.inventory, lambda: hanging.stop_pod(pod)):
            with self.assertRaises(exceptions.EngineUnavailable):
                verb()
        self.assertLess(time.monotonic() - begin, 15)


class TestAway(KubernetesCase):
    def new_driver(self):
        return self.engine.fragile_driver(self.host)

    def test_changes_of_all_kinds_meanwhile(self):
        """What was asked for, and what happened, in a minute without the
        server is caught up with."""
        runs, stops, goes, crashes = (self.start(self.sleeper())
                                      for _ in range(4))
        for pod in (runs, stops, goes, crashes):
            self.wait_ready(pod)
        before = main(self.status(runs)).container_id
        crashed = main(self.status(crashes)).container_id
        self.engine.cut()
        stops = self.stop(stops)
        goes = self.want(goes.model_copy(
            update={'desired': 'absent', 'generation': 2}))
        comes = self.start(self.sleeper())
        self.engine.remove_behind_back(crashes, 'main')
        self.wait_reason(comes, 'EngineUnavailable')
        time.sleep(AWAY_S)
        self.engine.restore()
        self.wait_ready(comes)
        self.wait_phase(stops, 'Stopped')
        self.assertTrue(self.agent.collector.wait_gone(goes, 100))
        self.wait_for(crashes, lambda s: s.ready and main(s).container_id
                      not in (None, crashed), 'restarted')
        self.wait_for(runs, lambda s: s.ready and s.reason is None, 'well')
        self.assertEqual(before, main(self.status(runs)).container_id)
        self.assertEqual(
            {pod.uuid for pod in (runs, crashes, comes)},
            {seen.uuid for seen in self.driver.list_pods()})

    def test_a_flapping_connection(self):
        pods = [self.start(self.sleeper()) for _ in range(4)]
        ended = threading.Event()

        def flap() -> None:
            while not ended.wait(2):
                self.engine.cut()
                time.sleep(0.3)
                self.engine.restore()
        flapping = threading.Thread(target=flap)
        flapping.start()
        self.addCleanup(flapping.join)
        self.addCleanup(ended.set)
        for pod in pods:
            self.wait_ready(pod)
        ended.set()
        flapping.join()
        for pod in pods:
            self.assertEqual(1, len(self.found(pod)))
            self.assertEqual(0, main(self.status(pod)).restart_count)
