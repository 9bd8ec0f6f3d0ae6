"""Zun's tempest plugin: the tests of Zun's own developers."""
import concurrent.futures
import io
import os
import pathlib
import tempfile
import unittest
import uuid

import pytest

import zun_lite
from zun_lite.tests import neighbours
from zun_lite.tests.functional import test_containers_on_docker
from zun_lite.tests.functional import test_keystone
from zun_lite.tests.functional.tempest import plugin
from zun_lite.tests.functional.zunclient import service

TABLE = (pathlib.Path(zun_lite.__file__).parents[1]
         / 'doc/source/user/tempest-tests.txt')
# By the microversion they ask for: as the plugin's own developers run it,
# and the last one that its tests of old versions are for.
TESTS = {'1.40': r'\.(TestContainer|TestCapsule|TestService)\.',
         '1.19': r'\.TestContainerLegacy\.'}
# Tests mostly wait, 2 s between two looks.
SIDE_BY_SIDE = 3
# Runs on by itself, and ends at once when it is asked to.
IMAGE = f"""\
FROM {neighbours.IMAGE}
CMD ["sleep", "86400"]
STOPSIGNAL SIGKILL
"""


def image() -> str:
    """Make what containers are made of."""
    name = f'zun-lite/tempest:{uuid.uuid4().hex[:8]}'
    with neighbours.engine() as engine:
        engine.images.build(fileobj=io.BytesIO(IMAGE.encode()), tag=name,
                            network_mode='none', rm=True)
    return name


@pytest.mark.timeout(900)
class TestPlugin(unittest.TestCase):
    """With users that it makes in a real Keystone, on a real Docker."""

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        tempest = neighbours.need('ZUN_LITE_TEST_TEMPEST')
        cls.service = service.Service(test_keystone.Keystone())
        cls.addClassCleanup(cls.service.close)
        cls.service.ready()
        name = image()
        cls.addClassCleanup(test_containers_on_docker.forget_image, name)
        cls.plugin = plugin.Plugin(
            tempest, cls.service, name, pathlib.Path(
                cls.enterClassContext(tempfile.TemporaryDirectory())))

    def test_each_does_what_the_guide_says(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = {version: pool.submit(
                self.plugin.run, version, tests, SIDE_BY_SIDE)
                for version, tests in TESTS.items()}
            found = {f'At {version}': one.result()
                     for version, one in running.items()}
        page = plugin.page(found)
        if os.environ.get('ZUN_LITE_TEST_WRITE'):
            TABLE.write_text(page)
        self.assertEqual(TABLE.read_text(), page)
        self.assertNotIn('fails', page)
