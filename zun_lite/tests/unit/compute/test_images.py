import threading
import unittest

from zun_lite import exceptions
from zun_lite.compute import images
from zun_lite.compute import queue
from zun_lite.drivers import base
from zun_lite.pod.states import ImageState
from zun_lite.tests.unit.compute.stub import StubDriver
from zun_lite.tests.unit.compute.stub import wait_for

HELD = {'state': 'present', 'image_id': 'sha256:1', 'size': 5}


class Holder(StubDriver, base.Images):
    """`errors`: raised one after another before anything is done."""

    def __init__(self, *errors):
        super().__init__()
        self.errors, self.done = list(errors), []

    def _do(self, verb, image):
        self.done.append((verb, image))
        self.gate.wait(5)
        if self.errors:
            raise self.errors.pop(0)

    def pull_image(self, image):
        self._do('pull', image)
        return base.HeldImage('sha256:1', 5)

    def remove_image(self, image):
        self._do('remove', image)

    def search_images(self, term):
        return []


class Maker(Holder, base.Commit):
    def commit(self, uuid, container, repository, tag):
        self._do('commit', (uuid, container, repository, tag))
        return 'sha256:2'


def wanted(generation=1, state='pulling', uuid='i1'):
    return {'uuid': uuid, 'generation': generation, 'image': 'nginx:1',
            'state': state}


def to_make():
    return wanted(state='committing') | {'container': 'c1'}


class TestImageWork(unittest.TestCase):
    def make(self, driver):
        self.told, self.away = [], []
        self.work = images.ImageWork(
            driver, self.report, workers=2,
            backoff=queue.Backoff(0.01, 0.02))
        self.addCleanup(self.work.stop, 1)
        return driver

    def report(self, uuid, generation, outcome):
        if self.away:
            raise self.away.pop()
        self.told.append((uuid, generation, outcome))

    def wait(self, count=1):
        wait_for(lambda: len(self.told) >= count)
        return self.told[-1]

    def test_pulled(self):
        self.make(Holder())
        self.work.take([wanted()])
        self.assertEqual(('i1', 1, HELD), self.wait())

    def test_what_cannot_be_had(self):
        self.make(Holder(exceptions.Invalid('manifest unknown')))
        self.work.take([wanted()])
        self.assertEqual(('i1', 1, {'state': 'failed',
                                    'reason': 'manifest unknown'}),
                         self.wait())

    def test_made_of_a_container(self):
        driver = self.make(Maker(exceptions.EngineUnavailable()))
        with self.assertLogs(images.LOG, 'WARNING'):
            self.work.take([to_make()])
            self.assertEqual(('i1', 1, {
                'state': 'present', 'image_id': 'sha256:2'}), self.wait())
        self.assertEqual(
            [('commit', ('c1', 'main', 'nginx', '1'))] * 2, driver.done)

    def test_what_cannot_be_made(self):
        """The container is gone, say: trying again would not help."""
        for error in (exceptions.ContainerNotFound('it is gone'),
                      exceptions.Conflict('no space left')):
            self.make(Maker(error))
            self.work.take([to_make()])
            self.assertEqual({'state': 'failed', 'reason': error.message},
                             self.wait()[2])

    def test_a_driver_that_makes_none(self):
        self.make(Holder())
        self.work.take([to_make()])
        self.assertEqual((ImageState.FAILED,
                          'The driver stub does not support commit.'),
                         tuple(self.wait()[2].values()))

    def test_removed_or_in_use(self):
        self.make(Holder(exceptions.Conflict('in use')))
        self.work.take([wanted(1, 'deleting')])
        outcome = self.wait()[2]
        self.assertEqual(ImageState.PRESENT, outcome['state'])
        self.assertIn('in use', outcome['reason'])
        self.work.take([wanted(2, 'deleting')])
        self.assertEqual(('i1', 2, {'state': None}), self.wait(2))

    def test_an_engine_that_is_away_is_no_outcome(self):
        driver = self.make(Holder(exceptions.EngineUnavailable(),
                                  exceptions.EngineUnavailable()))
        with self.assertLogs(images.LOG, 'WARNING'):
            self.work.take([wanted()])
            self.assertEqual(HELD, self.wait()[2])
        self.assertEqual(3, len(driver.done))

    def test_an_outcome_is_told_until_it_was_heard(self):
        self.make(Holder())
        self.away = [exceptions.Unavailable(), exceptions.Unavailable()]
        self.work.take([wanted()])
        self.assertEqual(('i1', 1, HELD), self.wait())
        self.assertEqual(1, len(self.told))

    def test_what_goes_on_is_not_begun_again(self):
        driver = self.make(Holder())
        driver.gate.clear()
        for _ in range(3):
            self.work.take([wanted()])
        wait_for(lambda: driver.done)
        driver.gate.set()
        self.wait()
        self.assertEqual([('pull', 'nginx:1')], driver.done)
        self.work.take([wanted()])          # its report was lost
        self.assertEqual(HELD, self.wait(2)[2])

    def test_the_newest_counts(self):
        driver = self.make(Holder())
        driver.gate.clear()
        self.work.take([wanted()])
        wait_for(lambda: driver.done)
        self.work.take([wanted(3, 'deleting')])
        self.work.take([wanted(2)])         # overtaken on the way
        driver.gate.set()
        self.assertEqual(('i1', 3, {'state': None}), self.wait(2))
        self.assertEqual(['pull', 'remove'], [v for v, _ in driver.done])

    def test_side_by_side(self):
        driver = self.make(Holder())
        driver.gate.clear()
        self.work.take([wanted(uuid='i1'), wanted(uuid='i2')])
        wait_for(lambda: len(driver.done) == 2)
        driver.gate.set()
        self.wait(2)

    def test_a_driver_that_lacks_it(self):
        self.make(StubDriver())
        self.work.take([wanted()])
        outcome = self.wait()[2]
        self.assertEqual(ImageState.FAILED, outcome['state'])
        self.assertIn('stub', outcome['reason'])
        self.assertFalse([t for t in threading.enumerate()
                          if t.name == 'reconcile-slow'])
