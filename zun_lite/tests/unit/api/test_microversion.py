import unittest

from zun_lite import exceptions
from zun_lite.api import microversion
from zun_lite.tests.unit.api import samples


class Parse(unittest.TestCase):

    def test_a_version(self):
        self.assertEqual((1, 12), microversion.parse('container 1.12'))

    def test_latest_in_any_case(self):
        self.assertEqual(microversion.MAX,
                         microversion.parse('Container LATEST'))

    def test_other_services_may_share_the_header(self):
        self.assertEqual((1, 5), microversion.parse(
            'compute 2.90, container 1.5'))

    def test_versions_compare_as_numbers(self):
        self.assertLess(microversion.parse('container 1.9'),
                        microversion.parse('container 1.12'))

    def test_what_is_no_version_is_refused(self):
        for header in ('', '1.2', 'compute 1.2', 'compute latest',
                       'container', 'container x', 'container 1',
                       'container 1.2.3', 'container 01.2', 'container 1.02',
                       'container -1.2', 'container ¹.2', 'container 1.2 x',
                       'container 1.2, container 1.3'):
            with self.subTest(header), self.assertRaises(
                    exceptions.NotAcceptable):
                microversion.parse(header)

    def test_out_of_range_tells_the_range(self):
        for version in ('1.0', '1.42', '2.0', '9999.0'):
            with self.subTest(version), self.assertRaisesRegex(
                    exceptions.NotAcceptable, '1.1 to 1.41'):
                microversion.parse(f'container {version}')


class Effective(unittest.TestCase):

    def test_without_a_header_it_is_the_first_that_has_it(self):
        for born in ((1, 1), (1, 41)):
            version = microversion.Version(*born)
            self.assertEqual(version, microversion.effective(None, version))

    def test_before_its_birth_it_cannot_be_had(self):
        with self.assertRaises(exceptions.NotAcceptable):
            microversion.effective('container 1.40', microversion.PODS)


class OnTheWire(samples.ApiTest):

    def test_the_answer_says_what_was_served(self):
        found = self.api.get('/v1/pods')
        self.assertEqual('container 1.41',
                         found.headers['openstack-api-version'])
        self.assertEqual('container 1.1',
                         found.headers['openstack-api-minimum-version'])
        self.assertEqual('container 1.41',
                         found.headers['openstack-api-maximum-version'])
        self.assertEqual('OpenStack-API-Version', found.headers['vary'])

    def test_a_handled_error_says_it_too(self):
        found = self.api.get('/v1/pods/nothing')
        self.assertEqual(404, found.status)
        self.assertEqual('container 1.41',
                         found.headers['openstack-api-version'])

    def test_nothing_also_says_it(self):
        self.pod()
        found = self.api.delete('/v1/pods/web?force=true')
        self.assertEqual(204, found.status)
        self.assertEqual('container 1.41',
                         found.headers['openstack-api-version'])

    def test_a_lower_version_is_406(self):
        old = {'OpenStack-API-Version': 'container 1.40'}
        found = self.api.get('/v1/pods', headers=old)
        self.assertEqual(406, found.status)
        self.assertEqual('zun_lite.not_acceptable', found.error['code'])

    def test_out_of_range_tells_what_to_ask_for(self):
        found = self.api.get('/v1/containers', headers={
            'OpenStack-API-Version': 'container 1.0'})
        self.assertEqual((406, '1.1', '1.41', 'help'), (
            found.status, found.error['min_version'],
            found.error['max_version'], found.error['links'][0]['rel']))
        self.assertTrue(found.error['code'].endswith('.unsupported'))

    def test_the_root_takes_any(self):
        old = {'OpenStack-API-Version': 'container 1.1'}
        found = self.api.get('/', headers=old)
        self.assertEqual('1.41', found.json['versions'][0]['max_version'])
