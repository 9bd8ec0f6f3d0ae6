"""What a container leaves behind to say why it ended."""
from zun_lite.pod import status
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import main


class Messages(harness.Case):
    """Kubernetes: "Determine the Reason for Pod Failure"."""

    def start(self, *containers, **fields):
        self.needs_field('spec.containers.terminationMessagePath')
        return super().start(*containers, **fields)

    def ended(self, script: str, **fields) -> status.Terminated:
        pod = self.start(self.sh(script, **fields), restartPolicy='Never')
        seen = self.wait_phase(pod, 'Succeeded', 'Failed')
        found = main(seen).state.terminated
        assert found is not None
        return found

    def test_default_path(self):
        self.assertEqual('out of luck', self.ended(
            'printf "out of luck" > /dev/termination-log; exit 3').message)

    def test_of_success(self):
        self.assertEqual('all done', self.ended(
            'printf "all done" > /dev/termination-log').message)

    def test_none(self):
        self.assertIsNone(self.ended('echo only a log; exit 3').message)

    def test_only_a_file(self):
        """terminationMessagePolicy=File: the log does not stand in."""
        self.assertIsNone(self.ended(
            'echo only a log; exit 3',
            terminationMessagePolicy='File').message)

    def test_another_path(self):
        self.assertEqual('elsewhere', self.ended(
            'printf elsewhere > /run/why', terminationMessagePath='/run/why',
        ).message)

    def test_any_user_may_write(self):
        self.assertEqual('me', self.ended(
            'printf me > /dev/termination-log',
            securityContext={'runAsUser': 1000}).message)

    def test_read_only_root(self):
        self.assertEqual('me', self.ended(
            'printf me > /dev/termination-log',
            securityContext={'readOnlyRootFilesystem': True}).message)

    def test_is_cut(self):
        """At most 4096 bytes."""
        found = self.ended('i=0; while [ $i -lt 600 ]; do echo 0123456789; '
                           'i=$((i+1)); done > /dev/termination-log')
        self.assertEqual(4096, len(found.message or ''))

    def test_of_each_run(self):
        """lastState has the message of the run before."""
        pod = self.start(self.sh(
            'test -e /v/x || { touch /v/x; printf first > '
            '/dev/termination-log; exit 1; }; sleep 3600',
            volumeMounts=[{'name': 'v', 'mountPath': '/v'}]),
            volumes=[{'name': 'v', 'emptyDir': {}}])
        seen = self.wait_for(pod, lambda s: main(s).restart_count == 1
                             and harness.running(s), 'the restart')
        ended = main(seen).last_state.terminated
        self.assertEqual('first', ended.message if ended else None)

    def test_logs_on_error(self):
        """FallbackToLogsOnError: the log's end where the file is empty."""
        self.assertIn('the last words', self.ended(
            'echo the last words; exit 3',
            terminationMessagePolicy='FallbackToLogsOnError').message or '')

    def test_logs_are_not_for_success(self):
        self.assertIsNone(self.ended(
            'echo fine', terminationMessagePolicy='FallbackToLogsOnError',
        ).message)

    def test_the_file_goes_before_logs(self):
        self.assertEqual('file', self.ended(
            'echo log; printf file > /dev/termination-log; exit 3',
            terminationMessagePolicy='FallbackToLogsOnError').message)

    def test_outlives_the_agent(self):
        pod = self.start(self.sh('printf kept > /dev/termination-log'),
                         restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.restart_agent()
        seen = self.want(pod) and self.wait_for(
            pod, lambda s: main(s).state.terminated is not None)
        ended = main(seen).state.terminated
        self.assertEqual('kept', ended.message if ended else None)
