"""The images that the engine holds, as administrators look after them."""
import typing

import docker.errors

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.docker import pulling
from zun_lite.drivers.docker import reference
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.client import refusals
from zun_lite.drivers.docker.images import Images


class Holding(base.Images):
    """A part of the driver."""
    _engine: Engine
    _images: Images

    @refusals()
    def pull_image(self, image: str) -> base.HeldImage:
        try:
            reference.split(image)
            pulling.pull(self._engine, image)
        except ValueError as exc:
            raise exceptions.Invalid(str(exc)) from exc
        except pulling.PullCutOff as exc:
            raise exceptions.EngineUnavailable(str(exc)) from exc
        except pulling.PullFailed as exc:
            raise exceptions.Invalid(str(exc)) from exc
        found = self._engine.api.inspect_image(image)
        return base.HeldImage(found['Id'], found['Size'])

    @refusals()
    def remove_image(self, image: str) -> None:
        self._images.forget(image)
        try:
            self._refuse_used(image)
            self._engine.api.remove_image(image)
        except docker.errors.ImageNotFound:
            return
        except docker.errors.APIError as exc:
            if exc.status_code != 409:
                raise
            raise exceptions.Conflict(explain(exc)) from exc

    def _refuse_used(self, image: str) -> None:
        """The engine minds only where no other name leads to the image."""
        users = self._engine.api.containers(
            all=True, filters={'ancestor': image})
        if any(_same(image, user['Image']) for user in users):
            raise exceptions.Conflict(f'Containers use {image}.')

    def search_images(self, term: str) -> list[dict[str, typing.Any]]:
        try:
            found = self._engine.api.search(term)
        except docker.errors.APIError as exc:
            raise exceptions.Unavailable(
                f'The index of images cannot be searched: {explain(exc)}',
                ) from exc
        return [{key: entry.get(key) for key in (
            'name', 'description', 'is_official', 'star_count')}
            for entry in found]


def _same(one: str, other: str) -> bool:
    try:
        return reference.split(one) == reference.split(other)
    except ValueError:
        return False                    # an id, as its name was taken away
