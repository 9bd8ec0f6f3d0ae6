"""The driver contract on a real Docker Engine (DOCKER_HOST)."""
import functools

import pytest

from zun_lite.tests.contract import cases
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.engines import real_docker

pytestmark = pytest.mark.skipif(
    not real_docker.DockerEngine.answers(),
    reason='no Docker Engine answers; DOCKER_HOST names one')

engine = functools.cache(real_docker.DockerEngine)


@pytest.fixture(autouse=True, scope='module')
def _close_engine():
    yield
    if engine.cache_info().currsize:
        engine().close()
        engine.cache_clear()


harness.concrete(globals(), cases.ALL, engine)
