"""What probes ask, and where: each kind of question for each probe."""
import typing

from zun_lite.tests.contract import documents
from zun_lite.tests.contract import harness
from zun_lite.tests.contract import web
from zun_lite.tests.contract.harness import main

HEADER = {'name': 'X-Asked-By', 'value': 'probe'}
KINDS = ('readinessProbe', 'startupProbe', 'livenessProbe')


class ProbeTargets(harness.Case):
    """A server that is not in the pod decides what becomes of it."""

    def setUp(self) -> None:
        super().setUp()
        for kind in KINDS:
            self.needs_field(f'spec.containers.{kind}.httpGet.host')

    def probed(self, kind: str, question: documents.Doc) -> typing.Any:
        """A pod with such a probe. Before it has started it may fail often,
        afterwards not once."""
        times = {'initialDelaySeconds': 1, 'periodSeconds': 1,
                 'timeoutSeconds': 5, 'successThreshold': 1,
                 'failureThreshold': 60 if kind == 'startupProbe' else 1}
        return self.start(self.sleeper(**{kind: {**question, **times}}))

    def get(self, server: web.Web, scheme: str) -> documents.Doc:
        return {'httpGet': {
            'host': web.HOST, 'port': server.port, 'path': '/deep/path?q=1',
            'scheme': scheme, 'httpHeaders': [HEADER]}}

    def makes_ready(self, kind: str, scheme: str) -> None:
        """Not ready while the server says no."""
        with web.serving(tls=scheme == 'HTTPS') as server:
            server.healthy = False
            pod = self.probed(kind, self.get(server, scheme))
            self.eventually(lambda: len(server.asked) > 1, 'questions')
            self.assertFalse(main(self.status(pod)).ready)
            server.healthy = True
            self.wait_ready(pod)
            path, headers = server.asked[-1]
        self.assertEqual('/deep/path?q=1', path)
        self.assertEqual(HEADER['value'], headers[HEADER['name']])

    def keeps_alive(self, scheme: str) -> None:
        """Made anew once the server says no."""
        with web.serving(tls=scheme == 'HTTPS') as server:
            pod = self.probed('livenessProbe', self.get(server, scheme))
            self.wait_ready(pod)
            self.eventually(lambda: server.asked, 'a question')
            self.assertEqual(0, main(self.status(pod)).restart_count)
            server.healthy = False
            self.wait_event(pod, 'Unhealthy', 'main')
            server.healthy = True
            self.wait_for(pod, lambda s: main(s).restart_count >= 1,
                          'a restart')
        self.assertEqual(HEADER['value'],
                         server.asked[-1][1][HEADER['name']])

    def connects(self, kind: str) -> None:
        port = web.Port()
        self.addCleanup(port.close)
        pod = self.probed(kind, {'tcpSocket': {
            'host': web.HOST, 'port': port.number}})
        self.wait_event(pod, 'Unhealthy', 'main')
        self.assertFalse(main(self.status(pod)).ready)
        port.open()
        self.wait_ready(pod)

    def test_readiness_http(self):
        self.makes_ready('readinessProbe', 'HTTP')

    def test_readiness_https(self):
        """The certificate is not looked at."""
        self.makes_ready('readinessProbe', 'HTTPS')

    def test_readiness_tcp(self):
        self.connects('readinessProbe')

    def test_startup_http(self):
        self.makes_ready('startupProbe', 'HTTP')

    def test_startup_https(self):
        self.makes_ready('startupProbe', 'HTTPS')

    def test_startup_tcp(self):
        self.connects('startupProbe')

    def test_liveness_http(self):
        self.keeps_alive('HTTP')

    def test_liveness_https(self):
        self.keeps_alive('HTTPS')

    def test_liveness_tcp(self):
        port = web.Port()
        self.addCleanup(port.close)
        port.open()
        pod = self.probed('livenessProbe', {'tcpSocket': {
            'host': web.HOST, 'port': port.number}})
        self.wait_ready(pod)
        port.close()
        self.wait_for(pod, lambda s: main(s).restart_count >= 1, 'a restart')
