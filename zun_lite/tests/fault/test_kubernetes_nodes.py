"""Nodes that take no pods, or are gone; and others who remove our pods."""
import datetime
import time

from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import nodes
from zun_lite.tests.contract.harness import main
from zun_lite.tests.fault.kubernetes_case import KubernetesCase

NODES = '/api/v1/nodes'
NOTHING = {'cpu': '0'}               # of a node that another test makes


class TestScheduling(KubernetesCase):
    def test_no_node_has_the_label(self):
        """The scheduler's own words; placed once a node has it."""
        label = f'test-{self.host}'
        pod = self.start(self.sleeper(), nodeSelector={label: 'x'})
        seen = self.wait_reason(pod, 'Unschedulable', 'node')
        self.assertEqual('Pending', seen.phase)
        node = next(one['metadata']['name'] for one in self.ask(
            'GET', NODES)['items'] if nodes.usable(one))
        self.patch(f'{NODES}/{node}', {'metadata': {'labels': {label: 'x'}}})
        self.addCleanup(self.patch, f'{NODES}/{node}',
                        {'metadata': {'labels': {label: None}}})
        self.wait_ready(pod)
        self.assertTrue(self.driver.inventory().nodes.satisfy({label: 'x'}))

    def test_an_unscheduled_pod_goes_at_once(self):
        pod = self.start(self.sleeper(), nodeSelector={'no-such': 'node'})
        self.wait_reason(pod, 'Unschedulable')
        begin = time.monotonic()
        self.delete(pod)
        self.assertLess(time.monotonic() - begin, 30)


class TestDeadNode(KubernetesCase):
    """A node that was there once: nobody starts or ends its pods."""

    def setUp(self):
        super().setUp()
        self.use(removal_timeout=3)
        self.node = f'ghost-{self.host}'
        self.ask('POST', NODES, {
            'metadata': {'name': self.node, 'labels': {
                'ghost': self.host}}})
        self.addCleanup(self.remove, f'{NODES}/{self.node}')

    def placed(self):
        pod = self.start(self.sleeper(), nodeSelector={'ghost': self.host})
        self.wait_reason(pod, 'Unschedulable')
        found = self.found(pod)[0]['metadata']
        self.ask('POST', f'/api/v1/namespaces/{self.namespace}/pods/'
                 f'{found["name"]}/binding', {
                     'apiVersion': 'v1', 'kind': 'Binding',
                     'metadata': {'name': found['name']},
                     'target': {'kind': 'Node', 'name': self.node}})
        return pod

    def test_it_is_no_capacity(self):
        alone = [one for one in self.ask('GET', NODES)['items']
                 if one['metadata']['name'] != self.node]
        self.assertLessEqual(
            self.driver.inventory().cpu_millis,
            sum(int(one['status'].get('allocatable', NOTHING)['cpu']) * 1000
                for one in alone))

    def report(self) -> None:
        """What its kubelet would tell."""
        now = datetime.datetime.now(datetime.UTC).strftime(
            '%Y-%m-%dT%H:%M:%SZ')
        self.patch(f'{NODES}/{self.node}/status', {'status': {
            'conditions': [{'type': 'Ready', 'status': 'True',
                            'reason': 'Test', 'lastHeartbeatTime': now,
                            'lastTransitionTime': now}]}})

    def test_it_is_lost_with_a_pod_that_runs(self):
        """The pod is not ready any more, says why, and is made nowhere
        else, as it may still run."""
        self.report()
        pod = self.placed()
        found = self.found(pod)[0]
        yes = [{'type': kind, 'status': 'True'} for kind in (
            'PodScheduled', 'Initialized', 'ContainersReady', 'Ready')]
        self.patch(names.pods_path(self.namespace, found['metadata']['name'],
                                   'status'), {'status': {
            'phase': 'Running', 'conditions': yes, 'containerStatuses': [{
                'name': 'main', 'image': 'i', 'imageID': 'i', 'ready': True,
                'restartCount': 0, 'state': {'running': {
                    'startedAt': '2026-01-31T12:00:00Z'}}}]}})
        self.wait_ready(pod)
        # Nothing more is heard of it, for the 40 s that the cluster bears.
        seen = self.wait_for(pod, lambda s: not s.ready, 'not ready')
        self.assertEqual('Running', seen.phase)
        self.wait_event(pod, 'NodeNotReady')
        self.assertEqual([found['metadata']['uid']], [
            one['metadata']['uid'] for one in self.found(pod)])
        self.assertFalse(any(nodes.usable(one) for one in self.ask(
            'GET', NODES)['items'] if one['metadata']['name'] == self.node))

    def test_stop_waits_for_it_and_says_so(self):
        """A pod that may still run is not called stopped."""
        pod = self.placed()
        stopped = self.stop(pod)
        seen = self.agent.collector.wait_status(
            pod, lambda s: 'has not removed' in (s.message or ''), 60)
        self.assertIsNotNone(seen, self.explain(pod))
        self.assertNotEqual('Stopped', seen.phase)
        # Once the node is known to be gone, the cluster lets go of its pods.
        self.ask('DELETE', f'{NODES}/{self.node}')
        self.wait_for(stopped, lambda s: s.phase == 'Stopped', 'Stopped',
                      timeout_s=40)

    def test_a_new_generation_never_runs_beside_it(self):
        pod = self.placed()
        newer = self.again(pod)
        self.wait_reason(newer, 'Replacing')
        self.steadily(lambda: len(self.found(pod)) == 1, 'one pod', 3)


    def test_newer_kubelets_end_what_is_deleted(self):
        """From 1.27 on they tell Failed of it first. It is made again."""
        self.report()
        pod = self.placed()
        first = self.found(pod)[0]['metadata']
        path = names.pods_path(self.namespace, first['name'])
        ran = {'startedAt': '2026-01-31T12:00:00Z'}
        told = {'name': 'main', 'image': 'i', 'imageID': 'i', 'ready': True,
                'restartCount': 0, 'state': {'running': ran}}
        self.patch(f'{path}/status', {'status': {
            'phase': 'Running', 'containerStatuses': [told]}})
        self.wait_phase(pod, 'Running')
        self.ask('DELETE', path)
        self.patch(f'{path}/status', {'status': {
            'phase': 'Failed', 'containerStatuses': [told | {
                'ready': False, 'state': {'terminated': {
                    **ran, 'exitCode': 137, 'reason': 'Error',
                    'finishedAt': '2026-01-31T12:00:10Z'}}}]}})
        self.ask('DELETE', path, {'gracePeriodSeconds': 0})
        self.eventually(lambda: [p for p in self.found(pod) if p[
            'metadata']['uid'] != first['uid']], 'another pod')
        self.assertFalse(self.ever(pod, lambda s: s.phase == 'Failed'))


