"""Every command of `openstack appcontainer` and `openstack capsule`.

ZUN_LITE_TEST_WRITE=1 writes the table of what became of them.
"""
import concurrent.futures
import os
import pathlib
import tempfile
import unittest

import pytest

import zun_lite
from zun_lite.tests import neighbours
from zun_lite.tests.functional import test_keystone
from zun_lite.tests.functional.zunclient import service
from zun_lite.tests.functional.zunclient import shell
from zun_lite.tests.functional.zunclient import story

PAGE = (pathlib.Path(zun_lite.__file__).parents[1]
        / 'doc/source/user/zun-commands.txt')


@pytest.mark.timeout(900)
class Commands(unittest.TestCase):
    """From shells, with tokens of a real Keystone, on a real Docker."""

    @classmethod
    def setUpClass(cls):
        neighbours.docker_host()
        cls.openstack = neighbours.need('ZUN_LITE_TEST_ZUNCLIENT')
        cls.service = service.Service(test_keystone.Keystone())
        cls.addClassCleanup(cls.service.close)
        admin = cls.service.client()
        neighbours.wait_for('the host is live', lambda: any(
            host['hostname'] == cls.service.host
            for host in admin.get('/hosts')['hosts']))

    def tell(self, results, directory, *stories):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            told = [pool.submit(made(
                self.service, self.openstack, results, directory).tell)
                for made in stories]
            for one in told:
                one.result()

    def test_each_does_what_the_guide_says(self):
        results = shell.Results(shell.commands(self.openstack))
        with tempfile.TemporaryDirectory() as directory:
            self.tell(results, pathlib.Path(directory), *story.SIDE_BY_SIDE)
            self.tell(results, pathlib.Path(directory), story.LAST)
        self.assertEqual(results.commands, set(results.found),
                         'each command is to be in a story')
        found = shell.page(results.found)
        print(found)
        if os.environ.get('ZUN_LITE_TEST_WRITE'):
            PAGE.write_text(found)
        self.assertEqual(PAGE.read_text(), found)
