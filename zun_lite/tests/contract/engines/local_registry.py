"""Debian's docker-registry on loopback, for the time of a test run."""
import contextlib
import itertools
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
import uuid

import bcrypt
import docker

from zun_lite.pod.supplies import Login
from zun_lite.tests.contract.engines import base

LOGIN = Login(username='user', password=uuid.uuid4().hex)
_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
_COUNT = itertools.count(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return int(probe.getsockname()[1])


class Service:
    """One registry process; `password`: it asks for one."""

    def __init__(self, folder: pathlib.Path, password: bool):
        folder.mkdir()
        port = free_port()
        self.address = f'127.0.0.1:{port}'
        auth = ''
        if password:
            known = bcrypt.hashpw(LOGIN.password.encode(), bcrypt.gensalt(4))
            (folder / 'htpasswd').write_text(
                f'{LOGIN.username}:{known.decode()}\n')
            auth = ('auth: {htpasswd: {realm: test, '
                    f'path: {folder}/htpasswd}}}}\n')
        (folder / 'config.yml').write_text(
            'version: 0.1\nlog: {level: warn}\n'
            f'storage: {{filesystem: {{rootdirectory: {folder}/data}}, '
            'delete: {enabled: true}}\n'
            f'http: {{addr: "{self.address}"}}\n{auth}')
        program = shutil.which('docker-registry')
        if program is None:
            raise RuntimeError('docker-registry is missing: apt-get install '
                               'docker-registry')
        with (folder / 'log').open('wb') as log:
            self.process = subprocess.Popen(
                [program, 'serve', str(folder / 'config.yml')],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait(port, folder / 'log')

    def _wait(self, port: int, log: pathlib.Path) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(('127.0.0.1', port), 1).close()
                return
            time.sleep(0.05)
        raise RuntimeError(f'docker-registry: {log.read_text()[-2000:]}')


class LocalRegistry(base.Registry):
    """Registries are started when first needed.

    ZUN_LITE_TEST_REGISTRY (host:port) is used instead of an own one.
    """

    def __init__(self, client: docker.DockerClient, image: str):
        self._client, self._image = client, image
        self._services: dict[bool, Service] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._names: set[str] = set()

    def _address(self, password: bool = False) -> str:
        given = os.environ.get('ZUN_LITE_TEST_REGISTRY')
        if given and not password:
            return given
        if password not in self._services:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(
                    prefix='zun-lite-registry-')
            folder = pathlib.Path(self._folder.name) / f'auth-{password}'
            self._services[password] = Service(folder, password)
        return self._services[password].address

    def _name(self, address: str) -> str:
        name = f'{address}/contract/{uuid.uuid4().hex[:8]}-{next(_COUNT)}:1'
        self._names.add(name)
        return name

    def published(self) -> str:
        name = self.unpublished()
        self.publish(name)
        return name

    def unpublished(self) -> str:
        return self._name(self._address())

    def publish(self, name: str, login: Login | None = None) -> None:
        repository, _, tag = name.rpartition(':')
        auth = None if login is None else login.model_dump()
        self._client.api.tag(self._image, repository, tag)
        for line in self._client.api.push(repository, tag, stream=True,
                                          decode=True, auth_config=auth):
            if 'error' in line:
                raise RuntimeError(f'push of {name}: {line["error"]}')
        self._client.api.remove_image(name)

    def withdraw(self, name: str) -> None:
        host, _, rest = name.partition('/')
        repository, _, tag = rest.rpartition(':')
        url = f'http://{host}/v2/{repository}/manifests/'
        head = urllib.request.Request(url + tag, method='HEAD',
                                      headers={'Accept': _MANIFEST})
        with urllib.request.urlopen(head, timeout=10) as answer:
            digest = answer.headers['Docker-Content-Digest']
        urllib.request.urlopen(urllib.request.Request(
            url + digest, method='DELETE'), timeout=10).close()

    def private(self) -> str:
        return self._name(self._address(password=True))

    def protected(self) -> tuple[str, Login]:
        name = self.private()
        self.publish(name, LOGIN)
        return name, LOGIN

    def unreachable(self) -> str:
        return self._name(f'127.0.0.1:{free_port()}')

    def close(self) -> None:
        for name in self._names:
            with contextlib.suppress(docker.errors.APIError):
                self._client.api.remove_image(name, force=True)
        for service in self._services.values():
            service.process.terminate()
            service.process.wait(20)
        self._services.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
