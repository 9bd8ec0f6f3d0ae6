import json

from cryptography import fernet

from zun_lite import db
from zun_lite.conductor import supplies
from zun_lite.conf import CONF
from zun_lite.db import pods
from zun_lite.db import registries
from zun_lite.pod import spec
from zun_lite.pod.supplies import Login
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples


@databases.on_each
class Logins(databases.DatabaseTest):
    """What goes to a host with a pod, and what does not."""

    def setUp(self) -> None:
        super().setUp()
        CONF.set_override('encryption_keys', [
            fernet.Fernet.generate_key().decode()], 'secrets')
        self.addCleanup(CONF.clear_override, 'encryption_keys', 'secrets')

    def registry(self, domain: str, password: str | None = 'hunter2',
                 project: str = 'alpha', username: str | None = 'ci') -> str:
        with db.writer() as session:
            return registries.insert(
                session, project_id=project, user_id='ann', name=None,
                domain=domain, username=username, password=password).uuid

    def pod(self, *images: str, init: str | None = None,
            **columns) -> pods.PodRow:
        found = {'containers': [{'name': f'c{n}', 'image': image}
                                for n, image in enumerate(images)]}
        if init:
            found['initContainers'] = [{'name': 'i', 'image': init}]
        with db.writer() as session:
            row = samples.pod(session, spec=json.dumps(found), **columns)
            return pods.get_row(session, row.uuid)

    def told(self, row: pods.PodRow) -> dict[str, Login]:
        """By domain, as the agent reads it."""
        (wired,) = supplies.on_wire([row])
        found = spec.Pod.model_validate(wired, strict=False)
        return found.supplies.registries if found.supplies else {}

    def test_those_of_its_images_and_no_others(self):
        for domain in ('corp.example', 'Other.example:5000', 'docker.io',
                       'unused.example'):
            self.registry(domain, password=domain)
        row = self.pod('corp.example/app:1', 'nginx',
                       init='other.example:5000/tool')
        self.assertEqual(
            {'corp.example': 'corp.example', 'docker.io': 'docker.io',
             'other.example:5000': 'Other.example:5000'},
            {domain: login.password
             for domain, login in self.told(row).items()})
        self.assertEqual({}, self.told(self.pod('free.example/app')))

    def test_those_of_its_project(self):
        self.registry('corp.example', project='beta')
        self.assertEqual({}, self.told(self.pod('corp.example/app')))

    def test_none_where_nobody_logs_in(self):
        self.registry('corp.example', username=None, password=None)
        self.assertEqual({}, self.told(self.pod('corp.example/app')))

    def test_the_newer_one_unless_one_was_named(self):
        named = self.registry('corp.example', password='old')
        self.registry('corp.example', password='new')
        row = self.pod('corp.example/app')
        self.assertEqual('new', self.told(row)['corp.example'].password)
        row = self.pod('corp.example/app', document=json.dumps(
            {'registry_id': named}))
        self.assertEqual('old', self.told(row)['corp.example'].password)

    def test_nothing_with_a_pod_that_is_to_go(self):
        self.registry('corp.example')
        self.assertEqual({}, self.told(self.pod(
            'corp.example/app', desired='absent')))

    def test_what_cannot_be_decrypted_is_withheld(self):
        self.registry('corp.example')
        CONF.set_override('encryption_keys', [
            fernet.Fernet.generate_key().decode()], 'secrets')
        with self.assertLogs(supplies.LOG.name.replace(
                'supplies', 'logins'), 'ERROR') as logged:
            self.assertEqual({}, self.told(self.pod('corp.example/app')))
        self.assertNotIn('hunter2', str(logged.output))

    def test_the_password_is_in_no_text_of_a_pod(self):
        self.registry('corp.example')
        (wired,) = supplies.on_wire([self.pod('corp.example/app')])
        found = spec.Pod.model_validate(wired, strict=False)
        self.assertEqual('hunter2', found.login('corp.example/app').password)
        self.assertIsNone(found.login('other.example/app'))
        self.assertNotIn('hunter2', repr(found))
        self.assertNotIn('hunter2', repr(found.login('corp.example/app')))

    def test_one_statement_for_any_number_of_pods(self):
        self.registry('corp.example')
        rows = [self.pod('corp.example/app') for _ in range(7)]
        with databases.Statements() as sent:
            supplies.on_wire(rows)
        self.assertEqual(1, len([s for s in sent.seen
                                 if 'FROM registries' in s]))
