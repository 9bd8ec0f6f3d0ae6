"""The table in roles.yaml, cell by cell."""
import pathlib
import tempfile
import uuid

import sqlalchemy as sa
import yaml
from cryptography import fernet

from zun_lite import db
from zun_lite.api import app
from zun_lite.api import operations
from zun_lite.api.auth import htpasswd
from zun_lite.db import actions
from zun_lite.db import images
from zun_lite.db import networks
from zun_lite.db import registries
from zun_lite.tests import wsgi
from zun_lite.tests.unit.api import samples

HERE = pathlib.Path(__file__).parent
TABLE = yaml.safe_load((HERE / 'roles.yaml').read_text())
for _file in sorted(HERE.glob('roles-*.yaml')):
    _more = yaml.safe_load(_file.read_text())
    TABLE['requests'] |= _more['requests']
    TABLE['bodies'] |= _more.get('bodies') or {}

STATS = {'name': 'main', 'cpu_millis': 1, 'memory_bytes': 1,
         'memory_limit_bytes': 2, 'rx_bytes': 0, 'tx_bytes': 0,
         'read_bytes': 0, 'write_bytes': 0, 'pids': 1}

# column -> (roles, project, sees all projects)
IDENTITIES: dict[str, tuple[str, str, bool]] = {
    'admin': ('admin', 'alpha', False), 'member': ('member', 'alpha', False),
    'reader': ('reader', 'alpha', False), 'other': ('other', 'alpha', False),
    'b-admin': ('admin', 'beta', False),
    'b-member': ('member', 'beta', False),
    'b-all': ('admin', 'beta', True), 'm-all': ('member', 'alpha', True),
    'unscoped': ('admin', '', False)}


class Roles(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.override('encryption_keys', [fernet.Fernet.generate_key(
            ).decode()], group='secrets')
        self.host('one', capabilities=samples.EVERYTHING)
        self.compute.answers = {
            'logs': b'x', 'stats': [STATS],
            'top': {'titles': [], 'processes': []},
            'open_stream': {'url': 'ws://127.0.0.1:1/', 'token': 't',
                            'session': 's', 'ttl': 60},
            'resize_stream': None, 'signal': None, 'update': None,
            'sync_images': None, 'search_images': [],
            'exec': {'exit_code': 0, 'stdout': b'', 'stderr': b'',
                     'truncated': False}}

    def nobody(self) -> wsgi.Client:
        """A client without credentials, where some are needed."""
        path = pathlib.Path(self.enterContext(
            tempfile.TemporaryDirectory()), 'users')
        path.write_text(htpasswd.generate('a', 'alpha', ('admin',))[1])
        self.override('http_basic_auth_user_file', str(path))
        self.override('auth_strategy', 'http_basic')
        return wsgi.Client(self.application())

    def ask(self, client: wsgi.Client, request: str, all_projects: bool,
            ) -> wsgi.Answer:
        make = self.container if '{container}' in request else self.pod
        more = {'given': {'interactive': True}} if make == self.container \
            else {}
        if '{capsule}' in request:
            more = {'origin': 'capsule', 'container_uuids': '{"web":"1"}'}
        row = make(project_id='alpha', host='one', phase='Running',
                   name=f'n{uuid.uuid4()}', **more)
        with db.writer() as session:
            actions.insert(
                session, pod_uuid=row.uuid, project_id='alpha', user_id='a',
                request_id='req-1', action='create', generation=1)
        self.keep_only('kept')
        method, path = request.replace('{pod}', row.uuid).replace(
            '{container}', row.uuid).replace('{capsule}', row.uuid).replace(
            '{host}', 'one').replace(
            '{request_id}', 'req-1').replace('{config}', 'kept').replace(
            '{secret}', 'kept').replace('{image}', self.image()).replace(
            '{network}', self.network()).split(' ')
        path = path.replace('{project}', 'alpha').replace(
            '{quota_class}', 'default').replace(
            '{registry}', self.registry())
        if all_projects:
            path += ('&' if '?' in path else '?') + 'all_projects=true'
        return client(method, path, TABLE['bodies'].get(request))

    def image(self) -> str:
        """The only image there is, of host `one`."""
        with db.writer() as session:
            session.execute(sa.text('DELETE FROM images'))
            return images.insert(
                session, project_id='alpha', user_id='a', host='one',
                repo='kept', tag='1', state='present').uuid

    def registry(self) -> str:
        """The only registry there is, alpha's."""
        with db.writer() as session:
            session.execute(sa.text('DELETE FROM registries'))
            return registries.insert(
                session, project_id='alpha', user_id='a', name='kept',
                domain='corp.example', username=None, password=None).uuid

    def network(self) -> str:
        """Alpha's only network, of the name `kept`."""
        with db.writer() as session:
            for table in ('pod_networks', 'networks'):
                session.execute(sa.text(f'DELETE FROM {table}'))
            return networks.insert(
                session, uuid=networks.new_uuid(), project_id='alpha',
                user_id='a', name='kept', cidr='10.224.0.0/24').uuid

    def keep_only(self, name: str) -> None:
        """Alpha has a config and a secret of that name, nobody another."""
        with db.writer() as session:
            for table in ('pod_references', 'configs'):
                session.execute(sa.text(f'DELETE FROM {table}'))
        owner = self.as_roles('member', project='alpha')
        for noun, kind in (('configs', 'ConfigMap'), ('secrets', 'Secret')):
            made = owner('POST', f'/v1/{noun}', {
                'apiVersion': 'v1', 'kind': kind, 'metadata': {'name': name}})
            self.assertEqual(201, made.status, made.body)

    def check(self, column: str, client: wsgi.Client,
              all_projects: bool = False) -> None:
        at = TABLE['columns'].index(column)
        for request, statuses in TABLE['requests'].items():
            with self.subTest(f'{column}: {request}'):
                found = self.ask(client, request, all_projects)
                self.assertEqual(statuses[at], found.status, found.body)

    def test_each_role_and_project(self):
        for column, (roles, project, all_projects) in IDENTITIES.items():
            client = self.as_roles(*roles.split(','), project=project)
            self.check(column, client, all_projects)

    def test_nobody(self):
        self.check('nobody', self.nobody())

    def test_the_table_is_whole(self):
        self.assertEqual([*IDENTITIES, 'nobody'], TABLE['columns'])
        asked = {r.partition('?')[0] for r in TABLE['requests']}
        router = operations.Router(app.controllers(
            app.Services(None, None)))
        there = {f'{operations.of(h).method} {operations.of(h).path}'
                 for h in router.handlers}
        self.assertEqual(there, asked)
