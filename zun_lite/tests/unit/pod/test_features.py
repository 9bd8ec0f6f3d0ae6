"""Groups of fields that drivers declare."""
import itertools
import unittest

from zun_lite.pod import capabilities
from zun_lite.pod import features
from zun_lite.pod import spec

GROUPS = {name: group for name, group in vars(features).items()
          if name.isupper() and isinstance(group, dict)}


class TestGroups(unittest.TestCase):

    def test_every_field_is_in_a_group(self):
        """A field that is in none could not be honoured by anyone."""
        self.assertEqual(capabilities.ALL, features.fields(*GROUPS.values()))

    def test_no_field_is_in_two(self):
        for (one, first), (other, second) in itertools.combinations(
                GROUPS.items(), 2):
            for model in first.keys() & second.keys():
                with self.subTest(f'{one} {other} {model.__name__}'):
                    self.assertEqual(set(), set(first[model].split())
                                     & set(second[model].split()))

    def test_every_name_is_a_field(self):
        for name, group in GROUPS.items():
            for model, names in group.items():
                known = {f.alias for f in model.model_fields.values()}
                with self.subTest(f'{name} {model.__name__}'):
                    self.assertLessEqual(
                        {n.partition('=')[0] for n in names.split()}, known)

    def test_a_field_without_its_holder_does_not_count(self):
        found = features.fields({spec.EnvVar: 'value',
                                 spec.EmptyDir: 'sizeLimit'})
        self.assertEqual(frozenset(), found)

    def test_only_what_is_named(self):
        found = features.fields({
            spec.PodSpec: 'volumes restartPolicy=Never',
            spec.Volume: 'emptyDir'})
        self.assertEqual({'spec.volumes', 'spec.volumes.emptyDir',
                          'spec.restartPolicy=Never'}, found)
