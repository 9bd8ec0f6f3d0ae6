"""The driver contract on a real Kubernetes (KUBECONFIG)."""
import functools

import pytest

from zun_lite.tests.contract import cases
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.engines import kubernetes_access
from zun_lite.tests.contract.engines import real_kubernetes

pytestmark = pytest.mark.skipif(
    not kubernetes_access.answers(),
    reason='no Kubernetes answers; KUBECONFIG names one')

engine = functools.cache(real_kubernetes.KubernetesEngine)


@pytest.fixture(autouse=True, scope='module')
def _close_engine():
    yield
    if engine.cache_info().currsize:
        engine().close()
        engine.cache_clear()


harness.concrete(globals(), cases.ALL, engine)
