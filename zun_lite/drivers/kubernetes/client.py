"""The connection to the API server: plain JSON over Kubernetes' own client.

The client reads the configuration, renews credentials, and keeps the
connections; its typed models are left alone, as they cost many times what
the JSON does. Safe for use by many threads.
"""
import json
import logging
import ssl
import threading
import typing
from collections.abc import Iterator
from collections.abc import Mapping

import certifi
import urllib3
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config
from kubernetes.client import exceptions as kubernetes_exceptions
from kubernetes.stream import ws_client
from websocket import WebSocket

from zun_lite import exceptions
from zun_lite.drivers.kubernetes.settings import Settings

LOG = logging.getLogger(__name__)

Json = dict[str, typing.Any]
Query = Mapping[str, str | int | bool]

MERGE_PATCH = 'application/merge-patch+json'

# 401: credentials are being renewed, or must be by the operator.
_BUSY = frozenset({401, 429, 500, 502, 503, 504})
_BROKEN = (urllib3.exceptions.HTTPError, OSError,
           kubernetes_exceptions.OpenApiException)


class Refused(exceptions.Unavailable):
    """The API server said no: its status, reason word and message.

    Where nothing better is made of it, it is told as it is: a right that
    the agent lacks, for one.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason

    def to_dict(self) -> dict[str, typing.Any]:
        return exceptions.Unavailable(
            f'The cluster refuses: {self.message}').to_dict()


def away(cause: object) -> exceptions.EngineUnavailable:
    return exceptions.EngineUnavailable(
        f'The Kubernetes API server does not answer: {cause}')


class Cluster:
    """An API server, connected to when first used."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: kubernetes_client.ApiClient | None = None

    @property
    def _api(self) -> kubernetes_client.ApiClient:
        if self._client is None:
            with self._lock:
                if self._client is None:
                    self._client = self._connect()
        return self._client

    def _connect(self) -> kubernetes_client.ApiClient:
        told = self._settings
        found = kubernetes_client.Configuration()
        try:
            self._read_config(found)
        except Exception as exc:
            # A file that is being written can be anything; what the library
            # makes of it has no common base.
            raise exceptions.EngineUnavailable(
                f'There is no Kubernetes configuration: {exc}') from exc
        found.connection_pool_maxsize = told.api_connections
        found.retries = urllib3.Retry(0)
        return kubernetes_client.ApiClient(found)

    def _read_config(self, found: kubernetes_client.Configuration) -> None:
        told = self._settings
        try:
            kubernetes_config.load_kube_config(
                told.kubeconfig, told.context, found, persist_config=False)
        except kubernetes_config.ConfigException:
            if told.kubeconfig or told.context:
                raise
            kubernetes_config.load_incluster_config(found)

    def call(self, method: str, path: str, body: Json | None = None, *,
             query: Query | None = None,
             content_type: str = 'application/json') -> Json:
        """The decoded answer.

        :raises Refused: the server said no.
        :raises EngineUnavailable: it did not answer, or is too busy to.
        """
        answer = self._send(method, path, body, query, content_type,
                            self._settings.api_timeout)
        try:
            data = answer.data
        except _BROKEN as exc:
            raise away(exc) from exc
        return json.loads(data)

    def find(self, path: str) -> Json | None:
        """The object at `path`, or None.

        :raises EngineUnavailable: as for `call`.
        """
        try:
            return self.call('GET', path)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def text(self, path: str, query: Query) -> Iterator[bytes]:
        """A body in pieces, as they come."""
        answer = self._send('GET', path, None, query, '',
                            self._settings.api_timeout)
        try:
            yield from answer.stream(2**16)
        except _BROKEN as exc:
            raise away(exc) from exc
        finally:
            answer.release_conn()

    def lines(self, path: str, query: Query, timeout_s: float | None,
              ) -> urllib3.BaseHTTPResponse:
        """A watch: the open answer, to be read and closed by the caller."""
        return self._send('GET', path, None, query, '', timeout_s)

    def _send(self, method: str, path: str, body: Json | None,
              query: Query | None, content_type: str,
              timeout_s: float | None) -> urllib3.BaseHTTPResponse:
        try:
            method, url, headers, body, _ = self._serialised(
                method, path, body, query, content_type)
            used = self._api
            answer = used.call_api(
                method, url, headers, body, _request_timeout=(
                    self._settings.api_timeout, timeout_s)).response
            if answer.status < 400:
                return answer
            if answer.status == 401:
                self._renew(used)
            raise _refusal(answer)
        except _BROKEN as exc:
            raise away(exc) from exc

    def _renew(self, used: kubernetes_client.ApiClient) -> None:
        """Read the configuration again: its credentials are not good."""
        with self._lock:
            if self._client is used:
                LOG.warning('The cluster does not accept the credentials')
                self._client = None

    def _serialised(self, method: str, path: str, body: Json | None,
                    query: Query | None, content_type: str,
                    ) -> tuple[typing.Any, ...]:
        headers = {'Accept': 'application/json'}
        if body is not None:
            headers['Content-Type'] = content_type
        return self._api.param_serialize(
            method, path, header_params=headers, body=body,
            query_params=list((query or {}).items()),
            auth_settings=['BearerToken'])

    def websocket(self, path: str, query: list[tuple[str, str]],
                  ) -> WebSocket:
        """A conversation with a container; the caller closes it.

        :raises Refused: it cannot be had now.
        :raises EngineUnavailable: the server does not answer.
        """
        used = self._api
        _, url, headers, _, _ = used.param_serialize(
            'GET', path, query_params=query, auth_settings=['BearerToken'])
        headers['sec-websocket-protocol'] = 'v4.channel.k8s.io'
        try:
            return _open(used.configuration, ws_client.get_websocket_url(url),
                         headers, self._settings.api_timeout)
        except Exception as exc:
            # The library raises its WebSocket library's own errors here.
            status = getattr(exc, 'status_code', None)
            if status == 401:
                self._renew(used)
            if status is not None and status not in _BUSY - {500}:
                raise Refused(status, '', str(exc)) from exc
            raise away(exc) from exc

    def close(self) -> None:
        if self._client is not None:
            self._client.rest_client.pool_manager.clear()


