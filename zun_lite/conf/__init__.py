"""Configuration: one module a group, found by being here.

Each module has ``GROUP`` (an OptGroup) and ``OPTS`` (its options). Options
are registered on oslo.config's global object, which oslo.messaging wants.
"""
import importlib
import pkgutil
from collections.abc import Iterator

from oslo_config import cfg
from oslo_service import backend

CONF = cfg.CONF

# The generators of samples and documents import oslo.messaging for its
# options, and it would want eventlet, which `zun_lite` keeps out.
backend.register_backend_default_hook(lambda: backend.BackendType.THREADING)


def _groups() -> Iterator[tuple[cfg.OptGroup, list[cfg.Opt]]]:
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f'{__name__}.{found.name}')
        yield module.GROUP, module.OPTS


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """Entry point for oslo-config-generator."""
    return [(group.name, opts) for group, opts in _groups()]


for _group, _opts in _groups():
    CONF.register_group(_group)
    CONF.register_opts(_opts, _group)
