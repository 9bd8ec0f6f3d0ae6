"""zun-lite-api: the REST service under gunicorn.

Other servers run `zun_lite.api.wsgi:application` themselves.
"""
import typing

from gunicorn.app import base

from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.api import auth
from zun_lite.api import wsgi
from zun_lite.cmd import process
from zun_lite.conf import CONF

KEEP_ALIVE_S = 75          # longer than the proxies before it usually wait
GRACE_S = 30               # for requests in flight when it is to end


class Server(base.BaseApplication):
    """gunicorn, configured by [api]; workers make the application anew."""

    def load_config(self) -> None:
        host = CONF.api.host_ip
        bind = f'[{host}]' if ':' in host else host
        for name, value in {
                'bind': f'{bind}:{CONF.api.port}',
                'workers': CONF.api.workers,
                'worker_class': 'gthread',
                'threads': CONF.api.threads + CONF.api.max_streams,
                'keepalive': KEEP_ALIVE_S,
                'graceful_timeout': GRACE_S,
                # A worker's threads may all wait for a slow exec.
                'timeout': CONF.api.max_exec_timeout + GRACE_S,
                'control_socket_disable': True,
                'proc_name': 'zun-lite-api'}.items():
            if name in self.cfg.settings:    # older ones lack some
                self.cfg.set(name, value)

    def load(self) -> typing.Any:
        # An exception here ends the workers and the master, with its text.
        made = wsgi.make(rpc.connect(CONF))
        process.loaded()
        return made


def main() -> None:
    process.configure('zun-lite-api')
    try:
        auth.check_bind(CONF.api.host_ip)
    except exceptions.ZunLiteError as exc:
        process.fail(exc.message)
    Server().run()
