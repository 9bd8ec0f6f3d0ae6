"""The application for gunicorn and other WSGI servers.

    gunicorn -k gthread zun_lite.api.wsgi:application

Configuration comes from ZUN_LITE_CONFIG_FILES (paths, separated by
semicolons) or else from where oslo.config looks for zun_lite.conf; the
server's command line is not looked at. The application is made when the
first request comes, which is after servers have forked.
"""
import os
import threading
import typing
from collections.abc import Iterable

from oslo_log import log

from zun_lite import rpc
from zun_lite.api import app
from zun_lite.api import front
from zun_lite.conf import CONF

CONFIG_FILES = 'ZUN_LITE_CONFIG_FILES'


def configure() -> None:
    """Read the configuration and start logging."""
    files = [f for f in os.environ.get(CONFIG_FILES, '').split(';') if f]
    log.register_options(CONF)
    CONF([], project='zun_lite', default_config_files=files or None)
    log.setup(CONF, 'zun_lite')


def make(bus: rpc.Bus) -> front.Front:
    """The application that reaches the other processes over `bus`."""
    # Not at the top: whoever only asks for `application` has not read its
    # configuration yet.
    from zun_lite import lifecycle
    conductor = rpc.ConductorClient(bus)
    return app.build(app.Services(
        lifecycle.Lifecycle(conductor), rpc.ComputeClient(bus),
        lifecycle.Containers(conductor)))


class _Lazy:
    """Becomes the application with its first request."""

    def __init__(self) -> None:
        self._app: front.App | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: front.Environ,
                 start_response: typing.Any) -> Iterable[bytes]:
        if self._app is None:
            with self._lock:
                if self._app is None:
                    configure()
                    self._app = make(rpc.connect(CONF))
        return self._app(environ, start_response)


application = _Lazy()
