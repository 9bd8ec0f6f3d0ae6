"""Real neighbours and real processes for functional and fault tests.

tools/test names the neighbours in the environment. A test whose neighbour is
missing is skipped; under tools/test (ZUN_LITE_TEST_STRICT) it fails.
"""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import typing
import unittest
from collections.abc import Callable
from collections.abc import Iterator

import docker
import docker.errors
import requests

# A kubelet of 1.20 may need more than a minute to see that a pod has ended
# which was deleted while it began.
WAIT_S = 120.0
IMAGE = 'zun-lite/busybox:1'
PAUSE = 'zun-lite/pause:1'

T = typing.TypeVar('T')


def need(variable: str) -> str:
    """The value of an environment variable that names a neighbour."""
    value = os.environ.get(variable)
    if value:
        return value
    message = f'{variable} is not set; tools/test sets it'
    if os.environ.get('ZUN_LITE_TEST_STRICT'):
        raise AssertionError(message)
    raise unittest.SkipTest(message)


def docker_host() -> str:
    """An engine that has the images of tools/images."""
    return need('DOCKER_HOST')


@contextlib.contextmanager
def engine() -> Iterator[docker.DockerClient]:
    """A client of the engine, closed at the end."""
    client = docker.DockerClient(docker_host())
    try:
        yield client
    finally:
        client.close()


def containers(client: docker.DockerClient, *labels: str,
               ended: bool = False) -> list[typing.Any]:
    """Those with all of the labels, and those that have ended on request.

    Other tests may remove some of them at the same time.
    """
    return client.containers.list(all=ended, filters={'label': [*labels]},
                                  ignore_removed=True)


def left_on_engine(host: str) -> list[str]:
    """Names of what an agent's host still has on the engine."""
    owned = f'zun-lite/host={host}'
    with engine() as client:
        found = containers(client, owned, ended=True)
        found += client.volumes.list(filters={'label': owned})
        found += client.networks.list(filters={'label': owned})
        return [item.name for item in found]


def lost_count(name: str) -> bool:
    """Whether the engine keeps a network though nothing is on it.

    Docker Engine 20.10 miscounts what is on a network when a start is cut
    off, and refuses to remove it until it is started anew.
    """
    with engine() as client:
        try:
            network = client.networks.get(name)
            if not network.attrs['Containers']:
                network.remove()            # not its fault, if that works
        except docker.errors.NotFound:
            return False
        except docker.errors.APIError as exc:
            return 'has active endpoints' in str(exc.explanation)
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def wait_for(what: str, ask: Callable[[], T], timeout_s: float = WAIT_S,
             ) -> T:
    """What `ask` returns as soon as that is true."""
    end = time.monotonic() + timeout_s
    while not (answer := ask()):
        if time.monotonic() > end:
            raise AssertionError(f'{what}: not within {timeout_s:.0f} s; '
                                 f'last: {answer!r}')
        time.sleep(0.1)
    return answer


class Process:
    """A command of zun_lite as a process of its own, with a log file."""

    def __init__(self, module: str, *args: str, log: pathlib.Path,
                 env: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open('ab') as out:
            self._process = subprocess.Popen(
                [*self._command(module), *args],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=os.environ | (env or {}), start_new_session=True)

    @staticmethod
    def _command(module: str) -> list[str]:
        return [sys.executable, '-c', f'from zun_lite.cmd import {module} '
                f'as command; command.main()']

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def kill(self) -> None:
        """End it without warning, with its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> None:
        """Ask it to end in an orderly way, and do not wait."""
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self, timeout_s: float = 60.0) -> int:
        """End it in an orderly way; its exit status."""
        self.terminate()
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f'did not end: {self.tail()}') from None

    def tail(self) -> str:
        return self.log.read_text(errors='replace')[-3000:]


class Program(Process):
    """The same of another's program, told by its path."""

    @staticmethod
    def _command(program: str) -> list[str]:
        return [program]


class Client:
    """The REST API as a user sees it. Paths begin behind /v1."""

    def __init__(self, endpoint: str, auth: typing.Any = None,
                 headers: dict[str, str] | None = None) -> None:
        self.endpoint = endpoint
        self._session = requests.Session()
        self.auth = self._session.auth = auth
        self._session.headers.update(headers or {})

    def __call__(self, method: str, path: str, *, status: int | None = None,
                 **args: typing.Any) -> requests.Response:
        """Send; `status`: what the answer must have."""
        answer = self._session.request(
            method, self.endpoint + path, timeout=90, **args)
        if status is not None and answer.status_code != status:
            raise AssertionError(f'{method} {path}: {answer.status_code}, '
                                 f'not {status}: {answer.text}')
        return answer

    def get(self, path: str) -> typing.Any:
        return self('GET', path, status=200).json()

    def create(self, manifest: dict[str, typing.Any]) -> str:
        """The UUID of a new pod."""
        answer = self('POST', '/pods', json=manifest, status=202)
        return answer.json()['metadata']['uid']

    def phase(self, pod: str) -> str:
        return self.get(f'/pods/{pod}')['status']['phase']

    def is_ready(self, pod: str) -> bool:
        conditions = self.get(f'/pods/{pod}')['status'].get('conditions', ())
        return any(c['type'] == 'Ready' and c['status'] == 'True'
                   for c in conditions)

    def wait_ready(self, pod: str, timeout_s: float = WAIT_S) -> None:
        self._wait(pod, 'Ready', lambda: self.is_ready(pod), timeout_s)

    def wait_phase(self, pod: str, phase: str,
                   timeout_s: float = WAIT_S) -> None:
        self._wait(pod, phase, lambda: self.phase(pod) == phase, timeout_s)

    def _wait(self, pod: str, what: str, ask: Callable[[], bool],
              timeout_s: float) -> None:
        try:
            wait_for(f'pod {pod} {what}', ask, timeout_s)
        except AssertionError as exc:
            status = json.dumps(self.get(f'/pods/{pod}')['status'], indent=1)
            raise AssertionError(f'{exc}\n{status}') from None

    def wait_gone(self, pod: str, timeout_s: float = WAIT_S) -> None:
        wait_for(f'pod {pod} gone', lambda: self(
            'GET', f'/pods/{pod}').status_code == 404, timeout_s)


def healthy(port: int, process: Process) -> None:
    """Wait until the API on `port` answers, or tell why it does not."""
    def ask() -> bool:
        if process.exit_code is not None:
            raise AssertionError(f'ended: {process.tail()}')
        try:
            return requests.get(f'http://127.0.0.1:{port}/healthcheck',
                                timeout=5).status_code == 200
        # A connection may wait for workers that are still being started.
        except (requests.ConnectionError, requests.Timeout):
            return False
    wait_for('the API', ask)
