"""The images of the simulated engine, as administrators look after them."""
import concurrent.futures
import hashlib
import typing

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.fake import engine as engines

SIZE = 2**20           # of every image


class Holding(base.Images):
    engine: engines.Engine

    def pull_image(self, image: str) -> base.HeldImage:
        self.engine.answer()
        if not self.engine.images.valid(image):
            raise exceptions.Invalid(f'{image} is not the name of an image.')
        done: concurrent.futures.Future[str | None] = (
            concurrent.futures.Future())
        with self.engine.loop.lock:
            self.engine.pull(image, done.set_result)
        error = done.result()
        if error is not None:
            raise exceptions.Invalid(error)
        digest = hashlib.sha256(image.encode()).hexdigest()
        return base.HeldImage(f'sha256:{digest}', SIZE)

    def remove_image(self, image: str) -> None:
        self.engine.answer()
        with self.engine.loop.lock:
            if any(member.container.image == image
                   for pod in self.engine.pods.values()
                   for member in pod.members):
                raise exceptions.Conflict(f'Containers use {image}.')
            self.engine.images.local.pop(image, None)

    def search_images(self, term: str) -> list[dict[str, typing.Any]]:
        self.engine.answer()
        return [{'name': name, 'description': '', 'is_official': False,
                 'star_count': 0}
                for name in sorted(self.engine.images.registry)
                if term in name]
