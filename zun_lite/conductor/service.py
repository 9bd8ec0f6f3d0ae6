"""The conductor as something that is started and stopped."""
import logging
import socket

from zun_lite import rpc
from zun_lite.conductor import attention
from zun_lite.conductor import endpoint
from zun_lite.conductor import images
from zun_lite.conductor import placement
from zun_lite.conductor import sweeps
from zun_lite.conf import CONF

LOG = logging.getLogger(__name__)


class ConductorService:
    """Serves the endpoint on a bus, and sweeps. Started and stopped once."""

    def __init__(self, bus: rpc.Bus) -> None:
        self._bus = bus
        compute = rpc.ComputeClient(bus)
        placing = placement.Placement(compute)
        hinted = attention.Attention(placing.attend)
        self.sweeps = sweeps.Sweeps(placing, images.Announcement(compute),
                                    hinted.is_due)
        self.endpoint = endpoint.ConductorEndpoint(placing, hinted,
                                                   self.sweeps.ask)
        self._server: rpc.Server | None = None

    def start(self) -> None:
        name = CONF.conductor.name or socket.gethostname()
        self._server = self._bus.serve(rpc.CONDUCTOR_TOPIC, name,
                                       self.endpoint)
        self.sweeps.start()
        LOG.info('conductor %s has started', name)

    def stop(self) -> None:
        """Take no more, and let what runs come to its end."""
        if self._server is not None:
            self._server.stop()
        self.sweeps.stop()
        LOG.info('the conductor has stopped')
