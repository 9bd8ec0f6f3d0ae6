"""Readiness, liveness and startup probes."""
import typing

from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import condition
from zun_lite.tests.contract.harness import exit_code
from zun_lite.tests.contract.harness import main

WEB = ('mkdir -p /tmp/www; echo ok > /tmp/www/ok; '
       'httpd -f -p 8080 -h /tmp/www')


def probe(*command: str, **fields: typing.Any) -> dict[str, typing.Any]:
    """An exec probe, quick unless told otherwise."""
    return {'exec': {'command': list(command)}, 'periodSeconds': 1,
            'timeoutSeconds': 5, **fields}


def get(path: str, port: object = 8080,
        **fields: typing.Any) -> dict[str, typing.Any]:
    return {'httpGet': {'path': path, 'port': port}, 'periodSeconds': 1,
            'timeoutSeconds': 5, **fields}


class Probes(harness.Case):
    def wait_unready(self, pod):
        return self.wait_for(
            pod, lambda s: harness.running(s) and not main(s).ready,
            'running and not ready')

    # Readiness

    def test_readiness_gates_ready(self):
        """readinessProbe: not ready before it has succeeded."""
        pod = self.start(self.sleeper(
            readinessProbe=probe('test', '-f', '/tmp/up')))
        seen = self.wait_unready(pod)
        self.assertEqual('Running', seen.phase)
        self.assertEqual('False', condition(seen, 'Ready'))
        self.assertEqual('False', condition(seen, 'ContainersReady'))
        self.exec_sh(pod, 'touch /tmp/up')
        self.wait_ready(pod)

    def test_readiness_is_lost_again(self):
        """readinessProbe: asked for the container's whole life."""
        pod = self.start(self.sh(
            'touch /tmp/up; sleep 3600', readinessProbe=probe(
                'test', '-f', '/tmp/up', failureThreshold=1)))
        self.wait_ready(pod)
        self.exec_sh(pod, 'rm /tmp/up')
        seen = self.wait_for(pod, lambda s: not s.ready, 'unready')
        self.assertTrue(harness.running(seen))
        self.assertEqual(0, main(seen).restart_count)

    def test_readiness_never_restarts(self):
        """readinessProbe: a failing one makes unready, no more."""
        pod = self.start(self.sleeper(readinessProbe=probe(
            'false', failureThreshold=1)))
        self.wait_event(pod, 'Unhealthy', 'main')
        self.steadily(lambda: main(self.status(pod)).restart_count == 0,
                      'not restarted', 1.5)
        self.assertEqual('Running', self.status(pod).phase)

    def test_no_probe_is_ready_at_once(self):
        pod = self.start(self.sleeper())
        seen = self.wait_ready(pod)
        self.assertTrue(main(seen).ready)
        self.assertTrue(main(seen).started)

    def test_one_unready_container_keeps_the_pod_unready(self):
        pod = self.start(self.sleeper('good'),
                         self.sleeper(readinessProbe=probe('false')))
        seen = self.wait_for(
            pod, lambda s: main(s, 'good').ready and harness.running(s),
            'one is ready')
        self.assertFalse(seen.ready)
        self.assertIn('main', next(c.message for c in seen.conditions
                                   if c.type == 'ContainersReady'))

    def test_success_threshold(self):
        """successThreshold: that many successes in a row."""
        pod = self.start(self.sh(
            'sleep 3600', readinessProbe=probe(
                'sh', '-c', 'echo x >> /tmp/n', successThreshold=3)))
        self.wait_ready(pod)
        self.assertGreaterEqual(
            int(self.exec_sh(pod, 'cat /tmp/n | wc -l')), 3)

    def test_failure_threshold(self):
        """failureThreshold: that many failures in a row."""
        pod = self.start(self.sh(
            'touch /tmp/up; sleep 3600', readinessProbe=probe(
                'sh', '-c', 'test -f /tmp/up || { echo x >> /tmp/n; '
                'exit 1; }', failureThreshold=3)))
        self.wait_ready(pod)
        self.exec_sh(pod, 'rm /tmp/up')
        self.wait_unready(pod)
        self.assertGreaterEqual(
            int(self.exec_sh(pod, 'cat /tmp/n | wc -l')), 3)

    def test_initial_delay(self):
        """initialDelaySeconds: no question before that."""
        pod = self.start(self.sh(
            'cat /proc/uptime > /tmp/began; sleep 3600',
            readinessProbe=probe(
                'sh', '-c', 'cat /proc/uptime >> /tmp/asked',
                initialDelaySeconds=2)))
        self.wait_ready(pod)
        began, asked = (float(self.exec_sh(
            pod, f'head -n 1 /tmp/{name}').split()[0])
            for name in ('began', 'asked'))
        self.assertGreater(asked - began, 1.5)

    def test_timeout_is_a_failure(self):
        """timeoutSeconds: no answer in time is a failure."""
        pod = self.start(self.sleeper(readinessProbe=probe(
            'sleep', '60', timeoutSeconds=1, failureThreshold=1)))
        event = self.wait_event(pod, 'Unhealthy', 'main')
        self.assertIn('Readiness', event.message)
        self.assertFalse(self.status(pod).ready)

    def test_unhealthy_event(self):
        """A failed probe is an event, with what the probe said."""
        pod = self.start(self.sleeper(readinessProbe=probe(
            'sh', '-c', 'echo not yet; exit 1')))
        event = self.wait_event(pod, 'Unhealthy', 'main')
        self.assertEqual('Warning', event.type)
        self.assertIn('Readiness', event.message)
        self.assertIn('not yet', event.message)

    # Handlers

    def test_http(self):
        """httpGet: 200 to 399 is success."""
        pod = self.start(self.sh(WEB, readinessProbe=get('/ok')))
        self.wait_ready(pod)

    def test_http_error_status(self):
        """httpGet: 404 is a failure, named in the event."""
        pod = self.start(self.sh(WEB, readinessProbe=get('/none')))
        event = self.wait_event(pod, 'Unhealthy', 'main')
        self.assertTrue('404' in event.message
                        or 'refused' in event.message, event.message)
        self.assertFalse(self.status(pod).ready)

    def test_http_nobody_listens(self):
        pod = self.start(self.sleeper(readinessProbe=get('/ok')))
        event = self.wait_event(pod, 'Unhealthy', 'main')
        self.assertRegex(event.message, '(?i)refused')

    def test_http_named_port(self):
        """port: the name of one of the container's ports."""
        pod = self.start(self.sh(
            WEB, readinessProbe=get('/ok', 'web'),
            ports=[{'containerPort': 8080, 'name': 'web'}]))
        self.wait_ready(pod)

    def test_tcp(self):
        """tcpSocket: a connection that opens is success."""
        pod = self.start(self.sh(WEB, readinessProbe={
            'tcpSocket': {'port': 8080}, 'periodSeconds': 1}))
        self.wait_ready(pod)

    def test_tcp_nobody_listens(self):
        pod = self.start(self.sleeper(readinessProbe={
            'tcpSocket': {'port': 8080}, 'periodSeconds': 1}))
        self.wait_event(pod, 'Unhealthy', 'main')
        self.assertFalse(self.status(pod).ready)

    # Liveness

    def test_liveness_restarts(self):
        """livenessProbe: a failing container is killed and restarted."""
        pod = self.start(self.sh(
            'touch /tmp/up; sleep 3600', livenessProbe=probe(
                'test', '-f', '/tmp/up', failureThreshold=1)))
        first = main(self.wait_ready(pod)).container_id
        self.exec_sh(pod, 'rm /tmp/up')
        seen = self.wait_for(pod, lambda s: main(s).restart_count == 1
                             and s.ready, 'restarted')
        self.assertNotEqual(first, main(seen).container_id)
        self.assertEqual(137, main(seen).last_state.terminated.exit_code)
        self.wait_event(pod, 'Killing', 'main')

    def test_liveness_by_http(self):
        pod = self.start(self.sh(
            WEB, livenessProbe=get('/ok', failureThreshold=1,
                                   initialDelaySeconds=1)))
        self.wait_ready(pod)
        self.exec_sh(pod, 'rm /tmp/www/ok')
        self.wait_for(pod, lambda s: main(s).restart_count >= 1, 'restart')

    def test_liveness_kills_gracefully(self):
        """A container killed for its probe gets its signal first."""
        pod = self.start(
            self.sh('trap "echo asked to end; exit 0" TERM; touch /tmp/up; '
                    'sleep 3600 & wait', livenessProbe=probe(
                        'test', '-f', '/tmp/up', failureThreshold=1)),
            terminationGracePeriodSeconds=10)
        self.wait_ready(pod)
        self.exec_sh(pod, 'rm /tmp/up')
        self.wait_for(pod, lambda s: main(s).restart_count == 1, 'restart')
        self.assertIn('asked to end', self.logs(pod, previous=True))

    def test_liveness_with_never(self):
        """restartPolicy Never: killed, and not started again."""
        pod = self.start(self.sleeper(livenessProbe=probe(
            'false', failureThreshold=1)), restartPolicy='Never')
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual(137, exit_code(seen))
        self.assertEqual(0, main(seen).restart_count)

    def test_liveness_leaves_the_healthy_alone(self):
        pod = self.start(self.sleeper(livenessProbe=probe(
            'true', failureThreshold=1)))
        self.wait_ready(pod)
        self.steadily(lambda: main(self.status(pod)).restart_count == 0,
                      'not restarted', 2)

    # Startup

    def test_startup_gates_liveness(self):
        """startupProbe: the others wait until it has succeeded."""
        pod = self.start(self.sleeper(
            startupProbe=probe('test', '-f', '/tmp/up', failureThreshold=60),
            livenessProbe=probe('test', '-f', '/tmp/alive',
                                failureThreshold=1)))
        self.wait_for(pod, harness.running, 'running')
        self.steadily(lambda: main(self.status(pod)).restart_count == 0,
                      'not restarted', 1.5)
        self.exec_sh(pod, 'touch /tmp/alive; touch /tmp/up')
        seen = self.wait_ready(pod)
        self.assertEqual(0, main(seen).restart_count)

    def test_startup_gates_readiness(self):
        """startupProbe: neither started nor ready before its success."""
        pod = self.start(self.sleeper(
            startupProbe=probe('test', '-f', '/tmp/up', failureThreshold=60),
            readinessProbe=probe('true')))
        seen = self.wait_unready(pod)
        self.assertFalse(main(seen).started)
        self.exec_sh(pod, 'touch /tmp/up')
        self.assertTrue(main(self.wait_ready(pod)).started)

    def test_startup_failure_restarts(self):
        """startupProbe: a failing one is as a failing livenessProbe."""
        pod = self.start(self.sleeper(startupProbe=probe(
            'false', failureThreshold=2)))
        self.wait_for(pod, lambda s: main(s).restart_count >= 1, 'restart')
        self.wait_event(pod, 'Unhealthy', 'main')

    def test_probes_begin_anew_after_a_restart(self):
        """A restarted container is unready until its probe succeeds."""
        pod = self.start(self.sh(
            'trap "exit 1" TERM; sleep 3600 & wait',
            readinessProbe=probe('test', '-f', '/tmp/up')))
        self.wait_unready(pod)
        self.exec_sh(pod, 'touch /tmp/up')
        self.wait_ready(pod)
        self.signal_main(pod)
        self.wait_for(pod, lambda s: main(s).restart_count == 1
                      and harness.running(s) and not s.ready,
                      'restarted and unready')
