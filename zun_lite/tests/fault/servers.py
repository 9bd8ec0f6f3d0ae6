"""Database servers of our own, to be killed and started again."""
import abc
import contextlib
import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import sqlalchemy as sa

STARTED_IN_S = 60


def free_port() -> int:
    with contextlib.closing(socket.socket()) as found:
        found.bind(('127.0.0.1', 0))
        return found.getsockname()[1]


class Server(abc.ABC):
    """One server with its files; `url` is a database on it."""

    def __init__(self) -> None:
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='zun-db-'))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.initialise()

    @property
    @abc.abstractmethod
    def url(self) -> str: ...

    @abc.abstractmethod
    def initialise(self) -> None:
        """Make the files; the directory is there."""

    @abc.abstractmethod
    def command(self) -> list[str]: ...

    def start(self) -> None:
        with open(self.directory / 'log', 'ab') as log:
            self._process = subprocess.Popen(self.command(), stdout=log,
                                             stderr=log)
        until = time.monotonic() + STARTED_IN_S
        while not self.answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError((self.directory / 'log').read_text())
            time.sleep(0.1)

    def answers(self) -> bool:
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        try:
            with engine.connect() as connection:
                connection.execute(sa.text('SELECT 1'))
        except sa.exc.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """End it in its own time, its clients notwithstanding."""
        self.signal(signal.SIGTERM)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        if number not in (signal.SIGSTOP, signal.SIGCONT):
            self._process.wait(60)

    def remove(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.directory)


class MariaDB(Server):

    def __init__(self, client: str = 'pymysql') -> None:
        self._client = client
        super().__init__()

    @property
    def url(self) -> str:
        return (f'mysql+{self._client}://root:@127.0.0.1:{self.port}/test')

    def initialise(self) -> None:
        subprocess.run(
            ['mariadb-install-db', '--no-defaults',
             f'--datadir={self.directory}/data', f'--user={getpass.getuser()}',
             '--auth-root-authentication-method=normal'],
            check=True, capture_output=True)

    def command(self) -> list[str]:
        return [_program('mariadbd'), '--no-defaults',
                f'--datadir={self.directory}/data',
                f'--socket={self.directory}/sock', f'--port={self.port}',
                '--bind-address=127.0.0.1', '--skip-name-resolve',
                f'--user={getpass.getuser()}']


class PostgreSQL(Server):

    @property
    def url(self) -> str:
        return (f'postgresql+psycopg2://postgres@127.0.0.1:{self.port}'
                '/postgres')

    def initialise(self) -> None:
        if os.getuid() == 0:
            shutil.chown(self.directory, 'postgres')
        subprocess.run(
            [*self._unprivileged(), _program('initdb'), '-D',
             f'{self.directory}/data', '-U', 'postgres', '-A', 'trust',
             '-E', 'UTF8', '--locale=C'], check=True, capture_output=True,
            cwd=self.directory)

    def command(self) -> list[str]:
        return [*self._unprivileged(), _program('postgres'),
                '-D', f'{self.directory}/data', '-p', str(self.port),
                '-c', 'listen_addresses=127.0.0.1',
                '-c', f'unix_socket_directories={self.directory}']

    def stop(self) -> None:
        self.signal(signal.SIGINT)    # SIGTERM would wait for the clients

    @staticmethod
    def _unprivileged() -> list[str]:
        """PostgreSQL refuses to be run by root."""
        return (['setpriv', '--reuid=postgres', '--regid=postgres',
                 '--init-groups'] if os.getuid() == 0 else [])


def _program(name: str) -> str:
    """Where Debian keeps what is not in everybody's PATH."""
    places = [os.environ.get('PATH', ''), '/usr/sbin', *sorted(map(
        str, pathlib.Path('/usr/lib/postgresql').glob('*/bin')),
        reverse=True)]
    found = shutil.which(name, path=os.pathsep.join(places[1:] + places[:1]))
    if found is None:
        raise FileNotFoundError(f'{name} is not installed')
    return found
