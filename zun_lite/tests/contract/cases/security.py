"""securityContext, as seen from inside."""
import typing

from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import waiting

BITS = {'CHOWN': 0, 'KILL': 5, 'NET_ADMIN': 12, 'NET_RAW': 13,
        'SYS_ADMIN': 21, 'SYS_TIME': 25}


class Security(harness.Case):
    def out(self, script: str, **context: typing.Any) -> str:
        return self.output(self.sh(script, securityContext=context)).strip()

    def bounding(self, **context: typing.Any) -> int:
        text = self.out('grep CapBnd /proc/self/status', **context)
        return int(text.split()[1], 16)

    def has(self, bits: int, name: str) -> bool:
        return bool(bits >> BITS[name] & 1)

    # Root file system

    def test_read_only_root(self):
        """readOnlyRootFilesystem: the root cannot be written."""
        text = self.out('touch /root/x 2>&1; echo code $?',
                        readOnlyRootFilesystem=True)
        self.assertIn('Read-only file system', text)
        self.assertIn('code 1', text)

    def test_writable_root_by_default(self):
        self.assertEqual('code 0', self.out('touch /root/x; echo code $?'))

    def test_volumes_on_a_read_only_root(self):
        """Volumes stay writable on a read-only root."""
        self.assertEqual('x\n', self.output(
            self.sh('echo x > /v/x; cat /v/x',
                    volumeMounts=[{'name': 'v', 'mountPath': '/v'}],
                    securityContext={'readOnlyRootFilesystem': True}),
            volumes=[{'name': 'v', 'emptyDir': {}}]))

    # Users

    def test_root_by_default(self):
        """The image's user; root where it names none."""
        self.assertEqual('0 0', self.out('echo $(id -u) $(id -g)'))

    def test_run_as_user(self):
        """runAsUser: the process's user."""
        self.assertEqual('1001', self.out('id -u', runAsUser=1001))

    def test_run_as_user_and_group(self):
        self.assertEqual('1001 2002', self.out(
            'echo $(id -u) $(id -g)', runAsUser=1001, runAsGroup=2002))

    def test_run_as_group_alone(self):
        """runAsGroup without runAsUser: the image's user stays."""
        self.assertEqual('0 2002', self.out('echo $(id -u) $(id -g)',
                                            runAsGroup=2002))

    def test_user_of_the_image(self):
        self.assertEqual('1234\n', self.output({
            'name': 'main', 'image': self.engine.entry_image,
            'command': ['id', '-u']}))

    def test_run_as_user_overrides_the_image(self):
        self.assertEqual('7\n', self.output({
            'name': 'main', 'image': self.engine.entry_image,
            'command': ['id', '-u'], 'securityContext': {'runAsUser': 7}}))

    def test_user_may_not_write_to_the_root(self):
        text = self.out('touch /etc/x 2>&1; echo code $?', runAsUser=1001)
        self.assertIn('Permission denied', text)

    def test_exec_has_the_user(self):
        pod = self.start(self.sleeper(securityContext={'runAsUser': 1001}))
        self.wait_ready(pod)
        self.assertEqual('1001\n', self.exec_sh(pod, 'id -u'))

    # runAsNonRoot

    def refused_to_run(self, image: str, **context: typing.Any) -> None:
        pod = self.start({'name': 'main', 'image': image,
                          'command': ['sleep', '3600'],
                          'securityContext': {'runAsNonRoot': True,
                                              **context}})
        seen = self.wait_for(
            pod, lambda s: waiting(s).startswith('CreateContainer'),
            'a CreateContainer… reason')
        self.assertIn('root', harness.main(seen).state.waiting.message)
        self.assertEqual('Pending', seen.phase)
        self.assertFalse(self.ever(pod, harness.running))

    def test_non_root_with_a_root_image(self):
        """runAsNonRoot: the container fails to start as root."""
        self.refused_to_run(self.engine.image)

    def test_non_root_with_a_named_user(self):
        """runAsNonRoot: a user by name cannot be verified."""
        self.refused_to_run(self.engine.named_user_image)

    def test_non_root_with_a_numeric_user(self):
        self.assertEqual('1234\n', self.output({
            'name': 'main', 'image': self.engine.entry_image,
            'command': ['id', '-u'],
            'securityContext': {'runAsNonRoot': True}}))

    def test_non_root_with_run_as_user(self):
        self.assertEqual('5', self.out('id -u', runAsNonRoot=True,
                                       runAsUser=5))

    # Capabilities

    def test_default_capabilities(self):
        """Neither none nor all."""
        bits = self.bounding()
        self.assertTrue(self.has(bits, 'CHOWN'))
        self.assertFalse(self.has(bits, 'SYS_ADMIN'))

    def test_drop_all(self):
        """capabilities.drop ALL."""
        self.assertEqual(0, self.bounding(capabilities={'drop': ['ALL']}))

    def test_drop_one(self):
        bits = self.bounding(capabilities={'drop': ['CHOWN']})
        self.assertFalse(self.has(bits, 'CHOWN'))
        self.assertTrue(self.has(bits, 'KILL'))

    def test_add_one(self):
        bits = self.bounding(capabilities={'add': ['NET_ADMIN']})
        self.assertTrue(self.has(bits, 'NET_ADMIN'))
        self.assertFalse(self.has(bits, 'SYS_ADMIN'))

    def test_drop_all_and_add_one(self):
        bits = self.bounding(capabilities={'drop': ['ALL'],
                                           'add': ['SYS_TIME']})
        self.assertEqual(1 << BITS['SYS_TIME'], bits)

    def test_capabilities_are_per_container(self):
        script = 'grep CapBnd /proc/self/status'
        pod = self.start(
            self.sh(script, securityContext={
                'capabilities': {'drop': ['ALL']}}),
            self.sh(script, 'b'), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual(0, int(self.logs(pod).split()[1], 16))
        self.assertNotEqual(0, int(self.logs(pod, 'b').split()[1], 16))

    def test_privileged(self):
        """privileged: every capability; an engine that has not all of
        them itself cannot start such a container, and says so."""
        if self.engine.has_every_capability:
            bits = self.bounding(privileged=True)
            self.assertTrue(all(self.has(bits, name) for name in BITS))
            return
        pod = self.start(self.sleeper(securityContext={'privileged': True}),
                         restartPolicy='Never')
        seen = self.wait_phase(pod, 'Failed')
        self.assertRegex(seen.message, 'caps|permitted')

    # Escalation

    def test_no_new_privileges(self):
        """allowPrivilegeEscalation false sets no_new_privs."""
        self.assertEqual('NoNewPrivs:\t1', self.out(
            'grep NoNewPrivs /proc/self/status',
            allowPrivilegeEscalation=False))

    def test_new_privileges_by_default(self):
        self.assertEqual('NoNewPrivs:\t0', self.out(
            'grep NoNewPrivs /proc/self/status'))
