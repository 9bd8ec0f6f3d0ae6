"""The samples in etc/ are those of this code: `tox -e genconfig,genpolicy`."""
import configparser
import pathlib
import re
import unittest

import zun_lite
from zun_lite import conf
from zun_lite import policies

ETC = pathlib.Path(zun_lite.__file__).parents[1] / 'etc' / 'zun_lite'


def text_of(sample: str) -> str:
    """The sample with its settings in force, without its comments."""
    lines = (ETC / sample).read_text().splitlines()
    return '\n'.join(line.removeprefix('#') for line in lines
                     if not re.match(r'#( |$)', line))


class TestSamples(unittest.TestCase):

    def test_every_option_has_its_default(self):
        found = configparser.RawConfigParser()
        found.optionxform = str      # type: ignore[assignment,method-assign]
        found.read_string(text_of('zun_lite.conf.sample'))
        for group, options in conf.list_opts():
            for option in options:
                with self.subTest(f'[{group}] {option.name}'):
                    shown = found.get(group, option.name.replace('-', '_'))
                    if option.sample_default is None and isinstance(
                            option.default, bool | int | float | str):
                        self.assertEqual(str(option.default).lower(),
                                         shown.lower())

    def test_every_rule_has_its_check(self):
        text = text_of('policy.yaml.sample')
        for rule in policies.list_rules():
            with self.subTest(rule.name):
                self.assertEqual([f'"{rule.name}": "{rule.check_str}"'], [
                    line for line in text.splitlines()
                    if line.startswith(f'"{rule.name}":')])
