"""pydantic's findings in plain words, for any model."""
import typing
import unittest

import pydantic

from zun_lite.exceptions import FieldError
from zun_lite.pod import faults
from zun_lite.pod import partial
from zun_lite.pod import paths
from zun_lite.pod import unsupported


class Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra='forbid', strict=True)
    either: int | str | None = None
    bounded: typing.Annotated[int, pydantic.Field(gt=1, lt=9)] | list[
        bool] | None = None
    items: typing.Annotated[list[int], pydantic.Field(
        min_length=2, max_length=3)] | None = None
    map: dict[str, int] | None = None
    choice: typing.Literal['a', 'b', 3] | None = None
    other: typing.Annotated[str, pydantic.Field(pattern='^x+$')] | None = None


def found(text: str, model: faults.Model | None = Part) -> dict[str, str]:
    try:
        Part.model_validate_json(text)
    except pydantic.ValidationError as error:
        return {f.path: f.message for f in faults.errors_from(error, model)}
    return {}


class TestErrorsFrom(unittest.TestCase):

    def test_unions_are_one_fault(self):
        self.assertEqual(
            {'either': 'must be a whole number, or a string'},
            found('{"either": []}'))
        self.assertEqual(
            {'either': 'must be a whole number, or a string; put it in '
                       'quotes'}, found('{"either": true}'))
        self.assertEqual(
            {'bounded': 'must be more than 1, or a list'},
            found('{"bounded": 1}'))

    def test_keys_named_like_a_type_are_keys(self):
        self.assertEqual({'map.int': 'must be a whole number'},
                         found('{"map": {"int": "x"}}'))

    def test_items(self):
        self.assertEqual({'items[0]': 'must be a whole number'},
                         found('{"items": ["x", 1]}'))
        self.assertEqual({'items': 'must have at least 2 item(s)'},
                         found('{"items": [1]}'))
        self.assertEqual({'items': 'must have at most 3 items'},
                         found('{"items": [1, 2, 3, 4]}'))

    def test_words(self):
        self.assertEqual({'choice': "must be 'a', 'b' or 3"},
                         found('{"choice": "c"}'))
        self.assertEqual({'other': 'must match ^x+$'},
                         found('{"other": "y"}'))
        self.assertEqual({'': 'must be a map'}, found('[]'))
        self.assertIn('Invalid JSON', found('{')[''])

    def test_unknown_fields(self):
        self.assertEqual(
            {'chioce': "unknown field; did you mean 'choice'?",
             'zzz': 'unknown field'}, found('{"chioce": 1, "zzz": 1}'))
        self.assertEqual({'chioce': 'unknown field'},
                         found('{"chioce": 1}', model=None))

    def test_suggestions_know_other_ways_to_spell(self):
        for name, expected in (('image_pull_policy', 'imagePullPolicy'),
                               ('Image-Pull-Policy', 'imagePullPolicy'),
                               ('enviroment', None), ('imag', 'image')):
            with self.subTest(name):
                hint = unsupported.suggestion(
                    name, ['image', 'imagePullPolicy', 'env'])
                self.assertEqual(
                    f"; did you mean '{expected}'?" if expected else '', hint)


class TestPaths(unittest.TestCase):

    def test_text(self):
        for parts, expected in (
                ((), ''), (('spec', 'containers', 1, 'ports', 0, 'name'),
                           'spec.containers[1].ports[0].name'),
                (('metadata', 'labels', 'a.b/c'), 'metadata.labels[a.b/c]'),
                ((0, 'a'), '[0].a'), (('', 'a'), '[].a'),
                (('a', 'b\nc'), "a['b\\nc']"),
                (('a', 'x-' * 50), f'a[{"x-" * 40}...]')):
            with self.subTest(expected):
                self.assertEqual(expected, paths.text(parts))


class TestPartial(unittest.TestCase):

    def test_without(self):
        document = {'a': [{'b': 1, 'c': [1, 2]}], 'd': 1}
        self.assertTrue(partial.without(
            document, [('a', 0, 'c', 1), ('d',)]))
        self.assertEqual({'a': [{'b': 1}]}, document)

    def test_what_cannot_be_left_out(self):
        for place in ((), (0,), ('name',), ('a', 'b', 'c'), ('x', 'y')):
            with self.subTest(place):
                self.assertFalse(partial.without(
                    {'a': {'b': 5}, 'name': 1}, [place]))

    def test_beside(self):
        kept = [FieldError('a.b', 'x'), FieldError('c', 'x')]
        self.assertEqual(kept, partial.beside(
            [FieldError('a', 'x'), *kept, FieldError('d', 'x')],
            [FieldError('a.bc', 'y'), FieldError('d[0].e', 'y')]))
