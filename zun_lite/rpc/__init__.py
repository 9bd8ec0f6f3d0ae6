"""How api, conductor and compute talk: bounded calls, and hints.

A call waits for its answer, never longer than its timeout. A cast is a hint
that there is something to do: it costs its caller nothing, may arrive late,
twice or never, and everything it hints at is also found without it.

`LocalBus` joins the parts inside one process, `OsloBus` over a broker.
Arguments and results are plain JSON values on both, and errors arrive as the
class that was raised.
"""
import typing

from zun_lite.rpc.bus import Bus
from zun_lite.rpc.bus import COMPUTE_TOPIC
from zun_lite.rpc.bus import CONDUCTOR_TOPIC
from zun_lite.rpc.bus import Server
from zun_lite.rpc.clients import ComputeClient
from zun_lite.rpc.clients import ConductorClient
from zun_lite.rpc.local import LocalBus

__all__ = ['COMPUTE_TOPIC', 'CONDUCTOR_TOPIC', 'Bus', 'ComputeClient',
           'ConductorClient', 'LocalBus', 'Server', 'connect']


def connect(conf: typing.Any) -> Bus:
    """The bus that [DEFAULT] transport_url names; local:// is this process.

    Connects nothing yet, so it may be called before a fork.
    """
    # Not at the top: the broker's libraries cost an all-in-one 20 MB.
    from zun_lite.rpc import oslo
    return LocalBus() if oslo.is_local(conf) else oslo.OsloBus(conf)
