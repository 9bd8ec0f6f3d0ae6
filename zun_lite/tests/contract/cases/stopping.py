"""The graceful end, and the hooks around a container's life."""
import datetime
import time

from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import exit_code
from zun_lite.tests.contract.harness import main

SHARED = [{'name': 'v', 'emptyDir': {}}]
MOUNT = [{'name': 'v', 'mountPath': '/v'}]
WAIT = 'sleep 3600 & wait'


def hook(kind: str, script: str) -> dict:
    return {kind: {'exec': {'command': ['sh', '-c', script]}}}


class Stopping(harness.Case):
    def stopped(self, *containers, **fields):
        """Start, wait for `up` in the logs, stop; (status, seconds)."""
        begin = 0.0

        def start():
            nonlocal begin
            pod = self.start(*containers, **fields)
            for container in containers:
                self.wait_logs(pod, 'up', container['name'])
            self.wait_for(pod, lambda s: main(s).started, 'started')
            begin = time.monotonic()
            return pod
        self.pod, seen = self.stop_in_sight(start)
        return seen, time.monotonic() - begin

    def test_term_comes_first(self):
        """Termination: the main process gets SIGTERM and may end itself."""
        seen, took = self.stopped(
            self.sh(f'trap "exit 4" TERM; echo up; {WAIT}'),
            terminationGracePeriodSeconds=120)
        self.assertEqual(4, exit_code(seen))
        self.assertLess(took, 30 + self.engine.removal_s)

    def test_a_clean_end_is_told(self):
        seen, _ = self.stopped(
            self.sh(f'trap "exit 0" TERM; echo up; {WAIT}'),
            terminationGracePeriodSeconds=15)
        self.assertEqual(0, exit_code(seen))
        self.assertEqual('Completed', main(seen).state.terminated.reason)

    def test_the_deadline_kills(self):
        """terminationGracePeriodSeconds: then SIGKILL, 137."""
        seen, took = self.stopped(
            self.sh('trap "" TERM; echo up; while true; do sleep 0.2; done'),
            terminationGracePeriodSeconds=2)
        self.assertEqual(137, exit_code(seen))
        self.assertGreater(took, 1.5)
        self.assertLess(took, 30 + self.engine.removal_s)

    def test_there_is_time_until_the_deadline(self):
        seen, took = self.stopped(
            self.sh(f'trap "sleep 1.5; exit 6" TERM; echo up; {WAIT}'),
            terminationGracePeriodSeconds=15)
        self.assertEqual(6, exit_code(seen))
        self.assertGreater(took, 1.2)

    def test_no_grace_kills_at_once(self):
        """terminationGracePeriodSeconds 0: killed without delay."""
        seen, took = self.stopped(
            self.sh('trap "" TERM; echo up; while true; do sleep 0.2; done'),
            terminationGracePeriodSeconds=0)
        self.assertEqual(137, exit_code(seen))
        self.assertLess(took, 9 + self.engine.removal_s)

    def test_all_containers_end_together(self):
        """One container's slow end does not delay the others' signal."""
        slow = f'trap "sleep 3; exit 0" TERM; echo up; {WAIT}'
        names = ('main', 'b', 'c')
        seen, _ = self.stopped(*(self.sh(slow, name) for name in names),
                               terminationGracePeriodSeconds=20)
        ended = [main(seen, name).state.terminated for name in names]
        self.assertEqual([0, 0, 0], [one.exit_code for one in ended])
        times = sorted(datetime.datetime.fromisoformat(one.finished_at)
                       for one in ended)
        self.assertLess((times[-1] - times[0]).total_seconds(), 5)

    def test_delete_is_graceful(self):
        """delete_pod: end the pod gracefully, then remove it."""
        pod = self.start(
            self.sh(f'trap "sleep 1.5; exit 0" TERM; echo up; {WAIT}'),
            terminationGracePeriodSeconds=60)
        self.wait_logs(pod, 'up')
        begin = time.monotonic()
        self.delete(pod)
        took = time.monotonic() - begin
        self.assertGreater(took, 1.2)
        self.assertLess(took, 30 + self.engine.removal_s)

    def test_delete_waits_no_longer_than_the_grace(self):
        pod = self.start(
            self.sh('trap "" TERM; echo up; while true; do sleep 0.2; done'),
            terminationGracePeriodSeconds=1)
        self.wait_logs(pod, 'up')
        begin = time.monotonic()
        self.delete(pod)
        self.assertLess(time.monotonic() - begin,
                        25 + self.engine.removal_s)

    # preStop

    def test_pre_stop_comes_before_term(self):
        """preStop: runs to its end before the signal is sent."""
        seen, _ = self.stopped(
            self.sh(f'trap "test -f /v/x && exit 5" TERM; echo up; {WAIT}',
                    volumeMounts=MOUNT,
                    lifecycle=hook('preStop', 'sleep 0.5; echo pre > /v/x')),
            volumes=SHARED, terminationGracePeriodSeconds=15)
        self.assertEqual(5, exit_code(seen))

    def test_pre_stop_counts_against_the_grace(self):
        """preStop: the countdown begins before it runs."""
        seen, took = self.stopped(
            self.sh(f'echo up; {WAIT}',
                    lifecycle=hook('preStop', 'sleep 60')),
            terminationGracePeriodSeconds=2)
        self.assertLess(took, 30 + self.engine.removal_s)
        self.assertEqual(137, exit_code(seen))

    def test_pre_stop_that_fails(self):
        """preStop: its failure is an event; the end goes on."""
        seen, _ = self.stopped(
            self.sh(f'trap "exit 0" TERM; echo up; {WAIT}',
                    lifecycle=hook('preStop', 'exit 3')),
            terminationGracePeriodSeconds=15)
        self.assertEqual(0, exit_code(seen))
        self.wait_event(self.pod, 'FailedPreStopHook', 'main')

    def test_pre_stop_on_delete(self):
        """preStop runs on delete, too."""
        pod = self.start(
            self.sh(f'trap "exit 0" TERM; echo up; {WAIT}',
                    lifecycle=hook('preStop', 'sleep 1.5')),
            terminationGracePeriodSeconds=15)
        self.wait_logs(pod, 'up')
        self.wait_for(pod, lambda s: main(s).started, 'started')
        begin = time.monotonic()
        self.delete(pod)
        self.assertGreater(time.monotonic() - begin, 1.2)

    def test_pre_stop_not_at_a_natural_end(self):
        """preStop: not called for a container that ends by itself."""
        pod = self.start(
            self.sh('sleep 0.5', volumeMounts=MOUNT,
                    lifecycle=hook('preStop', 'echo no > /v/x')),
            self.sh('sleep 1.5; ls /v | wc -l', 'b', volumeMounts=MOUNT),
            volumes=SHARED, restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('0\n', self.logs(pod, 'b'))

    # postStart

    def test_post_start_runs(self):
        """postStart: right after the container was made."""
        pod = self.start(
            self.sleeper(volumeMounts=MOUNT,
                         lifecycle=hook('postStart', 'echo done > /v/x')),
            volumes=SHARED)
        self.wait_ready(pod)
        self.assertEqual('done\n', self.exec_sh(pod, 'cat /v/x'))

    def test_post_start_comes_before_the_next(self):
        """postStart: the next container is started after its end."""
        pod = self.start(
            self.sleeper(volumeMounts=MOUNT, lifecycle=hook(
                'postStart', 'sleep 2; echo done > /v/x')),
            self.sh('cat /v/x || echo missing; sleep 3600', 'b',
                    volumeMounts=MOUNT),
            volumes=SHARED)
        self.wait_ready(pod)
        self.wait_logs(pod, '\n', 'b')
        self.assertEqual('done\n', self.logs(pod, 'b'))

    def test_post_start_of_what_cannot_be_started(self):
        """postStart: nobody waits for a container without an image."""
        pod = self.start(
            self.container(image=self.engine.registry.unpublished(),
                           lifecycle=hook('postStart', 'true')),
            self.sleeper('b'))
        self.wait_for(pod, lambda s: harness.running(s, 'b'), 'b runs')
        self.assertFalse(harness.running(self.status(pod)))

    def test_post_start_gates_ready(self):
        """postStart: the container is not Running before its end."""
        pod = self.start(self.sleeper(lifecycle=hook(
            'postStart', 'until test -f /tmp/go; do sleep 0.1; done')))
        self.wait_event(pod, 'Started', 'main')
        self.steadily(lambda: self.status(pod).phase == 'Pending',
                      'Pending while the hook runs')
        self.exec_sh(pod, 'touch /tmp/go')
        self.wait_ready(pod)

    def test_post_start_that_fails(self):
        """postStart: its failure kills the container, by policy again."""
        pod = self.start(self.sleeper(
            lifecycle=hook('postStart', 'echo broken; exit 3')))
        self.wait_for(pod, lambda s: main(s).restart_count >= 1, 'restart')
        event = self.wait_event(pod, 'FailedPostStartHook', 'main')
        self.assertEqual('Warning', event.type)

    def test_post_start_that_fails_with_never(self):
        pod = self.start(
            self.sleeper(lifecycle=hook('postStart', 'exit 3')),
            restartPolicy='Never')
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual(0, main(seen).restart_count)
