"""How tests come into a cluster: as its administrator, and as the agent.

The agent's rights are those of etc/zun_lite/kubernetes-rbac.yaml.
"""
import functools
import os
import pathlib
import ssl
import subprocess
import tempfile
import typing
import urllib.parse

import yaml
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config

from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.drivers.kubernetes.settings import Settings

RBAC = (pathlib.Path(__file__).parents[4] / 'etc' / 'zun_lite'
        / 'kubernetes-rbac.yaml')
_PATHS = {
    'Namespace': '/api/v1/namespaces',
    'ServiceAccount': '/api/v1/namespaces/zun-lite/serviceaccounts',
    'ClusterRole': '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    'ClusterRoleBinding':
        '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'}
_TOKEN_S = 4 * 3600


class Access:
    """One cluster, that of KUBECONFIG."""

    def __init__(self) -> None:
        self.kubeconfig = os.environ['KUBECONFIG']
        self.admin = Cluster(Settings(kubeconfig=self.kubeconfig))
        self._folder = tempfile.TemporaryDirectory(prefix='zun-lite-kube-')

    @functools.cached_property
    def _found(self) -> kubernetes_client.Configuration:
        found = kubernetes_client.Configuration()
        kubernetes_config.load_kube_config(
            self.kubeconfig, client_configuration=found,
            persist_config=False)
        return found

    @property
    def server(self) -> urllib.parse.SplitResult:
        return urllib.parse.urlsplit(self._found.host)

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._found.ssl_ca_cert)

    @functools.cached_property
    def token(self) -> str:
        """A token of the agent's service account, made where missing."""
        for document in yaml.safe_load_all(RBAC.read_text()):
            self._apply(document)
        return self.mint(_TOKEN_S)

    def mint(self, seconds: int) -> str:
        """A token that is good for so long (600 or more)."""
        made = self.admin.call(
            'POST', f'{_PATHS["ServiceAccount"]}/zun-lite/token',
            {'apiVersion': 'authentication.k8s.io/v1',
             'kind': 'TokenRequest', 'spec': {'expirationSeconds': seconds}})
        return str(made['status']['token'])

    def _apply(self, document: dict[str, typing.Any]) -> None:
        path, name = _PATHS[document['kind']], document['metadata']['name']
        try:
            self.admin.call('POST', path, document)
        except Refused as refused:
            if refused.reason != 'AlreadyExists':
                raise
            self.admin.call('PATCH', f'{path}/{name}', document,
                            content_type='application/merge-patch+json')

    def agent_kubeconfig(self, server: str | None = None,
                         token: str | None = None) -> str:
        """A file for the agent; `server`: another way to the cluster."""
        cluster = {'server': server or self._found.host}
        if not server:
            cluster['certificate-authority'] = str(self._found.ssl_ca_cert)
        handle, path = tempfile.mkstemp(dir=self._folder.name)
        with os.fdopen(handle, 'w') as file:
            yaml.safe_dump({
                'apiVersion': 'v1', 'kind': 'Config',
                'clusters': [{'name': 'c', 'cluster': cluster}],
                'users': [{'name': 'u',
                           'user': {'token': token or self.token}}],
                'contexts': [{'name': 'x', 'context': {
                    'cluster': 'c', 'user': 'u'}}],
                'current-context': 'x'}, file)
        return path

    def docker_url(self) -> str:
        """The engine that the cluster's containers run on."""
        given = os.environ.get('ZUN_LITE_TEST_KUBERNETES_ENGINE')
        beside = pathlib.Path(self.kubeconfig).parent / 'docker/docker.sock'
        return given or f'unix://{beside}'

    def close(self) -> None:
        self.admin.close()
        self._folder.cleanup()


def answers() -> bool:
    """Whether there is a cluster at all."""
    return bool(os.environ.get('KUBECONFIG')) and subprocess.run(
        ['kubectl', '--request-timeout=5s', 'get', '--raw', '/readyz'],
        check=False, capture_output=True).returncode == 0
