"""The pod's own securityContext, and the containers' before it."""
from zun_lite.tests.contract import harness

VOLUME = {'name': 'v', 'emptyDir': {}}
MOUNT = {'name': 'v', 'mountPath': '/v'}


class PodSecurity(harness.Case):
    """Kubernetes: "Configure a Security Context for a Pod"."""

    def ids(self, script: str = 'id -u; id -g', *, own=None, **context) -> str:
        more = {'securityContext': own} if own is not None else {}
        return self.output(self.sh(script, **more), securityContext=context)

    def test_user_and_group(self):
        self.assertEqual('1234\n567\n',
                         self.ids(runAsUser=1234, runAsGroup=567))

    def test_every_container(self):
        pod = self.start(
            self.sh('id -u'), self.sh('id -u', 'b'),
            initContainers=[self.sh('id -u', 'one')], restartPolicy='Never',
            securityContext={'runAsUser': 1234})
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual(['1234\n'] * 3, [
            self.logs(pod, name) for name in ('one', 'main', 'b')])

    def test_the_container_goes_first(self):
        self.assertEqual('99\n567\n', self.ids(
            own={'runAsUser': 99}, runAsUser=1234, runAsGroup=567))

    def test_a_container_that_says_something_else(self):
        """Only what it says goes before the pod's."""
        self.assertEqual('1234\n', self.ids(
            'id -u', own={'readOnlyRootFilesystem': True}, runAsUser=1234))

    def test_non_root(self):
        """runAsNonRoot: an image that runs as root is not started."""
        pod = self.start(self.sleeper(),
                         securityContext={'runAsNonRoot': True})
        self.wait_for(pod, lambda s: harness.waiting(s)
                      == 'CreateContainerConfigError', 'the refusal')

    def test_non_root_that_a_container_lifts(self):
        self.assertEqual('0\n', self.ids(
            'id -u', own={'runAsNonRoot': False}, runAsNonRoot=True))

    def test_supplemental_groups(self):
        text = self.ids('id -G', runAsUser=1000, runAsGroup=1000,
                        supplementalGroups=[4000, 5000])
        self.assertLessEqual({'4000', '5000'}, set(text.split()))

    def test_fs_group_is_a_group(self):
        text = self.ids('id -G', runAsUser=1000, runAsGroup=1000,
                        fsGroup=3000)
        self.assertIn('3000', text.split())

    def owned(self, **source) -> str:
        return self.output(
            self.sh('touch /v/x && stat -c %g /v /v/x',
                    volumeMounts=[MOUNT]),
            volumes=[{'name': 'v', 'emptyDir': source}],
            securityContext={'runAsUser': 1000, 'runAsGroup': 1000,
                             'fsGroup': 3000})

    def test_fs_group_owns_volumes(self):
        """fsGroup: volumes belong to it, and so does what is made there."""
        self.assertEqual('3000\n3000\n', self.owned())

    def test_fs_group_owns_volumes_in_memory(self):
        self.assertEqual('3000\n3000\n', self.owned(medium='Memory'))
