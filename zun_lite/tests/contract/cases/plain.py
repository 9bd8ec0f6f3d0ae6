"""The life of a plain container: made, started, stopped, made anew."""
import base64
import time
import typing

from zun_lite.drivers import base
from zun_lite.pod import plain as plain_module
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.cases.plain_case import PlainCase
from zun_lite.tests.contract.cases.plain_case import RAN
from zun_lite.tests.contract.cases.probes import probe
from zun_lite.tests.contract.harness import main
from zun_lite.zun import words

VOLUME = {'volumes': [{'name': 'v', 'emptyDir': {}}]}
MOUNTS = [{'name': 'v', 'mountPath': '/v'}]


class Plain(PlainCase):
    def test_made_and_not_started(self):
        """prepare_pod: Created once nothing is left to do but start it."""
        pod = self.plain(self.sh(RAN), 'created')
        self.wait_phase(pod, 'Created')
        self.assertFalse(harness.running(self.status(pod)))
        pod = self.change(pod, 'running')
        self.wait_running(pod)
        self.ran(pod, 1)

    def test_stop_and_start_keep_its_files(self):
        """The same container is started again."""
        pod = self.plain(self.sh('echo ran; echo x >> /kept; sleep 3600'))
        self.wait_running(pod)
        self.ran(pod, 1)
        before = self.container_id(pod)
        pod = self.change(pod, 'stopped')
        self.wait_phase(pod, 'Stopped')
        self.assertFalse(harness.running(self.status(pod)))
        pod = self.change(pod, 'running')
        self.wait_running(pod)
        self.ran(pod, 2)
        self.assertEqual('x\nx\n', self.exec_sh(pod, 'cat /kept'))
        self.assertEqual(before, self.container_id(pod))

    def test_a_reboot_is_one_restart(self):
        """`restarted` is the generation that ends and starts it."""
        pod = self.plain(self.sh(RAN))
        self.wait_running(pod)
        self.ran(pod, 1)
        before = self.container_id(pod)
        pod = self.reboot(pod)
        self.wait_running(pod)
        self.ran(pod, 2)
        self.assertEqual(before, self.container_id(pod))

    def test_a_reboot_starts_what_is_stopped(self):
        pod = self.plain(self.sh(RAN), 'created')
        self.wait_phase(pod, 'Created')
        pod = self.reboot(pod)
        self.wait_running(pod)
        self.ran(pod, 1)

    def test_a_rebuild_makes_it_anew(self):
        """Its files are the image's; its volumes stay."""
        pod = self.plain(
            self.sh('echo ran; sleep 3600', volumeMounts=MOUNTS),
            fields=VOLUME)
        self.wait_running(pod)
        self.exec_sh(pod, 'echo x > /own; echo y > /v/kept')
        pod = self.rebuild(pod)
        self.wait_running(pod)
        self.assertEqual('y\n', self.exec_sh(
            pod, 'test ! -e /own && cat /v/kept'))

    def test_a_rebuild_of_one_that_does_not_run(self):
        pod = self.plain(self.sh(RAN))
        self.wait_running(pod)
        pod = self.change(pod, 'stopped')
        self.wait_phase(pod, 'Stopped')
        pod = self.rebuild(pod, 'created')
        self.wait_phase(pod, 'Created')
        self.assertFalse(harness.running(self.status(pod)))

    def test_how_it_ends(self):
        """Exit codes; and an ended one is not started again by itself."""
        for code, phase in ((0, 'Succeeded'), (3, 'Failed')):
            with self.subTest(code=code):
                pod = self.plain(self.sh(f'echo ran; exit {code}'))
                seen = self.wait_phase(pod, phase)
                self.assertEqual(code, harness.exit_code(seen))
                self.ran(pod, 1)
                pod = self.change(pod, 'running')
                self.wait_logs(pod, 'ran\nran\n')
                self.wait_phase(pod, phase)

    def test_what_cannot_be_started(self):
        """Failed with StartError; the next start tries again."""
        pod = self.plain(self.container(command=['/no/such/program']))
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('StartError', main(seen).state.terminated.reason)
        pod = self.change(pod, 'running')
        self.wait_phase(pod, 'Failed')

    def test_restarted_so_often(self):
        """`restart_limit`: of the restarts after failures."""
        pod = self.plain(self.sh('echo ran; exit 4'),
                         fields={'restartPolicy': 'OnFailure'},
                         restart_limit=2)
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual(4, harness.exit_code(seen))
        self.assertEqual(2, main(seen).restart_count)
        self.ran(pod, 3)

    def test_restarted_on_failure_only(self):
        pod = self.plain(self.sh('echo ran; exit 0'),
                         fields={'restartPolicy': 'OnFailure'})
        self.wait_phase(pod, 'Succeeded')
        self.ran(pod, 1)

    def test_restarted_always(self):
        for unless_stopped in (False, True):
            with self.subTest(unless_stopped=unless_stopped):
                pod = self.plain(self.sh('echo ran; sleep 0.2'),
                                 fields={'restartPolicy': 'Always'},
                                 unless_stopped=unless_stopped)
                self.wait_logs(pod, 'ran\nran\n')
                self.assertEqual('Running', self.status(pod).phase)
                pod = self.change(pod, 'stopped')
                self.wait_phase(pod, 'Stopped')
                log = self.logs(pod)
                self.steadily(lambda pod=pod, log=log: self.logs(pod) == log,
                              'it is not restarted')

    def test_delete_leaves_nothing(self):
        """In whatever state it is."""
        for desired, phase in (('created', 'Created'), ('running', 'Running'),
                               ('paused', 'Paused'), ('stopped', 'Stopped')):
            with self.subTest(desired=desired):
                first = 'created' if desired == 'created' else 'running'
                pod = self.plain(self.sh(RAN, volumeMounts=MOUNTS), first,
                                 fields=VOLUME)
                self.wait_phase(pod, first.capitalize())
                if desired not in (first, 'running'):
                    pod = self.change(pod, desired)
                self.wait_phase(pod, phase)
                pod = self.delete(pod)
                self.assertEqual([], self.engine.leftovers(pod))
        self.assertEqual([], self.engine.leftovers_of_project(
            self.host, self.project))

    def test_an_end_is_noticed_at_once(self):
        """watch: within a second of the engine's event."""
        took = []
        for _ in range(3):
            pod = self.plain(self.sh(RAN))
            self.wait_running(pod)
            began = time.monotonic()
            self.signal_kill(pod)
            self.wait_phase(pod, 'Failed')
            took.append(time.monotonic() - began)
        self.assertLess(min(took), 1.0)

    def signal_kill(self, pod) -> None:
        typing.cast(base.Signal, self.driver).signal(
            pod.uuid, 'main', 'SIGKILL')

    def test_one_that_goes_when_it_ends(self):
        """`remove`: the engine may remove it; that it ended is told."""
        pod = self.plain(self.sh('exit 0'), remove=True)
        self.wait_phase(pod, 'Succeeded')
        pod = self.delete(pod)
        self.assertEqual([], self.engine.leftovers(pod))

    def test_health(self):
        """Readiness is told; nothing is restarted for it."""
        pod = self.plain(self.sh(
            'touch /tmp/up; echo ran; sleep 3600', readinessProbe=probe(
                'test', '-f', '/tmp/up', failureThreshold=1)))
        self.wait_ready(pod)
        self.exec_sh(pod, 'rm /tmp/up')
        self.wait_for(pod, lambda s: not s.ready, 'unready')
        self.ran(pod, 1)

    def test_files_that_are_put_in(self):
        """`files`: there when it first starts, and again when made anew."""
        content = base64.b64encode(b'\x00bytes\xff\n').decode()
        pod = self.plain(
            self.sh('ls -l /opt/deep/er; echo ran; sleep 3600'), files=(
                plain_module.InjectedFile(path='/opt/deep/er/file',
                                          content=content),))
        self.wait_running(pod)
        for again in (False, True):
            if again:
                self.exec_sh(pod, 'echo > /opt/deep/er/file')
                pod = self.rebuild(pod)
                self.wait_running(pod)
            found = self.exec(pod, 'cat', '/opt/deep/er/file')
            self.assertEqual(b'\x00bytes\xff\n', found.stdout)

    def test_files_whose_content_is_not_known(self):
        """`files` without content: nothing is made, and it says why."""
        pod = self.plain(self.sh('echo ran; sleep 3600'), files=(
            plain_module.InjectedFile(path='/etc/app'),))
        seen = self.wait_for(
            pod, lambda s: s.container_statuses
            and main(s).state.waiting is not None
            and '/etc/app' in (main(s).state.waiting.message or ''),
            'the reason')
        self.assertEqual('Pending', seen.phase)
        self.assertIn(main(seen).state.waiting.reason, words.STUCK)

    def test_started_when_its_neighbours_are_gone(self):
        """Whatever was removed along with the last one that ran."""
        pod, other = self.plain(self.sh(RAN)), self.plain(self.sh(RAN))
        self.wait_running(pod)
        self.wait_running(other)
        pod = self.change(pod, 'stopped')
        self.wait_phase(pod, 'Stopped')
        self.delete(other)
        pod = self.change(pod, 'running')
        seen = self.wait_running(pod)
        self.assertRegex(seen.pod_ip, r'^\d+\.\d+\.\d+\.\d+$')

    def test_a_volume_that_outgrows_its_size(self):
        """Its container is stopped, and told why; a start is a new try."""
        self.needs_field('spec.volumes.emptyDir.sizeLimit')
        pod = self.plain(
            self.sh('test -e /v/big || { dd if=/dev/zero of=/v/big bs=1024 '
                    'count=3000; }; echo ran; sleep 3600',
                    volumeMounts=MOUNTS),
            fields={'volumes': [{'name': 'v', 'emptyDir': {
                'sizeLimit': '1Mi'}}]})
        self.wait_for(pod, lambda s: s.phase == 'Failed'
                      and s.reason == 'Evicted' and not harness.running(s),
                      'Evicted')
