"""zun-lite: api, conductor and compute in one process, for one machine.

Only the wiring is special: SQLite and credentials in a state directory, a
bus inside the process, a threaded WSGI server. What is imported late here
is not imported before a taken port or a missing engine has been told.
"""
import errno
import fcntl
import logging
import os
import pathlib
import socket
import typing

from oslo_config import cfg

from zun_lite import exceptions
from zun_lite.cmd import credentials
from zun_lite.cmd import process
from zun_lite.conf import CONF
from zun_lite.drivers import base

LOG = logging.getLogger(__name__)

OPTIONS = [
    cfg.StrOpt('state-dir', metavar='DIR',
               default=os.environ.get('ZUN_LITE_STATE', '.zun-lite'),
               help='Database, credentials and zun-lite.conf, if there is '
                    'one. Default: $ZUN_LITE_STATE or .zun-lite'),
    cfg.PortOpt('port', help='Port to listen on. Default: [api] port'),
]


def listen(host: str, port: int) -> socket.socket:
    """A socket of our own on that address, or the end with a message."""
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        # At once: two sockets that do not listen yet may share a port.
        bound.listen(128)
    except OSError as exc:
        why = ('something listens there already; choose another with --port'
               if exc.errno == errno.EADDRINUSE else exc.strerror)
        process.fail(f'cannot listen on {host}:{port}: {why}')
    return bound


def claim(state: pathlib.Path) -> typing.IO[str]:
    """Make the state directory ours until the process ends."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = open(state / 'lock', 'w')    # noqa: SIM115 - held until the end
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        process.fail(f'another zun-lite runs with the state in {state}')
    return lock


def set_defaults(state: pathlib.Path) -> None:
    """What an all-in-one has otherwise; a configuration file still wins."""
    CONF.set_default('connection', f'sqlite:///{state}/zun-lite.db',
                     group='database')
    CONF.set_default('auth_strategy', 'http_basic', group='api')
    CONF.set_default('http_basic_auth_user_file', str(state / 'htpasswd'),
                     group='api')
    CONF.set_default('key_file', str(state / 'secret-keys'),
                     group='secrets')
    CONF.set_default('port', 0, group='websocket_proxy')
    CONF.set_default('max_archive_bytes', 2**30, group='api')
    if CONF.port is not None:
        CONF.set_override('port', CONF.port, group='api')


def require_engine(driver: base.PodDriver) -> None:
    """End with a message where no engine answers: there is no use then."""
    try:
        driver.inventory()
    except exceptions.EngineUnavailable as exc:
        process.fail('\n'.join([exc.message, *_where_to_look()]))


def _where_to_look() -> list[str]:
    """What to try, of the drivers whose engine can be elsewhere."""
    match CONF.compute.driver:
        case 'docker':
            url = CONF.docker.url or os.environ.get(
                'DOCKER_HOST', 'unix:///var/run/docker.sock')
            return [f'Is a Docker Engine running at {url}? DOCKER_HOST or '
                    '[docker] url names another one.']
        case 'kubernetes':
            return ['Does the API server of that cluster run? KUBECONFIG or '
                    '[kubernetes] kubeconfig names another one.']
    return []


class AllInOne:
    """The three services on one bus, and the WSGI server before them."""

    def __init__(self, bound: socket.socket) -> None:
        from zun_lite import rpc
        from zun_lite.api import auth
        from zun_lite.api import wsgi
        from zun_lite.compute import service as compute
        from zun_lite.conductor import service as conductor
        from zun_lite.wsproxy import service as wsproxy
        auth.check_bind(bound.getsockname()[0])
        self._bound = bound
        self._bus = rpc.LocalBus()
        self._conductor = conductor.ConductorService(self._bus)
        driver = compute.load_driver()
        require_engine(driver)
        self._compute = compute.make(self._bus, driver)
        self._proxy = wsproxy.WebSocketProxy(self._bus)
        self._app = wsgi.make(self._bus)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; then end what is in flight."""
        from zun_lite.cmd import serving
        self._conductor.start()
        self._compute.start()
        self._proxy.start()
        CONF.set_default('port', self._proxy.port, group='websocket_proxy')
        server = serving.create(self._app, self._bound)
        process.exit_on_signals(self._compute.ended)
        process.loaded()
        LOG.info('listening on %s:%d', *self._bound.getsockname()[:2])
        server.run()                    # returns when a signal ends it
        LOG.info('stopping')
        server.close()
        self._proxy.stop()
        self._compute.stop()
        self._conductor.stop()
        self._bus.close()
        if self._compute.failure is not None:
            process.fail(f'the agent ended: {self._compute.failure}')


def state_dir() -> pathlib.Path:
    return pathlib.Path(CONF.state_dir).absolute()


def config_files() -> list[str]:
    file = state_dir() / 'zun-lite.conf'
    return [str(file)] if file.exists() else []


def main() -> None:
    CONF.register_cli_opts(OPTIONS)
    process.configure('zun-lite', config_files)
    # The database holds what pods are given, which may be secrets.
    os.umask(0o077)
    state = state_dir()
    set_defaults(state)
    bound = listen(CONF.api.host_ip, CONF.api.port)
    lock = claim(state)
    host, port = bound.getsockname()[:2]
    credentials.ensure(state, f'http://{host}:{port}/v1')
    from zun_lite import db
    from zun_lite.db import migration
    from zun_lite.db import sealing
    if not CONF.secrets.encryption_keys:
        sealing.make_key_file(pathlib.Path(CONF.secrets.key_file))
    db.configure()
    migration.upgrade()
    try:
        AllInOne(bound).run()
    except exceptions.ZunLiteError as exc:
        process.fail(exc.message)
    lock.close()
