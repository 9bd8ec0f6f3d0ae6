"""The networks that a plain container is on: pure."""
import typing
from collections.abc import Sequence

from zun_lite.drivers.docker.network import Place
from zun_lite.drivers.docker.seen import Run
from zun_lite.pod import networks
from zun_lite.pod import status
from zun_lite.pod.spec import Pod

Body = dict[str, typing.Any]


def host_config(places: Sequence[Place]) -> Body:
    """The part of HostConfig that decides it: the engine makes a container
    on one network, and it is joined to the others after that."""
    return {'NetworkMode': places[0].name if places else 'none'}


def fixed(places: Sequence[Place]) -> Body:
    """The address it is to have there."""
    if not places or places[0].address is None:
        return {}
    return {'NetworkingConfig': {'EndpointsConfig': {places[0].name: {
        'IPAMConfig': {'IPv4Address': places[0].address}}}}}


def addresses(pod: Pod, run: Run | None) -> tuple[status.Address, ...] | None:
    """Of a container that names its networks, while it runs."""
    if pod.plain is None or pod.plain.networks is None:
        return None
    if run is None or not run.running:
        return ()
    order = [one.network for one in pod.plain.networks]
    found = [status.Address(network=networks.network_of(name), ip=ip)
             for name, ip in run.addresses.items()]
    return tuple(sorted(found, key=lambda one: (
        order.index(one.network) if one.network in order else -1)))
