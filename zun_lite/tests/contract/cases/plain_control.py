"""Freezing, signalling, resizing plain containers, and images of them."""
import io
import tarfile
import typing
import uuid

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.pod import states
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.cases.plain_case import PlainCase
from zun_lite.tests.contract.cases.plain_case import RAN

TRAPS = 'trap "echo told" USR1; echo up; while true; do sleep 0.1; done'


class PlainControl(PlainCase):
    def test_frozen(self):
        """pause_pod: the processes stand still; ensure_pod thaws them."""
        self.needs(states.Action.PAUSE)
        pod = self.plain(self.sh('while true; do echo up; sleep 0.1; done'))
        self.wait_logs(pod, 'up')
        before = self.container_id(pod)
        pod = self.change(pod, 'paused')
        self.wait_phase(pod, 'Paused')
        log = self.logs(pod)
        self.steadily(lambda: self.logs(pod) == log, 'it is frozen')
        pod = self.change(pod, 'running')
        self.wait_running(pod)
        self.eventually(lambda: len(self.logs(pod)) > len(log), 'it goes on')
        self.assertEqual(before, self.container_id(pod))

    def test_frozen_twice(self):
        self.needs(states.Action.PAUSE)
        pod = self.plain(self.sh(RAN))
        self.wait_running(pod)
        for _ in range(2):
            pod = self.change(pod, 'paused')
            self.wait_phase(pod, 'Paused')

    def test_what_has_ended_is_not_frozen(self):
        self.needs(states.Action.PAUSE)
        pod = self.plain(self.sh('exit 5'))
        self.wait_phase(pod, 'Failed')
        pod = self.change(pod, 'paused')
        self.assertEqual(5, harness.exit_code(self.wait_phase(pod,
                                                              'Failed')))

    def test_frozen_and_stopped(self):
        """Stopping thaws."""
        self.needs(states.Action.PAUSE)
        pod = self.plain(self.sh(RAN))
        self.wait_running(pod)
        pod = self.change(pod, 'paused')
        self.wait_phase(pod, 'Paused')
        pod = self.change(pod, 'stopped')
        self.wait_phase(pod, 'Stopped')
        self.assertFalse(harness.running(self.status(pod)))

    def signal(self, pod, name: str) -> None:
        typing.cast(base.Signal, self.driver).signal(pod.uuid, 'main', name)

    def test_a_signal(self):
        """signal: sent to the first process."""
        self.needs(states.Action.SIGNAL)
        pod = self.plain(self.sh(TRAPS))
        self.wait_logs(pod, 'up')
        self.signal(pod, 'SIGUSR1')
        self.wait_logs(pod, 'told')
        self.signal(pod, 'SIGKILL')
        self.assertEqual(137, harness.exit_code(self.wait_phase(pod,
                                                                'Failed')))
        with self.assertRaises(exceptions.Conflict):
            self.signal(pod, 'SIGUSR1')

    def test_no_container_to_signal(self):
        self.needs(states.Action.SIGNAL)
        with self.assertRaises(exceptions.PodNotFound):
            typing.cast(base.Signal, self.driver).signal(
                str(uuid.uuid4()), 'main', 'SIGTERM')

    def test_other_amounts(self):
        """update: while it goes on."""
        self.needs(states.Action.RESIZE)
        pod = self.plain(self.sh(RAN))
        self.wait_running(pod)
        before = self.container_id(pod)
        driver = typing.cast(base.Update, self.driver)
        driver.update(pod.uuid, 'main', cpu_millis=200,
                      memory_bytes=64 * 2**20)
        driver.update(pod.uuid, 'main', cpu_millis=None,
                      memory_bytes=128 * 2**20)
        self.assertEqual(before, self.container_id(pod))
        self.ran(pod, 1)
        with self.assertRaises(exceptions.ContainerNotFound):
            driver.update(pod.uuid, 'other', cpu_millis=1,
                          memory_bytes=None)

    def test_an_image_of_it(self):
        """commit: what it wrote is in the image; also once it has ended."""
        self.needs(states.Action.COMMIT)
        driver = typing.cast(base.Commit, self.driver)
        for end in ('sleep 3600', 'exit 0'):
            with self.subTest(end=end):
                pod = self.plain(self.sh(f'echo mine > /own; echo up; {end}'))
                self.wait_logs(pod, 'up')
                name = f'zun-lite/committed-{uuid.uuid4().hex[:8]}'
                made = driver.commit(pod.uuid, 'main', name, 'one')
                self.assertRegex(made, r'^sha256:[0-9a-f]{64}$')
                try:
                    self.check_image(f'{name}:one')
                finally:
                    typing.cast(base.Images, self.driver).remove_image(
                        f'{name}:one')

    def test_an_image_does_not_pause(self):
        """commit: an engine may freeze it meanwhile; nobody asked for that."""
        self.needs(states.Action.COMMIT)
        pod = self.plain(self.sh(
            'dd if=/dev/urandom of=/own bs=1M count=200; echo up; '
            'sleep 3600'))
        self.wait_logs(pod, 'up')
        self.wait_running(pod)
        before = len(self.agent.collector.history(pod.uuid))
        name = f'zun-lite/committed-{uuid.uuid4().hex[:8]}'
        typing.cast(base.Commit, self.driver).commit(
            pod.uuid, 'main', name, 'one')
        typing.cast(base.Images, self.driver).remove_image(f'{name}:one')
        self.steadily(lambda: self.status(pod).ready, 'it runs')
        since = self.agent.collector.history(pod.uuid)[before:]
        self.assertNotIn('Paused', [status.phase for status in since])

    def check_image(self, image: str) -> None:
        pod = self.plain({'name': 'main', 'image': image,
                          'command': ['cat', '/own']})
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('mine\n', self.logs(pod))
        self.delete(pod)

    def test_an_image_that_cannot_be_called_so(self):
        self.needs(states.Action.COMMIT)
        pod = self.plain(self.sh(RAN))
        self.wait_running(pod)
        with self.assertRaises(exceptions.Invalid):
            typing.cast(base.Commit, self.driver).commit(
                pod.uuid, 'main', 'UPPER case', 'one')

    def test_files_of_one_that_does_not_run(self):
        """get_archive and put_archive: made, frozen or ended."""
        self.needs(states.Action.COPY)
        driver = typing.cast(base.Copy, self.driver)
        for desired in ('created', 'paused', 'stopped'):
            with self.subTest(desired=desired):
                first = 'created' if desired == 'created' else 'running'
                pod = self.plain(self.sh(RAN), first)
                self.wait_phase(pod, first.capitalize())
                if desired != first:
                    pod = self.change(pod, desired)
                    self.wait_phase(pod, desired.capitalize())
                driver.put_archive(pod.uuid, 'main', '/root',
                                   iter([_archive('put', b'content')]))
                with driver.get_archive(pod.uuid, 'main',
                                        '/root/put') as found:
                    packed = b''.join(found)
                with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                    self.assertEqual(
                        b'content', archive.extractfile('put').read())


def _archive(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w') as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
