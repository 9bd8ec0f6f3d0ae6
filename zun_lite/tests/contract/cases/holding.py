"""Images that the engine holds at an administrator's request."""
import typing

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.pod import states
from zun_lite.tests.contract import harness


class Holding(harness.Case):
    @property
    def holder(self) -> base.Images:
        self.needs(states.Action.IMAGES)
        return typing.cast(base.Images, self.driver)

    def test_pulled_and_removed(self):
        """pull_image: holding it is success; remove_image: absent is."""
        holder, name = self.holder, self.engine.registry.published()
        held = holder.pull_image(name)
        self.assertRegex(held.id, r'^sha256:[0-9a-f]{64}$')
        self.assertGreater(held.size, 0)
        self.assertEqual(held, holder.pull_image(name))
        self.engine.registry.withdraw(name)
        pod = self.start({'name': 'main', 'image': name,
                          'command': ['sleep', '3600'],
                          'imagePullPolicy': 'Never'})
        self.wait_ready(pod)
        self.delete(pod)
        holder.remove_image(name)
        holder.remove_image(name)
        with self.assertRaises(exceptions.Invalid):
            holder.pull_image(name)

    def test_what_cannot_be_had(self):
        """pull_image raises Invalid: the message says why."""
        holder = self.holder
        for name in (self.engine.registry.unpublished(),
                     self.engine.registry.private(),
                     self.engine.registry.unreachable(), 'No/Name'):
            with self.subTest(name), self.assertRaises(
                    exceptions.Invalid) as caught:
                holder.pull_image(name)
            self.assertNotEqual(exceptions.Invalid.default,
                                caught.exception.message)

    def test_one_in_use_stays(self):
        """remove_image raises Conflict: containers use it."""
        holder, name = self.holder, self.engine.registry.published()
        holder.pull_image(name)
        pod = self.start({'name': 'main', 'image': name,
                          'command': ['sleep', '3600']})
        self.wait_ready(pod)
        with self.assertRaises(exceptions.Conflict):
            holder.remove_image(name)
        self.delete(pod)
        holder.remove_image(name)

    def test_the_engine_is_away(self):
        """Every verb may raise EngineUnavailable."""
        self.needs(states.Action.IMAGES)
        driver = typing.cast(base.Images, self.engine.fragile_driver(
            self.host))
        self.engine.cut()
        for ask in (driver.pull_image, driver.remove_image,
                    driver.search_images):
            with self.assertRaises(exceptions.EngineUnavailable):
                ask('registry:5000/contract/any:1')
        self.engine.restore()
        typing.cast(base.PodDriver, driver).close()
