"""Mounts of a part of a volume."""
import typing

from zun_lite.tests.contract import harness

VOLUMES: list[typing.Any] = [{'name': 'v', 'emptyDir': {}}]
MEMORY: list[typing.Any] = [{'name': 'v', 'emptyDir': {'medium': 'Memory'}}]


def mount(path: str = '/v', **fields: typing.Any) -> dict[str, typing.Any]:
    return {'name': 'v', 'mountPath': path, **fields}


class SubPath(harness.Case):
    """Kubernetes documentation, Volumes: Using subPath."""

    def test_is_a_part_of_the_volume(self):
        """What is written there is seen in the whole volume, there."""
        for volumes in VOLUMES, MEMORY:
            with self.subTest(volumes):
                self.assertEqual('a\n', self.output(
                    self.sh('echo a > /s/x; cat /v/sub/x', volumeMounts=[
                        mount('/s', subPath='sub'), mount()]),
                    volumes=volumes))

    def test_is_made(self):
        self.assertEqual('0\n', self.output(
            self.sh('ls -A /s | wc -l', volumeMounts=[
                mount('/s', subPath='deep/down')]), volumes=VOLUMES))

    def test_holds_nothing_else(self):
        self.assertEqual('in\n', self.output(
            self.sh('echo out > /v/out; echo in > /v/sub/in; ls /s',
                    volumeMounts=[mount('/s', subPath='sub'), mount()]),
            volumes=VOLUMES))

    def test_parts_are_apart(self):
        self.assertEqual('a\nb\n', self.output(
            self.sh('echo a > /a/x; echo b > /b/x; cat /a/x /b/x',
                    volumeMounts=[mount('/a', subPath='a'),
                                  mount('/b', subPath='b')]),
            volumes=VOLUMES))

    def test_a_part_of_a_part(self):
        self.assertEqual('x\nx\n', self.output(
            self.sh('echo x > /ab/x; cat /a/b/x /v/a/b/x',
                    volumeMounts=[mount('/ab', subPath='a/b'),
                                  mount('/a', subPath='a/'), mount()]),
            volumes=VOLUMES))

    def test_shared_by_containers(self):
        pod = self.start(
            self.sh('cat /s/x', volumeMounts=[mount('/s', subPath='sub')]),
            initContainers=[self.sh(
                'mkdir -p /v/sub; echo prepared > /v/sub/x', 'one',
                volumeMounts=[mount()])],
            volumes=VOLUMES, restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('prepared\n', self.logs(pod))

    def test_any_user_may_write(self):
        self.assertEqual('1000\n', self.output(self.sh(
            'id -u > /s/x; cat /s/x',
            volumeMounts=[mount('/s', subPath='sub')],
            securityContext={'runAsUser': 1000}), volumes=VOLUMES))

    def test_read_only(self):
        text = self.output(self.sh(
            'touch /s/y 2>&1; echo code $?',
            volumeMounts=[mount('/s', subPath='sub', readOnly=True)]),
            volumes=VOLUMES)
        self.assertIn('Read-only', text)

    def test_read_only_whole(self):
        text = self.output(self.sh(
            'echo 1 > /s/x; cat /v/sub/x; touch /v/sub/y 2>&1; true',
            volumeMounts=[mount('/s', subPath='sub'), mount(readOnly=True)]),
            volumes=VOLUMES)
        self.assertRegex(text, r'^1\n.*Read-only')

    def test_lives_over_restarts(self):
        pod = self.start(
            self.sh('echo x >> /s/n; cat /s/n | wc -l; exit 1',
                    volumeMounts=[mount('/s', subPath='sub')]),
            volumes=VOLUMES)
        self.wait_for(pod, lambda s: harness.main(s).restart_count >= 2
                      and harness.waiting(s) == 'CrashLoopBackOff')
        self.assertGreaterEqual(int(self.logs(pod)), 3)

    def test_a_link_leads_nowhere(self):
        """A link in the volume does not open the host to the pod."""
        pod = self.start(
            self.sh('ls /s/etc/shadow /s/var/lib 2>&1; true',
                    volumeMounts=[mount('/s', subPath='sub')]),
            initContainers=[self.sh(
                'rmdir /v/sub; ln -s / /v/sub; true', 'one',
                volumeMounts=[mount()])],
            volumes=VOLUMES, restartPolicy='Never')
        self.wait_for(pod, lambda s: s.phase in ('Succeeded', 'Failed')
                      or bool(harness.waiting(s)))
        if self.status(pod).phase == 'Succeeded':
            self.assertIn('No such file', self.logs(pod))
