"""The service under test, as an operator starts it, on scratch state."""
import base64
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import typing
import urllib.error
import urllib.request

BIN = pathlib.Path(sys.executable).parent

# More than a project usually may have.
QUOTA = """\
[quota]
containers = -1
memory = -1
cpu = -1
disk = -1
"""
# All containers fit on the host: sweeps look again and again at what does
# not.
COMMON = """\
[DEFAULT]
transport_url = {broker}
[api]
auth_strategy = noauth
port = {port}
workers = 2
threads = 8
[compute]
host = bench
driver = {driver}
max_pods = 1000000
[containers]
default_cpu = 0
default_memory = 0
[docker]
sandbox_image = zun-lite/pause:1
{quota}[kubernetes]
kubeconfig = {kubeconfig}
"""
DATABASE = """\
[database]
connection = {database}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def rss_mib(pid: int) -> float:
    """Resident memory of a process."""
    pages = pathlib.Path(f'/proc/{pid}/statm').read_text().split()[1]
    return int(pages) * os.sysconf('SC_PAGE_SIZE') / 2**20


def cpu_s(pid: int) -> float:
    """CPU time that a process has used."""
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf('SC_CLK_TCK')


class Service:
    """Processes of ours on a scratch directory; `close` ends them."""

    def __init__(self) -> None:
        self.scratch = tempfile.TemporaryDirectory(prefix='zl-bench-')
        self.directory = pathlib.Path(self.scratch.name)
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}/v1'
        self.headers: dict[str, str] = {}
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.scratch.cleanup()

    def start(self, name: str, *arguments: str) -> int:
        """The pid of a command of ours, begun."""
        with (self.directory / f'{name}.log').open('wb') as log:
            process = subprocess.Popen(
                [BIN / name, *arguments], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL)
        self.processes.append(process)
        return process.pid

    def healthy(self, timeout_s: float = 60) -> None:
        end = time.monotonic() + timeout_s
        url = f'http://127.0.0.1:{self.port}/healthcheck'
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                if time.monotonic() > end:
                    logs = [f.read_text()[-2000:]
                            for f in self.directory.glob('*.log')]
                    raise TimeoutError('\n'.join(logs)) from None
                time.sleep(0.1)


class AllInOne(Service):
    """zun-lite as a newcomer starts it: SQLite, http_basic, one engine."""

    def __init__(self, driver: str = 'docker') -> None:
        super().__init__()
        (self.directory / 'zun-lite.conf').write_text(
            f'{QUOTA}[compute]\ndriver = {driver}\n'
            # As large as the log that `streams` reads.
            '[docker]\nsandbox_image = zun-lite/pause:1\n'
            'log_max_size = 1g\n')
        self.pid = self.start('zun-lite', '--state-dir', str(self.directory),
                              '--port', str(self.port))
        self.healthy()
        told = dict(line.removeprefix('export ').split('=', 1) for line in (
            self.directory / 'openrc').read_text().splitlines())
        word = base64.b64encode(
            f'{told["OS_USERNAME"]}:{told["OS_PASSWORD"]}'.encode()).decode()
        self.headers = {'Authorization': f'Basic {word}'}


class ThreeProcesses(Service):
    """api with two workers, conductor, and an agent of one engine."""

    def __init__(self, driver: str = 'fake',
                 kubeconfig: str = '') -> None:
        super().__init__()
        database, broker = (os.environ[f'ZUN_LITE_TEST_{name}_URL']
                            for name in ('MYSQL', 'RABBIT'))
        common = COMMON.format(broker=broker, port=self.port, driver=driver,
                               kubeconfig=kubeconfig, quota=QUOTA)
        config = self.directory / 'zun_lite.conf'
        config.write_text(common + DATABASE.format(database=database))
        agent = self.directory / 'compute.conf'
        agent.write_text(common)
        subprocess.run([BIN / 'zun-lite-manage', '--config-file', config,
                        'db', 'sync'], check=True, capture_output=True)
        self.start('zun-lite-conductor', '--config-file', str(config))
        self.agent = self.start('zun-lite-compute', '--config-file',
                                str(agent))
        self.start('zun-lite-api', '--config-file', str(config))
        self.headers = {'X-User-Id': 'bench', 'X-Project-Id': 'bench',
                        'X-Roles': 'admin,member,reader'}
        self.healthy()
