"""Labels and annotations that follow those of ours."""
import json
import unittest

from zun_lite.drivers.kubernetes import metadata
from zun_lite.drivers.kubernetes import names
from zun_lite.pod import spec
from zun_lite.tests.unit.drivers.kubernetes.documents import UUID


def pod(labels=None, annotations=None, **fields) -> spec.Pod:
    document = {'containers': [{'name': 'main', 'image': 'i'}], **fields}
    return spec.Pod(
        uuid=UUID, project_id='p', generation=1, desired='running',
        metadata=spec.Metadata(name='web', labels=labels,
                               annotations=annotations),
        spec=spec.PodSpec.model_validate_json(json.dumps(document)),
        container_uuids={'main': UUID})


def told(**given) -> metadata.Described:
    return metadata.described(pod(**given), 'here')


class TestDescribed(unittest.TestCase):
    def test_the_owners_and_ours(self):
        found = told(labels={'a': 'b'}, annotations={'note': 'x'})
        self.assertEqual('b', found['labels']['a'])
        self.assertEqual(UUID, found['labels'][names.POD])
        self.assertEqual('x', found['annotations']['note'])

    def test_the_digest_tells_changes(self):
        digests = {told(**given)['annotations'][names.DIGEST] for given in (
            {}, {'labels': {'a': 'b'}}, {'labels': {'a': 'c'}},
            {'annotations': {'a': 'b'}}, {'labels': {'a': 'b'}})}
        self.assertEqual(4, len(digests))

    def test_lists_only_where_files_show_them(self):
        shown = {'volumes': [{'name': 'v', 'projected': {'sources': [
            {'downwardAPI': {'items': [{'path': 'l', 'fieldRef': {
                'fieldPath': 'metadata.labels'}}]}}]}}]}
        labels = {'b': '2', 'a': '1'}
        self.assertEqual('a="1"\nb="2"', told(labels=labels, **shown)[
            'annotations']['zun-lite/labels'])
        self.assertNotIn('zun-lite/labels', told(labels=labels)[
            'annotations'])


class TestPatch(unittest.TestCase):
    def patched(self, before, after, **others):
        """What `after` sets of the cluster's pod, which `before` made."""
        found = told(**before) | {'uid': 'u'}
        for kind, entries in others.items():
            found[kind] = found[kind] | entries
        change = metadata.patch(told(**after), found)['metadata']
        self.assertEqual('u', change.pop('uid'))
        return {kind: {key: value for key, value in entries.items()
                       if not key.startswith('zun-lite/')
                       and key != names.MANAGED}
                for kind, entries in change.items()}

    def test_what_changed_and_what_went(self):
        self.assertEqual(
            {'labels': {'a': '2', 'gone': None},
             'annotations': {'old': None, 'new': 'x'}},
            self.patched({'labels': {'a': '1', 'gone': 'x'},
                          'annotations': {'old': 'x'}},
                         {'labels': {'a': '2'}, 'annotations': {'new': 'x'}}))

    def test_what_others_added_stays(self):
        self.assertEqual(
            {'labels': {}, 'annotations': {}},
            self.patched({}, {}, labels={'zone': 'z'},
                         annotations={'network/ip': '10.0.0.1'}))

    def test_a_pod_of_before_there_were_keys(self):
        change = metadata.patch(told(labels={'a': 'b'}), {'uid': 'u'})
        self.assertEqual('b', change['metadata']['labels']['a'])
