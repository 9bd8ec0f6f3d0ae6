"""emptyDir volumes and their mounts."""
import typing

from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import main
from zun_lite.tests.contract.harness import waiting

Doc = dict[str, typing.Any]


def volume(name: str = 'v', **empty_dir: typing.Any) -> Doc:
    return {'name': name, 'emptyDir': empty_dir}


def mount(path: str = '/v', name: str = 'v', **fields: typing.Any) -> Doc:
    return {'name': name, 'mountPath': path, **fields}


class Volumes(harness.Case):
    def test_shared_by_containers(self):
        """emptyDir: all containers of the pod see the same files."""
        pod = self.start(
            self.sh('echo hello > /v/x; sleep 3600', volumeMounts=[mount()]),
            self.sh('until cat /w/x; do sleep 0.1; done; sleep 3600', 'b',
                    volumeMounts=[mount('/w')]),
            volumes=[volume()])
        self.wait_logs(pod, 'hello', 'b')

    def test_passed_on_by_init_containers(self):
        pod = self.start(
            self.sh('cat /v/x', volumeMounts=[mount()]),
            initContainers=[self.sh('echo prepared > /v/x', 'one',
                                    volumeMounts=[mount()])],
            volumes=[volume()], restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('prepared\n', self.logs(pod))

    def test_empty_at_first(self):
        """emptyDir: initially empty, whatever the image has there."""
        self.assertEqual('0\n', self.output(
            self.sh('ls /v | wc -l', volumeMounts=[mount()]),
            volumes=[volume()]))

    def test_hides_what_the_image_has(self):
        """A mount hides the image's files; nothing is copied into it."""
        self.assertEqual('0\n', self.output(
            {'name': 'main', 'image': self.engine.entry_image,
             'command': ['sh', '-c', 'ls /srv | wc -l'],
             'volumeMounts': [mount('/srv')]}, volumes=[volume()]))

    def test_lives_over_restarts(self):
        """emptyDir: a container's crash does not remove it."""
        pod = self.start(
            self.sh('echo x >> /v/n; cat /v/n | wc -l; exit 1',
                    volumeMounts=[mount()]), volumes=[volume()])
        self.wait_for(pod, lambda s: main(s).restart_count >= 2
                      and waiting(s) == 'CrashLoopBackOff', 'restarts')
        self.assertGreaterEqual(int(self.logs(pod)), 3)

    def test_is_each_pods_own(self):
        first = self.start(self.sh('echo 1 > /v/x; sleep 3600',
                                   volumeMounts=[mount()]),
                           volumes=[volume()])
        self.wait_ready(first)
        self.assertEqual('0\n', self.output(
            self.sh('ls /v | wc -l', volumeMounts=[mount()]),
            volumes=[volume()]))

    def test_two_volumes_are_two(self):
        self.assertEqual('a\nb\n', self.output(self.sh(
            'echo a > /a/x; echo b > /b/x; cat /a/x /b/x',
            volumeMounts=[mount('/a', 'a'), mount('/b', 'b')]),
            volumes=[volume('a'), volume('b')]))

    def test_one_volume_at_two_places(self):
        self.assertEqual('same\n', self.output(self.sh(
            'echo same > /a/x; cat /b/x',
            volumeMounts=[mount('/a'), mount('/b')]), volumes=[volume()]))

    def test_mount_inside_a_mount(self):
        self.assertEqual('in\nout\n', self.output(self.sh(
            'echo out > /a/x; echo in > /a/b/x; cat /a/b/x /a/x',
            volumeMounts=[mount('/a/b', 'b'), mount('/a', 'a')]),
            volumes=[volume('a'), volume('b')]))

    def test_read_only_mount(self):
        """readOnly: this container cannot write; others can."""
        pod = self.start(
            self.sh('until test -f /v/x; do sleep 0.1; done; '
                    'touch /v/y 2>&1; echo code $?; sleep 3600',
                    volumeMounts=[mount(readOnly=True)]),
            self.sh('echo 1 > /v/x; sleep 3600', 'writer',
                    volumeMounts=[mount()]), volumes=[volume()])
        text = self.wait_logs(pod, 'code')
        self.assertIn('code 1', text)
        self.assertIn('Read-only', text)

    def test_any_user_may_write(self):
        """emptyDir: mode 0777."""
        self.assertEqual('1000\n', self.output(self.sh(
            'id -u > /v/x; cat /v/x', volumeMounts=[mount()],
            securityContext={'runAsUser': 1000}), volumes=[volume()]))

    # Memory

    def mounts(self, **empty_dir) -> str:
        return self.output(
            self.sh("grep ' /v ' /proc/mounts", volumeMounts=[mount()]),
            volumes=[volume(**empty_dir)])

    def test_memory_is_tmpfs(self):
        """medium Memory: a tmpfs."""
        self.assertRegex(self.mounts(medium='Memory'), r'^tmpfs /v tmpfs')

    def test_disk_is_not_tmpfs(self):
        self.assertNotIn('tmpfs', self.mounts())

    def test_memory_has_the_size(self):
        """sizeLimit of a Memory volume is the size of the tmpfs."""
        self.assertIn('size=16384k', self.mounts(
            medium='Memory', sizeLimit='16Mi'))

    def test_memory_that_is_full(self):
        """A full tmpfs refuses more; the pod is not harmed."""
        text = self.output(self.sh(
            'dd if=/dev/zero of=/v/x bs=1M count=8 2>&1; echo code $?',
            volumeMounts=[mount()]),
            volumes=[volume(medium='Memory', sizeLimit='4Mi')])
        self.assertIn('No space left', text)
        self.assertIn('code 1', text)

    def test_memory_is_shared(self):
        pod = self.start(
            self.sh('echo hello > /v/x; sleep 3600', volumeMounts=[mount()]),
            self.sh('until cat /v/x; do sleep 0.1; done; sleep 3600', 'b',
                    volumeMounts=[mount()]),
            volumes=[volume(medium='Memory')])
        self.wait_logs(pod, 'hello', 'b')

    def test_memory_lives_over_restarts(self):
        pod = self.start(
            self.sh('echo x >> /v/n; cat /v/n | wc -l; exit 1',
                    volumeMounts=[mount()]),
            volumes=[volume(medium='Memory')])
        self.wait_for(pod, lambda s: main(s).restart_count >= 2
                      and waiting(s) == 'CrashLoopBackOff', 'restarts')
        self.assertGreaterEqual(int(self.logs(pod)), 3)

    # Limits on disk

    def test_size_limit_evicts(self):
        """sizeLimit on disk: a pod that exceeds it is evicted."""
        pod = self.start(
            self.sh('dd if=/dev/zero of=/v/x bs=1M count=8; sleep 3600',
                    volumeMounts=[mount()]),
            volumes=[volume(sizeLimit='2Mi')])
        seen = self.wait_phase(pod, 'Failed')
        self.assertEqual('Evicted', seen.reason)
        self.assertIn('v', seen.message)
        self.assertFalse(harness.running(self.wait_for(
            pod, lambda s: not harness.running(s), 'ended')))

    def test_evicted_stays_evicted(self):
        """An evicted pod is not restarted, whatever its policy."""
        pod = self.start(
            self.sh('dd if=/dev/zero of=/v/x bs=1M count=8; sleep 3600',
                    volumeMounts=[mount()]),
            volumes=[volume(sizeLimit='2Mi')])
        self.wait_phase(pod, 'Failed')
        self.want(pod)
        self.steadily(lambda: self.status(pod).phase == 'Failed', 'failed')

    def test_within_the_limit_nothing_happens(self):
        pod = self.start(
            self.sh('dd if=/dev/zero of=/v/x bs=1M count=1; sleep 3600',
                    volumeMounts=[mount()]),
            volumes=[volume(sizeLimit='4Mi')])
        self.wait_ready(pod)
        self.steadily(lambda: self.status(pod).phase == 'Running',
                      'running', 2)

    # /dev/shm

    def test_shared_memory_is_the_pods(self):
        """Containers of a pod share IPC, and with it /dev/shm."""
        pod = self.start(
            self.sh('echo hello > /dev/shm/x; sleep 3600'),
            self.sh('until cat /dev/shm/x; do sleep 0.1; done; sleep 3600',
                    'b'))
        self.wait_logs(pod, 'hello', 'b')
