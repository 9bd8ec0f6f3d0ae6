"""zun-lite-wsproxy: interactive sessions for clients of the API.

It is configured as the API is, and reaches the same database and broker.
"""
from zun_lite import db
from zun_lite import exceptions
from zun_lite import rpc
from zun_lite.cmd import process
from zun_lite.conf import CONF
from zun_lite.wsproxy import service


def main() -> None:
    process.configure('zun-lite-wsproxy')
    try:
        db.configure()
    except exceptions.ZunLiteError as exc:
        process.fail(exc.message)
    bus = rpc.connect(CONF)
    proxy = service.WebSocketProxy(bus)
    process.run(proxy, proxy.ended)
    bus.close()
