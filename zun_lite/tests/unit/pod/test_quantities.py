"""Quantities against exact fractions."""
import fractions
import math
import re
import unittest

import hypothesis
import pydantic
from hypothesis import strategies as st

from zun_lite.pod import quantities
from zun_lite.tests import strategies

ADAPTER = pydantic.TypeAdapter(quantities.Quantity)


def oracle(text: str) -> fractions.Fraction:
    """Independent of the code: suffixes by table, digits by Fraction."""
    powers = {'n': -9, 'u': -6, 'm': -3, 'k': 3, 'M': 6, 'G': 9, 'T': 12,
              'P': 15, 'E': 18}
    found = re.fullmatch(r'\+?([0-9.]+)(.*)', text)
    digits, suffix = found[1], found[2]
    whole, _, part = digits.partition('.')
    value = fractions.Fraction(int((whole + part) or '0'), 10 ** len(part))
    if suffix.endswith('i'):
        return value * 1024 ** ('KMGTPE'.index(suffix[0]) + 1)
    if suffix in powers:
        return value * fractions.Fraction(10) ** powers[suffix]
    if suffix:
        return value * fractions.Fraction(10) ** int(suffix[1:])
    return value


class TestQuantities(unittest.TestCase):

    @hypothesis.given(strategies.quantities())
    def test_agrees_with_fractions(self, text):
        expected = oracle(text)
        self.assertEqual(expected, fractions.Fraction(quantities.parse(text)))
        self.assertEqual(math.ceil(expected), quantities.whole(text))
        self.assertEqual(math.ceil(expected * 1000), quantities.millis(text))

    @hypothesis.given(st.integers(0, 10**31), st.sampled_from(['', 'Ei']))
    def test_long_numbers_are_exact(self, number, suffix):
        text = f'{number}{suffix}'
        hypothesis.assume(len(text) <= 32)
        factor = 2**60 if suffix else 1
        self.assertEqual(number * factor, quantities.whole(text))
        self.assertEqual(number * factor * 1000, quantities.millis(text))

    @hypothesis.given(strategies.quantities())
    def test_what_parses_has_the_right_shape(self, text):
        self.assertEqual(text, ADAPTER.validate_python(text))

    @hypothesis.given(st.one_of(st.text(max_size=12), st.text(
        st.sampled_from('0123456789.+-eEmkKMGiu nPT_\n'), max_size=8)))
    def test_shape_and_value_agree_on_what_is_one(self, text):
        try:
            ADAPTER.validate_python(text)
        except pydantic.ValidationError:
            with self.assertRaises(ValueError):
                quantities.parse(text)
        else:
            quantities.parse(text)

    def test_values(self):
        for text, expected in (
                ('0', 0), ('250m', 1), ('0.1', 1), ('1Ki', 1024),
                ('1.5Gi', 1610612736), ('1e3', 1000), ('1E3', 1000),
                ('1E', 10**18), ('1Ei', 2**60), ('.5k', 500), ('1.', 1),
                ('+5', 5), ('100n', 1), ('1e-2', 1), ('12e99', 12 * 10**99)):
            with self.subTest(text):
                self.assertEqual(expected, quantities.whole(text))
        self.assertEqual(250, quantities.millis('250m'))
        self.assertEqual(100, quantities.millis('0.1'))
        self.assertEqual(1, quantities.millis('1n'))

    def test_refused(self):
        for text in ('', ' ', '1 ', ' 1', '-1', '1_000', '1e', '1e100', '1K',
                     '1ki', '1mi', '1e3Ki', '1e3k', '0x10', 'NaN', 'inf',
                     '1\n', '١', '1,5', '.', '+', '1..2', 'Ki', '9' * 33):
            with self.subTest(text), self.assertRaises(ValueError):
                quantities.parse(text)

    def test_numbers_become_text(self):
        for number, text in ((1, '1'), (0, '0'), (0.5, '0.5'), (2.0, '2'),
                             (1e9, '1000000000'), (0.1, '0.1'),
                             (2**50, '1125899906842624'), (-0.0, '0'),
                             (1e-12, '0.000000001')):
            with self.subTest(number):
                self.assertEqual(text, ADAPTER.validate_python(number))

    def test_numbers_out_of_range_are_refused(self):
        for number in (-1, -0.5, float('inf'), float('nan'), 10**40, 1e300,
                       True, None):
            with self.subTest(number), self.assertRaises(
                    pydantic.ValidationError):
                ADAPTER.validate_python(number)
