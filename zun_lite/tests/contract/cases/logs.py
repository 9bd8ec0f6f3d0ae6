"""Logs."""
import datetime
import time
import typing

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.pod import states
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import main

STAMP = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)'


def now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat()


class Logs(harness.Case):
    def setUp(self) -> None:
        super().setUp()
        self.needs(states.Action.LOGS)

    def ended(self, script: str, **fields):
        pod = self.start(self.sh(script, **fields), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded', 'Failed')
        return pod

    def test_both_streams(self):
        """logs: both streams."""
        pod = self.ended('echo out; echo err >&2')
        self.assertEqual({'out', 'err'}, set(self.logs(pod).split()))

    def test_one_stream(self):
        """split_logs: what was written to the other is left out."""
        self.needs(states.Action.SPLIT_LOGS)
        driver = typing.cast(base.SplitLogs, self.driver)
        pod = self.ended('for i in 1 2 3; do echo out $i; echo err $i >&2; '
                         'done')
        self.assertEqual(b'out 1\nout 2\nout 3\n', driver.logs_of(
            pod.uuid, 'main', base.STDOUT))
        self.assertEqual(b'err 3\n', driver.logs_of(
            pod.uuid, 'main', base.STDERR, tail=1))
        self.assertRegex(driver.logs_of(
            pod.uuid, 'main', base.STDERR, timestamps=True).decode(),
            f'^{STAMP} err 1\n')
        with self.assertRaises(exceptions.ContainerNotFound):
            driver.logs_of(pod.uuid, 'nobody', base.STDOUT)

    def test_one_stream_of_a_terminal(self):
        """split_logs: all of it is STDOUT."""
        self.needs(states.Action.SPLIT_LOGS)
        driver = typing.cast(base.SplitLogs, self.driver)
        pod = self.ended('echo out; echo err >&2', tty=True)
        self.assertEqual({b'out', b'err'}, set(driver.logs_of(
            pod.uuid, 'main', base.STDOUT).split()))
        self.assertEqual(b'', driver.logs_of(pod.uuid, 'main', base.STDERR))

    def test_order_within_a_stream(self):
        pod = self.ended('for i in $(seq 1 200); do echo $i; done')
        self.assertEqual([str(i) for i in range(1, 201)],
                         self.logs(pod).split())

    def test_of_a_running_container(self):
        pod = self.start(self.sh('echo early; sleep 3600'))
        self.wait_logs(pod, 'early')

    def test_of_a_failed_pod(self):
        pod = self.ended('echo last words; exit 1')
        self.assertEqual('last words\n', self.logs(pod))

    def test_nothing_written(self):
        self.assertEqual('', self.logs(self.ended('true')))

    def test_without_newline(self):
        self.assertEqual('a\nb', self.logs(self.ended('printf "a\\nb"')))

    def test_each_container_has_its_own(self):
        pod = self.start(self.sh('echo one'), self.sh('echo two', 'b'),
                         restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('one\n', self.logs(pod))
        self.assertEqual('two\n', self.logs(pod, 'b'))

    def test_tail(self):
        """tail: the last lines."""
        pod = self.ended('for i in 1 2 3 4 5; do echo $i; done')
        self.assertEqual('4\n5\n', self.logs(pod, tail=2))

    def test_tail_of_more_than_there_is(self):
        pod = self.ended('echo 1; echo 2')
        self.assertEqual('1\n2\n', self.logs(pod, tail=100))

    def test_tail_of_none(self):
        self.assertEqual('', self.logs(self.ended('echo 1'), tail=0))

    def test_timestamps(self):
        """timestamps: each line begins with its time and a space."""
        pod = self.ended('echo a; echo b')
        for line, text in zip(self.logs(pod, timestamps=True).splitlines(),
                              'ab', strict=True):
            self.assertRegex(line, f'^{STAMP} {text}$')

    def test_since(self):
        """since: what was written at that time or later."""
        pod = self.start(self.sh(
            'echo early; until test -f /tmp/go; do sleep 0.1; done; '
            'echo late; sleep 3600'))
        self.wait_logs(pod, 'early')
        time.sleep(1.1)
        at = now()
        time.sleep(1.1)
        self.exec_sh(pod, 'touch /tmp/go')
        self.wait_logs(pod, 'late')
        self.assertEqual('late\n', self.logs(pod, since=at))

    def test_since_a_time_of_its_own(self):
        """since: a line's own time includes it, fractions and all."""
        pod = self.ended('echo a; sleep 1.2; echo b')
        second = self.logs(pod, timestamps=True).splitlines()[1]
        self.assertIn('b', self.logs(pod, since=second.split()[0]))

    def test_since_the_future(self):
        at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        pod = self.ended('echo a')
        self.assertEqual('', self.logs(pod, since=at.isoformat()))

    def test_since_in_another_zone(self):
        """RFC 3339: an offset counts."""
        zone = datetime.timezone(datetime.timedelta(hours=5))
        at = datetime.datetime.now(zone) - datetime.timedelta(minutes=5)
        pod = self.ended('echo a')
        self.assertEqual('a\n', self.logs(pod, since=at.isoformat()))

    def test_limit_keeps_the_newest(self):
        """limit_bytes: the newest bytes."""
        pod = self.ended('for i in $(seq 1 100); do echo line $i; done')
        text = self.logs(pod, limit_bytes=18)
        self.assertLessEqual(len(text), 18)
        self.assertTrue(text.endswith('line 100\n'), text)

    def test_many_lines(self):
        pod = self.ended('for i in $(seq 1 3000); do echo $i; done')
        lines = self.logs(pod).splitlines()
        self.assertEqual((3000, '3000'), (len(lines), lines[-1]))
        self.assertEqual(['2999', '3000'],
                         self.logs(pod, tail=2).splitlines())

    def test_previous(self):
        """previous: of the run before the last restart."""
        pod = self.start(self.sh(
            'echo x >> /v/n; n=$(cat /v/n | wc -l); echo run $n; '
            'test $n -lt 3 && exit 1; sleep 3600',
            volumeMounts=[{'name': 'v', 'mountPath': '/v'}]),
            volumes=[{'name': 'v', 'emptyDir': {}}])
        self.wait_for(pod, lambda s: main(s).restart_count == 2
                      and harness.running(s), 'two restarts')
        self.assertEqual('run 3', self.wait_logs(pod, 'run').strip())
        self.assertEqual('run 2', self.logs(pod, previous=True).strip())

    def test_previous_without_a_restart(self):
        """previous raises ContainerNotFound: it was not restarted."""
        pod = self.ended('echo a')
        with self.assertRaises(exceptions.ContainerNotFound):
            self.logs(pod, previous=True)

    def test_of_a_container_that_does_not_exist(self):
        pod = self.ended('echo a')
        with self.assertRaises(exceptions.ContainerNotFound):
            self.logs(pod, 'nobody')

    def test_of_a_container_that_was_not_made_yet(self):
        """logs raises ContainerNotFound: it has not been made yet."""
        pod = self.start(self.sleeper(),
                         initContainers=[self.sleeper('one')])
        self.wait_for(pod, lambda s: harness.running(s, 'one'), 'init runs')
        with self.assertRaises(exceptions.ContainerNotFound):
            self.logs(pod)

    def test_of_an_absent_pod(self):
        """logs raises PodNotFound."""
        pod = self.make(self.sleeper())
        with self.assertRaises(exceptions.PodNotFound):
            self.logs(pod)

    def test_of_a_terminal(self):
        """tty: one stream, unframed."""
        pod = self.ended('echo out; echo err >&2', tty=True)
        self.assertEqual({'out', 'err'}, set(self.logs(pod).split()))
