"""Containers that only look like a pod's, by the labels of their image."""
import unittest

from zun_lite import exceptions
from zun_lite.drivers.docker import events
from zun_lite.drivers.docker import labels
from zun_lite.drivers.docker import mapping
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import seen
from zun_lite.drivers.docker.settings import Settings
from zun_lite.drivers.feed import Feed
from zun_lite.tests.unit.drivers.docker import builders
from zun_lite.tests.unit.drivers.docker import engine
from zun_lite.tests.unit.drivers.docker.builders import UUID

VICTIM = {
    labels.HOST: 'h', labels.POD: UUID, labels.PROJECT: 'project',
    labels.GENERATION: '1', labels.KIND: 'container',
    labels.CONTAINER: 'main', labels.ATTEMPT: '99', labels.SANDBOX: '0',
    labels.BACKOFF: 'x', labels.STARTED: 'x', labels.DOCUMENT: 'x',
    labels.DEPLOYMENT: 'theirs'}


def body(kind: str = 'container') -> mapping.Body:
    if kind == 'sandbox':
        return mapping.sandbox(builders.pod(), Settings(), 'h', attempt=0,
                               started=engine.AT, network='n')
    return mapping.container(
        builders.pod(), builders.pod().spec.containers[0], Settings(), 'h',
        sandbox_id='s', sandbox_attempt=0, attempt=0, backoff_s=None, env={})


class TestLabels(unittest.TestCase):
    def test_an_image_has_no_say(self):
        """Whatever is read of a container is named in the request."""
        for kind, name in (('container', names.container(UUID, 1, 'main', 0)),
                           ('sandbox', names.sandbox(UUID, 1, 0))):
            own = body(kind)['Labels']
            self.assertEqual(seen.known(own, [f'/{name}']),
                             seen.known(VICTIM | own, [f'/{name}']))
            self.assertLessEqual(VICTIM.keys(), own.keys())

    def test_nothing_is_none(self):
        found = seen.known(body()['Labels'],
                           [names.container(UUID, 1, 'main', 0)])
        self.assertEqual((None, None),
                         (found['backoff_s'], found['deployment']))

    def test_made_by_an_agent_of_before(self):
        """Which left what it had nothing for to the image."""
        found = seen.known(VICTIM, [names.container(UUID, 1, 'main', 99)])
        self.assertIsNone(found['backoff_s'])
        self.assertNotIn('document', found)

    def test_the_name_tells(self):
        about = {labels.POD: UUID, labels.GENERATION: '1',
                 labels.ATTEMPT: '1', labels.CONTAINER: 'main'}
        sandbox = about | {labels.KIND: 'sandbox'}
        own = f'zun-lite-{UUID}.1'
        for marks, name, mark in (
                (about, 'main.1', ''), (sandbox, '_sandbox.1', ''),
                (sandbox, '_sandbox.1.stopped', 'stopped'),
                (sandbox, '_sandbox.1.evicted.v', 'evicted.v')):
            self.assertEqual(mark, seen.known(
                marks, ['/alias/of-a-link', f'/{own}.{name}']).get('mark', ''))
        for marks, name in (
                (about, f'zun-{UUID}'), (about, f'{own}.main.10'),
                (about, f'{own}.main.1.stopped'), (about, f'{own}.a.1'),
                (about, f'{own}._sandbox.1'), (sandbox, f'{own}.main.1'),
                (sandbox, f'{own}._sandbox.10'), (sandbox, f'a{own}.main.1'),
                (sandbox, ''), (about, '')):
            with self.assertRaises(seen.NotOurs, msg=name):
                seen.known(marks, [f'/{name}'])
        with self.assertRaises(seen.NotOurs):
            seen.known(about, [])


class TestLists(unittest.TestCase):
    def setUp(self):
        self.api = engine.Api()
        self.driver = engine.driver_of(self.api)
        self.addCleanup(self.driver.close)
        self.pod = builders.pod()
        self.driver.ensure_pod(self.pod)

    def put(self, name: str, **marks: str) -> None:
        self.api.create_container_from_config(
            {'Image': 'i', 'Labels': VICTIM | {
                f'zun-lite/{key}': value for key, value in marks.items()}},
            name)
        self.api.start(name)

    def test_a_plain_container_with_such_labels(self):
        own = self.driver._running(UUID, 'main').id
        with self.assertLogs('zun_lite.drivers.docker.survey') as logged:
            self.put('zun-5f0e0f8e-0000-4000-8000-00000000000a')
            for _ in range(2):
                found, = self.driver.list_pods()
                self.assertIsNone(found.deployment)
                self.assertEqual(own, self.driver._running(UUID, 'main').id)
        self.assertEqual(1, len(logged.records))
        self.driver.delete_pod(UUID, grace_period_s=0)
        self.assertEqual(['/zun-5f0e0f8e-0000-4000-8000-00000000000a'],
                         [b['Name'] for b in self.api.made.values()])
        self.assertEqual([], self.driver.list_pods())

    def test_what_cannot_be_read(self):
        """It does not hide the others."""
        for number, marks in enumerate((
                {'attempt': 'x'}, {'generation': ''}, {'sandbox': '?'},
                {'kind': 'sandbox', 'started': 'x'})):
            self.put(f'other.{number}.x', **marks)
        self.assertEqual([UUID], [p.uuid for p in self.driver.list_pods()])

    def test_a_pod_of_such_an_image(self):
        self.api.image_labels = VICTIM
        other = self.pod.model_copy(update={
            'uuid': '5f0e0f8e-0000-4000-8000-00000000000b'})
        self.driver.ensure_pod(other)
        self.assertEqual({UUID, other.uuid}, {
            p.uuid for p in self.driver.list_pods()})
        self.assertEqual({0}, {p.status.container_statuses[0].restart_count
                               for p in self.driver.list_pods()})
        with self.assertRaises(exceptions.PodNotFound):
            self.driver.delete_pod(other.uuid, grace_period_s=0)
            self.driver.pod_status(other.uuid)


class TestEvents(unittest.TestCase):
    def test_of_whom_it_is_news(self):
        reader = events.EventReader(None, Feed(), 'h', lambda run_id: None)
        own = {**VICTIM, 'name': names.container(UUID, 1, 'main', 99)}
        self.assertEqual(UUID, reader._pod_of(own, 'die'))
        self.assertIsNone(reader._pod_of(own, 'start'))
        self.assertIsNone(reader._pod_of(VICTIM | {'name': 'other'}, 'die'))
        self.assertIsNone(reader._pod_of(own | {labels.HOST: 'g'}, 'die'))
        plain = '5f0e0f8e-0000-4000-8000-00000000000a'
        self.assertEqual(plain, reader._pod_of(
            VICTIM | {'name': f'zun-{plain}'}, 'start'))
