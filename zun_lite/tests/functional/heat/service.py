"""A real Heat: its engine and its API, beside a real Keystone."""
import pathlib
import shutil
import subprocess
import tempfile
import uuid

import requests

from zun_lite.tests import databases
from zun_lite.tests import neighbours
from zun_lite.tests.functional import test_keystone
from zun_lite.tests.functional.zunclient import service

LISTENS = 'Starting engine_worker'
API = pathlib.Path(__file__).parent / 'api.py'
# It acts for its users with trusts.
CONF = """\
[DEFAULT]
transport_url = {broker}
auth_encryption_key = {key}
region_name_for_services = {own_region}
num_engine_workers = 1
rpc_response_timeout = 20
action_retry_limit = 0
default_log_levels = heat=WARNING,heat.engine.worker=INFO
[paste_deploy]
api_paste_config = {environment}/etc/heat/api-paste.ini
[database]
connection = {database}
[clients_keystone]
auth_uri = {auth_url}
[trustee]
auth_type = password
auth_url = {auth_url}
username = zun-lite
password = {password}
user_domain_name = Default
[oslo_messaging_notifications]
driver = noop
"""


class Heat:
    """Makes the stacks of the users of `of`. `engine`: that command."""

    def __init__(self, engine: str, of: service.Service) -> None:
        neighbours.need('ZUN_LITE_TEST_MYSQL_URL')
        self._bin = pathlib.Path(engine).parent
        self._keystone = of.keystone
        self._directory = pathlib.Path(tempfile.mkdtemp(prefix='zl-heat-'))
        self._port = neighbours.free_port()
        env = of.keystone.env
        self._conf = self._directory / 'heat.conf'
        self._conf.write_text(CONF.format(
            broker=neighbours.need('ZUN_LITE_TEST_RABBIT_URL'),
            key=uuid.uuid4().hex, own_region=of.region,
            environment=self._bin.parent,
            database=databases.make('Pymysql', schema=False), **env)
            + test_keystone.IDENTITY.format(cache='', cache_s=60, **env))
        self._programs: list[neighbours.Program] = []

    def start(self) -> None:
        subprocess.run([self._bin / 'heat-manage', '--config-file',
                        self._conf, 'db_sync'], check=True,
                       stdin=subprocess.DEVNULL)
        self._start('heat-engine')
        self._start('python', str(API), str(self._port))
        try:
            neighbours.wait_for('Heat', self._answers)
        except AssertionError as exc:
            raise AssertionError(f'{exc}\n{self.logs()}') from None

    def _answers(self) -> bool:
        """The API, and the engine behind it.

        A call that no engine hears yet is lost: none before it listens.
        """
        if LISTENS not in self._programs[0].tail():
            return False
        try:
            return self.client('alpha')(
                'GET', '/build_info').status_code == 200
        except requests.ConnectionError:
            return False

    def _start(self, program: str, *args: str) -> None:
        self._programs.append(neighbours.Program(
            str(self._bin / program), *args, '--config-file',
            str(self._conf), log=self._directory / f'{program}.log'))

    def client(self, user: str) -> neighbours.Client:
        """Paths begin behind the user's project."""
        project = self._keystone.env['users'][user]['project_id']
        return neighbours.Client(
            f'http://127.0.0.1:{self._port}/v1/{project}',
            headers={'X-Auth-Token': self._keystone.token(user)})

    def logs(self) -> str:
        return '\n'.join(program.tail() for program in self._programs)

    def close(self) -> None:
        for program in self._programs:
            program.kill()
        shutil.rmtree(self._directory)
