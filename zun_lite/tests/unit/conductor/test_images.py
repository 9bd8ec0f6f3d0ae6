import threading

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import actions
from zun_lite.db import commits
from zun_lite.db import hosts
from zun_lite.db import images
from zun_lite.db import models
from zun_lite.lifecycle import services
from zun_lite.pod.states import ImageState
from zun_lite.tests import databases
from zun_lite.tests.unit.conductor import base
from zun_lite.tests.unit.conductor import test_sweeps
from zun_lite.tests.unit.db import samples


class Agent(base.Agent):
    """Hears of images, too."""

    def __init__(self):
        super().__init__()
        self.images, self.heard = [], threading.Event()

    def sync_images(self, ctx, images):
        self.images += images
        self.heard.set()


@databases.on_each
class Images(base.ConductorTest):

    def setUp(self):
        super().setUp()
        self.service = self.conductor()
        self.register(serve=False)
        self.agent = Agent()

    def image(self, **columns):
        with db.writer() as session:
            return images.insert(session, **{
                'project_id': 'a', 'user_id': 'u', 'host': 'h1',
                'repo': 'nginx', 'tag': '1', 'state': ImageState.PULLING,
                **columns})

    def get(self, row):
        with db.reader() as session:
            return images.get(session, row.uuid)

    def done(self, row, generation=1, epoch=1, **outcome):
        self.client.image_done(row.host, epoch, row.uuid, generation,
                               outcome)

    def test_a_lost_hint_is_made_up_for(self):
        row = self.image()
        other = self.image(tag='2', state=ImageState.PRESENT)
        self.bus.serve(base.rpc.COMPUTE_TOPIC, 'h1', self.agent)
        self.service.sweeps.sweep()
        self.assertTrue(self.agent.heard.wait(5))
        # Another sweep, as a host has registered, may tell it again.
        for told in self.agent.images:
            self.assertEqual({'uuid': row.uuid, 'generation': 1,
                              'image': 'nginx:1', 'state': 'pulling'}, told)
        self.assertEqual(ImageState.PRESENT, self.get(other).state)

    def commit(self):
        """A container of which an image is to be made."""
        image = self.image(state=ImageState.COMMITTING)
        with db.writer() as session:
            row = samples.pod(session, origin='container')
            commits.begin(session, row, image, user_id='u',
                          request_id='req-1')
        return row, image

    def action(self, row):
        with db.reader() as session:
            (found,) = actions.list_page(session, None, row.uuid)
        return found

    def test_a_lost_hint_tells_what_it_is_made_of(self):
        row, image = self.commit()
        self.bus.serve(base.rpc.COMPUTE_TOPIC, 'h1', self.agent)
        self.service.sweeps.sweep()
        self.assertTrue(self.agent.heard.wait(5))
        self.assertEqual(
            {'uuid': image.uuid, 'generation': 1, 'image': 'nginx:1',
             'state': 'committing', 'container': row.uuid},
            self.agent.images[0])

    def test_what_is_made_ends_the_action(self):
        row, image = self.commit()
        self.assertIsNone(self.action(row).finished_at)
        self.done(image, state='present', image_id='sha256:1')
        self.assertEqual(('success', f'image {image.uuid}'), (
            self.action(row).result, self.action(row).message))
        self.assertEqual((ImageState.PRESENT, 'sha256:1'), (
            self.get(image).state, self.get(image).image_id))

    def test_what_cannot_be_made_says_why(self):
        row, image = self.commit()
        self.done(image, generation=7, state='failed', reason='of another')
        self.assertIsNone(self.action(row).finished_at)
        self.done(image, state='failed', reason='no space left')
        self.assertEqual(('error', 'no space left'), (
            self.action(row).result, self.action(row).message))
        self.assertEqual(ImageState.FAILED, self.get(image).state)

    def test_what_was_asked_of_a_host_that_is_gone(self):
        row, _ = self.commit()
        with db.writer() as session:
            session.execute(models.Host.__table__.update().values(
                state=models.HostState.SILENT))
        services.remove('h1')
        self.assertEqual('error', self.action(row).result)

    def test_page_after_page(self):
        self.override('page_size', 2)
        rows = [self.image(tag=str(n)) for n in range(5)]
        self.bus.serve(base.rpc.COMPUTE_TOPIC, 'h1', self.agent)
        self.service.sweeps.sweep()
        # Its own sweeps may tell it, too.
        base.wait_for(lambda: {row.uuid for row in rows} == {
            found['uuid'] for found in self.agent.images})

    def test_a_silent_host_is_not_told(self):
        # First: registering makes the conductor sweep soon.
        test_sweeps.age('h1', 60)
        with db.writer() as session:
            hosts.silence(session, db.now())
        self.image()
        self.bus.serve(base.rpc.COMPUTE_TOPIC, 'h1', self.agent)
        self.service.sweeps.sweep()
        self.assertFalse(self.agent.heard.wait(0.2))

    def test_outcomes(self):
        row = self.image()
        self.done(row, state='present', image_id='sha256:1', size=5)
        self.assertEqual((ImageState.PRESENT, 'sha256:1', 5), (
            self.get(row).state, self.get(row).image_id,
            self.get(row).size))
        with db.writer() as session:
            row = images.ask(session, self.get(row), ImageState.DELETING)
        self.done(row, 2, state='present', reason='in use')
        self.assertEqual(('in use', 5), (self.get(row).reason,
                                         self.get(row).size))
        with db.writer() as session:
            row = images.ask(session, self.get(row), ImageState.DELETING)
        self.done(row, 2, state=None)           # of an older request
        self.assertEqual(ImageState.DELETING, self.get(row).state)
        self.done(row, 3, state=None)
        with self.assertRaises(exceptions.ImageNotFound):
            self.get(row)

    def test_only_its_host_has_a_say(self):
        row = self.image()
        self.register('h2')
        self.client.image_done('h2', 1, row.uuid, 1, {'state': None})
        self.assertEqual(ImageState.PULLING, self.get(row).state)
        with self.assertRaises(exceptions.StaleEpoch):
            self.done(row, epoch=7, state=None)

    def test_they_go_with_their_host(self):
        row = self.image()
        with db.writer() as session:
            session.execute(models.Host.__table__.update().values(
                state=models.HostState.SILENT))
        with db.writer() as session:
            hosts.remove(session, 'h1')
        with self.assertRaises(exceptions.ImageNotFound):
            self.get(row)
