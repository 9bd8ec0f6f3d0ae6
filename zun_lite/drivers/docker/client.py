"""The connection to the engine.

`Client` is docker's low-level client with one change: whatever keeps a
request from being answered is `EngineUnavailable`. An answer that says no is
`docker.errors.APIError`, as ever. Safe for use by many threads.
"""
import contextlib
import re
import threading
import typing
from collections.abc import Iterator

import docker
import docker.errors
import docker.utils
import requests

from zun_lite import exceptions
from zun_lite.drivers.docker.settings import Settings

MIN_API = '1.41'                    # Docker Engine 20.10
# Below its own directories, or with an id in it.
_PATHS = re.compile(
    r'(?<![^\s"\':=(])/[^\s"\':]*(?:/(?:docker|containerd|overlay2)/'
    r'|[0-9a-f]{32})[^\s"\':]*')

_COMMIT_S = 3600.0                  # many GB, on a slow disk

# A connection that may be cut at any moment must not be in the pool.
# The engine would compress an archive, for a library that is not asked.
_ALONE = {'Connection': 'close', 'Accept-Encoding': 'identity'}


def _reason(exc: BaseException) -> str:
    """The operating system's word for it, which comes wrapped repeatedly."""
    for inner in (*exc.args, getattr(exc, 'reason', None), exc.__cause__):
        if isinstance(inner, BaseException):
            return _reason(inner)
    return getattr(exc, 'strerror', None) or str(exc)


class Client(docker.APIClient):
    """Docker's client, whose failures to reach the engine are ours."""

    def send(self, request: requests.PreparedRequest,
             **kwargs: typing.Any) -> requests.Response:
        try:
            return super().send(request, **kwargs)
        except requests.exceptions.RequestException as exc:
            raise exceptions.EngineUnavailable(
                'The container engine does not answer: '
                f'{_reason(exc)}') from exc

    def exec_stream(self, exec_id: str, timeout_s: float,
                    ) -> requests.Response:
        """Start a prepared command; its output is the body, in frames.

        Without the connection upgrade that `exec_start` asks for: output that
        came along with the answer's head would be lost with it.
        """
        answer = self._post_json(
            self._url('/exec/{0}/start', exec_id), stream=True,
            data={'Detach': False, 'Tty': False},
            timeout=timeout_s)
        self._raise_for_status(answer)
        return answer

    def exec_session(self, exec_id: str, tty: bool) -> requests.Response:
        """Start a prepared command; the connection is then its streams."""
        return self._upgraded(
            self._url('/exec/{0}/start', exec_id),
            json={'Detach': False, 'Tty': tty})

    def attach_stream(self, container_id: str,
                      stdin: bool) -> requests.Response:
        """Join a running process; the connection is then its streams."""
        return self._upgraded(
            self._url('/containers/{0}/attach', container_id),
            params={'stream': 1, 'stdin': int(stdin), 'stdout': 1,
                    'stderr': 1})

    def _upgraded(self, url: str, **what: typing.Any) -> requests.Response:
        return self._begun(self._post(
            url, stream=True,
            headers={'Connection': 'Upgrade', 'Upgrade': 'tcp'}, **what))

    def _begun(self, answer: requests.Response) -> requests.Response:
        """An answer whose body is not read yet; a refusal is."""
        self._raise_for_status(answer)
        return answer

    def log_stream(self, container_id: str,
                   query: dict[str, typing.Any]) -> requests.Response:
        """A log, and what is added to it if that is asked, as the body."""
        return self._begun(self._get(
            self._url('/containers/{0}/logs', container_id),
            params=query, stream=True, headers=_ALONE))

    def archive(self, method: str, container_id: str,
                path: str) -> requests.Response:
        """A tar archive of what is at `path` as the body; HEAD: none."""
        return self._begun(self.request(
            method, self._url('/containers/{0}/archive', container_id),
            params={'path': path}, stream=method == 'GET',
            timeout=self.timeout, headers=_ALONE))

    def put_archive_stream(self, container_id: str, path: str,
                           data: Iterator[bytes]) -> None:
        """Unpack a tar archive at `path`."""
        self._begun(self._put(
            self._url('/containers/{0}/archive', container_id),
            params={'path': path}, data=data,
            headers={'Content-Type': 'application/x-tar'}))

    def commit_slowly(self, container_id: str, repository: str,
                      tag: str) -> dict[str, typing.Any]:
        """Make an image; nothing is heard of it before it is made."""
        return self._result(self._post_json(
            self._url('/commit'), data={}, timeout=_COMMIT_S, params={
                'container': container_id, 'repo': repository, 'tag': tag},
            ), json=True)

    def one_stat(self, container_id: str) -> dict[str, typing.Any]:
        """A single sample of use, without waiting for a second one."""
        return self._result(self._get(
            self._url('/containers/{0}/stats', container_id),
            params={'stream': False, 'one-shot': True}), json=True)


def explain(error: docker.errors.APIError) -> str:
    """The engine's own words, without where it keeps things on its host.

    That is nothing to the pod's owner, and differs with each attempt, so
    that the same failure would be another event each time.
    """
    return _PATHS.sub('(a path of the engine)',
                      str(error.explanation or error))


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """A refusal that no step expected is the engine's fault: try again.

    :raises EngineUnavailable:
    """
    try:
        yield
    except docker.errors.APIError as exc:
        raise exceptions.EngineUnavailable(
            f'The container engine failed: {explain(exc)}') from exc


class Engine:
    """A connection that is made when first used, and again after a failure.

    The API version is the newest that both sides speak.
    """

    def __init__(self, settings: Settings):
        self._settings = settings
        self._lock = threading.Lock()
        self._api: Client | None = None

    @property
    def api(self) -> Client:
        """:raises EngineUnavailable: it does not answer, or is too old."""
        if self._api is None:
            with self._lock:
                if self._api is None:
                    self._api = self._connect()
        return self._api

    def close(self) -> None:
        with self._lock:
            if self._api is not None:
                self._api.close()

    def _connect(self) -> Client:
        where = docker.utils.kwargs_from_env()
        if self._settings.url:
            where['base_url'] = self._settings.url
        try:
            client = Client(version='auto', **where,
                            timeout=self._settings.api_timeout,
                            max_pool_size=self._settings.api_connections)
        except docker.errors.DockerException as exc:
            raise exceptions.EngineUnavailable(
                f'The container engine does not answer: {exc}') from exc
        if docker.utils.version_lt(client.api_version, MIN_API):
            raise exceptions.EngineUnavailable(
                f'The container engine speaks API {client.api_version}; '
                f'{MIN_API} or newer is needed.')
        # Proxies and .netrc are not for the engine, and finding out on
        # every request costs as much as the request.
        client.trust_env = False
        return client
