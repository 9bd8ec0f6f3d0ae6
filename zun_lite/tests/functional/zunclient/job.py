"""Users run commands side by side; the guide tells what became of them."""
import concurrent.futures
import os
import pathlib
import tempfile
import typing

import zun_lite
from zun_lite.tests import neighbours
from zun_lite.tests.functional import test_keystone
from zun_lite.tests.functional.zunclient import service
from zun_lite.tests.functional.zunclient import shell
from zun_lite.tests.functional.zunclient import story

GUIDE = pathlib.Path(zun_lite.__file__).parents[1] / 'doc/source/user'


class CommandsJob:
    """Mix into a TestCase. ZUN_LITE_TEST_WRITE=1 writes the table."""
    driver: typing.ClassVar[str]

    @classmethod
    def setUpClass(cls: typing.Any) -> None:
        cls.openstack = neighbours.need('ZUN_LITE_TEST_ZUNCLIENT')
        cls.service = service.Service(test_keystone.Keystone(), cls.driver)
        cls.addClassCleanup(cls.service.close)
        cls.service.ready()
        cls.results = shell.Results(shell.commands(cls.openstack))
        cls.directory = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))

    def tell(self: typing.Any, *stories: type[story.Story]) -> None:
        self.service.empty()        # of what an attempt before may have left
        with concurrent.futures.ThreadPoolExecutor() as pool:
            told = [pool.submit(made(
                self.service, self.openstack, self.results,
                self.directory).tell) for made in stories]
            for one in told:
                one.result()

    def check_guide(self: typing.Any) -> None:
        """Its table is what this run has found."""
        page = GUIDE / f'zun-commands-{self.driver}.txt'
        found = shell.page(self.results.found)
        if os.environ.get('ZUN_LITE_TEST_WRITE'):
            page.write_text(found)
        self.assertEqual(page.read_text(), found)
