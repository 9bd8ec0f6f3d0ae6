"""api, conductor and compute as separate processes on real neighbours."""
import json
import pathlib
import shutil
import socket
import tempfile
import typing
import uuid

import bcrypt

from zun_lite.tests import databases
from zun_lite.tests import neighbours

CONF = """\
[DEFAULT]
transport_url = {broker}
[database]
connection = {database}
[api]
auth_strategy = {auth}
http_basic_auth_user_file = {directory}/htpasswd
port = {port}
workers = 2
threads = 8
{identity}
[websocket_proxy]
port = {proxy_port}
[compute]
host = {host}
driver = {driver}
heartbeat_interval = 1
[conductor]
name = {host}
sweep_interval = 1
silent_after = 10
[docker]
sandbox_image = zun-lite/pause:1
[quota]
containers = -1
"""
# What an agent may not know: it gets no [database] at all.
COMPUTE_CONF = """\
[DEFAULT]
transport_url = {broker}
[compute]
host = {host}
driver = {driver}
heartbeat_interval = 1
[docker]
sandbox_image = zun-lite/pause:1
"""
PASSWORD = 'secret'


class Deployment:
    """Three processes; `kind` is one of `databases.kinds()`.

    `identity`: the section of keystonemiddleware; empty: http_basic with
    the users admin and member.
    """

    def __init__(self, kind: str, identity: str = '',
                 driver: str = 'docker') -> None:
        self.host = f'three-{uuid.uuid4().hex[:8]}'
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='zl-'))
        self.port = neighbours.free_port()
        self.proxy_port = neighbours.free_port()
        values = {
            'broker': self._broker(), 'host': self.host, 'driver': driver,
            'database': databases.emptied(kind), 'identity': identity,
            'directory': self.directory, 'port': self.port,
            'proxy_port': self.proxy_port,
            'auth': 'keystone' if identity else 'http_basic'}
        self._write('zun_lite.conf', CONF.format(**values))
        self._write('compute.conf', COMPUTE_CONF.format(**values))
        self._write('htpasswd', ''.join(
            self._user(name) for name in ('admin', 'member')))
        self.processes: dict[str, neighbours.Process] = {}

    @staticmethod
    def _broker() -> str:
        return neighbours.need('ZUN_LITE_TEST_RABBIT_URL')

    @staticmethod
    def _user(name: str) -> str:
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
        return f'{name}:{hashed.decode()}:default:{name}\n'

    def _write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text)

    def start(self, *names: str) -> None:
        """Start these processes, by default all but the proxy, and wait for
        those that listen."""
        for name in names or ('conductor', 'compute', 'api'):
            file = 'compute.conf' if name == 'compute' else 'zun_lite.conf'
            self.processes[name] = neighbours.Process(
                name, '--config-file', str(self.directory / file),
                log=self.directory / f'{name}.log')
        neighbours.healthy(self.port, self.processes['api'])
        if 'wsproxy' in names:
            neighbours.wait_for('the proxy', self._proxy_listens)

    def _proxy_listens(self) -> bool:
        try:
            socket.create_connection(('127.0.0.1', self.proxy_port)).close()
        except OSError:
            return False
        return True

    def client(self, user: str = 'admin') -> neighbours.Client:
        return neighbours.Client(self.endpoint, (user, PASSWORD))

    @property
    def endpoint(self) -> str:
        return f'http://127.0.0.1:{self.port}/v1'

    def host_is_live(self, client: neighbours.Client) -> bool:
        return any(h['hostname'] == self.host and h['state'] == 'live'
                   for h in client.get('/hosts')['hosts'])

    def workers(self) -> list[int]:
        """The API's processes that serve."""
        master = self.processes['api'].pid
        children = pathlib.Path(
            f'/proc/{master}/task/{master}/children').read_text()
        return [int(pid) for pid in children.split()]

    def logs(self) -> str:
        return '\n'.join(f'--- {name}\n{process.tail()}'
                         for name, process in self.processes.items())

    def close(self, client: neighbours.Client | None = None) -> None:
        """Remove what pods are left, then end the processes."""
        try:
            if client is not None:
                remove_all(client)
            for process in self.processes.values():
                process.terminate()
            for process in self.processes.values():
                process.stop()
        except AssertionError:
            print(self.logs())
            raise
        finally:
            for process in self.processes.values():
                process.kill()
            shutil.rmtree(self.directory)


class LeftBehind(AssertionError):
    """Not run again (pyproject.toml): it would be another service's pods."""


def remove_all(client: neighbours.Client) -> None:
    """Delete every pod of every project and wait until they are gone.

    :raises LeftBehind: some stay.
    """
    def items() -> list[typing.Any]:
        return client.get('/pods?all_projects=true')['items']
    for pod in items():
        client('DELETE', f'/pods/{pod["metadata"]["uid"]}?all_projects=true')
    try:
        neighbours.wait_for('no pods', lambda: not items())
    except AssertionError as exc:
        left = json.dumps([pod['status'] for pod in items()], indent=1)
        raise LeftBehind(f'{exc}\n{left}') from exc
