"""Configs and secrets, in environments and files."""
import base64
import typing

from zun_lite.pod import spec
from zun_lite.pod.supplies import Supplies
from zun_lite.tests.contract import harness

Texts = dict[str, dict[str, str]]
MOUNT = {'name': 'v', 'mountPath': '/v'}


def encoded(objects: Texts) -> dict[str, dict[str, str]]:
    return {name: {key: base64.b64encode(value.encode()).decode()
                   for key, value in entries.items()}
            for name, entries in objects.items()}


class Given(harness.Case):
    """Pods that come with their configs and secrets."""

    def given(self, pod: spec.Pod, configs: Texts | None = None,
              secrets: Texts | None = None) -> spec.Pod:
        """The pod as the conductor hands it over."""
        return pod.model_copy(update={'supplies': Supplies(
            configs=encoded(configs or {}), secrets=encoded(secrets or {}))})

    def ran(self, *containers: typing.Any, configs: Texts | None = None,
            secrets: Texts | None = None, **fields: typing.Any) -> str:
        pod = self.given(self.make(*containers, restartPolicy='Never',
                                   **fields), configs, secrets)
        self.want(pod)
        self.wait_phase(pod, 'Succeeded')
        return self.logs(pod)

    def files(self, script: str, source: typing.Any,
              **more: typing.Any) -> str:
        return self.ran(self.sh(script, volumeMounts=[MOUNT]),
                        volumes=[{'name': 'v', **source}], **more)


