"""The cluster refuses a pod, for now: the reason is shown, and the pod runs
as soon as the reason is gone."""
import time
import unittest

from zun_lite.drivers.kubernetes import discovery
from zun_lite.drivers.kubernetes.driver import REFUSED
from zun_lite.tests.fault.kubernetes_case import KubernetesCase


class TestRefusals(KubernetesCase):
    def test_the_namespace_is_being_removed(self):
        self.make_namespace()
        held = f'/api/v1/namespaces/{self.namespace}/configmaps'
        self.ask('POST', held, {'metadata': {
            'name': 'holds', 'finalizers': ['zun-lite.test/hold']}})
        self.ask('DELETE', f'/api/v1/namespaces/{self.namespace}')
        pod = self.start(self.sleeper())
        self.wait_reason(pod, REFUSED, 'being terminated')
        self.patch(f'{held}/holds', {'metadata': {'finalizers': None}})
        self.wait_ready(pod)
        self.assertEqual(1, len(self.found(pod)))

    def test_quota(self):
        self.make_namespace()
        quota = self.put('resourcequotas', 'none', {'hard': {'pods': '0'}})
        # The quota counts once its controller has seen it.
        self.eventually(lambda: 'used' in self.ask('GET', quota)['status'],
                        'the quota is known')
        pod = self.start(self.sleeper())
        self.wait_reason(pod, REFUSED, 'exceeded quota')
        self.patch(quota, {'spec': {'hard': {'pods': '1'}}})
        seen = self.wait_ready(pod)
        self.assertIsNone(seen.reason)

    def test_limit_range(self):
        self.make_namespace()
        path = self.put('limitranges', 'small', {'limits': [
            {'type': 'Container', 'max': {'memory': '16Mi'}}]})
        time.sleep(1)
        pod = self.start(self.sleeper(
            resources={'limits': {'memory': '32Mi'}}))
        self.wait_reason(pod, REFUSED, 'maximum memory usage')
        self.ask('DELETE', path)
        self.wait_ready(pod)

    def test_a_refused_pod_can_be_stopped_and_deleted(self):
        """And what an operator has put there stays, with the namespace."""
        self.make_namespace()
        quota = self.put('resourcequotas', 'none', {'hard': {'pods': '0'}})
        time.sleep(1)
        pod = self.start(self.sleeper())
        self.wait_reason(pod, REFUSED)
        pod = self.stop(pod)
        self.wait_phase(pod, 'Stopped')
        pod = self.delete(pod)
        self.assertEqual('0', self.ask('GET', quota)['spec']['hard']['pods'])
        self.remove(quota)
        self.delete(pod)
        self.assertEqual([], self.engine.leftovers_of_project(
            self.host, self.project))

    def test_pod_security_is_asked_for(self):
        """Servers from 1.25 on enforce it; all of them keep the labels."""
        self.use(pod_security='restricted')
        pod = self.start(self.sleeper())
        found = self.eventually(lambda: self.admin.find(
            f'/api/v1/namespaces/{self.namespace}'), 'the namespace')
        self.assertEqual('restricted', found['metadata']['labels'][
            'pod-security.kubernetes.io/enforce'])
        version = self.ask('GET', '/version')['gitVersion']
        if discovery.version(version) >= (1, 25):
            self.wait_reason(pod, REFUSED, 'violates PodSecurity')
        else:
            self.wait_ready(pod)

    def test_a_right_that_the_agent_lacks(self):
        """It is told in the cluster's words, and tried again."""
        self.assertTrue(self.engine.access.token)     # the role is there
        role = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'
        account = f'lacking-{self.host}'
        path = '/api/v1/namespaces/zun-lite/serviceaccounts'
        self.ask('POST', path, {'metadata': {'name': account}})
        self.addCleanup(self.remove, f'{path}/{account}')
        token = self.ask('POST', f'{path}/{account}/token', {
            'spec': {'expirationSeconds': 600}})['status']['token']
        self.use(kubeconfig=self.engine.access.agent_kubeconfig(
            token=token))
        pod = self.start(self.sleeper())
        self.wait_for(pod, lambda s: 'forbidden' in (s.message or ''),
                      'forbidden')
        self.ask('POST', role, {
            'metadata': {'name': account},
            'roleRef': {'apiGroup': 'rbac.authorization.k8s.io',
                        'kind': 'ClusterRole', 'name': 'zun-lite'},
            'subjects': [{'kind': 'ServiceAccount', 'name': account,
                          'namespace': 'zun-lite'}]})
        self.addCleanup(self.remove, f'{role}/{account}')
        self.wait_ready(pod)


if __name__ == '__main__':
    unittest.main()
