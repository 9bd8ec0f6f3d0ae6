"""Rules about the pods around: placement has seen to them, and an engine
that places pods itself is handed them."""
import typing

from zun_lite.pod import affinity
from zun_lite.pod import spec
from zun_lite.tests.contract import harness

REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'


def term(*expressions: dict[str, typing.Any], **labels: str) -> harness.Doc:
    return {'topologyKey': affinity.HOSTNAME, 'labelSelector': {
        'matchLabels': labels, 'matchExpressions': list(expressions)}}


class Affinity(harness.Case):
    """Kubernetes: "Assigning Pods to Nodes", "Pod Topology Spread"."""

    def test_apart(self):
        """podAntiAffinity that nothing is against."""
        pod = self.start(self.sleeper(), affinity={'podAntiAffinity': {
            REQUIRED: [term({'key': 'app', 'operator': 'In',
                             'values': ['nobody']})],
            PREFERRED: [{'weight': 100, 'podAffinityTerm': term(a='b')}]}})
        self.wait_ready(pod)

    def test_near(self):
        """podAffinity to what is there, on the only host there is."""
        first = self.start(self.sleeper())
        self.wait_ready(first)
        pod = self.start(self.sleeper(), affinity={'podAffinity': {
            REQUIRED: [term({'key': 'app', 'operator': 'DoesNotExist'})],
            PREFERRED: [{'weight': 1, 'podAffinityTerm': term(
                {'key': 'app', 'operator': 'Exists'})}]}})
        self.wait_ready(pod)

    def labelled(self, **rules: typing.Any) -> spec.Pod:
        """A pod with the label app=web that runs."""
        pod = self.make(self.sleeper(), **rules)
        pod = self.want(pod.model_copy(update={'metadata': spec.Metadata(
            name=pod.metadata.name, labels={'app': 'web'})}))
        self.wait_ready(pod)
        return pod

    def test_labels_and_values(self):
        """Both ways to choose pods, in every kind of rule."""
        self.labelled()
        web, database = (term({'key': 'app', 'operator': 'In',
                               'values': [name]}, app=name)
                         for name in ('web', 'db'))
        self.labelled(affinity={
            'podAffinity': {REQUIRED: [web], PREFERRED: [
                {'weight': 1, 'podAffinityTerm': web}]},
            'podAntiAffinity': {REQUIRED: [database], PREFERRED: [
                {'weight': 1, 'podAffinityTerm': database}]}},
            topologySpreadConstraints=[web | {
                'maxSkew': 9, 'whenUnsatisfiable': 'DoNotSchedule'}])

    def test_spread(self):
        """topologySpreadConstraints over one host: all are there."""
        spread = {'maxSkew': 1, **term({
            'key': 'app', 'operator': 'NotIn', 'values': ['db']})}
        for _ in range(2):
            pod = self.start(self.sleeper(), topologySpreadConstraints=[
                spread | {'whenUnsatisfiable': 'DoNotSchedule'},
                {'whenUnsatisfiable': 'ScheduleAnyway', 'maxSkew': 2,
                 'topologyKey': affinity.ZONE}])
            self.wait_ready(pod)
