"""What is told of Kubernetes' pods."""
import unittest

from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import seen
from zun_lite.tests.unit.drivers.kubernetes.documents import container
from zun_lite.tests.unit.drivers.kubernetes.documents import pod
from zun_lite.tests.unit.drivers.kubernetes.documents import UUID


def observed(**status):
    return seen.observed(seen.trimmed(pod(**status))).status


class TestStatus(unittest.TestCase):
    def test_nothing_yet(self):
        self.assertEqual('Pending', observed().phase)

    def test_images_as_they_were_asked_for(self):
        found = observed(phase='Running', containerStatuses=[container(
            running={'startedAt': '2026-01-31T12:00:00Z'})])
        self.assertEqual('as/asked:1', found.container_statuses[0].image)
        self.assertEqual('docker://i', found.container_statuses[0].image_id)

    def test_the_schedulers_words(self):
        found = observed(phase='Pending', conditions=[{
            'type': 'PodScheduled', 'status': 'False',
            'reason': 'Unschedulable', 'message': '0/3 nodes'}])
        self.assertEqual(('Unschedulable', '0/3 nodes'),
                         (found.reason, found.message))

    def test_what_a_container_waits_for(self):
        found = observed(phase='Pending', containerStatuses=[container(
            waiting={'reason': 'ImagePullBackOff', 'message': 'no x'})])
        self.assertEqual('ImagePullBackOff', found.reason)
        self.assertEqual('container main: no x', found.message)

    def test_waiting_in_good_order_is_no_reason(self):
        found = observed(phase='Pending', containerStatuses=[container(
            waiting={'reason': 'ContainerCreating'})])
        self.assertIsNone(found.reason)

    def test_the_pods_own_reason_comes_first(self):
        found = observed(phase='Failed', reason='Evicted', message='disk',
                         containerStatuses=[container(terminated={
                             'exitCode': 137, 'reason': 'Error'})])
        self.assertEqual('Evicted', found.reason)

    def test_nothing_runs_in_a_pod_that_has_ended(self):
        """Old kubelets leave it so for evicted pods."""
        found = observed(phase='Failed', reason='DeadlineExceeded',
                         containerStatuses=[container(running={
                             'startedAt': '2026-01-31T12:00:00Z'})])
        ended = found.container_statuses[0].state.terminated
        self.assertEqual((137, 'ContainerStatusUnknown'),
                         (ended.exit_code, ended.reason))

    def test_how_a_sidecar_ended_is_no_reason(self):
        told = pod(phase='Succeeded', initContainerStatuses=[container(
            'side', terminated={'exitCode': 137, 'reason': 'Error'})])
        self.assertEqual('Error', seen.observed(
            seen.trimmed(told)).status.reason)
        told['spec']['initContainers'] = [
            {'name': 'side', 'image': 'x', 'restartPolicy': 'Always'}]
        self.assertIsNone(seen.observed(seen.trimmed(told)).status.reason)

    def test_stopped(self):
        last = seen.trimmed(pod(phase='Failed', containerStatuses=[container(
            terminated={'exitCode': 4, 'reason': 'Error'})]))
        found = seen.stopped(last, last).status
        self.assertEqual('Stopped', found.phase)
        self.assertIsNone(found.reason)
        self.assertEqual(
            4, found.container_statuses[0].state.terminated.exit_code)

    def test_an_end_that_was_not_told(self):
        """What ran and is told of no more has ended somehow."""
        before = seen.trimmed(pod(phase='Running', containerStatuses=[
            container(running={'startedAt': '2026-01-31T12:00:00Z'})]))
        last = seen.trimmed(pod(phase='Running', containerStatuses=[
            container(waiting={'reason': 'ContainerCreating'})]))
        ended = seen.stopped(before, last).status.container_statuses[0]
        self.assertEqual('ContainerStatusUnknown',
                         ended.state.terminated.reason)

    def test_what_never_ran_did_not_end(self):
        last = seen.trimmed(pod(phase='Pending', containerStatuses=[
            container(waiting={'reason': 'ErrImagePull'})]))
        found = seen.stopped(last, last).status.container_statuses[0]
        self.assertIsNone(found.state.terminated)


class TestEvents(unittest.TestCase):
    def test_of_a_container(self):
        found = seen.event({
            'metadata': {}, 'type': 'Warning', 'reason': 'BackOff',
            'message': 'm', 'lastTimestamp': '2026-01-31T12:00:00Z',
            'involvedObject': {'fieldPath': 'spec.containers{main}'}})
        self.assertEqual(('Warning', 'BackOff', 'main'),
                         (found.type, found.reason, found.container))

    def test_new_style_times(self):
        found = seen.event({
            'metadata': {}, 'reason': 'Scheduled', 'lastTimestamp': None,
            'eventTime': '2026-01-31T12:00:00.123456Z'})
        self.assertEqual('2026-01-31T12:00:00Z', found.at)
        self.assertEqual('Normal', found.type)


class TestLogin(unittest.TestCase):
    """Which pods are made again once there is a login for their registry."""

    def lacks(self, *statuses, pulls_with=None):
        told = pod(phase='Pending', containerStatuses=list(statuses))
        if pulls_with:
            told['spec']['imagePullSecrets'] = [{'name': pulls_with}]
        return seen.lacks_login(seen.trimmed(told))

    def test_those_that_cannot_pull_and_never_ran(self):
        waits = container(waiting={'reason': 'ContainerCreating'})
        for reason in 'ErrImagePull', 'ImagePullBackOff':
            with self.subTest(reason):
                self.assertTrue(self.lacks(waits, container(
                    waiting={'reason': reason})))

    def test_no_others(self):
        fails = container(waiting={'reason': 'ImagePullBackOff'})
        for why, statuses in {
                'nothing told yet': (),
                'it does not fail': (
                    container(waiting={'reason': 'ContainerCreating'}),),
                'another one runs': (fails, container('other', running={
                    'startedAt': '2026-01-31T12:00:00Z'})),
                'another one has run': (fails, container('other', terminated={
                    'exitCode': 0, 'reason': 'Completed'})),
                'it ran before': (container(restarts=1, waiting={
                    'reason': 'ImagePullBackOff'}),)}.items():
            with self.subTest(why):
                self.assertFalse(self.lacks(*statuses))

    def test_not_those_that_pull_with_it(self):
        fails = container(waiting={'reason': 'ImagePullBackOff'})
        self.assertFalse(self.lacks(fails, pulls_with=names.pod(UUID)))
        self.assertTrue(self.lacks(fails, pulls_with='of-the-account'))
