"""What a pod is, in files, and beside configs and secrets."""
from zun_lite.pod import spec
from zun_lite.tests.contract import documents
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.cases.supplied import Given
from zun_lite.tests.contract.cases.supplied import MOUNT


def item(path: str, field: str, **more: int) -> documents.Doc:
    return {'path': path, 'fieldRef': {
        'apiVersion': 'v1', 'fieldPath': field}, **more}


def amount(path: str, **more: int) -> documents.Doc:
    """The container's limit of memory, in MiB."""
    return {'path': path, 'resourceFieldRef': {
        'containerName': 'main', 'resource': 'limits.memory',
        'divisor': '1Mi'}, **more}


class OwnFiles(Given):
    """Kubernetes: "Downward API", "Projected Volumes"."""

    def test_own_files(self):
        pod = self.make(
            self.sh('cat /v/name /v/labels /v/mem', volumeMounts=[MOUNT],
                    resources={'limits': {'memory': '64Mi'}}),
            restartPolicy='Never', name='me',
            volumes=[{'name': 'v', 'downwardAPI': {'items': [
                {'path': 'name', 'fieldRef': {'fieldPath': 'metadata.name'}},
                {'path': 'labels', 'fieldRef': {
                    'fieldPath': "metadata.labels['tier']"}},
                {'path': 'mem', 'resourceFieldRef': {
                    'containerName': 'main', 'resource': 'limits.memory',
                    'divisor': '1Mi'}}]}}])
        pod = pod.model_copy(update={'metadata': spec.Metadata(
            name='me', labels={'tier': 'web'})})
        self.want(pod)
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('meweb64', self.logs(pod))

    def test_own_files_follow_labels(self):
        """Files follow, what is gone is gone; the container goes on."""
        pod = self.make(
            self.sleeper(volumeMounts=[MOUNT], env=[{
                'name': 'X', 'valueFrom': {'fieldRef': {
                    'fieldPath': "metadata.labels['tier']"}}}]),
            volumes=[{'name': 'v', 'downwardAPI': {'items': [
                item('tier', "metadata.labels['tier']"),
                item('note', "metadata.annotations['note']"),
                item('notes', 'metadata.annotations'),
                item('labels', 'metadata.labels')]}}])
        pod = self.want(self.labelled(
            pod, {'tier': 'web', 'old': '1'}, {'note': 'one'}))
        before = harness.main(self.wait_ready(pod)).container_id
        pod = self.want(self.labelled(
            pod, {'tier': 'db', 'new': '2'}, {'more': 'two'}))
        self.eventually(lambda: self.exec_sh(pod, 'cat /v/tier') == 'db',
                        'the change', timeout_s=60)
        self.assertEqual(
            'new="2"\ntier="db"\nmore="two"\n0\nweb\n', self.exec_sh(
                pod, 'cat /v/labels; echo; cat /v/notes; echo; '
                     'cat /v/note | wc -c; echo $X'))
        self.assertEqual(before, harness.main(
            self.status(pod)).container_id)

    @staticmethod
    def labelled(pod: spec.Pod, labels: dict[str, str],
                 annotations: dict[str, str]) -> spec.Pod:
        """The pod as the conductor hands it over after a PATCH."""
        return pod.model_copy(update={'metadata': spec.Metadata(
            name=pod.metadata.name, labels=labels,
            annotations=annotations)})

    def shown(self, script: str, source: documents.Doc, **more) -> str:
        """What a script prints of a volume, in a pod named `me`."""
        return self.ran(
            self.sh(script, volumeMounts=[MOUNT],
                    resources={'limits': {'memory': '64Mi'}}),
            name='me', volumes=[{'name': 'v', **source}], **more)

    def test_modes(self):
        self.assertEqual('me64\n440\n400\n444\n', self.shown(
            'cat /v/name /v/mem; echo; stat -Lc %a /v/name /v/mem /v/uid', {
                'downwardAPI': {'defaultMode': 0o444, 'items': [
                    item('name', 'metadata.name', mode=0o440),
                    amount('mem', mode=0o400),
                    item('uid', 'metadata.uid')]}}))

    def test_projected(self):
        """Of all kinds of sources, the last one wins."""
        self.assertEqual('blue hidden me 64 last\n600\n', self.shown(
            'cd /v; echo $(cat colour s/k) $(cat name) $(cat mem) $(cat x); '
            'stat -Lc %a /v/colour', {'projected': {
                'defaultMode': 0o600, 'sources': [
                    {'configMap': {'name': 'app'}},
                    {'secret': {'name': 'key', 'items': [
                        {'key': 'k', 'path': 's/k'}]}},
                    {'downwardAPI': {'items': [
                        item('name', 'metadata.name'), amount('mem')]}},
                    {'configMap': {'name': 'more'}}]}},
            configs={'app': {'colour': 'blue\n', 'x': 'first\n'},
                     'more': {'x': 'last\n'}},
            secrets={'key': {'k': 'hidden\n'}}))

    def test_projected_modes(self):
        self.assertEqual('400\n440\n444\n', self.shown(
            'stat -Lc %a /v/a /v/b /v/c', {'projected': {'sources': [
                {'configMap': {'name': 'app', 'items': [
                    {'key': 'k', 'path': 'a', 'mode': 0o400}]}},
                {'secret': {'name': 'key', 'items': [
                    {'key': 'k', 'path': 'b', 'mode': 0o440}]}},
                {'downwardAPI': {'items': [
                    item('c', 'metadata.name', mode=0o444)]}}]}},
            configs={'app': {'k': 'v'}}, secrets={'key': {'k': 'v'}}))

    def test_projected_optional(self):
        self.assertEqual('name\n', self.shown('ls /v', {'projected': {
            'sources': [
                {'configMap': {'name': 'none', 'optional': True}},
                {'secret': {'name': 'none', 'optional': True}},
                {'downwardAPI': {'items': [
                    item('name', 'metadata.name')]}}]}}))
