"""A project's quota in its namespace: what the cluster itself holds to."""
from zun_lite.drivers.kubernetes import limits
from zun_lite.drivers.kubernetes.driver import REFUSED
from zun_lite.pod.limits import ProjectLimits
from zun_lite.pod.spec import Pod
from zun_lite.tests.fault.kubernetes_case import KubernetesCase

MIB = 2**20


class TestQuotas(KubernetesCase):
    def allowed(self, pod: Pod, **given: int) -> Pod:
        """The pod as the conductor hands it over."""
        return pod.model_copy(update={
            'project_limits': ProjectLimits(**given)})

    def asking(self, memory: str, **given: int) -> Pod:
        return self.want(self.allowed(self.make(self.sleeper(
            resources={'requests': {'memory': memory}})), **given))

    def quota(self):
        return self.admin.find(f'/api/v1/namespaces/{self.namespace}/'
                               f'resourcequotas/{limits.QUOTA}')

    def test_the_cluster_refuses_what_is_too_much(self):
        """And takes it once the project may have more."""
        given = {'memory_bytes': 48 * MIB}
        self.wait_ready(self.asking('32Mi', **given))
        second = self.asking('32Mi', **given)
        self.wait_reason(second, REFUSED, 'exceeded quota')
        self.want(self.allowed(second, memory_bytes=64 * MIB))
        self.wait_ready(second)

    def test_what_asks_for_nothing_runs(self):
        """A container gets no limit that its owner did not ask for."""
        pod = self.want(self.allowed(
            self.make(self.sleeper()), pods=1, cpu_millis=100,
            memory_bytes=MIB))
        self.wait_ready(pod)
        resources = self.found(pod)[0]['spec']['containers'][0]['resources']
        self.assertEqual({'requests': {'cpu': '0', 'memory': '0'}},
                         resources)

    def test_many_at_once_in_a_new_namespace(self):
        """None is refused because the cluster has not counted yet."""
        pods = [self.want(self.allowed(self.make(self.sleeper()), pods=4))
                for _ in range(4)]
        for pod in pods:
            self.wait_ready(pod)
            self.assertFalse(self.ever(
                pod, lambda seen: seen.reason == REFUSED))

    def test_it_follows_a_pod_that_runs(self):
        pod = self.want(self.allowed(self.make(self.sleeper()), pods=3,
                                     cpu_millis=1500))
        self.wait_ready(pod)
        self.assertEqual({'pods': '3', 'requests.cpu': '1500m'},
                         self.quota()['spec']['hard'])
        self.want(self.allowed(pod, pods=5))
        self.eventually(lambda: self.quota()['spec']['hard'] == {
            'pods': '5'}, 'the new quota')
        self.want(self.allowed(pod))
        self.eventually(lambda: self.quota() is None, 'no quota')

    def test_an_agent_that_starts_again(self):
        pod = self.want(self.allowed(self.make(self.sleeper()), pods=3))
        self.wait_ready(pod)
        self.restart_agent()
        self.want(self.allowed(pod, pods=2))
        self.eventually(lambda: self.quota()['spec']['hard'] == {
            'pods': '2'}, 'the new quota')
