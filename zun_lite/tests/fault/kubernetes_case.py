"""A driver on a real Kubernetes, its reconciler, and an administrator who
makes trouble. Skipped without KUBECONFIG, as tools/test sets it."""
import contextlib
import dataclasses
import functools
import typing
import unittest

from zun_lite.drivers.kubernetes import driver
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.pod.spec import Pod
from zun_lite.tests import neighbours
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.engines import real_kubernetes

Json = dict[str, typing.Any]

engine = functools.cache(real_kubernetes.KubernetesEngine)


class KubernetesCase(harness.Case, unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        neighbours.need('KUBECONFIG')
        cls.engine = engine()
        cls.admin = cls.engine.access.admin

    def setUp(self) -> None:
        super().setUp()
        self.namespace = names.namespace(self.project)

    def use(self, **changes: typing.Any) -> None:
        """An agent whose driver has other settings takes over."""
        made = driver.KubernetesDriver(self.host, dataclasses.replace(
            self.engine._settings(), **changes))
        self.agent.stop()
        self.agents.append(harness.Agent(made))
        self.agent = self.agents[-1]

    # What an administrator does.

    def ask(self, method: str, path: str, body: Json | None = None,
            **options: typing.Any) -> Json:
        return self.admin.call(method, path, body, **options)

    def make_namespace(self) -> None:
        self.ask('POST', '/api/v1/namespaces', {
            'metadata': {'name': self.namespace,
                         'labels': names.namespace_labels(self.host)}})

    def make(self, *containers, **fields) -> Pod:
        fields.setdefault('terminationGracePeriodSeconds', 1)
        return super().make(*containers, **fields)

    def put(self, kind: str, name: str, spec: Json) -> str:
        """Make something in the project's namespace; its path."""
        path = f'/api/v1/namespaces/{self.namespace}/{kind}'
        self.ask('POST', path, {'metadata': {'name': name}, 'spec': spec})
        return f'{path}/{name}'

    def patch(self, path: str, body: Json) -> None:
        self.ask('PATCH', path, body,
                 content_type='application/merge-patch+json')

    def found(self, pod: Pod) -> list[Json]:
        return self.engine._pods(pod)

    def remove(self, path: str) -> None:
        with contextlib.suppress(Refused):
            self.ask('DELETE', path)

    def wait_reason(self, pod: Pod, reason: str, words: str = ''):
        return self.wait_for(
            pod, lambda s: s.reason == reason and words in (s.message or ''),
            f'{reason} ({words})')
