"""The manual's table of what engines honour is what drivers declare."""
import pathlib
import subprocess
import sys
import unittest

TOOL = pathlib.Path(__file__).parents[4] / 'tools' / 'support-table'


class TestSupportTable(unittest.TestCase):
    def test_the_page_is_up_to_date(self):
        if not TOOL.exists():
            self.skipTest('not run from the source tree')
        self.assertEqual(0, subprocess.run(
            [sys.executable, str(TOOL), '--check'], check=False).returncode,
            'run tools/support-table')
