from zun_lite import db
from zun_lite.db import hosts
from zun_lite.tests.unit.api import samples

WHICH = 'host=one&binary=zun-compute'


class Services(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.host('one')
        self.api = self.api.with_headers(
            OpenStack_API_Version='container 1.40')

    def test_trap_12_actions_on_services_are_wrapped(self):
        """And nothing else about them is."""
        for act, more, told in (
                ('disable', '&disabled_reason=x', {
                    'disabled': True, 'disabled_reason': 'x'}),
                ('disable', '&disabled_reason=None', {
                    'disabled': True, 'disabled_reason': None}),
                ('enable', '', {'disabled': False, 'disabled_reason': None}),
                ('force_down', '&forced_down=True', {'forced_down': True})):
            found = self.api('PUT', f'/v1/services/{act}?{WHICH}{more}')
            self.assertEqual((200, {'service': {
                'host': 'one', 'binary': 'zun-compute'} | told}),
                (found.status, found.json))
        (listed,) = self.api.get('/v1/services').json['services']
        self.assertEqual(('one', 'down'), (listed['host'], listed['state']))

    def test_text_that_cannot_be_stored(self):
        refused = self.api(
            'PUT', f'/v1/services/disable?{WHICH}&disabled_reason=a%00b')
        self.assertEqual((400, ['disabled_reason']),
                         (refused.status, refused.paths))

    def test_trap_16_deleting_a_service_answers_200(self):
        refused = self.api.delete(f'/v1/services?{WHICH}')
        self.assertEqual(409, refused.status, refused.body)
        self.api('PUT', f'/v1/services/force_down?{WHICH}&forced_down=true')
        found = self.api.delete(f'/v1/services?{WHICH}')
        self.assertEqual((200, b'null'), (found.status, found.body))
        self.assertEqual(404, self.api.delete(
            f'/v1/services?{WHICH}').status)

    def test_times_are_naive_and_exact(self):
        (found,) = self.api.get('/v1/services').json['services']
        for name in ('created_at', 'updated_at', 'last_seen_up'):
            self.assertRegex(found[name],
                             r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$')

    def test_a_silent_host_is_down(self):
        with db.writer() as session:
            hosts.silence(session, db.now().replace(year=2099))
        (found,) = self.api.get('/v1/services').json['services']
        self.assertEqual(('down', False), (found['state'],
                                           found['forced_down']))

    def test_zones_are_told_once(self):
        for name, labels in (('two', {}), ('three', {
                'zun-lite/availability-zone': 'az2'})):
            self.host(name, inventory={
                'cpu_millis': 1, 'memory_bytes': 1, 'labels': labels})
        self.override('default_availability_zone', 'az1', 'containers')
        self.assertEqual(
            [{'availability_zone': 'az1'}, {'availability_zone': 'az2'}],
            self.api.get('/v1/availability_zones').json[
                'availability_zones'])

    def test_force_deletes_what_is_on_a_host_that_was_forced_down(self):
        row = self.container(host='one')
        self.api('PUT', f'/v1/services/force_down?{WHICH}&forced_down=True')
        self.assertEqual(204, self.api.delete(
            f'/v1/containers/{row.uuid}?force=true').status)
        self.assertEqual(404, self.api.get(
            f'/v1/containers/{row.uuid}').status)
