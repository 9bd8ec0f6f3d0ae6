"""What holds for every test, whichever runs first in its process."""
import os

import pytest
from oslo_config import cfg

from zun_lite.conf import CONF


def _configure() -> None:
    """What every command does first; nothing of this machine's settings.

    Done again where oslo.config's own fixture has undone it.
    """
    try:
        CONF.find_file('zun_lite.conf')
    except cfg.NotInitializedError:
        CONF([], project='zun_lite', default_config_files=[])
    # Tests that are not about quotas make as many pods as they like.
    for name in ('containers', 'memory', 'cpu', 'disk'):
        CONF.set_default(name, -1, 'quota')


@pytest.fixture(autouse=True, scope='class')
def _configured_class() -> None:
    _configure()


@pytest.fixture(autouse=True)
def _configured() -> None:
    _configure()


_configure()

# Deployments on one broker would answer each other's calls: each worker of
# pytest-xdist has a virtual host of its own (tools/services/rabbitmq).
_worker = os.environ.get('PYTEST_XDIST_WORKER')
_url = os.environ.get('ZUN_LITE_TEST_RABBIT_URL')
if _worker and _url and os.environ.get('ZUN_LITE_TEST_RABBIT_VHOSTS'):
    os.environ['ZUN_LITE_TEST_RABBIT_URL'] = f'{_url.rstrip("/")}/{_worker}'