class Supplied(Given):
    """Kubernetes: "Configure a Pod to Use a ConfigMap", "Secrets"."""

    # Environment

    def test_config_key(self):
        self.assertEqual('blue\n', self.ran(self.sh(
            'echo $X', env=[{'name': 'X', 'valueFrom': {'configMapKeyRef': {
                'name': 'app', 'key': 'colour'}}}]),
            configs={'app': {'colour': 'blue'}}))

    def test_secret_key(self):
        self.assertEqual('hidden $(A)\n', self.ran(self.sh(
            'echo "$X"', env=[
                {'name': 'A', 'value': '1'},
                {'name': 'X', 'valueFrom': {'secretKeyRef': {
                    'name': 'key', 'key': 'k'}}}]),
            secrets={'key': {'k': 'hidden $(A)'}}))

    def test_every_key(self):
        text = self.ran(self.sh('env', env=[{'name': 'B', 'value': 'own'}],
                                envFrom=[
            {'configMapRef': {'name': 'app'}},
            {'prefix': 'S_', 'secretRef': {'name': 'key'}}]),
            configs={'app': {'A': '1', 'B': '2'}},
            secrets={'key': {'x': 'y'}})
        self.assertLessEqual({'A=1', 'B=own', 'S_x=y'},
                             set(text.splitlines()))

    def test_optional(self):
        none = {'name': 'none', 'optional': True}
        text = self.ran(self.sh(
            'env; echo end', env=[
                {'name': 'X', 'valueFrom': {
                    'configMapKeyRef': {**none, 'key': 'k'}}},
                {'name': 'Y', 'valueFrom': {
                    'secretKeyRef': {**none, 'key': 'k'}}}],
            envFrom=[{'configMapRef': none}, {'secretRef': none}]))
        self.assertIn('end', text)
        self.assertNotRegex(text, '(?m)^[XY]=')

    def test_what_is_not_there(self):
        """The pod waits, says for what, and goes on when it is there."""
        pod = self.given(self.make(self.sh(
            'echo $X', env=[{'name': 'X', 'valueFrom': {'configMapKeyRef': {
                'name': 'later', 'key': 'k'}}}]), restartPolicy='Never'))
        self.want(pod)
        seen = self.wait_for(pod, lambda s: harness.waiting(s)
                             == 'CreateContainerConfigError', 'the wait')
        self.assertEqual('Pending', seen.phase)
        self.assertIn('later', seen.message or '')
        pod = self.want(self.given(pod, {'later': {'k': 'here'}}))
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('here\n', self.logs(pod))

    def test_a_key_that_is_not_there(self):
        pod = self.given(self.make(self.sleeper(env=[{
            'name': 'X', 'valueFrom': {'configMapKeyRef': {
                'name': 'app', 'key': 'other'}}}])), {'app': {'k': 'v'}})
        self.want(pod)
        self.wait_for(pod, lambda s: harness.waiting(s)
                      == 'CreateContainerConfigError', 'the wait')

    # Files

    def test_config_files(self):
        self.assertEqual('blue\n2\n', self.files(
            'cat /v/colour; echo; ls /v | wc -l',
            {'configMap': {'name': 'app'}},
            configs={'app': {'colour': 'blue', 'size': 'big'}}))

    def test_secret_files(self):
        self.assertEqual('hidden', self.files(
            'cat /v/k', {'secret': {'secretName': 'key'}},
            secrets={'key': {'k': 'hidden'}}))

    def test_secrets_are_in_memory(self):
        self.assertRegex(self.files(
            "grep ' /v ' /proc/mounts", {'secret': {'secretName': 'key'}},
            secrets={'key': {'k': 'hidden'}}), '^tmpfs')

    def test_items(self):
        self.assertEqual('blue\nno\n', self.files(
            'cat /v/etc/a/c; echo; test -e /v/size || echo no',
            {'configMap': {'name': 'app', 'items': [
                {'key': 'colour', 'path': 'etc/a/c'}]}},
            configs={'app': {'colour': 'blue', 'size': 'big'}}))

    def test_modes(self):
        self.assertEqual('400\n644\n', self.files(
            'stat -Lc %a /v/a /v/b', {'configMap': {
                'name': 'app', 'items': [
                    {'key': 'k', 'path': 'a', 'mode': 0o400},
                    {'key': 'k', 'path': 'b'}]}},
            configs={'app': {'k': 'v'}}))

    def test_default_modes(self):
        self.assertEqual('600\n440\n', self.ran(
            self.sh('stat -Lc %a /v/k /w/k', volumeMounts=[
                MOUNT, {'name': 'w', 'mountPath': '/w'}]),
            volumes=[
                {'name': 'v', 'secret': {
                    'secretName': 'key', 'defaultMode': 0o600}},
                {'name': 'w', 'configMap': {
                    'name': 'app', 'defaultMode': 0o440}}],
            configs={'app': {'k': 'v'}}, secrets={'key': {'k': 'v'}}))

    def test_items_of_secrets(self):
        self.assertEqual('hidden\n400\n600\n', self.files(
            'cat /v/a/x; echo; stat -Lc %a /v/a/x /v/b', {'secret': {
                'secretName': 'key', 'defaultMode': 0o600, 'items': [
                    {'key': 'k', 'path': 'a/x', 'mode': 0o400},
                    {'key': 'k', 'path': 'b'}]}},
            secrets={'key': {'k': 'hidden'}}))

    def test_nobody_may_write(self):
        text = self.files(
            'touch /v/x 2>&1; echo code $?', {'configMap': {'name': 'app'}},
            configs={'app': {'k': 'v'}})
        self.assertIn('Read-only', text)

    def test_fs_group_may_read(self):
        self.assertEqual('3000\nv', self.ran(
            self.sh('stat -Lc %g /v/k; cat /v/k', volumeMounts=[MOUNT]),
            volumes=[{'name': 'v', 'secret': {
                'secretName': 'key', 'defaultMode': 0o400}}],
            securityContext={'runAsUser': 1000, 'runAsGroup': 1000,
                             'fsGroup': 3000},
            secrets={'key': {'k': 'v'}}))

    def test_a_single_file(self):
        """subPath: one file, where other files are."""
        self.assertEqual('blue\nyes\n', self.ran(self.sh(
            'cat /etc/colour; echo; test -e /etc/passwd && echo yes',
            volumeMounts=[{'name': 'v', 'mountPath': '/etc/colour',
                           'subPath': 'colour'}]),
            volumes=[{'name': 'v', 'configMap': {'name': 'app'}}],
            configs={'app': {'colour': 'blue'}}))

    def test_optional_files(self):
        for source in ({'secret': {'secretName': 'none', 'optional': True}},
                       {'configMap': {'name': 'none', 'optional': True}}):
            with self.subTest(source):
                self.assertEqual('0\n', self.files('ls /v | wc -l', source))

    def test_files_that_are_not_there(self):
        pod = self.given(self.make(
            self.sh('cat /v/k', volumeMounts=[MOUNT]), restartPolicy='Never',
            volumes=[{'name': 'v', 'configMap': {'name': 'later'}}]))
        self.want(pod)
        self.wait_for(pod, lambda s: s.phase == 'Pending'
                      and bool(harness.waiting(s)), 'the wait')
        pod = self.want(self.given(pod, {'later': {'k': 'here'}}))
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('here', self.logs(pod))

    def test_files_follow_changes(self):
        """Files follow, what is gone is gone; environments stay."""
        pod = self.given(self.make(
            self.sleeper(volumeMounts=[MOUNT], env=[{
                'name': 'X', 'valueFrom': {'configMapKeyRef': {
                    'name': 'app', 'key': 'k'}}}]),
            volumes=[{'name': 'v', 'configMap': {'name': 'app'}}]),
            {'app': {'k': 'one', 'old': 'x'}})
        self.want(pod)
        self.wait_ready(pod)
        for value in 'two', 'three':
            pod = self.want(self.given(pod, {'app': {
                'k': value, 'new': 'y'}}))
            self.eventually(lambda p=pod, v=value: self.exec_sh(
                p, 'cat /v/k') == v, 'the change', timeout_s=120)
        self.assertEqual('y\ngone\none\n', self.exec_sh(
            pod, 'cat /v/new; echo; test -e /v/old || echo gone; echo $X'))

    def test_files_stay_for_the_next_run(self):
        pod = self.given(self.make(
            self.sh('cat /v/k; exit 1', volumeMounts=[MOUNT]),
            volumes=[{'name': 'v', 'secret': {'secretName': 'key'}}]),
            secrets={'key': {'k': 'kept'}})
        self.want(pod)
        self.wait_for(pod, lambda s: harness.main(s).restart_count >= 1
                      and bool(harness.waiting(s)), 'a restart')
        self.assertEqual('kept', self.logs(pod))

    def test_another_agent_keeps_the_files(self):
        pod = self.given(self.make(
            self.sleeper(volumeMounts=[MOUNT]),
            volumes=[{'name': 'v', 'secret': {'secretName': 'key'}}]),
            secrets={'key': {'k': 'kept'}})
        self.want(pod)
        self.wait_ready(pod)
        self.restart_agent()
        self.want(pod)
        self.wait_ready(pod)
        self.assertEqual('kept', self.exec_sh(pod, 'cat /v/k'))
