import json
import unittest.mock

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import hosts
from zun_lite.tests import databases
from zun_lite.tests.unit.api import samples


class Document(samples.ApiTest):

    def test_the_spec_comes_back_as_it_was_sent(self):
        sent = samples.manifest(env=[{'name': 'A', 'value': '"é\\'}],
                                resources={'limits': {'memory': '64Mi'}})
        sent['metadata'] |= {'labels': {'app': 'web'},
                             'annotations': {'note': '"é\\\n'}}
        made = self.api.post('/v1/pods', sent)
        self.assertEqual(202, made.status)
        shown = self.api.get('/v1/pods/web').json
        self.assertEqual(made.json, shown)
        self.assertEqual(sent['spec'], shown['spec'])
        self.assertEqual('"é\\\n', shown['metadata']['annotations']['note'])
        self.assertEqual(
            ('default', 1, 'Pending', 'running', 0),
            (shown['metadata']['namespace'], shown['metadata']['generation'],
             shown['status']['phase'], shown['status']['desired'],
             shown['status']['observedGeneration']))
        self.assertEqual([shown['metadata']['uid']], self.bell.rung)

    def test_location_is_where_it_is(self):
        made = self.api.post('/v1/pods', samples.POD)
        path = made.headers['location'].removeprefix('http://api.test:9517')
        self.assertEqual(made.json, self.api.get(path).json)

    def test_the_host_is_for_administrators(self):
        self.pod(host='rack1')
        admin = self.api.get('/v1/pods/web').json
        self.assertEqual(('rack1', 'rack1'), (
            admin['spec']['nodeName'], admin['status']['host']))
        member = self.as_roles('member').get('/v1/pods/web')
        self.assertNotIn(b'rack1', member.body)
        self.assertNotIn('nodeName', member.json['spec'])
        self.assertEqual(403, self.as_roles('member').get(
            '/v1/pods?host=rack1').status)
        self.assertEqual(1, len(self.api.get(
            '/v1/pods?host=rack1').json['items']))

    def test_an_odd_project_id_stays_inside_its_string(self):
        self.pod(project_id='a"\\b')
        found = self.as_roles('admin', project='a"\\b').get('/v1/pods')
        self.assertEqual('a"\\b',
                         found.json['items'][0]['metadata']['namespace'])

    def test_what_is_deleted_says_since_when(self):
        self.pod(deleted_at=db.now(), desired='absent')
        found = self.api.get('/v1/pods/web').json
        self.assertRegex(found['metadata']['deletionTimestamp'],
                         r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')

    def test_reads_do_not_grow_with_the_page(self):
        for n in range(5):
            self.pod(name=f'p{n}')
        with databases.Statements() as statements:
            self.api.get('/v1/pods')
        self.assertEqual(1, len([s for s in statements.seen
                                 if s.startswith('SELECT')]))


class Create(samples.ApiTest):

    def test_every_fault_is_told_and_nothing_written(self):
        sent = samples.manifest('web', image='', ports=[
            {'containerPort': 0}], nonsense=1)
        sent['spec']['volumes'] = [{'name': 'a', 'hostPath': {'path': '/'}}]
        found = self.api.post('/v1/pods', sent)
        self.assertEqual(400, found.status)
        self.assertLessEqual({
            'spec.containers[0].image', 'spec.containers[0].nonsense',
            'spec.containers[0].ports[0].containerPort',
            'spec.volumes[0].hostPath'}, set(found.paths))
        self.assertEqual([], self.api.get('/v1/pods').json['items'])
        self.assertEqual([], self.bell.rung)

    def test_what_no_host_can_is_refused(self):
        self.host()
        found = self.api.post('/v1/pods', samples.manifest(tty=True))
        self.assertEqual((400, ['spec.containers[0].tty']),
                         (found.status, found.paths))

    def test_names_may_repeat(self):
        for _ in range(2):
            self.assertEqual(202, self.api.post('/v1/pods',
                                                samples.POD).status)
        found = self.api.get('/v1/pods/web')
        self.assertEqual((409, 'zun_lite.pod.ambiguous_name'),
                         (found.status, found.error['code']))


class Privileges(samples.ApiTest):
    ASKED = (
        ({'privileged': True}, 'privileged'),
        ({'allowPrivilegeEscalation': True}, 'allowPrivilegeEscalation'),
        ({'capabilities': {'add': ['NET_ADMIN']}}, 'capabilities.add'))

    def test_they_are_for_administrators(self):
        for context, path in self.ASKED:
            with self.subTest(path):
                sent = samples.manifest(securityContext=context)
                found = self.as_roles('member').post('/v1/pods', sent)
                self.assertEqual(403, found.status)
                self.assertEqual(
                    [f'spec.containers[0].securityContext.{path}'],
                    found.paths)
                self.assertEqual(
                    202, self.api.post('/v1/pods', sent).status)

    def test_init_containers_are_looked_at_too(self):
        sent = samples.manifest()
        sent['spec']['initContainers'] = [{
            'name': 'first', 'image': 'b',
            'securityContext': {'privileged': True}}]
        found = self.as_roles('member').post('/v1/pods', sent)
        self.assertEqual(
            ['spec.initContainers[0].securityContext.privileged'],
            found.paths)

    def test_probes_of_other_hosts_are(self):
        """The agent asks: it reaches what the pod may not."""
        for action in ('httpGet', 'tcpSocket'):
            for name in ('livenessProbe', 'readinessProbe', 'startupProbe'):
                with self.subTest(f'{name}.{action}'):
                    sent = samples.manifest(**{name: {action: {
                        'host': '127.0.0.1', 'port': 2375}}})
                    found = self.as_roles('member').post('/v1/pods', sent)
                    self.assertEqual(403, found.status)
                    self.assertEqual(
                        [f'spec.containers[0].{name}.{action}.host'],
                        found.paths)
                    self.assertEqual(
                        202, self.api.post('/v1/pods', sent).status)

    def test_probes_of_the_pod_are_not(self):
        sent = samples.manifest(readinessProbe={'httpGet': {'port': 80}})
        found = self.as_roles('member').post('/v1/pods', sent)
        self.assertEqual(202, found.status)

    def test_choosing_the_host_is_one(self):
        sent = samples.manifest()
        sent['spec']['nodeSelector'] = {'zun-lite/host': 'one'}
        found = self.as_roles('member').post('/v1/pods', sent)
        self.assertEqual(403, found.status)

    def test_giving_up_rights_is_none(self):
        sent = samples.manifest(securityContext={
            'privileged': False, 'allowPrivilegeEscalation': False,
            'capabilities': {'drop': ['ALL']}, 'runAsNonRoot': True})
        found = self.as_roles('member').post('/v1/pods', sent)
        self.assertEqual(202, found.status)

    def test_a_dry_run_is_held_to_them(self):
        found = self.as_roles('member').post(
            '/v1/pods?dry_run=true',
            samples.manifest(securityContext={'privileged': True}))
        self.assertEqual(403, found.status)


class DryRun(samples.ApiTest):

    def test_each_host_says_its_part_and_nothing_is_written(self):
        self.host('one')
        self.host('two', capabilities=['spec.containers.tty'])
        found = self.api.post('/v1/pods?dry_run=true',
                              samples.manifest(tty=True))
        self.assertEqual(200, found.status)
        verdicts = {v['host']: v for v in found.json['verdicts']}
        self.assertEqual((False, True), (verdicts['one']['accepted'],
                                         verdicts['two']['accepted']))
        self.assertEqual('spec.containers[0].tty',
                         verdicts['one']['fields'][0]['path'])
        self.assertTrue(found.json['accepted'])
        self.assertEqual([], self.api.get('/v1/pods').json['items'])

    def test_hosts_are_not_named_to_everyone(self):
        self.host('rack1')
        self.host('rack2')
        found = self.as_roles('member').post('/v1/pods?dry_run=true',
                                             samples.POD)
        self.assertNotIn(b'rack', found.body)
        self.assertEqual(1, len(found.json['verdicts']))

    def test_without_hosts_nothing_takes_it(self):
        found = self.api.post('/v1/pods?dry_run=true', samples.POD)
        self.assertEqual({'accepted': False, 'verdicts': []}, found.json)


class Change(samples.ApiTest):

    def test_stop_and_start(self):
        self.pod(host='one', phase='Running')
        stopped = self.api.post('/v1/pods/web/stop')
        self.assertEqual((202, 'stopped', 2), (
            stopped.status, stopped.json['status']['desired'],
            stopped.json['metadata']['generation']))
        started = self.api.post('/v1/pods/web/start', {})
        self.assertEqual((202, 'running'), (
            started.status, started.json['status']['desired']))

    def test_they_take_nothing(self):
        self.pod()
        found = self.api.post('/v1/pods/web/stop', {'force': True})
        self.assertEqual((400, ['force']), (found.status, found.paths))
        found = self.api.post('/v1/pods/web/stop?timeout=1')
        self.assertEqual((400, ['timeout']), (found.status, found.paths))

    def test_an_empty_body_of_a_json_type_is_none(self):
        self.pod()
        self.assertEqual(202, self.api.post('/v1/pods/web/stop', b'').status)

    def test_delete_twice(self):
        self.pod(host='one')
        for _ in range(2):
            found = self.api.delete('/v1/pods/web')
            self.assertEqual(202, found.status)
            self.assertIn('deletionTimestamp', found.json['metadata'])

    def test_force_is_for_administrators(self):
        self.pod()
        found = self.as_roles('member').delete('/v1/pods/web?force=true')
        self.assertEqual(403, found.status)
        found = self.api.delete('/v1/pods/web?force=true')
        self.assertEqual((204, b''), (found.status, found.body))
        self.assertEqual(404, self.api.get('/v1/pods/web').status)

    def test_labels_and_annotations_are_merged(self):
        self.pod(labels={'a': '1', 'b': '2'})
        found = self.api.patch('/v1/pods/web', {'metadata': {
            'labels': {'a': None, 'c': '3'}, 'annotations': {'n': 'x'}}},
            headers={'Content-Type': 'application/merge-patch+json'})
        self.assertEqual(200, found.status)
        self.assertEqual(({'b': '2', 'c': '3'}, {'n': 'x'}), (
            found.json['metadata']['labels'],
            found.json['metadata']['annotations']))
        self.assertEqual(1, len(self.api.get(
            '/v1/pods?labelSelector=c=3,!a').json['items']))

    def test_nothing_else_can_be_patched(self):
        self.pod()
        for body, path in (
                ({'spec': {}, 'metadata': {}}, 'spec'),
                ({'metadata': {'name': 'x'}}, 'metadata.name'),
                ({'metadata': {'labels': {'a': 1}}}, 'metadata.labels.a'),
                ({}, 'metadata')):
            with self.subTest(path):
                found = self.api.patch('/v1/pods/web', body)
                self.assertEqual((400, [path]), (found.status, found.paths))

    def test_labels_are_held_to_their_syntax(self):
        self.pod()
        found = self.api.patch('/v1/pods/web', {'metadata': {
            'labels': {'-bad-': 'x', 'a': 'no spaces'}}})
        self.assertEqual(400, found.status)
        self.assertEqual(2, len(found.paths))

    def test_annotations_cannot_grow_without_end(self):
        self.pod()
        sizes = []
        for n in range(4):
            sizes.append(self.api.patch('/v1/pods/web', {'metadata': {
                'annotations': {f'a{n}': 'x' * 100_000}}}).status)
        self.assertEqual([200, 200, 400, 400], sizes)


class AllProjects(samples.ApiTest):

    def setUp(self):
        super().setUp()
        self.row = self.pod(project_id='beta', name='theirs', host='one')

    def test_an_administrator_sees_them_only_where_asked(self):
        self.assertEqual([], self.api.get('/v1/pods').json['items'])
        self.assertEqual(404, self.api.get('/v1/pods/theirs').status)
        self.assertEqual(1, len(self.api.get(
            '/v1/pods?all_projects=True').json['items']))
        self.assertEqual(200, self.api.get(
            '/v1/pods/theirs?all_projects=true').status)

    def test_and_can_act_on_them(self):
        for method, path in (('POST', '/stop'), ('POST', '/start'),
                             ('DELETE', '')):
            found = self.api(
                method, f'/v1/pods/{self.row.uuid}{path}?all_projects=true')
            self.assertEqual(202, found.status, path)

    def test_nobody_else_may(self):
        found = self.as_roles('member').get('/v1/pods?all_projects=true')
        self.assertEqual(403, found.status)
        found = self.as_roles('member').get('/v1/pods?all_projects=False')
        self.assertEqual(200, found.status)


class Records(samples.ApiTest):

    def test_pages_of_actions(self):
        self.pod()
        for _ in range(3):
            self.api.post('/v1/pods/web/stop')
            self.api.post('/v1/pods/web/start')
        page = self.api.get('/v1/pods/web/actions?limit=4').json
        rest = self.api.get(page['next'].removeprefix(
            'http://api.test:9517')).json
        self.assertEqual((4, 2, None), (
            len(page['actions']), len(rest['actions']), rest['next']))
        self.assertEqual(['start', 'stop'] * 3, [
            a['action'] for a in page['actions'] + rest['actions']])

    def test_they_outlive_the_pod(self):
        row = self.pod()
        self.api.delete('/v1/pods/web?force=true')
        found = self.api.get(f'/v1/pods/{row.uuid}/actions')
        self.assertEqual(['delete'],
                         [a['action'] for a in found.json['actions']])
        self.assertEqual(200, self.api.get(
            f'/v1/pods/{row.uuid}/events').status)
        self.assertEqual(404, self.api.get('/v1/pods/web/actions').status)

    def test_other_projects_cannot_read_them(self):
        row = self.pod()
        self.api.delete('/v1/pods/web?force=true')
        other = self.as_roles('member', project='beta')
        for noun in ('actions', 'events'):
            self.assertEqual(404, other.get(
                f'/v1/pods/{row.uuid}/{noun}').status)


class Health(samples.ApiTest):

    def test_it_asks_the_database(self):
        found = self.api.get('/healthcheck')
        self.assertEqual((200, 'ok'), (found.status, found.json['status']))

    def test_without_a_database_it_is_503(self):
        with unittest.mock.patch.object(
                db, 'reader', side_effect=exceptions.Unavailable()):
            self.assertEqual(503, self.api.get('/healthcheck').status)


class Hosts(samples.ApiTest):

    def test_zuns_keys_and_ours(self):
        self.host('rack1')
        [found] = self.api.get('/v1/hosts').json['hosts']
        self.assertEqual(
            ('rack1', 8192, 4, 'live', 'fake', 'Fake 1.0'),
            (found['hostname'], found['mem_total'], found['cpus'],
             found['state'], found['driver'], found['engine']))
        for ident in ('rack1', found['uuid']):
            self.assertEqual(found,
                             self.api.get(f'/v1/hosts/{ident}').json)

    def test_containers_are_counted(self):
        self.host('rack1')
        self.pod(host='rack1', container_uuids='{"a": "x", "b": "y"}')
        self.pod(host='rack1', container_uuids='{"a": "z"}')
        for path in ('/v1/hosts/rack1', '/v1/hosts'):
            found = self.api.get(path).json
            found = found.get('hosts', [found])[0]
            self.assertEqual(3, found['total_containers'])

    def test_pages(self):
        for n in range(3):
            self.host(f'h{n}')
        page = self.api.get('/v1/hosts?limit=2').json
        rest = self.api.get(page['next'].removeprefix(
            'http://api.test:9517')).json
        self.assertEqual((2, 1, None), (
            len(page['hosts']), len(rest['hosts']), rest['next']))

    def test_zuns_keys_alone_before_1_41(self):
        for name in ('b', 'a'):
            self.host(name)
        mine = self.api.get('/v1/hosts').json['hosts']
        self.assertEqual(['b', 'a'], [h['hostname'] for h in mine])
        api = self.api.with_headers(OpenStack_API_Version='container 1.40')
        found = api.get('/v1/hosts/').json['hosts']
        self.assertEqual(['a', 'b'], [h['hostname'] for h in found])
        self.assertLess(set(found[0]), set(mine[0]))
        self.assertNotIn('state', found[0])
        self.assertEqual(found[0], api.get('/v1/hosts/a').json)

    def test_unknown_ones_are_404(self):
        self.assertEqual(404, self.api.get('/v1/hosts/nothing').status)

    def test_they_are_for_administrators(self):
        self.assertEqual(403, self.as_roles('member').get(
            '/v1/hosts').status)


class Capabilities(samples.ApiTest):

    def test_hosts_that_can_the_same_are_one_kind(self):
        self.host('a')
        self.host('b')
        self.host('c', driver='other', capabilities=['spec.volumes'])
        found = self.api.get('/v1/capabilities').json['capabilities']
        self.assertEqual([
            {'driver': 'fake', 'hostCount': 2, 'hosts': ['a', 'b'],
             'actions': ['exec', 'logs', 'stats', 'top'], 'fields': []},
            {'driver': 'other', 'hostCount': 1, 'hosts': ['c'],
             'actions': [], 'fields': ['spec.volumes']}], found)

    def test_names_are_for_administrators(self):
        self.host('rack1')
        found = self.as_roles('reader').get('/v1/capabilities')
        self.assertEqual(1, found.json['capabilities'][0]['hostCount'])
        self.assertNotIn(b'rack1', found.body)

    def test_silent_hosts_do_not_count(self):
        self.host('a')
        with db.writer() as session:
            hosts.silence(session, db.now().replace(year=2099))
        hosts.forget_live()
        self.assertEqual([], self.api.get(
            '/v1/capabilities').json['capabilities'])
        self.assertEqual(json.dumps('silent'), json.dumps(
            self.api.get('/v1/hosts/a').json['state']))
