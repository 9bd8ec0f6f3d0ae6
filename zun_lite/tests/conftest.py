"""What holds for every test, whichever runs first in its process."""
import os
import typing

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

_TIME = pytest.StashKey[typing.Any]()


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: typing.Any) -> None:
    item.stash[_TIME] = settings


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What is run again gets its time again: the timer is set once for all
    attempts, and would cut the second one off, or not watch the third."""
    if getattr(item, 'execution_count', 1) > 1 and _TIME in item.stash:
        hook = item.config.hook
        hook.pytest_timeout_cancel_timer(item=item)
        hook.pytest_timeout_set_timer(item=item, settings=item.stash[_TIME])


# Deployments on one broker would answer each other's calls: each worker of
# pytest-xdist has a virtual host of its own (tools/services/rabbitmq).
_worker = os.environ.get('PYTEST_XDIST_WORKER')
_url = os.environ.get('ZUN_LITE_TEST_RABBIT_URL')
if _worker and _url and os.environ.get('ZUN_LITE_TEST_RABBIT_VHOSTS'):
    os.environ['ZUN_LITE_TEST_RABBIT_URL'] = f'{_url.rstrip("/")}/{_worker}'
