"""Each file of gabbits/ is a story, told to a service of its own."""
import pathlib
import typing
import unittest

import yaml
from gabbi import handlers
from gabbi import suitemaker
from gabbi.handlers import base

from zun_lite.tests.functional import stack

DIRECTORY = pathlib.Path(__file__).parent / 'gabbits'


class HiddenHandler(base.ResponseHandler):
    """`response_hidden`: what must not be in a body, nor in a header."""
    test_key_suffix = 'hidden'
    test_key_value: typing.ClassVar[list[str]] = []

    def action(self, test: typing.Any, item: str,
               value: object = None) -> None:
        test.assertNotIn(item, test.output)
        test.assertNotIn(item, str(test.response))


HANDLERS = [handler() for handler in (*handlers.RESPONSE_HANDLERS,
                                      HiddenHandler)]


class Stories(unittest.TestCase):
    """gabbi's requests go to the application without a socket."""

    def setUp(self) -> None:
        self.stack = stack.Stack()
        self.stack.start()
        self.addCleanup(self.stack.stop)

    def tell(self, path: pathlib.Path) -> None:
        result = unittest.TestResult()
        story = yaml.safe_load(path.read_text())
        suite = suitemaker.test_suite_from_dict(
            unittest.TestLoader(), path.stem, story, str(DIRECTORY),
            f'{path.stem}.test', 80, None, lambda: self.stack.app,
            handlers=HANDLERS)
        suite.run(result)
        faults = result.failures + result.errors
        if faults:
            self.fail('\n'.join(_told(*fault) for fault in faults))
        self.assertEqual(len(story['tests']), result.testsRun)


def _told(test: typing.Any, trace: str) -> str:
    """The request that failed, and what was wrong."""
    name = getattr(test, 'test_data', {}).get('name', test)
    return f'{name}: {trace.strip().splitlines()[-1]}\n' + trace


def _add(path: pathlib.Path) -> None:
    def test(self: Stories) -> None:
        self.tell(path)
    setattr(Stories, f'test_{path.stem.replace("-", "_")}', test)


for _path in sorted(DIRECTORY.glob('*.yaml')):
    _add(_path)
