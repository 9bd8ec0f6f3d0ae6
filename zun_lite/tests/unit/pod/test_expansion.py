"""References to variables."""
import unittest

from zun_lite.pod import expansion


class TestExpansion(unittest.TestCase):
    def test_references(self):
        known = {'A': '1', 'B': '$(A)', 'a.b-c': 'x'}
        for text, expected in (
                ('$(A)', '1'), ('$(B)', '$(A)'), ('$$(A)', '$(A)'),
                ('$$$(A)', '$1'), ('$(C)', '$(C)'), ('$A', '$A'),
                ('$', '$'), ('$(', '$('), ('$(A', '$(A'), ('a$$b', 'a$b'),
                ('$(a.b-c)', 'x'), ('$()', '$()'), ('', '')):
            self.assertEqual(expected, expansion.expand(text, known), text)