class TestOthers(KubernetesCase):
    def test_another_controller_deletes_it(self):
        """Always: it is made again; restart counts begin anew."""
        pod = self.start(self.sleeper())
        first = self.found(pod)[0]['metadata'] if self.wait_ready(pod) else {}
        self.ask('DELETE', f'/api/v1/namespaces/{self.namespace}/pods/'
                 f'{first["name"]}', {'gracePeriodSeconds': 1})
        self.eventually(lambda: [p for p in self.found(pod)
                                 if p['metadata']['uid'] != first['uid']],
                        'another pod')
        self.wait_ready(pod)
        self.assertEqual(1, len(self.found(pod)))

    def test_what_runs_once_is_not_run_again(self):
        """Never: it is lost, and says so."""
        pod = self.start(self.sleeper(), restartPolicy='Never')
        self.wait_ready(pod)
        self.engine.remove_all_behind_back(pod)
        self.wait_phase(pod, 'Failed')
        self.eventually(lambda: not self.found(pod), 'it is gone')
        self.steadily(lambda: not self.found(pod), 'not made again', 2)

    def test_the_whole_namespace_is_deleted(self):
        pod = self.start(self.sleeper())
        first = main(self.wait_ready(pod)).container_id
        self.ask('DELETE', f'/api/v1/namespaces/{self.namespace}')
        self.wait_for(pod, lambda s: s.ready and main(s).container_id
                      not in (None, first), 'it runs again')

    def test_eviction_by_the_api(self):
        """As by `kubectl drain`."""
        pod = self.start(self.sleeper())
        self.wait_ready(pod)
        first = self.found(pod)[0]['metadata']
        version = ('policy/v1' if any(
            one['groupVersion'] == 'policy/v1' for group in self.ask(
                'GET', '/apis')['groups'] for one in group['versions'])
            else 'policy/v1beta1')
        self.ask('POST', f'/api/v1/namespaces/{self.namespace}/pods/'
                 f'{first["name"]}/eviction', {
                     'apiVersion': version, 'kind': 'Eviction',
                     'metadata': {'name': first['name'],
                                  'namespace': self.namespace}})
        self.eventually(lambda: [p for p in self.found(pod)
                                 if p['metadata']['uid'] != first['uid']],
                        'another pod')
        self.wait_ready(pod)

    def test_generations_in_a_row(self):
        """Start again and again: one pod at a time, the last one runs."""
        pod = self.start(self.sleeper())
        for _ in range(3):
            time.sleep(1.5)
            pod = self.again(pod)
            self.assertLessEqual(len(self.found(pod)), 1)
        self.wait_for(pod, lambda s: s.ready, 'Ready')
        self.assertEqual([4], [seen.generation
                               for seen in self.driver.list_pods()])