def _open(told: kubernetes_client.Configuration, url: str,
          headers: Mapping[str, str], timeout_s: float) -> WebSocket:
    """As the client's own function does, which waits for ever."""
    tls: Json = {'cert_reqs': ssl.CERT_NONE}
    if told.verify_ssl:
        tls = {'cert_reqs': ssl.CERT_REQUIRED,
               'ca_certs': told.ssl_ca_cert or certifi.where()}
    for name, value in (('certfile', told.cert_file),
                        ('keyfile', told.key_file),
                        ('server_hostname', told.tls_server_name),
                        ('check_hostname', told.assert_hostname)):
        if value is not None:
            tls[name] = value
    options: Json = {'timeout': timeout_s, 'header': [
        f'{name}: {value}' for name, value in headers.items()
        if name in ('authorization', 'sec-websocket-protocol')]}
    if told.proxy or told.proxy_headers:
        options = ws_client.websocket_proxycare(options, told, url, headers)
    made = WebSocket(sslopt=tls)
    made.connect(url, **options)
    made.settimeout(None)           # silence may be long
    return made


def _refusal(answer: urllib3.BaseHTTPResponse) -> Exception:
    text = answer.data.decode(errors='replace')
    try:
        told = json.loads(text)
        reason, message = told.get('reason', ''), told.get('message', text)
    except (ValueError, AttributeError):
        reason, message = '', text.strip()
    if answer.status in _BUSY:
        return away(f'{answer.status} {message}')
    return Refused(answer.status, reason, message)
